"""Workers: each lane does its own topics, is woken by commits, and gives back what it cannot finish (docs/architecture.md, decision 7)."""

import os
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from portal.accounts import mails
from portal.serve import lock, worker
from portal.serve.errors import AlreadyServed
from portal.serve.worker import LANES, Lane, Worker
from records import mailing, notices, outbox
from records.models import OutboxRow

pytestmark = pytest.mark.usefixtures("real_database")
LANE = Lane("trial", frozenset({"trial"}), batch=8)


@pytest.fixture(autouse=True)
def own_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No topics but the test's."""
    monkeypatch.setattr(outbox, "_handlers", {})


def enqueue(*keys: str, topic: str = "trial") -> None:
    """Rows as a verb writes them."""
    with transaction.atomic():
        for key in keys:
            outbox.enqueue(topic, key)


def run_until(done: threading.Event) -> None:
    """Be the lane's worker in this thread, asked to end when the event is set."""
    working = Worker(LANE)
    asker = threading.Thread(target=lambda: done.wait(20) and working.stop())
    asker.start()
    working.run()
    asker.join()


def test_a_lane_does_its_topics_and_leaves_the_others() -> None:
    done, seen = threading.Event(), []
    outbox.register_handler("trial", lambda rows: (seen.extend(row.key for row in rows), done.set())[0])
    outbox.register_handler("other", lambda _rows: pytest.fail("another lane's"))
    enqueue("x", topic="other")
    enqueue("a")
    run_until(done)
    assert seen == ["a"]
    assert OutboxRow.objects.get(topic="other").attempts == 0


def test_every_topic_belongs_to_exactly_one_lane() -> None:
    for topic in ("index", "text", "ocr", "erase", "anything"):
        outbox.register_handler(topic, lambda _rows: None)
    for topic in outbox.topics():
        assert sum(topic in lane.wanted() for lane in LANES) == 1, topic


def test_a_silent_mail_server_holds_up_nothing_else() -> None:
    outbox.register_handler(mails.TOPIC, lambda _rows: None)
    outbox.register_handler("index", lambda _rows: None)
    lanes = [lane for lane in LANES if mails.TOPIC in lane.wanted()]
    assert [lane.wanted() for lane in lanes] == [{mails.TOPIC, notices.TOPIC, mailing.DIGESTS}]
    assert not lanes[0].links
    assert 0 < settings.EMAIL_TIMEOUT * lanes[0].batch < outbox.LEASE.total_seconds()


def test_work_that_takes_too_long_is_given_back_unattempted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LAST_ROW", 0.1)
    busy = threading.Event()

    def endless(_rows: list[OutboxRow]) -> None:
        busy.set()
        assert not threading.Event().wait(20), "was not interrupted"

    outbox.register_handler("trial", endless)
    enqueue("a", "b")
    run_until(busy)
    assert list(OutboxRow.objects.filter(topic="trial").values_list("leased_until", "attempts", "done_at")) == [(None, 0, None)] * 2


def test_rows_of_a_killed_worker_are_taken_over_at_once() -> None:
    done: list[str] = []
    enqueue("a")
    outbox.register_handler("trial", lambda rows: done.extend(row.key for row in rows))
    outbox._lease(limit=1, wanted=frozenset({"trial"}))  # and then it was killed
    assert outbox.work_once() == 0
    assert outbox.take_over(only=LANE.wanted()) == 1
    assert outbox.work_once() == 1
    assert done == ["a"]


def test_what_kills_the_worker_each_time_is_given_up_and_shown() -> None:
    enqueue("poison")
    outbox.register_handler("trial", lambda _rows: pytest.fail("not again"))
    for _death in range(outbox.ATTEMPTS):
        assert outbox._lease(limit=1, wanted=frozenset({"trial"}))
        outbox.take_over()
    assert OutboxRow.objects.get(topic="trial").failed_at
    assert outbox.work_once() == 0


def test_a_second_worker_of_a_lane_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "HANDOVER", 0)
    held = lock.hold(Path(settings.MUNIMENT_DATA) / "trial.lock")
    with pytest.raises(AlreadyServed, match=str(os.getpid())):
        worker.run(lambda _message: pytest.fail("it must not start"), LANE)
    os.close(held)


def test_an_idle_worker_is_woken_by_a_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "IDLE", 60)
    done = threading.Event()
    outbox.register_handler("trial", lambda _rows: done.set())
    idle = Worker(LANE)
    enqueue("a")
    assert idle._bell.wait(5)
