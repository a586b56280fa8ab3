"""Lists of loans: one's own, those that wait for one's decision, and the counter (LND-1, LND-2, LND-5, LND-7)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from portal.desk import held as held_copies
from portal.desk import lent, menu, rows
from portal.desk.errors import status_of
from records import copies, counter, lending
from records.errors import NotAllowed, RecordsError, Unknown
from records.models import Duty, Loan, LoanState, User

MOST = 200  # requests, or pieces of paper, on one page


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What this person borrows, or asked for in another's name; newest first."""
    user: User = request.user  # type: ignore[assignment]
    found = lending.mine(user)
    listed = lent.rows_of(rows.slice_of(request, found), user)
    for row in listed:
        row.acts = lent.acts_of_borrower(row.loan, user)
    held = held_copies.rows_of(list(copies.held_by(user)[:MOST]), user)
    context = {"rows": listed, "held": held, "pager": rows.pager_for(request, found.count()), **tabs(request)}
    return render(request, "desk/loans.html", context)


def tabs(request: HttpRequest) -> dict[str, Any]:
    """Which lists of loans this person has."""
    user: User = request.user  # type: ignore[assignment]
    return {
        "waiting_count": menu.waiting(request)["loans"],
        "has_counter": user.has_duty(Duty.ARCHIVIST),
        "has_register": user.has_duty(*lending.REGISTER_READERS),
        "witness_count": copies.to_witness(user).count(),
    }


# --- deciding -------------------------------------------------------------------------------------------------------


@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Requests whose step this person may take now; the oldest first."""
    return _waiting(request)


def _waiting(request: HttpRequest, *, errors: Mapping[str, str] | None = None, error: str = "", status: int = 200) -> HttpResponse:
    """`errors`: sentences at the cards of loans, with what was typed; `error`: one for the page, as are those without a card."""
    user: User = request.user  # type: ignore[assignment]
    listed = lent.rows_of(list(lending.waiting_for(user)[:MOST]), user)
    elsewhere = dict(errors or {})
    for row in listed:
        row.error = elsewhere.pop(str(row.loan.pk), "")
        row.reason = request.POST.get("reason", "") if row.error else ""
    told = {"error": error or " ".join(dict.fromkeys(elsewhere.values())), "release_count": menu.waiting(request).get("releases", 0)}
    context = {"rows": listed, **told, **tabs(request)}
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
        return _waiting(request, errors={str(loan_id): _sentence(error)}, status=status_of(error))
    messages.success(request, _decided(loan))
    return redirect("desk:loans-waiting")


def _decided(loan: Loan) -> str:
    """What became of it, in words."""
    told = {"number": loan.number}
    if loan.state == LoanState.REJECTED:
        return _("%(number)s is rejected.") % told
    return (_("%(number)s goes on to the next step.") if loan.state == LoanState.REQUESTED else _("%(number)s is approved.")) % told


@require_POST
def decide_many(request: HttpRequest) -> HttpResponse:
    """Approve or reject those that were chosen, each for itself: what is refused stays, with its sentence at its card."""
    chosen = request.POST.getlist("loan")[:MOST]
    if not chosen:
        return _waiting(request, error=_("Choose the requests first."), status=400)
    done, refused = _decide_each(request, chosen)
    if done:
        messages.success(request, ngettext("%(n)d request is decided.", "%(n)d requests are decided.", done) % {"n": done})
    return _waiting(request, errors=refused, status=409) if refused else redirect("desk:loans-waiting")


def _decide_each(request: HttpRequest, chosen: Sequence[str]) -> tuple[int, dict[str, str]]:
    """How many were decided, and the sentences of those that were not."""
    decision, reason = request.POST.get("decision", ""), request.POST.get("reason", "")
    refused: dict[str, str] = {}
    for pk in chosen:
        try:
            lending.decide(actor=request.user, loan_id=pk, decision=decision, reason=reason)
        except Unknown:
            refused[pk] = _("A request that you chose does not wait for you any more.")
        except RecordsError as error:
            refused[pk] = _sentence(error)
    return len(chosen) - len(refused), refused


def _sentence(error: RecordsError) -> str:
    return error.errors.get("reason", [error.sentence])[0]


# --- the counter ----------------------------------------------------------------------------------------------------


@require_safe
def counter_page(request: HttpRequest) -> HttpResponse:
    """What archivists hand over and take back."""
    return counter_shown(request)


def counter_shown(request: HttpRequest, *, scan_error: str = "", status: int = 200) -> HttpResponse:
    """The counter; `scan_error` says what came of the last scan. Raises NotAllowed."""
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
    context = {**sorted_out, "scan_error": scan_error, **tabs(request)}
    return render(request, "desk/loans_counter.html", context, status=status)


@require_POST
def confirm(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """The borrower's word for what was counted (LND-11)."""
    loan = counter.confirm(actor=request.user, loan_id=loan_id)
    messages.success(request, _("Confirmed: %(copies)s × %(pages)s pages.") % {"copies": loan.copies, "pages": loan.pages})
    return redirect("desk:loans")
