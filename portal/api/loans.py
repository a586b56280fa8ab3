"""Borrowing: requests, decisions, the counter, deputies (interface.md, "Loans")."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from portal.api import bodies, described_loans, gates, loan_shapes, openapi, repeats
from portal.api.answers import answer, dumps
from portal.api.asking import asked, path_id, question, wrong
from portal.api.auth import user_of
from portal.api.lists import listed
from records import counter, deputies, joint_loans, lending
from records.models import Loan, LoanState, User

router = Router(tags=["loans"])
MOST_AT_ONCE = 50


@router.get(
    "/loans/", summary="Loans", response=described_loans.LoanList, openapi_extra=openapi.paged("state", "mine", "waiting_for_me", "record")
)
def loans(request: HttpRequest) -> HttpResponse:
    """Your own, those that wait for you, and for those who keep the register all of records that they may know of."""
    user = user_of(request)
    rows = lending.waiting_for(user) if question(request, "waiting_for_me") == "1" else lending.known_to(user)
    if question(request, "mine") == "1":
        rows = rows.filter(borrower=user)
    if record := question(request, "record"):
        rows = rows.filter(record=path_id(record))
    if state := question(request, "state"):
        if state not in LoanState.values:
            wrong("state", _("There is no such state."))
        rows = rows.filter(lending.in_state(state))
    return listed(request, rows, lambda found: loan_shapes.loans(found, user))


@router.post("/loans/", summary="Ask for a loan", response={201: described_loans.LoanOut}, openapi_extra=openapi.json(bodies.NewLoan))
def request_loan(request: HttpRequest) -> HttpResponse:
    """Of one record, of several at once, or of a volume as a whole: all or none. It holds at once where the tier asks for no approval."""
    user = user_of(request)
    body = asked(request, bodies.NewLoan, gate=gates.loan(request))
    ids = [path_id(pk) for pk in [*([body.record] if body.record else []), *body.records]]
    if len(ids) > MOST_AT_ONCE or bool(ids) == bool(body.volume):
        wrong("record", _("Name the record, 1 to %(most)d records, or a volume.") % {"most": MOST_AT_ONCE})

    alone = body.record is not None and len(ids) == 1
    return repeats.once(
        request,
        user,
        shape=lambda made: _asked_for(made, user, alone=alone),
        act=lambda also: _requested(user, body, ids, also),
        kind=repeats.LOANS,
    )


def _requested(user: User, body: bodies.NewLoan, ids: list[UUID], also: repeats.Also | None) -> list[Loan]:
    given = {"use": body.use, "purpose": body.purpose, "until": body.until, "copies": body.copies, "borrower": body.borrower}
    if body.volume:
        return joint_loans.request_volume(actor=user, volume_id=path_id(body.volume), also=also, **given)
    return joint_loans.request_all(actor=user, record_ids=ids, also=also, **given)


def _asked_for(made: list[Loan], user: User, *, alone: bool) -> bytes:
    shaped = loan_shapes.loans([lending.get(user, loan.pk) for loan in made], user)
    return dumps(shaped[0] if alone else {"results": shaped})


@router.get("/loans/{loan_id}/", summary="A loan", response=described_loans.LoanOut)
def loan(request: HttpRequest, loan_id: str) -> HttpResponse:
    """One that you may know of."""
    return _shown(user_of(request), path_id(loan_id))


def _shown(user: User, pk: UUID, status: int = 200) -> HttpResponse:
    return answer(loan_shapes.loans([lending.get(user, pk)], user)[0], status)


def _known(request: HttpRequest, pk: UUID) -> Callable[[], object]:
    return lambda: lending.get(user_of(request), pk)


def _done(request: HttpRequest, loan_id: str, body: type[Any], act: Callable[..., Loan], *names: str) -> HttpResponse:
    """Do a verb with these parts of the body, and show the loan."""
    user, pk = user_of(request), path_id(loan_id)
    given = asked(request, body, gate=_known(request, pk))
    act(actor=user, loan_id=pk, **{name: getattr(given, name) for name in names})
    return _shown(user, pk)


@router.post(
    "/loans/{loan_id}/decide/", summary="Decide a loan", response=described_loans.LoanOut, openapi_extra=openapi.json(bodies.Decision)
)
def decide(request: HttpRequest, loan_id: str) -> HttpResponse:
    """`approve` or `reject` (with a reason), steps in their order; out of turn or one's own is 409."""
    return _done(request, loan_id, bodies.Decision, lending.decide, "decision", "reason")


@router.post("/loans/{loan_id}/issue/", summary="Issue", response=described_loans.LoanOut, openapi_extra=openapi.json(bodies.Counted))
def issue(request: HttpRequest, loan_id: str) -> HttpResponse:
    """Paper over the counter, counted in copies and pages; out of the queue's turn is 409."""
    return _done(request, loan_id, bodies.Counted, counter.issue, "copies", "pages", "condition")


@router.post("/loans/{loan_id}/confirm/", summary="Confirm", response=described_loans.LoanOut)
def confirm(request: HttpRequest, loan_id: str) -> HttpResponse:
    """By the borrower: what was counted at issue, and then at return."""
    return _done(request, loan_id, bodies.Body, counter.confirm)


@router.post("/loans/{loan_id}/return/", summary="Return", response=described_loans.LoanOut, openapi_extra=openapi.json(bodies.Counted))
def give_back(request: HttpRequest, loan_id: str) -> HttpResponse:
    """Fewer than were issued without `damage` is 409, with it an incident. Digital: by the borrower, early."""
    return _done(request, loan_id, bodies.Counted, counter.give_back, "copies", "pages", "condition", "damage", "place")


@router.post(
    "/loans/{loan_id}/extend/", summary="Prolong", response={201: described_loans.LoanOut}, openapi_extra=openapi.json(bodies.Longer)
)
def extend(request: HttpRequest, loan_id: str) -> HttpResponse:
    """A new loan that extends this one and goes through the chain anew."""
    user, pk = user_of(request), path_id(loan_id)
    body = asked(request, bodies.Longer, gate=_known(request, pk))
    longer = lending.extend(actor=user, loan_id=pk, until=body.until, reason=body.reason)
    return _shown(user, longer.pk, 201)


@router.post("/loans/{loan_id}/recall/", summary="Recall", response=described_loans.LoanOut, openapi_extra=openapi.json(bodies.WithReason))
def recall(request: HttpRequest, loan_id: str) -> HttpResponse:
    """What was open closes at once; paper is to come back."""
    return _done(request, loan_id, bodies.WithReason, lending.recall, "reason")


@router.post("/loans/{loan_id}/cancel/", summary="Cancel", response=described_loans.LoanOut, openapi_extra=openapi.json(bodies.WithReason))
def cancel(request: HttpRequest, loan_id: str) -> HttpResponse:
    """Taken back by who asked, or by an archivist with a reason."""
    return _done(request, loan_id, bodies.WithReason, lending.cancel, "reason")


@router.post(
    "/loans/{loan_id}/report-loss/",
    summary="Report a loss",
    response=described_loans.LoanOut,
    openapi_extra=openapi.json(bodies.WithReason),
)
def report_loss(request: HttpRequest, loan_id: str) -> HttpResponse:
    """Paper that cannot be found."""
    return _done(request, loan_id, bodies.WithReason, lending.report_loss, "reason")


# --- deputies -------------------------------------------------------------------------------------------------------


@router.get("/deputies/", summary="Deputies", response=described_loans.DeputyList, openapi_extra=openapi.paged())
def deputy_list(request: HttpRequest) -> HttpResponse:
    """Yours, and whose deputy you are."""
    return listed(request, deputies.of(user_of(request)), lambda rows: [loan_shapes.deputy(row) for row in rows])


@router.post("/deputies/", summary="Name a deputy", response={201: described_loans.DeputyOut}, openapi_extra=openapi.json(bodies.NewDeputy))
def name_deputy(request: HttpRequest) -> HttpResponse:
    """Somebody who approves in your place for a period, never for himself."""
    body = asked(request, bodies.NewDeputy, gate=lambda: None)
    made = deputies.name(actor=user_of(request), deputy=body.deputy, since=body.since, until=body.until)
    return answer(loan_shapes.deputy(made), 201)


@router.post("/deputies/{deputy_id}/end/", summary="End a deputy's period", response=described_loans.DeputyOut)
def end_deputy(request: HttpRequest, deputy_id: str) -> HttpResponse:
    """Early, by who named the deputy or by the deputy."""
    user, pk = user_of(request), path_id(deputy_id)
    asked(request, bodies.Body, gate=lambda: deputies.get(user, pk))
    return answer(loan_shapes.deputy(deputies.end(actor=user, deputy_id=pk)))
