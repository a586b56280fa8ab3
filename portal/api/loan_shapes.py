"""Loans and deputies as JSON (interface.md, "Loans"): of the record at most what any listing shows, number and title."""

from collections.abc import Iterable
from typing import Any

from portal.api.shapes import moment
from records import approvals, lending, picking
from records import copies as held
from records.models import Deputy, Loan, LoanCopy, Record, User
from records.office import Office

Shaped = dict[str, Any]


def loans(rows: Iterable[Loan], user: User) -> list[Shaped]:
    """Rows of loans; the people are read once for all of them."""
    found = list(rows)
    office = Office() if any(row.approval_id for row in found) else None
    ahead, known = lending.queue_positions(found), picking.known_among(user, (row.record_id for row in found))
    return [_loan(row, office, ahead[row.pk], known=row.record_id in known) for row in found]


def maybe_titled(row: Record, *, titled: bool) -> Shaped:
    """A record by number, with its title or None."""
    return {"id": str(row.pk), "number": row.number, "title": row.title if titled else None}


def _loan(row: Loan, office: Office | None, ahead: int, *, known: bool) -> Shaped:
    """One loan. Its record by number, and by title while the loan goes on, or where the record is known."""
    return {
        "id": str(row.pk),
        "number": row.number,
        "record": maybe_titled(row.record, titled=known or row.going_on),
        "borrower": row.borrower.username,
        "use": row.use,
        "purpose": row.purpose,
        "from": moment(row.since),
        "until": moment(row.until),
        "state": row.standing,
        "overdue": row.overdue,
        "steps": _steps(row, office),
        "copies": row.copies,
        "pages": row.pages,
        "queue_position": ahead,
        "extends": str(row.extends_id) if row.extends_id else None,
        "issued_at": moment(row.issued_at),
        "returned_at": moment(row.returned_at),
        "condition": row.condition,
        "incident": row.incident,
    }


def _steps(row: Loan, office: Office | None) -> list[Shaped]:
    if row.approval is None:
        return []
    turn = approvals.turn_of(row.approval, office)
    waits = {turn.step.pk: turn.people} if turn else {}
    return [step.as_dict(waits.get(step.pk, [])) | {"at": moment(step.decided_at)} for step in row.approval.steps.all()]


def copies(rows: Iterable[LoanCopy], user: User) -> list[Shaped]:
    """Copies on paper, and what the caller may do with each."""
    found = list(rows)
    known = picking.known_among(user, (row.loan.record_id for row in found))
    return [_copy(row, user, known=row.loan.record_id in known) for row in found]


def _copy(row: LoanCopy, user: User, *, known: bool) -> Shaped:
    return {
        "id": str(row.pk),
        "number": row.number,
        "loan": {"id": str(row.loan_id), "number": row.loan.number},
        "record": maybe_titled(row.loan.record, titled=known or row.going_on),
        "holder": row.holder.username,
        "purpose": row.purpose,
        "due": moment(row.due),
        "state": row.state,
        "overdue": row.overdue,
        "issued_at": moment(row.issued_at),
        "returned_at": moment(row.returned_at),
        "destroyed_at": moment(row.destroyed_at),
        "destroyed_by": row.destroyed_by.username if row.destroyed_by else None,
        "witness": row.witness.username if row.witness else None,
        "reason": row.reason,
        "may": held.may(user, row),
    }


def deputy(row: Deputy) -> Shaped:
    """Who stands in for whom, and when."""
    return {
        "id": str(row.pk),
        "person": row.person.username,
        "deputy": row.deputy.username,
        "from": moment(row.since),
        "until": moment(row.until),
    }
