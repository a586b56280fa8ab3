"""When a regular job is due, and running those that are: one process, one job after the other."""

import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from time import monotonic

from django.db import DatabaseError, close_old_connections, connections
from django.db.models import F
from django.utils import timezone

from portal.models import Job
from portal.serve.nudge import Bell

logger = logging.getLogger("muniment.schedule")

LOOK = 5.0  # seconds between looks for due jobs
RETRY = timedelta(minutes=15)  # at most this long until a job that failed is tried again


@dataclass(frozen=True)
class Every:
    """Due again so long after it was started."""

    period: timedelta

    def after(self, moment: datetime) -> datetime:
        """The first due moment after this one."""
        return moment + self.period


@dataclass(frozen=True)
class Daily:
    """Due every day at this time of the portal's zone."""

    at: time

    def after(self, moment: datetime) -> datetime:
        """The first due moment after this one."""
        local = timezone.localtime(moment)
        due = local.replace(hour=self.at.hour, minute=self.at.minute, second=0, microsecond=0)
        return due if due > local else due + timedelta(days=1)


@dataclass(frozen=True)
class Regular:
    """A job: its name, when, and what it does. `work` returns one sentence for the row, and may be run twice."""

    name: str
    when: Every | Daily
    work: Callable[[], str]


_jobs: dict[str, Regular] = {}


def register_job(name: str, when: Every | Daily, work: Callable[[], str]) -> None:
    """Make a job regular; the same name twice replaces the first."""
    _jobs[name] = Regular(name, when, work)


def registered() -> dict[str, Regular]:
    """All jobs by name."""
    return dict(_jobs)


def take_stock(now: datetime) -> None:
    """Give every new job its row, drop rows of jobs that are no more, and make due at once what was killed in the middle."""
    for name, job in _jobs.items():
        Job.objects.get_or_create(name=name, defaults={"due": job.when.after(now)})
    Job.objects.exclude(name__in=_jobs).delete()
    Job.objects.filter(started__gt=F("finished")).update(due=now)
    Job.objects.filter(started__isnull=False, finished__isnull=True).update(due=now)


def run_due(now: datetime, *, go_on: Callable[[], bool] = lambda: True) -> list[str]:
    """Run what is due, the oldest first; after days off each job runs once. Returns the names of those that ran."""
    ran = []
    for row in Job.objects.filter(due__lte=now, name__in=_jobs).order_by("due", "name"):
        if go_on() and _claim(row, now):
            _run(_jobs[row.name])
            ran.append(row.name)
    return ran


def _claim(row: Job, now: datetime) -> bool:
    """Move `due` from what was seen: whoever moves it runs the job."""
    following = _jobs[row.name].when.after(now)
    return Job.objects.filter(name=row.name, due=row.due).update(due=following, started=now) == 1


def _run(job: Regular) -> None:
    begun = monotonic()
    try:
        sentence = job.work()
    except Exception as error:
        logger.warning("the job %s failed: %s", job.name, error, exc_info=True)
        if isinstance(error, DatabaseError):
            connections.close_all()  # it may have been the connection that failed
        _note_failure(job, f"{type(error).__name__}: {error}")
    else:
        logger.info("%s: %s (%.1f s)", job.name, sentence, monotonic() - begun)
        Job.objects.filter(name=job.name).update(finished=timezone.now(), failed=False, result=sentence)


def _note_failure(job: Regular, sentence: str) -> None:
    now = timezone.now()
    due = min(job.when.after(now), now + RETRY)
    Job.objects.filter(name=job.name).update(finished=now, failed=True, result=sentence, due=due)


class Scheduler:
    """The process that runs regular jobs until `stop`, which may be called from a signal handler."""

    def __init__(self) -> None:
        self._bell = Bell("scheduler")
        self._stopping = False

    def stop(self, *_signal: object) -> None:
        """End after the job in hand."""
        self._stopping = True
        self._bell.ring()

    def run(self) -> None:
        """Look for due jobs every few seconds; trouble with the database is waited out."""
        while not self._stopping:
            try:
                close_old_connections()
                run_due(timezone.now(), go_on=lambda: not self._stopping)
            except DatabaseError as error:
                logger.warning("the database cannot be used, trying again: %s", error)
                connections.close_all()
            self._bell.wait(LOOK)


def run(ready: Callable[[str], None]) -> None:
    """Be the scheduler until SIGTERM."""
    scheduler = Scheduler()
    signal.signal(signal.SIGTERM, scheduler.stop)
    take_stock(timezone.now())
    ready("")
    scheduler.run()
    connections.close_all()
