"""The counter: originals and copies handed over and taken back, counted, and confirmed by both sides (LND-5, LND-6, LND-11)."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit, freezing, issued, lending, lending_states, places, reasons, telling
from records.errors import Conflict, Invalid, NotAllowed, StateConflict
from records.models import Loan, LoanState, Use, User
from records.runner import verb

MOST_PAGES = 100_000  # of one copy
LONGEST_PLACE = 200  # characters, as the table keeps


@verb("issue_loan")
def issue(*, actor: User, loan_id: UUID | str, copies: int, pages: int, condition: str = "") -> Loan:
    """Hand the paper over, counted.

    Raises Conflict when others are before in the queue, the original is out, or the borrower has something overdue (LND-7).
    """
    loan = lending.get(actor, loan_id)
    lending.need_archivist(actor)
    _count(copies, pages)
    reasons.check(condition=condition)
    if loan.borrower_id == actor.pk:
        raise Conflict(_("Nobody issues to oneself: another archivist does it."))
    if loan.use == Use.COPY and copies > (loan.copies or 0):
        raise Conflict(_("%(copies)d copies were approved, not more.") % {"copies": loan.copies})
    if lending.queue_position(loan):
        raise Conflict(_("Others are before in the queue, or the original is out."))
    counted = {"copies": copies, "pages": pages, "condition": condition.strip()}
    with transaction.atomic():
        freezing.need_unfrozen(loan.record)
        if loan.standing != LoanState.APPROVED:
            raise StateConflict
        lending.need_unblocked(loan.borrower)
        _issue(loan, issued_at=timezone.now(), issued_by=actor, **counted)
        if loan.use == Use.COPY:
            issued.number(loan)
        audit.record_event(actor=actor, action="issue-loan", record=loan.record, subject=loan.number)
        telling.loan_issued(loan)
    return loan


def _issue(loan: Loan, **counted: Any) -> None:
    try:
        with transaction.atomic():
            lending_states.apply(loan, "issue", **counted)
    except IntegrityError:
        raise StateConflict(_("Somebody else issued this original first.")) from None


def _count(copies: int, pages: int) -> None:
    if copies < 1 or pages < 1:
        raise Invalid(errors={"pages": [_("Count the copies and the pages: one at least of each.")]})
    if copies > lending.MOST_COPIES or pages > MOST_PAGES:
        most = {"copies": lending.MOST_COPIES, "pages": MOST_PAGES}
        raise Invalid(errors={"pages": [_("At most %(copies)d copies of %(pages)d pages each.") % most]})


@verb("confirm_loan")
def confirm(*, actor: User, loan_id: UUID | str) -> Loan:
    """The borrower's word for what was counted at issue, and then at return (LND-11)."""
    loan = lending.get(actor, loan_id)
    if actor.pk != loan.borrower_id:
        raise NotAllowed
    side = "issue" if loan.state == LoanState.ACTIVE else "return"
    if loan.digital or not getattr(loan, "issued_at" if side == "issue" else "returned_at") or getattr(loan, f"{side}_confirmed_at"):
        raise StateConflict(_("There is nothing to confirm."))
    confirmed = {f"{side}_confirmed_at": timezone.now()}
    with transaction.atomic():
        open_yet = Loan.objects.filter(pk=loan.pk, state=loan.state, **dict.fromkeys(confirmed))
        if open_yet.update(**confirmed) != 1:
            raise StateConflict
        audit.record_event(actor=actor, action=f"confirm-{side}", record=loan.record, subject=loan.number)
        telling.loan_confirmed(loan, side)
    setattr(loan, *next(iter(confirmed.items())))
    return loan


@verb("return_loan")
def give_back(
    *, actor: User, loan_id: UUID | str, copies: int = 0, pages: int = 0, condition: str = "", damage: str = "", place: str = ""
) -> Loan:
    """Digital: closed early by the borrower. Paper: taken back by an archivist who counts it.

    Fewer than were issued without a word on the damage is a Conflict, with one it is an incident.
    """
    loan = lending.get(actor, loan_id)
    if loan.digital:
        if actor.pk != loan.borrower_id:
            raise NotAllowed
        return lending.close(actor, loan, "return", "", returned_at=timezone.now())
    lending.need_archivist(actor)
    _count(copies, pages)
    reasons.check(condition=condition, damage=damage)
    reasons.check(place=place, most=LONGEST_PLACE)
    if lending_states.step_for("return", loan) is None:
        raise StateConflict
    if loan.borrower_id == actor.pk:
        raise Conflict(_("Nobody takes back from oneself: another archivist does it."))
    issued.need_no_more(loan, copies)
    fewer = copies < issued.expected(loan) or pages < (loan.pages or 0)
    if fewer and not damage.strip():
        raise Conflict(_("Fewer came back than were issued (%(copies)d of %(pages)d pages). Say what happened.") % vars(loan))
    back = {"condition": condition.strip(), "damage": damage.strip(), "place": place.strip()}
    with transaction.atomic():
        freezing.lock(loan.record)
        incident, was = loan.incident or fewer or bool(damage.strip()), loan.state
        lending_states.apply(loan, "return", returned_at=timezone.now(), received_by=actor, incident=incident, **back)
        places.put_back(loan)
        issued.take_in(loan, copies, damage=damage)
        audit.record_event(actor=actor, action="return-loan", record=loan.record, subject=loan.number, reason=damage)
        telling.loan_returned(loan, was=was)
    return loan
