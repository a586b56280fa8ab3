"""Reports of leaks (SEC-10): anyone makes one, the security officer examines and closes them."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from portal.api import bodies, described_outside, gates, openapi
from portal.api.answers import answer
from portal.api.asking import asked, path_id, question, wrong
from portal.api.auth import user_of
from portal.api.lists import listed
from portal.api.shapes import moment
from records import leaks
from records.models import Duty, Leak, LeakState, Record, User

router = Router(tags=["leaks"])
Shaped = dict[str, Any]


@router.get("/leaks/", summary="Leak reports", response=described_outside.LeakList, openapi_extra=openapi.paged("state"))
def leak_list(request: HttpRequest) -> HttpResponse:
    """All for the security officer, your own for anybody else; newest first."""
    user = user_of(request)
    rows = leaks.known_to(user)
    if state := question(request, "state"):
        if state not in LeakState.values:
            wrong("state", _("There is no such state."))
        rows = rows.filter(state=state)
    return listed(request, rows, lambda found: _shaped(found, user))


@router.post("/leaks/", summary="Report a leak", response={201: described_outside.LeakOut}, openapi_extra=openapi.json(bodies.NewLeak))
def report(request: HttpRequest) -> HttpResponse:
    """Of a record that you know of, or of whatever has this number; by number the answer is the same whether there is such a record."""
    user = user_of(request)
    body = asked(request, bodies.NewLeak, gate=gates.leak(request))
    if bool(body.record) == bool(body.number.strip()):
        wrong("record", _("Name the record, or the number that stands on the paper."))
    made = leaks.report(actor=user, record_id=path_id(body.record) if body.record else None, number=body.number, what=body.what)
    return _shown(user, made.pk, 201)


@router.get("/leaks/{leak_id}/", summary="A leak report", response=described_outside.LeakOut)
def leak(request: HttpRequest, leak_id: str) -> HttpResponse:
    """One that you made; for the security officer any, with who had the record open."""
    return _shown(user_of(request), path_id(leak_id))


@router.post("/leaks/{leak_id}/examine/", summary="Examine a leak report", response=described_outside.LeakOut)
def examine(request: HttpRequest, leak_id: str) -> HttpResponse:
    """By the security officer, who takes it up."""
    user, pk = user_of(request), path_id(leak_id)
    asked(request, bodies.Body, gate=lambda: leaks.get(user, pk))
    leaks.examine(actor=user, leak_id=pk)
    return _shown(user, pk)


@router.post(
    "/leaks/{leak_id}/close/",
    summary="Close a leak report",
    response=described_outside.LeakOut,
    openapi_extra=openapi.json(bodies.Findings),
)
def close(request: HttpRequest, leak_id: str) -> HttpResponse:
    """By the security officer, with findings; it lifts the freeze."""
    user, pk = user_of(request), path_id(leak_id)
    body = asked(request, bodies.Findings, gate=lambda: leaks.get_for_officer(user, pk))
    leaks.close(actor=user, leak_id=pk, findings=body.findings)
    return _shown(user, pk)


def _shown(user: User, pk: UUID, status: int = 200) -> HttpResponse:
    found = leaks.get(user, pk)
    more = _openings(found) if user.has_duty(Duty.OFFICER) else {}
    return answer(_shaped([found], user)[0] | more, status)


def _shaped(rows: list[Leak], user: User) -> list[Shaped]:
    known = leaks.shown_records(user, rows)
    return [_leak(row, user, known.get(row.record_id) if row.record_id else None) for row in rows]


def _leak(row: Leak, user: User, known: Record | None) -> Shaped:
    """The officer sees which record it is by id and number (AUD-2); a reporter only what they may know of anyway."""
    officer = user.has_duty(Duty.OFFICER)
    about = (officer and row.record) or known
    shaped: Shaped = {
        "id": str(row.pk),
        "record": {"id": str(about.pk), "number": about.number} if about else None,
        "number": row.number,
        "what": row.what,
        "state": row.state,
        "reporter": row.reporter.username,
        "reported_at": moment(row.reported_at),
        "closed_at": moment(row.closed_at),
    }
    return shaped | _examined(row) if officer else shaped


def _examined(row: Leak) -> Shaped:
    return {
        "stopped_loans": row.stopped,
        "examined_by": row.examined_by and row.examined_by.username,
        "closed_by": row.closed_by and row.closed_by.username,
        "findings": row.findings,
    }


def _openings(row: Leak) -> Shaped:
    rows = leaks.opened_by(row)
    return {
        "opened_by": [
            {"actor": each.username, "action": each.action, "times": each.times, "first": moment(each.first), "last": moment(each.last)}
            for each in rows
        ]
    }
