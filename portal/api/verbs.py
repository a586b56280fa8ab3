"""What is done to a record after it was registered, each verb at an address of its own."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from portal.api import bodies, described, gates, openapi, shapes
from portal.api.answers import answer
from portal.api.asking import asked, path_id
from portal.api.auth import user_of
from portal.api.lists import listed
from portal.api.records import shown
from records import changing, filing, numbering, review, secrecy

router = Router(tags=["verbs"])


@router.post("/records/{record_id}/review/", summary="Review", response=described.RecordOut, openapi_extra=openapi.json(bodies.Review))
def review_record(request: HttpRequest, record_id: str) -> HttpResponse:
    """`accept` or `return` (with a reason), by somebody who neither registered nor changed it."""
    user, pk = user_of(request), path_id(record_id)
    body = asked(request, bodies.Review, gate=gates.verb(request, pk, "accept"))
    review.review(actor=user, record_id=pk, decision=body.decision, reason=body.reason)
    return shown(user, pk)


@router.post("/records/{record_id}/file/", summary="File", response=described.RecordOut)
def file(request: HttpRequest, record_id: str) -> HttpResponse:
    """Gives the record its number."""
    user, pk = user_of(request), path_id(record_id)
    asked(request, bodies.Body, gate=gates.verb(request, pk, "file"))
    filing.file_record(actor=user, record_id=pk)
    return shown(user, pk)


@router.post("/records/file-batch/", summary="File many", response=described.Filed, openapi_extra=openapi.json(bodies.Batch))
def file_batch(request: HttpRequest) -> HttpResponse:
    """Numbers in the order given, all or nothing."""
    user = user_of(request)
    body = asked(request, bodies.Batch, gate=gates.batch(request))
    done = filing.file_batch(actor=user, record_ids=body.records)
    return answer({"results": shapes.thin_rows(done)})


@router.post(
    "/records/{record_id}/withdraw/", summary="Withdraw", response=described.RecordOut, openapi_extra=openapi.json(bodies.WithReason)
)
def withdraw(request: HttpRequest, record_id: str) -> HttpResponse:
    """Before filing: the bytes are erased, the row is kept."""
    user, pk = user_of(request), path_id(record_id)
    body = asked(request, bodies.WithReason, gate=gates.verb(request, pk, "withdraw"))
    changing.withdraw(actor=user, record_id=pk, reason=body.reason)
    return shown(user, pk)


@router.post("/records/{record_id}/move/", summary="Move", response=described.RecordOut, openapi_extra=openapi.json(bodies.Move))
def move(request: HttpRequest, record_id: str) -> HttpResponse:
    """To another class or volume; a number stays."""
    user, pk = user_of(request), path_id(record_id)
    body = asked(request, bodies.Move, gate=gates.move(request, pk))
    changing.move(actor=user, record_id=pk, record_class=body.record_class, volume=body.volume, reason=body.reason)
    return shown(user, pk)


@router.post(
    "/records/{record_id}/relations/", summary="Relate", response={201: described.RecordOut}, openapi_extra=openapi.json(bodies.Relate)
)
def relate(request: HttpRequest, record_id: str) -> HttpResponse:
    """To another record; the relation shows on both ends. 201 with this record."""
    user, pk = user_of(request), path_id(record_id)
    body = asked(request, bodies.Relate, gate=gates.relate(request, pk))
    changing.relate(actor=user, record_id=pk, kind=body.kind, other_id=path_id(body.record))
    response = shown(user, pk)
    response.status_code = 201
    return response


@router.post(
    "/records/{record_id}/reveal/",
    summary="Reveal a masked field",
    response=described.Revealed,
    openapi_extra=openapi.json(bodies.Reveal),
)
def reveal(request: HttpRequest, record_id: str) -> HttpResponse:
    """The whole value, as an explicit, logged act."""
    user, pk = user_of(request), path_id(record_id)
    body = asked(request, bodies.Reveal, gate=gates.reveal(request, pk))
    return answer({"value": changing.reveal(actor=user, record_id=pk, field=body.field, reason=body.reason)})


# --- tiers ----------------------------------------------------------------------------------------------------------


@router.post(
    "/records/{record_id}/tier/",
    summary="Propose a tier",
    response={202: described.TierChangeOut},
    openapi_extra=openapi.json(bodies.TierProposal),
)
def propose_tier(request: HttpRequest, record_id: str) -> HttpResponse:
    """Another tier or term; a second person decides."""
    user, pk = user_of(request), path_id(record_id)
    body = asked(request, bodies.TierProposal, gate=gates.propose(request, pk))
    change = secrecy.propose_tier(actor=user, record_id=pk, tier=body.tier, reason=body.reason, until=body.until, event=body.event)
    return answer(shapes.tier_change(change), 202)


@router.post(
    "/records/{record_id}/declassify/",
    summary="The event has happened",
    response={202: described.TierChangeOut},
    openapi_extra=openapi.json(bodies.WithReason),
)
def declassify(request: HttpRequest, record_id: str) -> HttpResponse:
    """What ends the secrecy of this record has happened: a second person decides whether it falls."""
    user, pk = user_of(request), path_id(record_id)
    body = asked(request, bodies.WithReason, gate=gates.propose(request, pk))
    return answer(shapes.tier_change(secrecy.declassify_on_event(actor=user, record_id=pk, reason=body.reason)), 202)


@router.get("/tier-changes/", summary="Changes of tier that wait for you", response=described.TierChangeList, openapi_extra=openapi.paged())
def tier_changes(request: HttpRequest) -> HttpResponse:
    """Proposals of others that you may decide now."""
    return listed(request, secrecy.waiting_for(user_of(request)), lambda rows: [shapes.tier_change(row) for row in rows])


@router.post(
    "/tier-changes/{change_id}/decide/",
    summary="Decide a tier",
    response=described.TierChangeOut,
    openapi_extra=openapi.json(bodies.Decision),
)
def decide_tier(request: HttpRequest, change_id: str) -> HttpResponse:
    """By another archivist, the owner or the security officer, cleared for both tiers; accepting changes the record at once."""
    user, pk = user_of(request), path_id(change_id)
    body = asked(request, bodies.Decision, gate=gates.decide(request, pk))
    return answer(shapes.tier_change(secrecy.decide_tier(actor=user, change_id=pk, decision=body.decision, reason=body.reason)))


# --- numbers --------------------------------------------------------------------------------------------------------


@router.post("/numbers/void/", summary="Void a number", response=described.Voided, openapi_extra=openapi.json(bodies.VoidNumber))
def void(request: HttpRequest) -> HttpResponse:
    """The number stays in the register, void, and is never given again; the record may be filed anew."""
    user = user_of(request)
    body = asked(request, bodies.VoidNumber, gate=gates.void(request))
    entry = numbering.void_number(actor=user, number=body.number, reason=body.reason)
    return answer(_voided(entry))


def _voided(entry: Any) -> dict[str, Any]:
    return {"number": entry.number, "void": entry.void, "reason": entry.void_reason, "record": str(entry.record_id)}


@router.get("/numbers/", summary="Report of numbers", response=described.NumberReport, openapi_extra=openapi.paged())
def numbers(request: HttpRequest) -> HttpResponse:
    """By rule and scope: given, void, next, and what is missing (always nothing). For archivists, security officer and auditor."""
    gates.number_report(request)
    return listed(request, numbering.report(user_of(request)), lambda rows: [asdict(row) for row in rows])
