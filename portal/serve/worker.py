"""The workers: what follows a change (text, index, chain of the trail) is done here, row by row from the outbox.

Several lanes, each a process of its own for its own topics, so that a thick scan or a silent mail server holds up no index.
One worker for a lane: the index has one writer, and a lane's rows are its own to take over after a death.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections

from portal.serve import lock
from portal.serve.nudge import Bell
from records import audit, outbox

logger = logging.getLogger("muniment.worker")

IDLE = 1.0  # seconds between looks when nobody nudges: rows waiting for a retry, a nudge that was lost
LINKING = 2.0  # seconds between looks for events that are not chained yet
HANDOVER = 10.0  # seconds that a killed worker's own children may take to let go
TROUBLE = 2.0  # seconds of rest while the database is away
POLITE = 5  # of nice: people who wait for a page go first
LAST_ROW = 2.0  # seconds from SIGTERM until the row in hand is given back instead of finished


@dataclass(frozen=True)
class Lane:
    """One worker's share: its topics (None: all that no other lane takes) and how many rows it leases at a time."""

    name: str
    topics: frozenset[str] | None
    batch: int
    links: bool = False  # also chains the trail, which one process does

    def wanted(self) -> frozenset[str]:
        """The topics as they are registered now."""
        if self.topics is not None:
            return self.topics
        return outbox.topics() - frozenset().union(*(lane.topics for lane in LANES if lane.topics))


LANES = (
    Lane("worker", None, batch=64, links=True),
    Lane("reader", frozenset({"text", "stamp"}), batch=32),
    Lane("scans", frozenset({"ocr"}), batch=1),
    Lane("mails", frozenset({"password-mail", "notices", "notice-digests"}), batch=8),
)


class Ending(BaseException):
    """SIGTERM came, and the row in hand takes too long: not an Exception, so that no handler takes it for a failure of its own."""


class Worker:
    """The worker of one lane, until SIGTERM."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._bell = Bell(lane.name)
        self._link_at = 0.0
        self._stopping = False
        self._thread = threading.get_ident()
        self._impatience: threading.Timer | None = None

    def stop(self, *_signal: object) -> None:
        """End after the row in hand, or in the middle of it when it takes long. From a signal handler or another thread."""
        if not self._stopping:
            impatience = threading.Timer(LAST_ROW, lambda: signal.pthread_kill(self._thread, signal.SIGUSR1))
            impatience.start()
            self._impatience = impatience
            self._stopping = True  # last: `run` may end at once, and then ends the timer
            self._bell.ring()

    def run(self) -> None:
        """Work until `stop`, in the main thread. Trouble with the database is waited out, never the end."""
        before = signal.signal(signal.SIGUSR1, _end)
        try:
            while not self._stopping:
                self._one_round()
        except Ending:
            logger.info("gives back what it had in hand")
            connections.close_all()
            outbox.give_back(only=self._lane.wanted())
        finally:
            if self._impatience:
                self._impatience.cancel()
                self._impatience.join()
            signal.signal(signal.SIGUSR1, before)

    def _one_round(self) -> None:
        try:
            close_old_connections()
            done = outbox.work_once(limit=self._lane.batch, only=self._lane.wanted()) + self._link()
        except DatabaseError as error:
            logger.warning("the database cannot be used, trying again: %s", error)
            connections.close_all()
            self._bell.wait(TROUBLE)
        else:
            if not done:
                self._bell.wait(IDLE)

    def _link(self) -> int:
        """Chain new events of the trail, now and then."""
        if not self._lane.links or time.monotonic() < self._link_at:
            return 0
        self._link_at = time.monotonic() + LINKING
        return audit.link_events()


def _end(*_signal: object) -> NoReturn:
    raise Ending


def run(ready: Callable[[str], None], lane: Lane) -> None:
    """Be the worker of this lane until SIGTERM. Rows that one killed before it had leased are taken over at once.

    Raises AlreadyServed when another worker of this lane lives on.
    """
    held = lock.hold(Path(settings.MUNIMENT_DATA) / f"{lane.name}.lock", patience=HANDOVER)
    os.nice(POLITE)
    worker = Worker(lane)
    signal.signal(signal.SIGTERM, worker.stop)
    outbox.take_over(only=lane.wanted())
    ready("")
    worker.run()
    connections.close_all()
    os.close(held)
