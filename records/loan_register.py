"""The loan register as its keepers read it: filters, and who reads what of it (LND-7, AUD-2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from records import lending, periods, picking
from records.errors import Invalid, NotAllowed
from records.models import DIGITAL, OUT, Duty, Loan, LoanState, Use, User

OVERDUE, PAPER_OUT, QUEUE = "overdue", "out", "queue"  # asked for like states
TITLE_READERS = frozenset({Duty.ARCHIVIST, Duty.MANAGER, Duty.OFFICER})


@dataclass(frozen=True)
class Filters:
    """What the register is narrowed to; empty: not narrowed. Days are those on which it was asked for, both included."""

    state: str = ""
    use: str = ""
    borrower: str = ""
    department: str = ""
    since: str = ""
    until: str = ""
    record: str = ""


def rows(user: User, filters: Filters = Filters()) -> QuerySet[Loan]:
    """The loans that this person reads in the register, newest first; a queue stands by record, in its order.

    The auditor reads all of them, as in the trail, but nothing of the records except their numbers (AUD-2); everybody else those
    of records that they may know of. Raises NotAllowed, Invalid.
    """
    found = known_to(user).filter(_condition(filters))
    return found.order_by("record__number", "asked_at", "number") if filters.state == QUEUE else found.order_by("-asked_at", "-number")


def reads_titles(user: User) -> bool:
    """Whether the register shows this person titles: never to who only audits (AUD-2)."""
    return user.has_duty(*TITLE_READERS)


def known_to(user: User) -> QuerySet[Loan]:
    """The loans that stand in the register for this person. Raises NotAllowed."""
    if not user.has_duty(*lending.REGISTER_READERS):
        raise NotAllowed
    return lending.known_to(user) if reads_titles(user) else lending.everything()


def titled(user: User, loans: Iterable[Loan]) -> set[UUID]:
    """The ids of the records whose titles this person may know, of these loans."""
    if not reads_titles(user):
        return set()
    return picking.known_among(user, (loan.record_id for loan in loans))


def _condition(filters: Filters) -> Q:
    """Raises Invalid, with a sentence for each field."""
    errors: dict[str, list[str]] = {}
    if filters.state and filters.state not in {*LoanState.values, OVERDUE, PAPER_OUT, QUEUE}:
        errors["state"] = [_("There is no such state.")]
    if filters.use and filters.use not in Use.values:
        errors["use"] = [_("Choose view, download, copy or original.")]
    days = {"since": periods.beginning(filters.since), "until": periods.end(filters.until)}
    for name, moment in days.items():
        if getattr(filters, name) and moment is None:
            errors[name] = [_("Write a date as year-month-day, like 2026-11-22.")]
    if errors:
        raise Invalid(errors=errors)
    found = _in_state(filters.state) & _about(filters)
    found &= Q(asked_at__gte=days["since"]) if days["since"] else Q()
    return found & Q(asked_at__lt=days["until"]) if days["until"] else found


def _in_state(state: str) -> Q:
    paper = ~Q(use__in=DIGITAL)
    if state == OVERDUE:
        return Q(pk__in=lending.overdue().values("pk"))
    if state == PAPER_OUT:
        return paper & Q(state__in=OUT)
    if state == QUEUE:
        return Q(use=Use.ORIGINAL) & (lending.in_state(LoanState.REQUESTED) | lending.in_state(LoanState.APPROVED))
    return lending.in_state(state) if state else Q()


def _about(filters: Filters) -> Q:
    found = Q(use=filters.use) if filters.use else Q()
    if name := filters.borrower.strip():
        found &= Q(borrower__username__iexact=name) | Q(borrower__display_name__icontains=name)
    if filters.department:
        found &= Q(borrower__department__slug=filters.department)
    if number := filters.record.strip():
        found &= Q(record__number__icontains=number) | Q(number__iexact=number)
    return found
