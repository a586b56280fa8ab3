"""Releases to outside on the desk: the register, one release with what is to be done, and asking for one (SEC-11)."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.desk import acting, lent, rows
from portal.desk.acting import Act, Errors
from portal.desk.errors import status_of
from portal.desk.inputs import Input
from records import approvals, reading, releases, secrecy
from records.errors import NotAllowed, RecordsError, Unknown
from records.models import Duty, Record, Release, ReleaseForm, ReleaseState, User

CHIPS = {"requested": "wait", "approved": "good", "given": "wait", "rejected": "bad"}
Data = Mapping[str, str]


# --- the register ---------------------------------------------------------------------------------------------------


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """What waits for one's vote, and the register by state and organisation."""
    user: User = request.user  # type: ignore[assignment]
    found = _filtered(releases.known_to(user), request)
    given = {name: request.GET.get(name, "") for name in ("state", "organisation", "number")}
    filters = [
        Input(_("State"), "state", "select", given["state"], options=ReleaseState.choices, blank=_("every state")),
        Input(_("Organisation"), "organisation", value=given["organisation"]),
        Input(_("Number of the record"), "number", value=given["number"], mono=True),
    ]
    waiting, listed = list(releases.waiting_for(user)), rows.slice_of(request, found)
    known = releases.known_records(user, [*waiting, *listed])
    context = {
        "waiting": [_row(release, known) for release in waiting],
        "rows": [_row(release, known) for release in listed],
        "filters": filters,
        "filtered": any(given.values()),
        "pager": rows.pager_for(request, found.count()),
    }
    return render(request, "desk/releases.html", context)


def _filtered(found: QuerySet[Release], request: HttpRequest) -> QuerySet[Release]:
    data = {name: request.GET.get(name, "").replace("\0", "").strip() for name in ("state", "organisation", "number")}
    if data["state"] in ReleaseState.values:
        found = found.filter(state=data["state"])
    if organisation := data["organisation"]:
        found = found.filter(organisation__icontains=organisation)
    if number := data["number"]:
        found = found.filter(records__number__iexact=number)
    return found


def _row(release: Release, known: set[UUID]) -> dict[str, Any]:
    """With each record whether this person is told its title: while the release goes on, and where they know the record (SEC-5)."""
    late = {"chip": "bad", "word": _("overdue")} if release.overdue else {}
    plain = {"chip": CHIPS.get(release.state, ""), "word": release.get_state_display()}
    records = [(record, release.going_on or record.pk in known) for record in release.records.all()]
    return {"release": release, "records": records, **plain, **late}


# --- one release ----------------------------------------------------------------------------------------------------


@require_safe
def release_page(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """One release with its records, votes, and what this person may do with it now."""
    return _page(request, releases.get(request.user, release_id))  # type: ignore[arg-type]


def _page(request: HttpRequest, release: Release, error: str = "", *, status: int = 200) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    turn = approvals.turn_of(release.approval)
    known = releases.known_records(user, [release])
    context = {
        **_row(release, known),
        "carried": secrecy.together(release.records.all()),
        "records": [{"record": each, "mark": rows.secret_mark(each), "known": each.pk in known} for each in release.records.all()],
        "steps": [lent.step_of(step, turn) for step in release.approval.steps.all()],
        "acts": _acts(release, user, turn),
        "error": error,
        "text": request.POST.get("text", ""),
    }
    return render(request, "desk/release.html", context, status=status)


def _acts(release: Release, user: User, turn: approvals.Turn | None) -> list[dict[str, Any]]:
    """What may be done now: the words of the button and of the question, and whether an answer is needed."""
    found = []
    if turn and user in turn.people:
        found.append(_act("approve", _("Agree"), primary=True))
        found.append(_act("reject", _("Reject"), danger=True))
    if user.has_duty(Duty.ARCHIVIST):
        legal = [name for name in ("give", "return", "close") if release.state in releases.TABLE[name]]
        words = {"give": _("Give out"), "return": _("Take in"), "close": _("Close: it does not come back")}
        found += [_act(name, words[name], primary=name != "close") for name in legal]
    if release.state in releases.TABLE["cancel"] and (user.pk == release.requester_id or user.has_duty(Duty.ARCHIVIST)):
        found.append(_act("cancel", _("Take back the request")))
    return found


def _act(name: str, label: str, *, primary: bool = False, danger: bool = False) -> dict[str, Any]:
    return {"name": name, "label": label, "primary": primary, "danger": danger}


def _verbs(text: str) -> dict[str, Callable[..., Release]]:
    return {
        "approve": lambda **who: releases.decide(decision="approve", reason=text, **who),
        "reject": lambda **who: releases.decide(decision="reject", reason=text, **who),
        "give": lambda **who: releases.give(note=text, **who),
        "return": lambda **who: releases.give_back(note=text, **who),
        "close": lambda **who: releases.close(reason=text, **who),
        "cancel": lambda **who: releases.cancel(reason=text, **who),
    }


@require_POST
def act(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """One of the acts; a refusal stands on the page, and nothing typed is lost."""
    user: User = request.user  # type: ignore[assignment]
    verb = _verbs(request.POST.get("text", "")).get(request.POST.get("act", ""))
    release = releases.get(user, release_id)
    if verb is None:
        return _page(request, release, _("Choose what is to be done."), status=400)
    try:
        done = verb(actor=user, release_id=release_id)
    except (Unknown, NotAllowed):
        raise
    except RecordsError as error:
        sentence = next((lines[0] for lines in error.errors.values()), error.sentence)
        return _page(request, releases.get(user, release_id), sentence, status=status_of(error))
    messages.success(request, _("%(number)s: %(state)s.") % {"number": done.number, "state": done.get_state_display()})
    return redirect("desk:releases")


# --- asking ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Ask to give this record, and others with it, to an outside organisation."""
    user: User = request.user  # type: ignore[assignment]
    (record,) = releases.get_askable(user, [record_id])

    def draw(_record: Record, data: Data, errors: Errors) -> Act:
        detail = _("The confidentiality committee decides. The archive gives out what it agreed to, and registers it.")
        return Act(_("Give to an outside organisation"), _("Ask for it"), _questions(data, errors), detail=detail)

    def do(actor: User) -> str:
        data = request.POST
        named = {name: data.get(name, "") for name in ("organisation", "recipient", "purpose", "basis", "form")}
        ids = [record.pk, *_others(actor, data.get("others", ""))]
        made = releases.request(actor=actor, record_ids=ids, until=data.get("until", "").strip() or None, **named)
        return _("%(number)s is asked for; the committee was told.") % {"number": made.number}

    return acting.ask_or_do(request, record, draw=draw, do=do, done=reverse("desk:releases"))


def _others(user: User, text: str) -> list[UUID]:
    """Records by their numbers, one a line. Raises Invalid for a number that the person may not know of."""
    return [reading.by_number(user, line).pk for line in text.splitlines() if line.strip()]


def _questions(data: Data, errors: Errors) -> list[Input]:
    others = [*errors.get("record", []), *errors.get("records", [])]
    until_hint = _("The last day on which it may be out; empty: it is given for good.")
    others_hint = _("Numbers of records that go with it, one a line.")
    return [
        _line(_("Organisation"), "organisation", data, errors),
        _line(_("Recipient"), "recipient", data, errors),
        Input(_("Form"), "form", "select", data.get("form", ""), True, options=ReleaseForm.choices, errors=list(errors.get("form", []))),
        Input(_("Until"), "until", "date", data.get("until", ""), hint=until_hint, errors=list(errors.get("until", []))),
        _line(_("Purpose"), "purpose", data, errors, half=False),
        _line(_("Basis"), "basis", data, errors, half=False, hint=_("The law, contract or order that allows or demands it.")),
        Input(_("Further records"), "others", "long", data.get("others", ""), half=False, hint=others_hint, errors=others),
    ]


def _line(label: str, name: str, data: Data, errors: Errors, *, half: bool = True, hint: str = "") -> Input:
    return Input(label, name, value=data.get(name, ""), required=True, half=half, hint=hint, errors=list(errors.get(name, [])))
