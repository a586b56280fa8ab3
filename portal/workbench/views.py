"""What every editing view of the workbench shares: each change of what is set up is in the trail (SEC-7)."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
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


class CreateView(Trailed, generic.CreateView):
    """Adds a row."""

    act = "add"


class EditView(Trailed, generic.EditView):
    """Changes a row."""


class DeleteView(generic.DeleteView):
    """Deletes a row that nothing refers to."""

    def delete_action(self) -> None:
        """Wagtail's own deletion, with the event before it."""
        with transaction.atomic():
            write(self, "delete", self.object, [])
            super().delete_action()
