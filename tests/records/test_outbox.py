"""The queue that loses nothing and does nothing twice that shows (docs/architecture.md, decision 7)."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from records import outbox
from records.models import OutboxRow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_handlers(monkeypatch):
    monkeypatch.setattr(outbox, "_handlers", {})


def recorder(topic="t", batch=1, fail=lambda row: None):
    """A handler that keeps what it was given; `fail(row)` may raise."""
    seen = []

    def work(rows):
        for row in rows:
            fail(row)
        seen.append([row.key for row in rows])

    outbox.register_handler(topic, work, batch=batch)
    return seen


def boom(row):
    raise RuntimeError(f"cannot do {row.key}")


def test_a_row_is_done_once():
    seen = recorder()
    outbox.enqueue("t", "a")

    assert (outbox.drain(), outbox.drain()) == (1, 0)
    assert seen == [["a"]]


def test_a_row_of_an_aborted_change_never_was():
    recorder()
    with transaction.atomic():
        outbox.enqueue("t", "a")
        transaction.set_rollback(True)

    assert outbox.drain() == 0


def test_rows_of_a_topic_come_in_batches():
    seen = recorder(batch=2)
    for key in "abc":
        outbox.enqueue("t", key)

    outbox.drain()

    assert seen == [["a", "b"], ["c"]]


def test_one_bad_row_does_not_hold_up_its_neighbours():
    seen = recorder(batch=3, fail=lambda row: boom(row) if row.key == "b" else None)
    for key in "abc":
        outbox.enqueue("t", key)

    outbox.drain()

    assert seen == [["a"], ["c"]]
    assert OutboxRow.objects.get(key="b").error == "RuntimeError: cannot do b"


def test_a_failure_waits_longer_each_time_and_is_shown_in_the_end_and_can_be_tried_again():
    recorder(fail=boom)
    row = outbox.enqueue("t", "a")
    waits = []
    for _each in range(outbox.ATTEMPTS):
        OutboxRow.objects.update(available_at=timezone.now())
        assert outbox.work_once() == 1
        waits.append(OutboxRow.objects.get().available_at - timezone.now())

    assert sorted(waits) == waits
    assert OutboxRow.objects.get().failed_at
    assert outbox.work_once() == 0
    recorder()
    assert outbox.retry(topic="t", key="a") == 1
    outbox.drain()
    assert OutboxRow.objects.get(pk=row.pk).done_at


def test_a_lease_that_ran_out_is_taken_up_by_another():
    seen = recorder()
    outbox.enqueue("t", "a")
    OutboxRow.objects.update(leased_until=timezone.now() + timedelta(minutes=1))
    assert outbox.work_once() == 0

    OutboxRow.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert outbox.work_once() == 1
    assert seen == [["a"]]


def test_topics_nobody_takes_up_stay():
    outbox.enqueue("unheard", "a")

    assert outbox.drain() == 0
    assert OutboxRow.objects.filter(done_at__isnull=True).exists()
