"""The demo's loans: one in every state; the overdue one is `staff2`'s (interface.md, Demo organisation)."""

from datetime import timedelta

import pytest

from portal.demo import borrowing
from records import lending
from records.models import ApprovalStep, Loan, LoanCopy, LoanState
from tests import factories

pytestmark = pytest.mark.django_db


def test_loans_stand_in_every_state_once() -> None:
    """Made by the verbs, the overdue one `staff2`'s, one waiting behind another; a second load adds nothing."""
    factories.loan_policies()
    for tier, count in (("public", 1), ("internal", 9), ("secret", 5), ("confidential", 2)):
        for _each in range(count):
            factories.filed(**factories.secret(tier))
    said: list[str] = []
    borrowing.load(said.append)
    borrowing.load(said.append)
    assert said == [f"loans: {len(borrowing.WISHES)}"]
    assert set(Loan.objects.values_list("state", flat=True)) == set(LoanState.values)
    assert {loan.borrower.username for loan in lending.overdue()} == {"staff2"}
    assert max(lending.queue_positions(list(Loan.objects.all())).values()) == 1
    assert all(loan.standing == loan.state for loan in Loan.objects.all())
    assert all(copy.due == copy.loan.until for copy in LoanCopy.objects.all())
    assert LoanCopy.objects.exists()
    steps = ApprovalStep.objects.exclude(decided_at=None)
    assert all(abs(step.decided_at - step.approval.loan.asked_at) < timedelta(hours=1) for step in steps)
