"""Records given to outside organisations (SEC-11)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from portal.api import bodies, described_outside, gates, loan_shapes, openapi
from portal.api.answers import answer
from portal.api.asking import asked, path_id, question, wrong
from portal.api.auth import user_of
from portal.api.lists import listed
from portal.api.shapes import carried, moment
from records import approvals, releases, secrecy
from records.models import Release, ReleaseState, User
from records.office import Office

router = Router(tags=["releases"])
Shaped = dict[str, Any]
OUT = described_outside.ReleaseOut


@router.get(
    "/releases/",
    summary="Releases to outside",
    response=described_outside.ReleaseList,
    openapi_extra=openapi.paged("state", "organisation", "record", "waiting_for_me"),
)
def release_list(request: HttpRequest) -> HttpResponse:
    """Your own, those that wait for you, and for those who keep the register all of records that they may know of."""
    user = user_of(request)
    rows = releases.waiting_for(user) if question(request, "waiting_for_me") == "1" else releases.known_to(user)
    if state := question(request, "state"):
        if state not in ReleaseState.values:
            wrong("state", _("There is no such state."))
        rows = rows.filter(state=state)
    if organisation := question(request, "organisation"):
        rows = rows.filter(organisation__icontains=organisation)
    if record := question(request, "record"):
        rows = rows.filter(records=path_id(record))
    return listed(request, rows, lambda found: _shaped(found, user))


@router.post("/releases/", summary="Ask for a release", response={201: OUT}, openapi_extra=openapi.json(bodies.NewRelease))
def ask(request: HttpRequest) -> HttpResponse:
    """Of records that you read, by archivists, legal and their owner; the confidentiality committee decides."""
    user = user_of(request)
    body = asked(request, bodies.NewRelease, gate=gates.release(request))
    ids = [path_id(pk) for pk in [*([body.record] if body.record else []), *body.records]]
    given = body.model_dump(exclude={"record", "records"})
    made = releases.request(actor=user, record_ids=ids, **given)
    return _shown(user, made.pk, 201)


@router.get("/releases/{release_id}/", summary="A release", response=OUT)
def release(request: HttpRequest, release_id: str) -> HttpResponse:
    """One that you may know of."""
    return _shown(user_of(request), path_id(release_id))


@router.post("/releases/{release_id}/decide/", summary="Decide a release", response=OUT, openapi_extra=openapi.json(bodies.Decision))
def decide(request: HttpRequest, release_id: str) -> HttpResponse:
    """`approve` or `reject` (with a reason), by a member of the committee; twice or one's own is 409."""
    return _done(request, release_id, bodies.Decision, releases.decide, "decision", "reason")


@router.post("/releases/{release_id}/give/", summary="Give out", response=OUT, openapi_extra=openapi.json(bodies.WithNote))
def give(request: HttpRequest, release_id: str) -> HttpResponse:
    """By an archivist who reads it."""
    return _done(request, release_id, bodies.WithNote, releases.give, "note")


@router.post("/releases/{release_id}/return/", summary="Take in", response=OUT, openapi_extra=openapi.json(bodies.WithNote))
def give_back(request: HttpRequest, release_id: str) -> HttpResponse:
    """What came back, by an archivist."""
    return _done(request, release_id, bodies.WithNote, releases.give_back, "note")


@router.post("/releases/{release_id}/close/", summary="Close a release", response=OUT, openapi_extra=openapi.json(bodies.WithReason))
def close(request: HttpRequest, release_id: str) -> HttpResponse:
    """What does not come back, with the reason, by an archivist."""
    return _done(request, release_id, bodies.WithReason, releases.close, "reason")


@router.post("/releases/{release_id}/cancel/", summary="Cancel a release", response=OUT, openapi_extra=openapi.json(bodies.WithReason))
def cancel(request: HttpRequest, release_id: str) -> HttpResponse:
    """Taken back by who asked, or by an archivist with a reason."""
    return _done(request, release_id, bodies.WithReason, releases.cancel, "reason")


def _done(request: HttpRequest, release_id: str, body: type[Any], act: Callable[..., Release], *names: str) -> HttpResponse:
    """Do a verb with these parts of the body, and show the release."""
    user, pk = user_of(request), path_id(release_id)
    given = asked(request, body, gate=lambda: releases.get(user, pk))
    act(actor=user, release_id=pk, **{name: getattr(given, name) for name in names})
    return _shown(user, pk)


def _shown(user: User, pk: UUID, status: int = 200) -> HttpResponse:
    return answer(_shaped([releases.get(user, pk)], user)[0], status)


def _shaped(rows: list[Release], user: User) -> list[Shaped]:
    """Rows of the register; the people are read once for all of them. Of the records at most what any listing shows."""
    office = Office() if any(row.state == ReleaseState.REQUESTED for row in rows) else None
    known = releases.known_records(user, rows)
    return [_release(row, office, known) for row in rows]


def _release(row: Release, office: Office | None, known: set[UUID]) -> Shaped:
    names = ("organisation", "recipient", "purpose", "basis", "form", "state", "note")
    return {
        "id": str(row.pk),
        "number": row.number,
        "records": [loan_shapes.maybe_titled(each, titled=row.going_on or each.pk in known) for each in row.records.all()],
        **carried(secrecy.together(row.records.all())),
        "requester": row.requester.username,
        **{name: getattr(row, name) for name in names},
        "until": row.until.isoformat() if row.until else None,
        "overdue": row.overdue,
        "steps": _steps(row, office),
        "asked_at": moment(row.asked_at),
        "given_by": row.given_by and row.given_by.username,
        "given_at": moment(row.given_at),
        "ended_at": moment(row.ended_at),
    }


def _steps(row: Release, office: Office | None) -> list[Shaped]:
    turn = approvals.turn_of(row.approval, office)
    waits = {turn.step.pk: turn.people} if turn else {}
    return [step.as_dict(waits.get(step.pk, [])) | {"at": moment(step.decided_at)} for step in row.approval.steps.all()]
