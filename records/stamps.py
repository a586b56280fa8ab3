"""What is written over pages: who has them, when, and by what (SEC-2, LND-4, LND-12)."""

import textwrap

from django.utils import timezone
from django.utils.translation import gettext as _

from records.models import Loan, LoanCopy, User

PURPOSE_LINES, PURPOSE_WIDTH = 2, 24  # what of a long purpose fits on a page again and again


def name_of(user: User) -> str:
    """A person as a stamp names them: by name and account."""
    name = user.get_full_name()
    return name if name == user.username else f"{name} {user.username}"


def of_loan(loan: Loan) -> list[str]:
    """Of a stamped copy on the screen: borrower, time, loan number."""
    return [f"{name_of(loan.borrower)} {timezone.localtime():%Y-%m-%d %H:%M} {loan.number}"]


def of_print(user: User) -> list[str]:
    """Of sheets that somebody prints: who, when, and that it was printed."""
    return [f"{name_of(user)} {timezone.localtime():%Y-%m-%d %H:%M} {_('printed')}"]


def of_copy(copy: LoanCopy) -> list[str]:
    """Of a copy on paper: what it was made for, its number, its holder."""
    purpose = textwrap.wrap(copy.purpose, PURPOSE_WIDTH, max_lines=PURPOSE_LINES, placeholder="…")
    return [*purpose, f"{copy.number} {name_of(copy.holder)}"]
