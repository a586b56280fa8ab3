"""The embedded server's life: one for each folder, keys for nobody else, nothing acknowledged lost by a kill (STO-1, STO-2)."""

import io
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

import pytest

from storage import objects
from storage.embedded import EmbeddedServer, read_connection
from storage.errors import AlreadyRunning, EmbeddedError, StorageError
from storage.models import DataKey

pytestmark = pytest.mark.race


def gone(pid, seconds=10.0):
    """Whether the process ends within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def server(tmp_path, settings):
    """A server of this test's own, running; the settings point at it."""
    settings.MUNIMENT_DATA, settings.S3_ENDPOINT_URL, settings.S3_BUCKET = tmp_path, "", "muniment"
    server = EmbeddedServer(tmp_path)
    server.start()
    yield server
    server.stop(grace=0)


def put(content):
    return objects.put(io.BytesIO(content), data_key=DataKey.make(), associated="x")


def test_nothing_it_writes_is_for_others_and_a_second_start_is_refused(server, tmp_path):
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
    for path in server.folder.rglob("*"):
        if not path.is_symlink() and path.suffix != ".vif":  # sizes and versions of volumes, which the server gives 0644 behind 0700
            assert path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) == 0, path
    with pytest.raises(AlreadyRunning):
        EmbeddedServer(tmp_path).start()
    assert server.healthy()
    assert put(b"content").size == 7


def test_what_was_acknowledged_survives_a_kill_in_the_middle_of_work(server):
    acknowledged, refused = [], []
    enough = threading.Event()

    def work():
        while not enough.is_set() or not refused:
            try:
                acknowledged.append(put(os.urandom(30_000)))
            except StorageError as error:
                refused.append(error)
                return
            if len(acknowledged) > 30:
                enough.set()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    os.kill(server.pid, signal.SIGKILL)
    for thread in threads:
        thread.join(60)
    assert refused

    first = read_connection(server.data)
    server.start()

    assert read_connection(server.data).access_key == first.access_key
    for obj in acknowledged:
        assert len(b"".join(objects.read_range(obj))) == 30_000


def test_it_dies_with_whoever_started_it(tmp_path, settings):
    script = (
        "import sys, time, pathlib\n"
        "from storage.embedded import EmbeddedServer\n"
        "server = EmbeddedServer(pathlib.Path(sys.argv[1]))\n"
        "server.start()\n"
        "print(server.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, cwd=settings.BASE_DIR)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    assert gone(pid)
    parent.stdout.close()


def test_a_forked_child_becomes_the_server_and_holds_the_lock(tmp_path):
    server = EmbeddedServer(tmp_path)
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            server.become()
        finally:
            os._exit(1)
    try:
        deadline = time.monotonic() + 30
        while not server.healthy() and time.monotonic() < deadline:
            time.sleep(0.05)
        server.open_up(pid=child)
        with pytest.raises(AlreadyRunning):
            EmbeddedServer(tmp_path).start()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert os.getpid() == parent


def test_stopped_and_moved_it_starts_again_with_the_same_keys_on_other_ports(server, tmp_path_factory, settings):
    obj = put(b"content")
    first = read_connection(server.data)
    server.stop()
    assert not server.healthy()

    moved = tmp_path_factory.mktemp("elsewhere") / "data"
    server.data.rename(moved)
    again = EmbeddedServer(moved)
    with socket.create_server(("127.0.0.1", first.ports.master)):
        second = again.start()
    try:
        settings.MUNIMENT_DATA = moved
        assert (second.access_key, second.ports.master != first.ports.master) == (first.access_key, True)
        assert objects.open_object(obj).read() == b"content"
    finally:
        again.stop(grace=0)


def test_a_server_that_cannot_start_says_where_to_look(tmp_path, monkeypatch):
    server = EmbeddedServer(tmp_path)
    monkeypatch.setattr(EmbeddedServer, "command", lambda self: ["/bin/false"])
    with pytest.raises(EmbeddedError, match="output"):
        server.start()
    assert server.pid is None


def test_before_its_first_start_it_is_not_healthy(tmp_path):
    assert not EmbeddedServer(tmp_path).healthy()
    assert read_connection(tmp_path) is None
