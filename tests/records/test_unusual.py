"""Unusual use, found in events that real acts wrote, with the clock moved (AUD-3)."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from records import audit, leaks, reading, unusual
from records.errors import NotAllowed, Unknown
from records.models import AuditEvent, Notice
from tests.factories import filed, person, registered

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
MIDNIGHT = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)  # 01:30 on the 21st in Shanghai


@pytest.fixture(autouse=True)
def lines(settings):
    """Low lines, so that a few events cross them; tests at noon unless they say otherwise."""
    settings.MUNIMENT_UNUSUAL_RECORDS = 3
    settings.MUNIMENT_UNUSUAL_REFUSALS = 3
    settings.MUNIMENT_UNUSUAL_REVEALS = 0
    settings.MUNIMENT_UNUSUAL_LEAKS = 2
    settings.MUNIMENT_UNUSUAL_NIGHT_RECORDS = 2


class Clock:
    """Moves the time that events are written at."""

    def __init__(self, at):
        self.at = at

    def __call__(self):
        return self.at

    def wait(self, **time):
        self.at += timedelta(**time)


@pytest.fixture
def clock():
    moved = Clock(NOON)
    with patch.object(timezone, "now", moved):
        yield moved


def look(record, who="staff", address="10.1.2.3"):
    with audit.came_from(address):
        return reading.detail(person(who), record.pk)


def found(clock, back=timedelta(days=2)):
    return [(finding.rule, finding.name) for finding in unusual.found_since(clock.at - back)]


def test_many_records_within_the_window_and_not_over_it(clock):
    records = [registered() for _each in range(3)]
    for record in records:
        look(record)
        clock.wait(minutes=25)
    assert found(clock) == [("many-records", "staff")]
    (finding,) = unusual.found_since(clock.at - timedelta(days=2))
    assert (finding.limit, finding.minutes, str(finding.day)) == (3, 60, "2026-11-20")
    assert finding.first == finding.last == NOON + timedelta(minutes=50)  # the moment at which the line was crossed


def test_slower_than_the_window_is_usual(clock):
    for record in [registered() for _each in range(4)]:
        look(record)
        clock.wait(minutes=31)
    assert found(clock) == []


def test_one_record_looked_at_again_and_again_is_one(clock):
    one, other = registered(), registered()
    for _each in range(8):
        look(one)
        look(other)
        clock.wait(minutes=11)
    assert found(clock) == []


def test_two_accounts_are_not_added_up(clock):
    records = [registered() for _each in range(4)]
    for record in records[:2]:
        look(record)
    for record in records[2:]:
        look(record, "head")
    assert found(clock) == []


def test_night_is_the_portals_own(clock):
    records = [registered(), registered()]
    clock.at = MIDNIGHT
    for record in records:
        look(record)
        clock.wait(minutes=1)
    assert found(clock) == [("night", "staff")]
    (finding,) = unusual.found_since(clock.at - timedelta(days=2))
    assert str(finding.day) == "2026-11-20"  # the night began on the 20th


def test_before_the_night_begins_it_is_evening(clock):
    records = [registered(), registered()]
    clock.at = NOON + timedelta(hours=9, minutes=58)  # 21:58
    for record in records:
        look(record)
        clock.wait(minutes=3)
    assert found(clock) == []


def test_night_can_lie_within_one_day(clock, settings):
    settings.MUNIMENT_UNUSUAL_NIGHT_FROM, settings.MUNIMENT_UNUSUAL_NIGHT_UNTIL = 1, 5
    records = [registered(), registered()]
    clock.at = MIDNIGHT
    for record in records:
        look(record)
    assert found(clock) == [("night", "staff")]


def test_repeated_refusals(clock):
    record = registered()
    for _each in range(3):
        with pytest.raises(Unknown):
            leaks.report(actor=person("staff2"), record_id=record.pk, what="x")
        clock.wait(minutes=20)
    assert found(clock) == [("refusals", "staff2")]


def test_one_account_from_two_networks(clock):
    record, other = registered(), registered()
    look(record, address="10.1.2.3")
    clock.wait(minutes=10)
    look(other, address="10.1.2.77")  # a neighbour
    assert found(clock) == []
    clock.wait(minutes=10)
    look(record, address="203.0.113.9")
    assert found(clock) == [("places", "staff")]
    (finding,) = unusual.found_since(clock.at - timedelta(days=2))
    assert finding.networks == ("10.1.2.0/24", "203.0.113.0/24")


def test_one_account_elsewhere_an_hour_later_travelled(clock):
    record, other = registered(), registered()
    look(record, address="2001:db8:1::5")
    clock.wait(minutes=31)
    look(other, address="2001:db8:2::5")
    assert found(clock) == []


def test_reports_of_leaks_are_counted(clock):
    for number in ("HT-2020-0001", "HT-2020-0002"):
        leaks.report(actor=person("staff2"), number=number, what="复印件在外")
        clock.wait(hours=11)
    assert found(clock) == [("leaks", "staff2")]


def test_failed_sign_ins(clock):
    for _each in range(3):
        audit.record_event(actor=None, action="sign-in-failed", subject="manager")
    assert found(clock) == [("sign-ins", "manager")]


def test_what_lies_before_is_not_found_again(clock):
    for record in [registered() for _each in range(3)]:
        look(record)
    clock.wait(days=3)
    assert found(clock) == []


def test_a_rule_is_off_at_nought(clock, settings):
    settings.MUNIMENT_UNUSUAL_RECORDS = settings.MUNIMENT_UNUSUAL_NIGHT_RECORDS = 0
    settings.MUNIMENT_UNUSUAL_PLACES_MINUTES = 0
    for place, record in enumerate([registered() for _each in range(3)]):
        look(record, address=f"10.{place}.0.1")
    assert found(clock) == []


def test_the_officer_is_told_once(clock):
    for record in [registered() for _each in range(3)]:
        look(record)
    assert (unusual.tell_new(), unusual.tell_new()) == (1, 0)
    (notice,) = Notice.objects.filter(kind="unusual-use")
    assert (notice.person.username, notice.details["rule"], notice.subject) == ("officer", "many-records", "staff")


def test_of_a_long_name_that_was_tried_each_day_is_told(clock):
    for days in (0, 3):
        clock.wait(days=days)
        for _each in range(3):
            audit.record_event(actor=None, action="sign-in-failed", subject="manager" * 20)
        assert unusual.tell_new() == 1
    assert Notice.objects.filter(kind="unusual-use").count() == 2


def test_of_the_officer_the_auditor_is_told(clock):
    from tests.factories import secret

    records = [filed("registrar", "officer", **secret("top-secret"), named=["officer", "registrar"]) for _each in range(3)]
    clock.wait(hours=5)
    for record in records:
        look(record, "officer")
    unusual.tell_new()
    assert set(Notice.objects.filter(kind="unusual-use", subject="officer").values_list("person__username", flat=True)) == {"auditor"}


def test_only_auditor_and_officer_are_shown_findings():
    assert unusual.findings(person("auditor")) == []
    with pytest.raises(NotAllowed):
        unusual.findings(person("archivist"))


def test_it_takes_a_fixed_number_of_queries(clock):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            unusual.found_since(clock.at - timedelta(days=1))
        return len(queries)

    before = asked()
    actors = [person("staff"), person("head")]
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=clock.at,
            actor=actors[place % 2],
            actor_name=actors[place % 2].username,
            action="refused:look",
            from_address=f"10.{place % 3}.0.1",
        )
        for place in range(500)
    )
    assert asked() == before
