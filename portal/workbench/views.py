"""What every editing view of the workbench shares: each change of what is set up is in the trail (SEC-7)."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views import generic

from records import audit


class Trailed:
    """Writes one event after the change, in the change's own transaction."""

    act = "change"

    def form_valid(self, form: Any) -> HttpResponse:
        """Wagtail's own saving, with the event."""
        with transaction.atomic():
            changed = list(form.changed_data)
            response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
            write(self, self.act, form.instance, changed)
        return response


def write(view: Any, act: str, row: Any, changed: list[str]) -> None:
    """The event of a set-up act: what it was done to, and which fields."""
    meta = row._meta
    audit.record_event(actor=view.request.user, action=f"setup:{act}", subject=f"{meta.model_name} {row}", changed=changed)


class OfKnown:
    """Shows one row of those that `rows_for` gives this person; any other is not there (SEC-5)."""

    rows_for: Callable[[Any], QuerySet]

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        """Wagtail's own, asked of the known rows."""
        row = super().get_object(*args, **kwargs)  # type: ignore[misc]
        if not type(self).rows_for(self.request.user).filter(pk=row.pk).exists():  # type: ignore[attr-defined]
            raise Http404
        return row


class CreateView(Trailed, generic.CreateView):
    """Adds a row."""

    act = "add"
    page_title = _("New")


class EditView(Trailed, generic.EditView):
    """Changes a row."""


class DeleteView(generic.DeleteView):
    """Deletes a row that nothing refers to."""

    def delete_action(self) -> None:
        """Wagtail's own deletion, with the event before it."""
        with transaction.atomic():
            write(self, "delete", self.object, [])
            super().delete_action()
