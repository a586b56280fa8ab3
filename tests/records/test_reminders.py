"""Reminders by the clock of the portal's zone; running again tells nobody twice (LND-7, LND-2, SEC-5)."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from portal.notices import kinds
from records import counter, lending, releases, reminders
from records.models import Grant, Notice
from tests.factories import committee, filed, loan_policies, person, secret

pytestmark = pytest.mark.django_db


class Clock:
    """The time that everything asks, set by hand: days from today, at an hour of the portal's zone."""

    def __init__(self, monkeypatch):
        self.start = timezone.localtime().replace(hour=7, minute=0, second=0, microsecond=0)
        self.now = self.start
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def day(self, days: int, hour: int = 7) -> datetime:
        self.now = self.start + timedelta(days=days, hours=hour - 7)
        return self.now


@pytest.fixture
def clock(monkeypatch):
    """From seven in the morning of today on."""
    loan_policies()
    return Clock(monkeypatch)


def ask(record, use, days, who="staff"):
    until = str(timezone.localdate() + timedelta(days=days))
    return lending.request(actor=person(who), record_id=record.pk, use=use, purpose="核对", until=until)


def decide(loan, who):
    return lending.decide(actor=person(who), loan_id=loan.pk, decision="approve")


def out(days, record=None, who="staff"):
    """An original in the borrower's hands for so many days."""
    loan = decide(ask(record or filed(), "original", days, who), "archivist2")
    return counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=12)


def reminded():
    """Run the job, twice; what it told."""
    Notice.objects.filter(once="").delete()
    before = set(Notice.objects.values_list("pk", flat=True))
    reminders.remind()
    new = Notice.objects.exclude(pk__in=before)
    found = sorted(new.values_list("person__username", "kind"))
    reminders.remind()
    assert new.count() == len(found), "told twice"
    return found


def test_paper_is_called_for_a_day_before_it_is_due(clock):
    out(5)
    told = [(clock.day(day), reminded())[1] for day in range(7)]
    assert told == [[], [], [], [], [("staff", "loan-due")], [], [("staff", "loan-overdue")]]


def test_how_many_days_before_is_a_setting(clock, settings):
    settings.MUNIMENT_REMIND_DAYS = 3
    out(5)
    assert [(clock.day(day), len(reminded()))[1] for day in range(6)] == [0, 0, 1, 0, 0, 0]


def test_a_day_on_which_nothing_ran_is_made_up_for(clock):
    loan = out(5)
    clock.day(5)
    assert reminded() == [("staff", "loan-due")]
    assert Notice.objects.get().details == {"day": lending_day(loan)}


def lending_day(loan):
    return str(timezone.localtime(loan.until - timedelta(seconds=1)).date())


def test_what_is_open_on_the_screen_is_announced_to_close(clock):
    decide(ask(filed(**secret("secret")), "view", 3), "head")
    assert [(clock.day(day), reminded())[1] for day in range(5)] == [[], [], [("staff", "loan-ends")], [], []]


def test_overdue_paper_is_called_for_every_three_days_and_after_a_week_through_the_head(clock):
    out(0)
    told = {}
    for day in range(1, 12):
        clock.day(day)
        told[day] = reminded()
    borrower, head = ("staff", "loan-overdue"), ("head", "loan-overdue-head")
    assert told == {day: [] for day in range(1, 12)} | {1: [borrower], 4: [borrower], 7: [borrower], 8: [head], 10: [head, borrower]}


def test_what_came_back_is_not_called_for(clock):
    loan = out(0)
    clock.day(1)
    counter.give_back(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=12)
    assert reminded() == []


def test_a_head_who_may_not_know_of_the_record_is_told_nothing(clock):  # SEC-5
    out(0)
    Grant.objects.filter(department__slug="sales").delete()
    clock.day(10)
    assert reminded() == [("staff", "loan-overdue")]


def test_days_are_those_of_the_portals_zone(clock):
    """Half past midnight in Shanghai is the day before in Greenwich."""
    out(0)
    clock.now = clock.start.replace(hour=0, minute=30) + timedelta(days=1)
    assert clock.now.utctimetuple().tm_yday != clock.now.timetuple().tm_yday
    assert reminded() == [("staff", "loan-overdue")]
    assert Notice.objects.get().details == {"days": 1}


def test_a_decision_that_waits_too_long_is_called_for_once_a_day(clock):  # LND-2
    ask(filed(**secret("secret")), "view", 9)
    told = [(clock.day(day, 8), reminded())[1] for day in range(6)]
    assert told == [[], [], [], [("head", "decision-late")], [("head", "decision-late")], [("head", "decision-late")]]


def test_a_vote_that_waits_too_long_is_called_for_by_the_releases_number(clock):  # SEC-11
    committee("officer", "legal")
    given = dict.fromkeys(("organisation", "recipient", "purpose", "basis"), "审计")
    release = releases.request(actor=person("archivist"), record_ids=[filed().pk], form="paper", **given)
    clock.day(4, 8)
    assert reminded() == [("legal", "vote-late"), ("officer", "vote-late")]
    notice = Notice.objects.filter(kind="vote-late").first()
    assert (notice.subject, notice.key) == (release.number, str(release.pk))
    assert release.number in kinds.sentence(notice)
    assert kinds.target(notice, {}) == f"/releases/{release.pk}/"


def test_a_request_that_ended_by_the_clock_is_not_called_for(clock):
    ask(filed(**secret("secret")), "view", 2)
    clock.day(5)
    assert reminded() == []
