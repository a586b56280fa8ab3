"""One act on one record as a page of its own: it names its object, asks what it must, and says what was refused and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.desk import rows
from portal.desk.errors import status_of
from portal.desk.inputs import Input
from records import access
from records.errors import RecordsError, Unknown
from records.models import Record, User

Errors = Mapping[str, list[str]]


@dataclass
class Act:
    """What `desk/act.html` draws. `danger`: it cannot be undone, and looks it."""

    title: str
    button: str
    fields: list[Input] = field(default_factory=list)
    warning: str = ""
    detail: str = ""
    danger: bool = False
    aside: str = ""
    back: str = ""


Draw = Callable[[Any, Mapping[str, str], Errors], Act]
Do = Callable[[User], str]


def carry_out(request: HttpRequest, record_id: UUID, verb: str, *, draw: Draw, do: Do) -> HttpResponse:
    """Ask; by POST do it, say so and go back to the record. A refusal stands at its field, and nothing typed is lost.

    `do` returns the sentence that says what was done. Raises Unknown, NotAllowed.
    """
    user: User = request.user  # type: ignore[assignment]
    record = access.get_for_verb(user, record_id, verb)
    return ask_or_do(request, record, draw=draw, do=do, done=reverse("desk:record", args=[record_id]))


def ask_or_do(request: HttpRequest, record: Record | None, *, draw: Draw, do: Do, done: str) -> HttpResponse:
    """The same for an act whose record was looked up by other rules, or that is about something else (None); then `draw` names it.

    Afterwards the person is led to `done`. Raises Unknown.
    """
    user: User = request.user  # type: ignore[assignment]
    if request.method != "POST":
        return _page(request, record, draw(record, request.GET, {}))
    try:
        messages.success(request, do(user))
    except Unknown:
        raise
    except RecordsError as error:
        act = draw(record, request.POST, error.errors)
        return _page(request, record, act, error=_beside(act, error), status=status_of(error))
    return redirect(done)


def _beside(act: Act, error: RecordsError) -> str:
    """What of a refusal has no field of its own to stand at."""
    if not error.errors:
        return error.sentence
    shown = {line for made in act.fields for line in made.errors}
    return " ".join(line for lines in error.errors.values() for line in lines if line not in shown)


def _page(request: HttpRequest, record: Record | None, act: Act, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {"record": record, "act": act, "error": error}
    if record:
        act.back = act.back or reverse("desk:record", args=[record.pk])
        context["mark"] = rows.secret_mark(record)
    return render(request, "desk/act.html", context, status=status)


def reason_input(data: Mapping[str, str], errors: Errors, *, required: bool = True, hint: str = "") -> Input:
    """The question that most acts ask."""
    return Input(
        _("Reason"), "reason", "long", data.get("reason", ""), required=required, half=False, errors=errors.get("reason", []), hint=hint
    )
