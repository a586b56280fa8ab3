"""Bulk acts on the register of records: what the desk does one by one, for a selection (NUM-4)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.views.bulk_action import BulkAction

from portal.workbench.registers import RecordRegister
from records import access, filing, numbering
from records.errors import RecordsError
from records.models import Record, State

ORDER = ("created_at", "id")  # unless the register was sorted otherwise


class FileBulkAction(BulkAction):
    """Number the selected reviewed records, all or nothing: exactly those that the page before showed with their numbers, in its order."""

    display_name = gettext_lazy("File")
    action_type = "file"
    aria_label = gettext_lazy("File the selected records")
    template_name = "workbench/confirm_file.html"
    action_priority = 10
    models = [Record]

    def get_actionable_objects(self) -> tuple[list[Record], dict[str, Any]]:
        """Among the selected records that the person may know of: those that can be filed in one step, and those that cannot."""
        asked = self.request.GET.getlist("id")
        chosen = list((self._in_the_list() if "all" in asked else self._by_id(asked))[: filing.BATCH + 1])
        able = [row for row in chosen[: filing.BATCH] if "file" in access.allowed_verbs(self.request.user, row)]
        most = filing.BATCH if len(chosen) > filing.BATCH else None
        return able, {"items_with_no_access": [row for row in chosen[: filing.BATCH] if row not in able], "most": most}

    def _in_the_list(self) -> QuerySet[Record]:
        """What waits for its number among all rows of the register, as it was filtered, searched and sorted."""
        names = {"index_url_name": "record_register:index", "index_results_url_name": "record_register:index_results"}
        return RecordRegister.rows_shown(self.request, default_ordering=ORDER, **names).filter(state=State.REVIEWED)

    def _by_id(self, asked: list[str]) -> QuerySet[Record]:
        """Raises Http404 for what cannot be an id."""
        try:
            ids = [UUID(each) for each in asked]
        except ValueError:
            raise Http404 from None
        return access.with_related(access.visible_to(self.request.user)).filter(pk__in=ids).order_by(*ORDER)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Each record with the number it would get."""
        context = super().get_context_data(**kwargs)
        records = [item["item"] for item in context["items"]]
        return context | {"rows": list(zip(records, numbering.preview(records), strict=True))}

    def form_valid(self, form: Any) -> HttpResponse:
        """File what was confirmed; a refusal is shown and nothing was filed."""
        try:
            done = filing.file_batch(actor=self.request.user, record_ids=self.request.POST.getlist("record"))
        except RecordsError as error:
            messages.error(self.request, str(error))
        else:
            text = ngettext("%(count)s record was filed.", "%(count)s records were filed.", len(done)) % {"count": len(done)}
            messages.success(self.request, text + " " + _("First number: %(number)s") % {"number": done[0].number})
        return redirect(self.next_url)
