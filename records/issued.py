"""The rows of numbered copies as a loan goes out and comes back over the counter (LND-6); what is done with one of them is `copies.py`."""

from django.utils import timezone
from django.utils.translation import gettext as _

from records.errors import Conflict
from records.models import CopyState, Loan, LoanCopy, Use


def number(loan: Loan) -> None:
    """Inside the transaction of the issue: a row for each copy, numbered after the loan."""
    given = {"holder": loan.borrower, "purpose": loan.purpose, "due": loan.until}
    LoanCopy.objects.bulk_create(
        LoanCopy(loan=loan, number=f"{loan.number}-{place}", **given) for place in range(1, (loan.copies or 0) + 1)
    )


def expected(loan: Loan) -> int:
    """How many are to come back over the counter: of copies those that are out, or else the lost ones that were found."""
    if loan.use != Use.COPY:
        return loan.copies or 0
    states = list(loan.issued_copies.values_list("state", flat=True))
    return states.count(CopyState.OUT) or states.count(CopyState.LOST)


def need_no_more(loan: Loan, copies: int) -> None:
    """Raises Conflict for more copies than are out: they would be somebody else's."""
    out = expected(loan)
    if loan.use == Use.COPY and copies > out:
        raise Conflict(_("%(copies)d copies are out, not more.") % {"copies": out})


def take_in(loan: Loan, copies: int, *, damage: str) -> None:
    """Inside the transaction of the return: so many copies are back, the others are lost, with what was said of it."""
    if loan.use != Use.COPY:
        return
    rows = loan.issued_copies.order_by("number")
    out = list(rows.filter(state=CopyState.OUT) or rows.filter(state=CopyState.LOST))
    back, rest = [row.pk for row in out[:copies]], [row.pk for row in out[copies:]]
    LoanCopy.objects.filter(pk__in=back).update(state=CopyState.RETURNED, returned_at=timezone.now())
    LoanCopy.objects.filter(pk__in=rest).update(state=CopyState.LOST, reason=damage.strip())


def lose(loan: Loan, reason: str) -> None:
    """Inside the transaction that reports a loan lost: so are the copies that were out."""
    loan.issued_copies.filter(state=CopyState.OUT).update(state=CopyState.LOST, reason=reason.strip())
