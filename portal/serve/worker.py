"""The worker: does what follows a change (text, index, chain of the trail), row by row from the outbox."""

import logging
import signal
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections

from portal.serve import lock
from portal.serve.nudge import Bell
from records import audit, outbox

logger = logging.getLogger("muniment.worker")

IDLE = 1.0  # seconds between looks when nobody nudges: rows waiting for a retry, a nudge that was lost
BATCH = 64  # rows leased at a time
LINKING = 2.0  # seconds between looks for events that are not chained yet
HANDOVER = 10.0  # seconds that a killed worker's own children may take to let go
TROUBLE = 2.0  # seconds of rest while the database is away


class Worker:
    """One worker process. `stop` may be called from a signal handler; the rows in hand are finished first."""

    def __init__(self, name: str, *, only: frozenset[str] | None = None, links: bool = True) -> None:
        """`only`: the topics to take up (None: all that have a handler). `links`: also chain the trail, which one process does."""
        self._bell = Bell(name)
        self._only = only
        self._links = links
        self._link_at = 0.0
        self._stopping = False

    def stop(self, *_signal: object) -> None:
        """End after the rows in hand."""
        self._stopping = True
        self._bell.ring()

    def run(self) -> None:
        """Work until `stop`. Trouble with the database is waited out, never the end."""
        while not self._stopping:
            try:
                busy = self._round()
            except DatabaseError as error:
                logger.warning("the database cannot be used, trying again: %s", error)
                connections.close_all()
                self._bell.wait(TROUBLE)
            else:
                if not busy:
                    self._bell.wait(IDLE)

    def _round(self) -> int:
        close_old_connections()
        done = outbox.work_once(limit=BATCH, only=self._only)
        if self._links and time.monotonic() >= self._link_at:
            done += audit.link_events()
            self._link_at = time.monotonic() + LINKING
        return done


def run(ready: Callable[[str], None], *, name: str = "worker", only: frozenset[str] | None = None, links: bool = True) -> None:
    """Be the worker `name` until SIGTERM. Rows that a worker killed before this one had leased are taken over at once.

    Raises AlreadyServed when another worker of this name lives on.
    """
    lock.hold(Path(settings.MUNIMENT_DATA) / f"{name}.lock", patience=HANDOVER)
    worker = Worker(name, only=only, links=links)
    signal.signal(signal.SIGTERM, worker.stop)
    outbox.take_over(only=only)
    ready("")
    worker.run()
    connections.close_all()
