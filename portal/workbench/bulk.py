"""Bulk acts on the register of records: what the desk does one by one, for a selection (NUM-4)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.views.bulk_action import BulkAction

from records import access, filing, numbering
from records.errors import RecordsError
from records.models import Record, State


class FileBulkAction(BulkAction):
    """Number the selected reviewed records in the order shown, all or nothing."""

    display_name = gettext_lazy("File")
    action_type = "file"
    aria_label = gettext_lazy("File the selected records")
    template_name = "workbench/confirm_file.html"
    action_priority = 10
    models = [Record]

    def get_actionable_objects(self) -> tuple[list[Record], dict[str, list[Record]]]:
        """Among the selected records that the person may know of: those that can be filed, and those that cannot."""
        asked = self.request.GET.getlist("id")
        rows = access.with_related(access.visible_to(self.request.user)).order_by("created_at")
        chosen = rows.filter(state=State.REVIEWED) if "all" in asked else rows.filter(pk__in=asked)
        able = [row for row in chosen if "file" in access.allowed_verbs(self.request.user, row)]
        unable = [row for row in chosen if row not in able]
        return able, {"items_with_no_access": unable}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Each record with the number it would get."""
        context = super().get_context_data(**kwargs)
        numbers = numbering.preview([item["item"] for item in context["items"]])
        context["rows"] = list(zip([item["item"] for item in context["items"]], numbers, strict=True))
        return context

    def form_valid(self, form: Any) -> HttpResponse:
        """File them; a refusal is shown and nothing was filed."""
        able, _unable = self.get_actionable_objects()
        try:
            done = filing.file_batch(actor=self.request.user, record_ids=[row.pk for row in able])
        except RecordsError as error:
            messages.error(self.request, str(error))
        else:
            text = ngettext("%(count)s record was filed.", "%(count)s records were filed.", len(done)) % {"count": len(done)}
            messages.success(self.request, text + " " + _("First number: %(number)s") % {"number": done[0].number})
        return redirect(self.next_url)
