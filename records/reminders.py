"""Reminders by the clock: before the due day and after it, and of decisions that wait too long (LND-7, LND-2, SEC-11).

Days are those of the portal's zone. Each occasion has a name (`Notice.once`), so that running again tells nobody twice.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from records import approvals, lending, notices
from records.models import ApprovalStep, Duty, Loan, LoanState, Release, ReleaseState, User


def remind() -> int:
    """Write today's reminders, each in a transaction of its own; returns on how many occasions somebody is to be reminded."""
    return _before_the_end() + _overdue() + _late_decisions() + _late_releases()


def _tell(people: Iterable[User], kind: str, loan: Loan, *, once: str, **details: Any) -> None:
    with transaction.atomic():
        notices.tell(people, kind, record=loan.record, subject=loan.number, key=loan.pk, once=once, **details)


def _last_day(loan: Loan) -> date:
    return timezone.localtime(loan.until - timedelta(microseconds=1)).date()


def _before_the_end() -> int:
    """Paper that is due in some days, and what closes tomorrow on the screen; days on which nothing ran are made up for."""
    today, found = timezone.localdate(), 0
    days = {False: settings.MUNIMENT_REMIND_DAYS, True: 1}
    running = Loan.objects.filter(
        state=LoanState.ACTIVE, until__gt=timezone.now(), until__lt=timezone.now() + timedelta(days=max(days.values()) + 2)
    )
    for loan in running.select_related("borrower", "record"):
        last = _last_day(loan)
        if last <= today + timedelta(days=days[loan.digital]):
            once = f"loan-end:{loan.pk}:{last}"
            _tell([loan.borrower], "loan-ends" if loan.digital else "loan-due", loan, once=once, day=last.isoformat())
            found += 1
    return found


def _overdue() -> int:
    """Every few days to the borrower, and after a week to the head of the borrower's department who may know of it."""
    found = 0
    for loan in lending.overdue().select_related("borrower", "record"):
        days = (timezone.localdate() - _last_day(loan)).days
        turn = max(days - 1, 0) // settings.MUNIMENT_REMIND_OVERDUE_DAYS
        _tell([loan.borrower], "loan-overdue", loan, once=f"loan-overdue:{loan.pk}:{turn}", days=days)
        if days > settings.MUNIMENT_REMIND_HEAD_DAYS:
            _tell(_heads(loan), "loan-overdue-head", loan, once=f"loan-overdue-head:{loan.pk}:{turn}", days=days)
        found += 1
    return found


def _heads(loan: Loan) -> list[User]:
    """Heads of the borrower's department, as far as they may know of the record, or took a step of this loan."""
    department = loan.borrower.department_id
    heads = User.objects.filter(department=department, duty_rows__duty=Duty.HEAD, is_active=True) if department else User.objects.none()
    heads = heads.exclude(pk=loan.borrower_id)
    decided = set(ApprovalStep.objects.filter(approval=loan.approval_id).values_list("decided_by", flat=True))
    know = {person.pk for person in notices.who_know(heads, loan.record)}
    return [person for person in heads if person.pk in know | decided]


def _late_decisions() -> int:
    """Steps that wait longer than their days: whose turn it is, once a day at most."""
    found = 0
    for approval, turn in approvals.late():
        loan, release = getattr(approval, "loan", None), getattr(approval, "release", None)
        if loan and loan.standing != LoanState.REQUESTED:
            continue  # it ended by the clock
        about: Any = release or loan
        named = {"record": approval.record, "subject": about.number, "key": about.pk, "days": turn.step.days}
        once = f"decision-late:{turn.step.pk}:{timezone.localdate()}"
        with transaction.atomic():
            notices.tell(turn.people, "vote-late" if release else "decision-late", once=once, **named)
        found += 1
    return found


def _late_releases() -> int:
    """What should be back from outside: every few days to who asked for it and who gave it."""
    today, found = timezone.localdate(), 0
    for release in Release.objects.filter(state=ReleaseState.GIVEN, until__lt=today).select_related("requester", "given_by"):
        days = (today - release.until).days  # type: ignore[operator]
        once = f"release-overdue:{release.pk}:{(days - 1) // settings.MUNIMENT_REMIND_OVERDUE_DAYS}"
        people = [person for person in (release.requester, release.given_by) if person]
        with transaction.atomic():
            notices.tell(people, "release-overdue", subject=release.number, key=release.pk, once=once, days=days)
        found += 1
    return found
