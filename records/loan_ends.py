"""Loans that end without their people: by the clock, or because their record is closed to them (LND-4, LND-10)."""

from django.db import transaction
from django.db.models import Q

from records import approvals, freezing, lending, lending_states, telling
from records.audit import Service
from records.errors import StateConflict
from records.models import OPEN, Loan, LoanState, Record, User


def stop_all(record: Record, *, actor: User | Service, reason: str) -> int:
    """Close what is open of a record, inside the running transaction: a change of tier, a leak (LND-10). Returns how many."""
    loans = list(Loan.objects.filter(record=record, state__in=OPEN).select_related("approval", "record"))
    for loan in loans:
        name = "recall" if loan.state == LoanState.ACTIVE else "cancel"
        if lending_states.step_for(name, loan):
            lending.close(actor, loan, name, reason)
    return len(loans)


def expire_due() -> int:
    """Write down what ended by the clock; returns how many. Safe to repeat; access never waits for it."""
    over = lending.in_state(LoanState.EXPIRED) & ~Q(state=LoanState.EXPIRED)
    return sum(_expire(loan) for loan in Loan.objects.filter(over).select_related("approval", "record", "borrower", "asked_by"))


def _expire(loan: Loan) -> bool:
    was = loan.state
    try:
        with transaction.atomic():
            freezing.lock(loan.record)
            lending_states.apply(loan, "expire")
            if was == LoanState.REQUESTED and loan.approval:
                approvals.withdraw(loan.approval)
            telling.loan_expired(loan, was=was)
    except StateConflict:  # somebody was first
        return False
    return True
