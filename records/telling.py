"""Who is told what of a verb: called inside the verb's own transaction (PRT-8, LND-7, LND-11).

Each kind has its words in `portal/notices/kinds.py`. Nobody is told of what they did themselves, nor of a record that they may not know of.
"""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from records import approvals, notices
from records.audit import Service
from records.models import OUT, Approval, Duty, Loan, LoanState, Record, TierChange, Use, User


def _about(loan: Loan) -> dict[str, Any]:
    return {"record": loan.record, "subject": loan.number, "key": loan.pk}


def _others(people: Iterable[User], actor: User | Service) -> list[User]:
    return [person for person in people if person != actor]


# --- loans ----------------------------------------------------------------------------------------------------------


def loan_requested(loan: Loan, actor: User, *, once: str = "") -> None:
    """Those whose turn it is, with their deputies; the borrower in whose name somebody else asked. `once`: as `notices.tell`."""
    _next_step(loan, loan.approval, once=once)
    notices.tell(_others([loan.borrower], actor), "loan-entered", once=once, **_about(loan))


def _next_step(loan: Loan, approval: Approval | None, *, once: str = "") -> None:
    turn = approvals.turn_of(approval) if approval else None
    if turn:
        notices.tell(turn.people, "loan-waits", once=once, **_about(loan))


def loan_decided(loan: Loan, approval: Approval, actor: User, *, ahead: int) -> None:
    """The takers of the next step; after the last one the borrower, and who entered it. `ahead`: others in the queue."""
    people = _others([loan.borrower, loan.asked_by], actor)
    _no_step_waits(loan)
    if loan.state == LoanState.REQUESTED:
        _next_step(loan, approval)
    elif loan.state == LoanState.REJECTED:
        notices.tell(people, "loan-rejected", **_about(loan))
    elif loan.state == LoanState.ACTIVE:
        notices.tell(people, "loan-opened", **_about(loan))
    else:
        notices.tell(people, "loan-queued" if ahead else "loan-approved", **_about(loan))


def _no_step_waits(loan: Loan) -> None:
    """The step that waited was taken, or is not asked for any more; of several under one name the first call stands for all."""
    notices.settle("loan-waits", "decision-late", record=loan.record, subject=loan.number)


def loan_closed(loan: Loan, verb: str, actor: User | Service, *, was: str) -> None:
    """The borrower, of what others ended; archivists and the record's owner, of a loss; the next in line. `was`: its state before."""
    people = _others([loan.borrower, loan.asked_by], actor)
    if verb == "cancel":
        _no_step_waits(loan)
        notices.tell(people, "loan-cancelled", **_about(loan))
        queue_moved(loan, was=was)
    elif verb == "recall":
        notices.tell(people, "loan-recalled", **_about(loan))
    elif verb == "report_loss":
        notices.tell(_others(_keepers(loan.record), actor), "loan-lost", **_about(loan))


def _keepers(record: Record) -> list[User]:
    archivists = User.objects.filter(duty_rows__duty=Duty.ARCHIVIST, is_active=True)
    return notices.who_know([*archivists, record.owner], record)


def loan_issued(loan: Loan) -> None:
    """The borrower, who is to confirm the count."""
    notices.settle("loan-approved", "loan-queued", "loan-next", record=loan.record, subject=loan.number)
    notices.tell([loan.borrower], "loan-issued", **_about(loan))


def loan_confirmed(loan: Loan, side: str) -> None:
    """Nobody: the borrower did what a notice called for."""
    notices.settle("loan-issued" if side == "issue" else "loan-returned", record=loan.record, subject=loan.number)


def loan_returned(loan: Loan, *, was: str) -> None:
    """The borrower, who is to confirm the count; the next in line for the original."""
    late = ("loan-due", "loan-overdue", "loan-overdue-head", "loan-recalled")
    notices.settle("loan-issued", *late, record=loan.record, subject=loan.number)
    notices.tell([loan.borrower], "loan-returned", **_about(loan))
    queue_moved(loan, was=was)


def loan_expired(loan: Loan, *, was: str) -> None:
    """The borrower, of what ended unused; the next in line. What was open on the screen ended as it was announced."""
    if was in (LoanState.REQUESTED, LoanState.APPROVED):
        _no_step_waits(loan)
        notices.tell([loan.borrower, loan.asked_by], "loan-expired", **_about(loan))
    queue_moved(loan, was=was)


def queue_moved(loan: Loan, *, was: str) -> None:
    """The borrower who is next for an original, when this loan stood before theirs and stands there no more (LND-11)."""
    if loan.use != Use.ORIGINAL or was not in (LoanState.APPROVED, *OUT):
        return
    others = Loan.objects.filter(record=loan.record_id, use=Use.ORIGINAL).exclude(pk=loan.pk)
    waiting = others.filter(state=LoanState.APPROVED, until__gt=timezone.now()).select_related("record", "borrower").order_by("asked_at")
    following = waiting.first()
    if following is None or others.filter(state__in=OUT).exists():
        return
    if was in OUT or loan.asked_at < following.asked_at:
        notices.tell([following.borrower], "loan-next", **_about(following))


# --- records --------------------------------------------------------------------------------------------------------


def tier_proposed(change: TierChange, *, owner_decides: bool) -> None:
    """The record's owner who may decide it; others who may see it in their list."""
    if owner_decides:
        people = notices.who_know(_others([change.record.owner], change.proposed_by), change.record)
        notices.tell(people, "tier-proposed", record=change.record, key=change.pk)


def tier_decided(change: TierChange, record: Record, actor: User, *, accepted: bool) -> None:
    """Who proposed it and the record's owner, as far as they may still know of the record."""
    notices.settle("tier-proposed", record=record, key=str(change.pk))
    people = notices.who_know(_others([change.proposed_by, record.owner], actor), record)
    notices.tell(people, "tier-accepted" if accepted else "tier-rejected", record=record, key=change.pk)


def review_returned(record: Record) -> None:
    """The registrar, who is to correct it."""
    notices.tell(notices.who_know([record.registrar], record), "review-returned", record=record)
