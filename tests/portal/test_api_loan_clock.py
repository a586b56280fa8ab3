"""Loans by the clock of the portal's zone: the last second, a day that counts whole, days of 23 and of 25 hours (LND-4)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from records import loan_ends
from records.models import Loan
from tests.factories import filed, loan_policies, secret
from tests.portal.callers import Api, problem_of

pytestmark = pytest.mark.django_db
SHANGHAI, ZURICH = "Asia/Shanghai", "Europe/Zurich"
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def policies():
    """As shipped."""
    loan_policies()


@pytest.fixture
def at(monkeypatch, settings):
    """Sets the clock to a moment of a zone."""

    def set_(zone, *moment, fold=0):
        settings.TIME_ZONE = zone
        timezone.get_default_timezone.cache_clear()
        now = datetime(*moment, tzinfo=ZoneInfo(zone), fold=fold)
        monkeypatch.setattr(timezone, "now", lambda: now.astimezone(UTC))

    yield set_
    timezone.get_default_timezone.cache_clear()


def opened(record, until):
    """A loan for viewing that was approved."""
    asked = Api("staff").post("/loans/", {"record": str(record.pk), "use": "view", "purpose": "核对付款条件", "until": until})
    assert asked.status_code == 201, asked.content
    assert Api("head").post(f"/loans/{asked.json()['id']}/decide/", {"decision": "approve"}).status_code == 200
    return asked.json()["id"]


def page_of(record):
    component = record.versions.get().components.get().pk
    return Api("staff").get(f"/records/{record.pk}/components/{component}/pages/1.png").status_code


def test_a_loan_until_five_serves_nothing_a_second_later(at):
    at(SHANGHAI, 2026, 11, 23, 9, 0)
    record = filed(**secret("secret"))
    loan = opened(record, "2026-11-27T17:00:00+08:00")
    at(SHANGHAI, 2026, 11, 27, 16, 59, 59)
    assert page_of(record) == 200
    for second in (0, 1):
        at(SHANGHAI, 2026, 11, 27, 17, 0, second)
        assert page_of(record) == 403
        assert Api("staff").get(f"/loans/{loan}/").json()["state"] == "expired"
    assert Loan.objects.get(pk=loan).state == "active", "no command was needed"
    assert loan_ends.expire_due() == 1


@pytest.mark.parametrize(
    ("zone", "begins", "last_day", "hours"),
    [
        (SHANGHAI, (2026, 11, 23, 9, 0), (2026, 11, 27), 24),
        (ZURICH, (2026, 3, 23, 9, 0), (2026, 3, 29), 23),  # the clocks go forward on that day
        (ZURICH, (2026, 10, 19, 9, 0), (2026, 10, 25), 25),  # and back
    ],
)
def test_the_last_day_counts_whole(at, zone, begins, last_day, hours):
    at(zone, *begins)
    record = filed(**secret("secret"))
    loan = opened(record, "{}-{:02}-{:02}".format(*last_day))
    first = datetime(*last_day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert Loan.objects.get(pk=loan).until - first == timedelta(hours=hours)
    at(zone, *last_day, 23, 59, 59)
    assert page_of(record) == 200
    following = date(*last_day) + timedelta(days=1)
    at(zone, following.year, following.month, following.day)
    assert page_of(record) == 403


def test_an_hour_that_comes_twice_ends_once(at):
    """02:30 of the second time round is later than that of the first."""
    at(ZURICH, 2026, 10, 19, 9, 0)
    record = filed(**secret("secret"))
    opened(record, "2026-10-25T02:30:00+02:00")
    at(ZURICH, 2026, 10, 25, 2, 29, 59)
    assert page_of(record) == 200
    at(ZURICH, 2026, 10, 25, 2, 10, fold=1)
    assert page_of(record) == 403


def test_a_last_day_that_is_over_in_the_portals_zone_is_past(at):
    """Eight in the evening in London is four in the morning in Shanghai: the day before is over."""
    at(SHANGHAI, 2026, 11, 24, 4, 0)
    body = {"record": str(filed(**secret("secret")).pk), "use": "view", "purpose": "核对付款条件", "until": "2026-11-23"}
    assert "until" in problem_of(Api("staff").post("/loans/", body), 400)["errors"]
