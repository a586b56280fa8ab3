"""Records: registering, listing, showing, changing, and their versions."""

import re

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from portal.api import bodies, described, forms, gates, openapi, repeats, shapes
from portal.api.answers import answer, dumps, problem
from portal.api.asking import UNREADABLE, asked, only_when_known, path_id, question, wrong
from portal.api.auth import caller, require_write, user_of
from portal.api.lists import listed
from portal.problems import problem_of
from records import access, changing, reading, registration
from records.errors import Invalid, StaleRevision, Unknown
from records.models import Record, User

router = Router(tags=["records"])
QUEUES = {"review": reading.to_review, "file": reading.to_file, "returned": reading.returned_to}


def shown(user: User, record_id: object) -> HttpResponse:
    """The answer of a verb: the record as it is now."""
    return answer(shapes.record(reading.show(user, access.get_visible(user, str(record_id)), log=False)))


# --- registering ----------------------------------------------------------------------------------------------------


@router.post(
    "/records/", summary="Register a record", response={201: described.RecordOut}, openapi_extra=openapi.form(openapi.Registration)
)
def register(request: HttpRequest) -> HttpResponse:
    """A record with its first version, in one act: `files`, or ids of staged `uploads`.

    One bad file: nothing is stored, each bad file is named. Takes an `Idempotency-Key`. Nobody registers above their clearance.
    """
    user = user_of(request)
    try:
        sent = forms.sent_with(request)
        given = forms.particulars(sent)
    except UNREADABLE:
        require_write(request)
        gates.archivist(request)()
        raise
    if not caller(request).may_write:
        only_when_known(gates.registration(user, given, sent.uploads))
        require_write(request)
    return repeats.once(
        request,
        user,
        shape=lambda record: _fresh(user, record),
        act=lambda also: registration.register(actor=user, given=given, files=sent.files, uploads=sent.uploads, also=also),
    )


def _fresh(user: User, record: Record) -> bytes:
    """The body for a record that was registered, or given a version, just now."""
    return dumps(shapes.record(reading.show(user, record, log=False)))


# --- reading --------------------------------------------------------------------------------------------------------


@router.get("/records/", summary="Records that you may know of", response=described.RecordList, openapi_extra=openapi.paged("queue"))
def records(request: HttpRequest) -> HttpResponse:
    """Newest first, as thin rows. `queue`: `review`, `file` or `returned`, what waits for you, oldest first."""
    queue = question(request, "queue")
    if queue and queue not in QUEUES:
        wrong("queue", _("Choose one of: %(choices)s.") % {"choices": ", ".join(QUEUES)})
    user = user_of(request)
    return listed(request, QUEUES[queue](user) if queue else _newest(user), shapes.thin_rows)


def _newest(user: User) -> QuerySet[Record]:
    return access.visible_to(user).select_related("record_type", "record_class", "tier").order_by("-created_at", "-id")


@router.get("/records/{record_id}/", summary="One record", response=described.RecordOut)
def record(request: HttpRequest, record_id: str) -> HttpResponse:
    """In full, or its listing; the look is logged. The revision is in `ETag` too, for `If-Match`."""
    detail = reading.detail(user_of(request), path_id(record_id))
    response = answer(shapes.record(detail))
    if detail.full:
        response["ETag"] = f'"{detail.record.revision}"'
    return response


@router.get("/records/{record_id}/history/", summary="Events of a record", response=described.EventList, openapi_extra=openapi.paged())
def history(request: HttpRequest, record_id: str) -> HttpResponse:
    """Newest first."""
    return listed(request, reading.history(user_of(request), path_id(record_id)), shapes.events)


# --- changing -------------------------------------------------------------------------------------------------------


@router.patch("/records/{record_id}/", summary="Change a record", response=described.RecordOut, openapi_extra=openapi.json(bodies.Change))
def change(request: HttpRequest, record_id: str) -> HttpResponse:
    """What is named changes. With `revision`, or `If-Match`, 409 when somebody changed it in between, with the current `record`."""
    user, pk = user_of(request), path_id(record_id)
    gate = gates.change(request, pk)
    body = asked(request, bodies.Change, gate=gate)
    try:
        revision = body.revision if body.revision is not None else _if_match(request)
    except Invalid:
        gate()
        raise
    try:
        changing.change(
            actor=user,
            record_id=pk,
            title=body.title,
            new_fields=body.fields,
            new_parties=body.parties,
            department=body.department,
            revision=revision,
            reason=body.reason,
        )
    except StaleRevision as error:
        return _stale(user, pk, error)
    return shown(user, pk)


def _if_match(request: HttpRequest) -> int | None:
    text = request.headers.get("If-Match", "").strip()
    if not text or text == "*":
        return None
    match = re.fullmatch(r'(?:W/)?"?(\d{1,9})"?', text, re.ASCII)
    if match is None:
        wrong("If-Match", _("If-Match names the revision, as the ETag of the record does."))
    return int(match[1])


def _stale(user: User, record_id: object, error: StaleRevision) -> HttpResponse:
    found = problem_of(error)
    current = reading.show(user, access.get_visible(user, str(record_id)), log=False)
    found.more["record"] = shapes.record(current)  # type: ignore[union-attr]
    return problem(found)  # type: ignore[arg-type]


# --- versions -------------------------------------------------------------------------------------------------------


@router.get("/records/{record_id}/versions/", summary="Versions", response=described.VersionList, openapi_extra=openapi.paged())
def versions(request: HttpRequest, record_id: str) -> HttpResponse:
    """Newest first, each with its components."""
    return listed(request, reading.versions(user_of(request), path_id(record_id)), shapes.versions)


@router.get("/records/{record_id}/versions/{number}/", summary="One version", response=described.VersionOut)
def version(request: HttpRequest, record_id: str, number: str) -> HttpResponse:
    """By its number, from 1."""
    found = reading.versions(user_of(request), path_id(record_id))
    row = next((row for row in found if str(row.number) == number), None)
    if row is None:
        raise Unknown
    return answer(shapes.versions([row])[0])


@router.post(
    "/records/{record_id}/versions/",
    summary="A new version",
    response={201: described.RecordOut},
    openapi_extra=openapi.form(openapi.NewVersion),
)
def add_version(request: HttpRequest, record_id: str) -> HttpResponse:
    """A new set of files is a new version, with a reason. Takes an `Idempotency-Key`. 201 with the record."""
    user, pk = user_of(request), path_id(record_id)
    gate = gates.verb(request, pk, "add_version")
    if not caller(request).may_write:
        access.get_visible(user, pk)
        require_write(request)
    try:
        sent = forms.sent_with(request)
        reason = forms.version_reason(sent)
    except UNREADABLE:
        gate()
        raise
    return repeats.once(
        request,
        user,
        shape=lambda record: _fresh(user, record),
        act=lambda also: registration.add_version(
            actor=user, record_id=pk, reason=reason, files=sent.files, uploads=sent.uploads, also=also
        ),
    )
