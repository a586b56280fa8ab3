"""Loans as the desk shows them: state, steps and what the person may do with each, in words; nothing is decided here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.desk import rows
from records import access, approvals, lending, picking
from records.models import OUT, ApprovalStep, Loan, LoanCopy, LoanState, Record, User
from records.office import Office

CHIPS = {"requested": "wait", "approved": "good", "active": "good", "rejected": "bad", "recalled": "bad", "lost": "bad"}
PAPER_OUT = (LoanState.ACTIVE, LoanState.RECALLED)


@dataclass(frozen=True)
class Act:
    """A button: a page that asks, or (`post`) a form that does it at once."""

    label: str
    url: str
    primary: bool = False
    danger: bool = False
    post: bool = False


@dataclass
class Lent:
    """One loan as lists draw it. `url` is empty where the person may not open the record's page."""

    loan: Loan
    mark: str
    url: str
    chip: str
    word: str
    last_day: date
    steps: list[dict[str, Any]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    ahead: int = 0
    in_place_of: User | None = None
    error: str = ""
    reason: str = ""
    titled: bool = True


def rows_of(loans: Sequence[Loan], user: User) -> list[Lent]:
    """All of a list at once, by a fixed number of queries."""
    known = picking.known_among(user, (loan.record_id for loan in loans))
    office = Office() if any(loan.standing == LoanState.REQUESTED for loan in loans) else None
    ahead = lending.queue_positions(loans)
    return [_row(loan, user, known=loan.record_id in known, office=office, ahead=ahead[loan.pk]) for loan in loans]


def _row(loan: Loan, user: User, *, known: bool, office: Office | None, ahead: int) -> Lent:
    url = reverse("desk:record", args=[loan.record_id]) if known else ""
    chip, word = ("bad", _("overdue")) if loan.overdue else (CHIPS.get(loan.standing, ""), str(LoanState(loan.standing).label))
    row = Lent(loan, rows.secret_mark(loan.record), url, chip, word, last_day(loan), ahead=ahead, titled=known or loan.going_on)
    turn = approvals.turn_of(loan.approval, office) if loan.approval and loan.standing == LoanState.REQUESTED else None
    row.steps = [step_of(step, turn) for step in loan.approval.steps.all()] if loan.approval else []
    row.in_place_of = turn.stand_ins.get(user) if turn and user not in turn.takers else None
    return row


def named(about: Loan | LoanCopy, record: Record, user: User) -> Record | None:
    """The record that a page about a loan, or a copy, names; None where it is over and the person may not know of the record (SEC-5)."""
    known = about.going_on or access.visible_to(user).filter(pk=record.pk).exists()
    return record if known else None


def last_day(loan: Loan) -> date:
    """The last day on which it holds."""
    return timezone.localtime(loan.until - timedelta(seconds=1)).date()


def step_of(step: ApprovalStep, turn: approvals.Turn | None) -> dict[str, Any]:
    """One step as `desk/loan_steps.html` draws it."""
    waits = _names(turn.people) if turn and turn.step.pk == step.pk else ""
    return {"row": step, "label": step.get_approver_display(), "waits_for": waits}


def _names(people: Sequence[User]) -> str:
    return _(", ").join(str(person) for person in people)


def waits_for(loan: Loan) -> str:
    """The names of those whose turn it is."""
    turn = approvals.turn_of(loan.approval) if loan.approval else None
    return _names(turn.people) if turn else ""


# --- what can be done -----------------------------------------------------------------------------------------------


def acts_of_borrower(loan: Loan, user: User) -> list[Act]:
    """What the borrower, or who asked for them, may do now."""
    if loan.standing in (LoanState.REQUESTED, LoanState.APPROVED):
        return [_act(_("Take back"), "cancel", loan)]
    if user.pk != loan.borrower_id:
        return []
    found = [Act(_("Confirm the count"), _address("confirm", loan), primary=True, post=True)] if _unconfirmed(loan) else []
    if loan.standing == LoanState.ACTIVE and not loan.overdue:
        found.append(_act(_("Prolong"), "extend", loan))
    if loan.digital and loan.standing == LoanState.ACTIVE:
        found.append(_act(_("Give back early"), "return", loan))
    if not loan.digital and loan.state in PAPER_OUT:
        found.append(_act(_("Report a loss"), "report-loss", loan, danger=True))
    return found


def _unconfirmed(loan: Loan) -> bool:
    if loan.digital or not loan.issued_at:
        return False
    if loan.state == LoanState.ACTIVE:
        return not loan.issue_confirmed_at
    return loan.state == LoanState.RETURNED and not loan.return_confirmed_at


def acts_at_counter(loan: Loan, user: User, ahead: int) -> list[Act]:
    """What an archivist may do now; nobody issues to oneself or takes back from oneself."""
    own, found = user.pk == loan.borrower_id, []
    if loan.state == LoanState.APPROVED:
        if not own and not ahead:
            found.append(_act(_("Issue"), "issue", loan, primary=True))
        return [*found, _slip(loan), _act(_("Give up"), "cancel", loan)]
    if loan.state in OUT and not own:
        found.append(_act(_("Take in"), "return", loan, primary=True))
    if loan.state == LoanState.ACTIVE:
        found += [_slip(loan), _act(_("Recall"), "recall", loan)]
    if loan.state in PAPER_OUT:
        found.append(_act(_("Report a loss"), "report-loss", loan, danger=True))
    return found


def _slip(loan: Loan) -> Act:
    return Act(_("Slip"), reverse("desk:slip", args=[loan.pk]))


def _act(label: str, name: str, loan: Loan, *, primary: bool = False, danger: bool = False) -> Act:
    return Act(label, _address(name, loan), primary=primary, danger=danger)


def _address(name: str, loan: Loan) -> str:
    return reverse(f"desk:loan-{name}", args=[loan.pk])


def borrow_url(user: User, record: Record) -> str:
    """The page that asks for a loan of this record; empty where the person needs none, or it is not lent."""
    return reverse("desk:borrow", args=[record.pk]) if lending.uses(user, record) else ""


def way_in(user: User, record: Record) -> dict[str, str]:
    """For whom a record is closed: what they asked for already, or the page that asks; empty where there is none."""
    if asked := lending.asked_for(user, record):
        return {"url": reverse("desk:loans"), "link": _("You asked for it: %(number)s") % {"number": asked.number}}
    url = borrow_url(user, record)
    return {"url": url, "link": _("Ask for a loan")} if url else {}
