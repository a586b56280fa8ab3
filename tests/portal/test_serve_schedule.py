"""The scheduler: a row per job with due, last and result; it catches up after days off (interface of the commands, `serve`)."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from portal.models import Job
from portal.serve import schedule
from portal.serve.schedule import Daily, Every, register_job, run_due, take_stock

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def only_mine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No job but those of the test."""
    monkeypatch.setattr(schedule, "_jobs", {})


class Spy:
    """A job that counts its runs, and fails when told to."""

    def __init__(self) -> None:
        self.runs = 0
        self.fails = False

    def __call__(self) -> str:
        """One run."""
        self.runs += 1
        if self.fails:
            raise ValueError("no room")
        return f"run {self.runs}"


def hourly(name: str = "hourly") -> Spy:
    """A job of every hour whose row is there, first due at 13:00."""
    spy = Spy()
    register_job(name, Every(timedelta(hours=1)), spy)
    take_stock(NOON)
    return spy


def at(hours: float) -> datetime:
    """So many hours after noon."""
    return NOON + timedelta(hours=hours)


def test_a_job_runs_when_it_is_due_and_not_before() -> None:
    spy = hourly()
    assert run_due(at(0.9)) == []
    assert run_due(at(1)) == ["hourly"]
    assert spy.runs == 1


def test_a_run_keeps_when_it_was_and_what_it_said() -> None:
    hourly()
    run_due(at(1))
    row = Job.objects.get(name="hourly")
    assert (row.started, row.due, row.result, row.failed) == (at(1), at(2), "run 1", False)
    assert row.finished is not None


def test_it_catches_up_once_after_days_off() -> None:
    spy = hourly()
    assert run_due(at(72)) == ["hourly"]
    assert run_due(at(72)) == []
    assert spy.runs == 1


def test_a_failure_is_kept_and_tried_again_soon() -> None:
    spy = hourly()
    spy.fails = True
    run_due(at(1))
    row = Job.objects.get(name="hourly")
    assert row.failed
    assert row.result == "ValueError: no room"
    assert row.due <= timezone.now() + schedule.RETRY


def test_a_failing_job_does_not_hold_up_the_next() -> None:
    hourly("a").fails = True
    spy = hourly("b")
    assert run_due(at(1)) == ["a", "b"]
    assert spy.runs == 1


def test_what_was_killed_in_the_middle_is_due_at_the_next_start() -> None:
    hourly()
    run_due(at(1))
    Job.objects.filter(name="hourly").update(started=at(2), finished=at(1), due=at(3))
    take_stock(at(2.5))
    assert run_due(at(2.5)) == ["hourly"]


def test_two_schedulers_never_run_the_same_due_job() -> None:
    spy = hourly()
    seen = Job.objects.get(name="hourly")
    assert schedule._claim(seen, at(1))
    assert not schedule._claim(seen, at(1))
    assert spy.runs == 0


def test_the_row_of_a_job_that_is_no_more_goes() -> None:
    hourly("old")
    schedule._jobs.clear()
    take_stock(NOON)
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 11, 23, 2, 29, tzinfo=SHANGHAI), datetime(2026, 11, 23, 2, 30, tzinfo=SHANGHAI)),
        (datetime(2026, 11, 23, 2, 30, tzinfo=SHANGHAI), datetime(2026, 11, 24, 2, 30, tzinfo=SHANGHAI)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=SHANGHAI), datetime(2027, 1, 1, 2, 30, tzinfo=SHANGHAI)),
    ],
)
def test_a_daily_job_is_due_at_its_time_of_the_portals_zone(now: datetime, due: datetime) -> None:
    assert Daily(time(2, 30)).after(now) == due


def test_it_stops_between_jobs_when_asked() -> None:
    first, second = hourly("a"), hourly("b")
    assert run_due(at(1), go_on=lambda: first.runs == 0) == ["a"]
    assert second.runs == 0
