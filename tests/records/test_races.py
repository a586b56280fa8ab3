"""Numbers under real connections and killed processes: no gap, ever (NUM-2)."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from records import filing
from records.models import NumberEntry, NumberScope
from tests.factories import person, reviewed, volume

WRITERS = 16


def at_once(works: list[Callable[[], object]]) -> list[Exception]:
    """Each in a thread with a connection of its own; gives what they failed with."""
    failures: list[Exception] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait()
            work()
        except Exception as error:  # noqa: BLE001 - shown by the caller
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


@pytest.mark.race
def test_sixteen_writers_leave_no_gap(real_database):  # NUM-2
    records = [reviewed().pk for _each in range(WRITERS * 2)]

    def file_all(mine: list[Any]) -> None:
        for pk in mine:
            filing.file_record(actor=person("archivist"), record_id=pk)

    failures = at_once([partial(file_all, records[number::WRITERS]) for number in range(WRITERS)])

    assert not failures
    sequences = sorted(NumberEntry.objects.filter(record__isnull=False).values_list("sequence", flat=True))
    assert sequences == list(range(1, WRITERS * 2 + 1))


@pytest.mark.race
def test_batches_in_opposite_orders_do_not_wait_for_each_other(real_database):  # NUM-2, NUM-4
    places = [volume(f"卷 {number}").pk for number in range(4)]
    batches = [[reviewed(record_class="DK", volume=place).pk for place in order] for order in (places, places[::-1]) * 2]
    failures = at_once([partial(filing.file_batch, actor=person("archivist"), record_ids=mine) for mine in batches])

    assert not failures
    assert NumberEntry.objects.filter(record__isnull=False).count() == 16


@pytest.mark.race
def test_a_process_killed_while_filing_leaves_no_gap(real_database):  # NUM-2
    first, second = reviewed(), reviewed()
    script = (
        "import os, signal, django; django.setup();"
        "from records import filing, guards; from tests.factories import person;"
        "guards.register_follower('killer', lambda record: os.kill(os.getpid(), signal.SIGKILL));"
        f"filing.file_record(actor=person('archivist'), record_id='{first.pk}')"
    )
    environment = os.environ | {"DATABASE_URL": real_database, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    ended = subprocess.run([sys.executable, "-c", script], env=environment, cwd=Path(__file__).parents[2], capture_output=True, check=False)

    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert not NumberEntry.objects.exists()
    assert filing.file_record(actor=person("archivist"), record_id=second.pk).number[-4:] == "0001"
    assert NumberScope.objects.get().next == 2
