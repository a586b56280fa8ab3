"""What must follow a change is a row in the change's own transaction (docs/architecture.md, decision 7).

The worker leases rows, retries with back-off, and gives up visibly.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from records.models import OutboxRow

logger = logging.getLogger("muniment.outbox")

LEASE = timedelta(minutes=5)  # after it another worker takes the row up
ATTEMPTS = 6  # then the row is shown as failed; a person may try again
FIRST_WAIT = timedelta(seconds=2)  # doubled with each attempt

Work = Callable[[list[OutboxRow]], dict[int, str] | None]


@dataclass(frozen=True)
class Handler:
    """Does the rows of one topic, safely twice. Returns sentences by row id for those that failed; None or {}: all done."""

    topic: str
    work: Work
    batch: int = 1


_handlers: dict[str, Handler] = {}
_nudges: list[Callable[[], None]] = []


def register_handler(topic: str, work: Work, *, batch: int = 1) -> None:
    """A higher floor takes up a topic at start-up; the same topic twice replaces the first."""
    _handlers[topic] = Handler(topic, work, batch)


def register_nudge(nudge: Callable[[], None]) -> None:
    """Called after commits that left something to do, so that a worker need not wait for its next look."""
    _nudges.append(nudge)


def topics() -> frozenset[str]:
    """The topics that have a handler."""
    return frozenset(_handlers)


def enqueue(topic: str, key: object, *, payload: dict[str, Any] | None = None, narrowing: bool = False) -> OutboxRow:
    """Write a row in the running transaction and nudge the worker once it is committed."""
    row = OutboxRow.objects.create(topic=topic, key=str(key), payload=payload or {}, narrowing=narrowing, available_at=timezone.now())
    transaction.on_commit(_nudge, robust=True)
    return row


def enqueue_all(rows: Iterable[tuple[str, object]]) -> None:
    """`enqueue` for several topics and keys, with one statement."""
    now = timezone.now()
    OutboxRow.objects.bulk_create(OutboxRow(topic=topic, key=str(key), available_at=now) for topic, key in rows)
    transaction.on_commit(_nudge, robust=True)


def _nudge() -> None:
    for nudge in _nudges:
        nudge()


def withheld() -> frozenset[str]:
    """Ids of records with a narrowing change that has not reached the index (docs/architecture.md, decision 5)."""
    return frozenset(OutboxRow.objects.filter(done_at__isnull=True, narrowing=True).values_list("key", flat=True))


def work_once(*, limit: int = 64, only: Iterable[str] | None = None) -> int:
    """Lease rows, do them by topic in batches, settle each; returns how many were taken up. 0: nothing to do now."""
    rows = _lease(limit=limit, wanted=frozenset(only) if only is not None else topics())
    by_topic: dict[str, list[OutboxRow]] = defaultdict(list)
    for row in rows:
        by_topic[row.topic].append(row)
    for topic, mine in by_topic.items():
        handler = _handlers[topic]
        for start in range(0, len(mine), handler.batch):
            _do(handler, mine[start : start + handler.batch])
    return len(rows)


def drain(*, only: Iterable[str] | None = None, rounds: int = 1000) -> int:
    """Work until nothing is ready; returns how many rows were taken up. Rows waiting for a retry stay."""
    total = 0
    for _round in range(rounds):
        done = work_once(only=only)
        total += done
        if not done:
            break
    return total


def give_back(*, only: Iterable[str] | None = None) -> int:
    """Give leased rows back, unattempted: a worker that ends in the middle of its work calls it; returns how many rows."""
    return _leased(only).update(lease=None, leased_until=None, attempts=F("attempts") - 1)


def take_over(*, only: Iterable[str] | None = None) -> int:
    """Give back what a killed worker had leased, without waiting for the lease to end; returns how many rows.

    Called when a worker starts, by whoever makes sure that no other works on these topics. A row that was in hand at its
    last allowed attempt is given up: it may be what kills the worker.
    """
    leased = _leased(only)
    leased.filter(attempts__gte=ATTEMPTS).update(failed_at=timezone.now(), error="the worker died while it did this")
    return leased.update(lease=None, leased_until=None)


def _leased(only: Iterable[str] | None) -> QuerySet[OutboxRow]:
    wanted = frozenset(only) if only is not None else topics()
    return OutboxRow.objects.filter(leased_until__isnull=False, done_at__isnull=True, topic__in=wanted)


def retry(*, topic: str, key: object) -> int:
    """Make given-up rows ready again; returns how many."""
    return _revive(OutboxRow.objects.filter(topic=topic, key=str(key)))


def retry_all(*, topics: Iterable[str], younger_than: timedelta) -> int:
    """Make given-up rows of these topics that are not older ready for one more attempt each; returns how many."""
    rows = OutboxRow.objects.filter(topic__in=list(topics), created_at__gt=timezone.now() - younger_than)
    return _revive(rows, attempts=ATTEMPTS - 1)


def _revive(rows: QuerySet[OutboxRow], *, attempts: int = 0) -> int:
    given_up = rows.filter(failed_at__isnull=False, done_at__isnull=True)
    return given_up.update(failed_at=None, attempts=attempts, available_at=timezone.now(), error="")


def clean(*, older_than: timedelta = timedelta(days=7)) -> int:
    """Drop rows that were done long ago; returns how many."""
    return OutboxRow.objects.filter(done_at__lt=timezone.now() - older_than).delete()[0]


def _lease(*, limit: int, wanted: frozenset[str]) -> list[OutboxRow]:
    now, lease = timezone.now(), uuid.uuid4()
    ready = OutboxRow.objects.filter(
        Q(leased_until__isnull=True) | Q(leased_until__lt=now),
        done_at__isnull=True,
        failed_at__isnull=True,
        available_at__lte=now,
        topic__in=wanted,
    ).order_by("id")
    if not ready.exists():
        return []
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            ready = ready.select_for_update(skip_locked=True)
        ids = list(ready.values_list("id", flat=True)[:limit])
        OutboxRow.objects.filter(id__in=ids).update(lease=lease, leased_until=now + LEASE, attempts=F("attempts") + 1)
    return list(OutboxRow.objects.filter(lease=lease).order_by("id"))


def _do(handler: Handler, rows: list[OutboxRow]) -> None:
    try:
        failed = handler.work(rows) or {}
    except Exception as error:
        if len(rows) > 1:
            for row in rows:  # one bad row must not hold up its neighbours
                _do(handler, [row])
            return
        logger.warning("%s failed: %s", handler.topic, error, exc_info=True)
        failed = {row.pk: f"{type(error).__name__}: {error}" for row in rows}
    done = [row.pk for row in rows if row.pk not in failed]
    OutboxRow.objects.filter(pk__in=done, lease__in={row.lease for row in rows}).update(
        done_at=timezone.now(), lease=None, leased_until=None
    )
    for row in rows:
        if row.pk in failed:
            _postpone(row, failed[row.pk])


def _postpone(row: OutboxRow, error: str) -> None:
    now = timezone.now()
    wait = FIRST_WAIT * 2 ** (row.attempts - 1)
    given_up = now if row.attempts >= ATTEMPTS else None
    OutboxRow.objects.filter(pk=row.pk, lease=row.lease).update(
        error=error[:2000], lease=None, leased_until=None, available_at=now + wait, failed_at=given_up
    )
