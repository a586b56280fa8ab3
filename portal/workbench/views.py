"""What every editing view of the workbench shares: each change of what is set up is in the trail (SEC-7)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.views import generic

from records import audit
from records.errors import RecordsError


class Trailed:
    """Writes one event after the change, in the change's own transaction; what waits for a second person has an event of its own."""

    act = "change"

    def form_valid(self, form: Any) -> HttpResponse:
        """Wagtail's own saving, with the event; what a verb refuses stands on the form, and nothing was saved."""
        try:
            with transaction.atomic():
                response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
                proposals = getattr(form, "proposals", [])
                changed = [name for name in form.changed_data if name not in {"reason", *getattr(form, "waiting", ())}]
                if changed or not proposals:
                    write(self, self.act, form.instance, changed)
        except RecordsError as error:
            form.add_error(None, error.sentence)
            return self.form_invalid(form)  # type: ignore[attr-defined]
        if proposals:
            say_it_waits(self.request, len(proposals))  # type: ignore[attr-defined]
        return response


def say_it_waits(request: HttpRequest, count: int = 1) -> None:
    """That something was proposed, not done."""
    line = ngettext(
        "%(count)s change waits for the security officer to confirm it.",
        "%(count)s changes wait for the security officer to confirm them.",
        count,
    )
    messages.warning(request, line % {"count": count})


class ProposeView(generic.CreateView):
    """Asks for a row that is not made now: it is proposed, and the security officer confirms it (SEC-15)."""

    page_title = _("Propose")

    def form_valid(self, form: Any) -> HttpResponse:
        """The proposal; what the verb refuses stands on the form."""
        try:
            form.propose()
        except RecordsError as error:
            form.add_error(None, error.sentence)
            return self.form_invalid(form)
        say_it_waits(self.request)
        return redirect(self.get_success_url())


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
