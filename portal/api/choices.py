"""What can be chosen (types, classes, tiers), and what stands around records: parties, volumes, staged files."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from portal.api import bodies, described, forms, gates, openapi, shapes
from portal.api.answers import answer
from portal.api.asking import UNREADABLE, asked, question
from portal.api.auth import require_write, user_of
from portal.api.lists import listed
from records import access, intake, parties, reading, secrecy
from records import volumes as filing_units

router = Router(tags=["choices"])


@router.get("/record-types/", summary="Record types", response=described.RecordTypeList, openapi_extra=openapi.paged())
def record_types(request: HttpRequest) -> HttpResponse:
    """With their fields, each of a kind and a level."""
    return listed(request, reading.record_types(), lambda rows: [shapes.record_type(row) for row in rows])


@router.get("/record-classes/", summary="Classes", response=described.RecordClassList, openapi_extra=openapi.paged())
def record_classes(request: HttpRequest) -> HttpResponse:
    """Those of which you are a reader."""
    rows = list(access.chosen_classes(user_of(request)).select_related("default_tier"))
    codes = {row.pk: row.code for row in rows}
    return listed(request, rows, lambda page: [shapes.record_class(row, codes) for row in page])


@router.get("/tiers/", summary="Secrecy tiers", response=described.TierList, openapi_extra=openapi.paged())
def tiers(request: HttpRequest) -> HttpResponse:
    """Lowest first."""
    user = user_of(request)
    return listed(request, reading.tiers(user), lambda rows: [shapes.tier(row, cleared=secrecy.is_cleared(user, row)) for row in rows])


@router.get("/parties/", summary="Parties", response=described.PartyList, openapi_extra=openapi.paged("q"))
def known_parties(request: HttpRequest) -> HttpResponse:
    """Of records that you may read: by part of a name, or by a whole identity number or credit code."""
    found = parties.find(user_of(request), question(request, "q"))
    return listed(request, found, lambda rows: [shapes.known_party(row) for row in parties.as_known(rows)])


@router.get("/volumes/", summary="Volumes", response=described.VolumeList, openapi_extra=openapi.paged())
def volumes(request: HttpRequest) -> HttpResponse:
    """Those that you may know of, newest first."""
    user = user_of(request)
    known = filing_units.known_to(user).order_by("-created_at", "-id")
    return listed(request, known, lambda rows: shapes.volumes(rows, filing_units.together(user, rows)))


@router.post("/volumes/", summary="A new volume", response={201: described.VolumeOut}, openapi_extra=openapi.json(bodies.NewVolume))
def create_volume(request: HttpRequest) -> HttpResponse:
    """Empty; numbered when the first of its records is filed."""
    body = asked(request, bodies.NewVolume, gate=gates.archivist(request))
    made = filing_units.create_volume(actor=user_of(request), title=body.title, record_class=body.record_class)
    return answer(shapes.volume(made), 201)


@router.post(
    "/uploads/",
    summary="Stage a file",
    response={201: described.UploadOut},
    openapi_extra=openapi.form(openapi.OneFile, repeatable=False),
)
def upload(request: HttpRequest) -> HttpResponse:
    """One file, sealed for a record to come; erased when it lies unused for 24 hours."""
    require_write(request)
    try:
        file = forms.one_file(request)
    except UNREADABLE:
        gates.archivist(request)()
        raise
    staged = intake.upload(actor=user_of(request), file=file)
    return answer(shapes.upload(staged, intake.duplicates_of(user_of(request), [staged.sha256])), 201)
