"""The store of the tests: one real embedded S3 server for each run, shared by its workers, with a bucket for each worker.

Whatever uses the database may use the store too; the server is started beside the first tests only when some of them do.
"""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests import s3_server

PATIENCE = 60.0  # seconds; it takes three, on a machine that does nothing else


def _needs_store(item: pytest.Item) -> bool:
    return item.get_closest_marker("django_db") is not None or "store" in getattr(item, "fixturenames", ())


def _run_id() -> int:
    """The process that all workers of a run have in common."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def _start(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.s3_server", str(_run_id()), str(folder)]
    with (folder / "output").open("ab") as output:
        subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=output, stderr=output, start_new_session=True)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start it while the database is being made; in one of the workers only."""
    is_controller = hasattr(session.config, "workerinput") is False and bool(getattr(session.config.option, "dist", "no") != "no")
    first = os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0"
    if first and not is_controller and not session.config.option.collectonly and any(_needs_store(item) for item in session.items):
        _start(s3_server.folder_for(_run_id()))


@pytest.fixture(scope="session")
def store(worker_id: str) -> Iterator[Path]:
    """The store of this worker, reached by the settings; yields the data folder of its server."""
    folder = s3_server.folder_for(_run_id())
    _wait(folder)
    (settings.MUNIMENT_DATA / "s3").symlink_to(folder / "s3")
    settings.S3_ENDPOINT_URL, settings.S3_BUCKET = "", f"test-{worker_id}"
    from storage import objects

    objects.ensure_bucket()
    yield folder
    (settings.MUNIMENT_DATA / "s3").unlink()


def _wait(folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not s3_server.ready_file(folder).exists():
        if time.monotonic() > deadline:
            pytest.exit(f"The S3 server of the tests did not start: {(folder / 'output').read_text()[-2000:]}")
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def _store_beside_the_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What uses the database finds the store running, and no anchors of other tests, whose trail was another."""
    if _needs_store(request.node):
        request.getfixturevalue("store")
        from storage import anchors

        monkeypatch.setattr(anchors, "PREFIX", f"anchors/{uuid.uuid4().hex[:8]}/")
