"""Copies on paper: numbered, held, due, returned or destroyed under witness, printed with their stamp (LND-6, LND-12)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from portal.api import bodies, described_loans, loan_shapes, openapi
from portal.api.answers import answer
from portal.api.asking import asked, path_id, question, wrong
from portal.api.auth import user_of
from portal.api.lists import listed
from portal.content import printed
from records import copies
from records.models import CopyState, LoanCopy

router = Router(tags=["copies"])
SHEETS = {"responses": {200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}}
REASON = openapi.json(bodies.WithReason)


@router.get(
    "/copies/", summary="Copies on paper", response=described_loans.CopyList, openapi_extra=openapi.paged("state", "holder", "loan")
)
def copy_list(request: HttpRequest) -> HttpResponse:
    """Those that you hold, or could witness the destruction of; for those who keep the register all of records that they may know of."""
    user = user_of(request)
    rows = copies.known_to(user)
    if state := question(request, "state"):
        if state not in CopyState.values:
            wrong("state", _("There is no such state."))
        rows = rows.filter(state=state)
    if holder := question(request, "holder"):
        rows = rows.filter(holder__username=holder)
    if loan := question(request, "loan"):
        rows = rows.filter(loan=path_id(loan))
    return listed(request, rows, lambda found: loan_shapes.copies(found, user))


@router.get("/copies/{copy_id}/", summary="A copy on paper", response=described_loans.CopyOut)
def one_copy(request: HttpRequest, copy_id: str) -> HttpResponse:
    """One that you may know of."""
    user = user_of(request)
    return answer(loan_shapes.copies([copies.get(user, path_id(copy_id))], user)[0])


def _done(request: HttpRequest, copy_id: str, act: Callable[..., LoanCopy], *, body: type[Any] = bodies.WithReason) -> HttpResponse:
    """Do a verb, with its reason where it takes one, and show the copy."""
    user, pk = user_of(request), path_id(copy_id)
    given = asked(request, body, gate=lambda: copies.get(user, pk))
    reason = {"reason": given.reason} if body is bodies.WithReason else {}
    return answer(loan_shapes.copies([act(actor=user, copy_id=pk, **reason)], user)[0])


@router.post("/copies/{copy_id}/return/", summary="Take a copy in", response=described_loans.CopyOut, openapi_extra=REASON)
def give_back(request: HttpRequest, copy_id: str) -> HttpResponse:
    """By an archivist; the last one that was out ends its loan."""
    return _done(request, copy_id, copies.give_back)


@router.post("/copies/{copy_id}/destroy/", summary="Destroy a copy", response=described_loans.CopyOut, openapi_extra=REASON)
def destroy(request: HttpRequest, copy_id: str) -> HttpResponse:
    """By an archivist; it is destroyed once a second person has confirmed it."""
    return _done(request, copy_id, copies.destroy)


@router.post("/copies/{copy_id}/witness/", summary="Witness a destruction", response=described_loans.CopyOut)
def witness(request: HttpRequest, copy_id: str) -> HttpResponse:
    """By neither who destroyed it nor who held it: 409."""
    return _done(request, copy_id, copies.witness, body=bodies.Body)


@router.post("/copies/{copy_id}/report-loss/", summary="Report a copy lost", response=described_loans.CopyOut, openapi_extra=REASON)
def report_loss(request: HttpRequest, copy_id: str) -> HttpResponse:
    """By its holder or an archivist."""
    return _done(request, copy_id, copies.report_loss)


@router.get("/copies/{copy_id}/print", summary="The stamped sheets of a copy", openapi_extra=SHEETS)
def print_copy(request: HttpRequest, copy_id: str) -> StreamingHttpResponse:
    """For archivists: every page of the current version, stamped with purpose, copy number and holder."""
    return printed(user_of(request), path_id(copy_id))
