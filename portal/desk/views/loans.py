"""Lists of loans: one's own, those that wait for one's decision, and the counter (LND-1, LND-2, LND-5, LND-7)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.desk import lent, menu, rows
from portal.desk.errors import status_of
from records import counter, lending
from records.errors import NotAllowed, ReasonMissing, RecordsError, Unknown
from records.models import Duty, LoanState, User

MOST = 200  # requests, or pieces of paper, on one page


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What this person borrows, or asked for in another's name; newest first."""
    user: User = request.user  # type: ignore[assignment]
    found = lending.mine(user)
    listed = lent.rows_of(rows.slice_of(request, found), user)
    for row in listed:
        row.acts = lent.acts_of_borrower(row.loan, user)
    context = {"rows": listed, "pager": rows.pager_for(request, found.count()), **_tabs(request)}
    return render(request, "desk/loans.html", context)


def _tabs(request: HttpRequest) -> dict[str, Any]:
    user: User = request.user  # type: ignore[assignment]
    return {"waiting_count": menu.waiting(request)["loans"], "has_counter": user.has_duty(Duty.ARCHIVIST)}


# --- deciding -------------------------------------------------------------------------------------------------------


@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Requests whose step this person may take now; the oldest first."""
    return _waiting(request)


def _waiting(request: HttpRequest, loan_id: UUID | None = None, error: str = "", *, status: int = 200) -> HttpResponse:
    """`error` stands at the card of `loan_id`, with what was typed there."""
    user: User = request.user  # type: ignore[assignment]
    listed = lent.rows_of(list(lending.waiting_for(user)[:MOST]), user)
    refused = lent.by_id(listed).get(loan_id) if loan_id else None
    if refused:
        refused.error, refused.reason = error, request.POST.get("reason", "")
    context = {"rows": listed, "error": "" if refused else error, **_tabs(request)}
    return render(request, "desk/loans_waiting.html", context, status=status)


@require_POST
def decide(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Approve or reject one request."""
    user: User = request.user  # type: ignore[assignment]
    data = request.POST
    try:
        loan = lending.decide(actor=user, loan_id=loan_id, decision=data.get("decision", ""), reason=data.get("reason", ""))
    except (Unknown, NotAllowed):
        raise
    except RecordsError as error:
        sentence = error.errors.get("reason", [error.sentence])[0] if isinstance(error, ReasonMissing) else error.sentence
        return _waiting(request, loan_id, sentence, status=status_of(error))
    rejected, passed_on = loan.state == LoanState.REJECTED, loan.state == LoanState.REQUESTED
    line = (
        _("%(number)s is rejected.")
        if rejected
        else _("%(number)s goes on to the next step.")
        if passed_on
        else _("%(number)s is approved.")
    )
    messages.success(request, line % {"number": loan.number})
    return redirect("desk:loans-waiting")


# --- the counter ----------------------------------------------------------------------------------------------------


@require_safe
def counter_page(request: HttpRequest) -> HttpResponse:
    """What archivists hand over and take back."""
    user: User = request.user  # type: ignore[assignment]
    if not user.has_duty(Duty.ARCHIVIST):
        raise NotAllowed
    listed = lent.rows_of([*lending.to_issue(user)[:MOST], *lending.out(user)[:MOST]], user)
    for row in listed:
        row.acts = lent.acts_at_counter(row.loan, user, row.ahead)
    sorted_out = {
        "to_issue": [row for row in listed if row.loan.state == LoanState.APPROVED],
        "out": [row for row in listed if row.loan.state != LoanState.APPROVED],
    }
    return render(request, "desk/loans_counter.html", {**sorted_out, **_tabs(request)})


@require_POST
def confirm(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """The borrower's word for what was counted (LND-11)."""
    loan = counter.confirm(actor=request.user, loan_id=loan_id)
    messages.success(request, _("Confirmed: %(copies)s × %(pages)s pages.") % {"copies": loan.copies, "pages": loan.pages})
    return redirect("desk:loans")
