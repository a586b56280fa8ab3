"""Numbers under real connections and killed processes: no gap, ever (NUM-2)."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from records import filing
from records.models import NumberEntry, NumberScope
from tests.factories import person, reviewed

WRITERS = 16


@pytest.mark.race
def test_sixteen_writers_leave_no_gap(real_database):  # NUM-2
    records = [reviewed().pk for _each in range(WRITERS * 2)]
    failures: list[Exception] = []

    def work(mine: list[Any]) -> None:
        try:
            for pk in mine:
                filing.file_record(actor=person("archivist"), record_id=pk)
        except Exception as error:  # noqa: BLE001 - shown below
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(records[number::WRITERS],)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    sequences = sorted(NumberEntry.objects.filter(record__isnull=False).values_list("sequence", flat=True))
    assert sequences == list(range(1, WRITERS * 2 + 1))


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
