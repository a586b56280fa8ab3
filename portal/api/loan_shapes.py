"""Loans and deputies as JSON (interface.md, "Loans"): of the record only what any listing shows, number and title."""

from collections.abc import Iterable
from typing import Any

from portal.api.shapes import moment
from records import approvals, copies, lending
from records.models import Deputy, Loan, LoanCopy, User
from records.office import Office

Shaped = dict[str, Any]


def loans(rows: Iterable[Loan], user: User) -> list[Shaped]:
    """Rows of loans; the people are read once for all of them."""
    found = list(rows)
    office = Office() if any(row.approval_id for row in found) else None
    ahead = lending.queue_positions(found)
    return [_loan(row, office, ahead[row.pk]) for row in found]


def _loan(row: Loan, office: Office | None, ahead: int) -> Shaped:
    """One loan. Its record by number and title, which who asked, approves or keeps the register may know."""
    return {
        "id": str(row.pk),
        "number": row.number,
        "record": {"id": str(row.record_id), "number": row.record.number, "title": row.record.title},
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


def copy(row: LoanCopy, user: User) -> Shaped:
    """A copy on paper, and what the caller may do with it."""
    return {
        "id": str(row.pk),
        "number": row.number,
        "loan": {"id": str(row.loan_id), "number": row.loan.number},
        "record": {"id": str(row.loan.record_id), "number": row.loan.record.number, "title": row.loan.record.title},
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
        "may": copies.may(user, row),
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
