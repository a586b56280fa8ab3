"""The doors of the embedded server (docs/architecture.md, decision 10): shut for who has no key, and noticed when they are not."""

import os
import subprocess

import pytest

from storage.embedded import EmbeddedServer, read_connection, try_doors
from storage.embedded.doors import require_shut
from storage.embedded.shell import run_shell, weed_binary
from storage.errors import DoorOpen


def test_every_door_is_shut(store):
    doors = try_doors(read_connection(store), bucket="muniment")

    assert [door for door in doors if not door.shut] == []
    assert {door.name.split()[0] for door in doors} >= {
        "s3",
        "filer",
        "master",
        "volume",
        "s3_grpc",
        "filer_grpc",
        "master_grpc",
        "volume_grpc",
    }
    require_shut(doors)


def test_the_shell_gets_in_with_our_certificate_only(store, tmp_path):
    ports = read_connection(store).ports
    assert "Topology" in run_shell(store / "s3", ports, "volume.list")

    masters, filer = f"127.0.0.1:{ports.master}.{ports.master_grpc}", f"127.0.0.1:{ports.filer}.{ports.filer_grpc}"
    command = [str(weed_binary()), "-logtostderr", "shell", f"-master={masters}", f"-filer={filer}"]
    with pytest.raises(subprocess.TimeoutExpired) as caught:  # it tries again for ever
        subprocess.run(
            command, input=b"volume.list\n", cwd=tmp_path, env={"HOME": str(tmp_path)}, capture_output=True, timeout=2, check=False
        )
    assert b"Topology" not in (caught.value.stdout or b"")


class Unlocked(EmbeddedServer):
    """What a plain start of the server would be: no certificates, no tokens, HTTP on."""

    def prepare(self):
        connection = super().prepare()
        (self.folder / "security.toml").write_text("")
        return connection

    def command(self):
        return [word for word in super().command() if word not in {"-disableHttp", "-filer.disableHttp"}]


@pytest.mark.race
def test_open_doors_are_noticed_and_the_server_does_not_go_on_running(tmp_path):
    server = Unlocked(tmp_path, buckets=["muniment"])
    with pytest.raises(DoorOpen) as caught:
        server.start()

    found = " ".join(caught.value.details["doors"])
    for name in (
        "filer list",
        "filer write",
        "filer delete",
        "master assign",
        "volume write",
        "master_grpc in clear",
        "filer_grpc in clear",
    ):
        assert name in found
    assert server.pid is None
    assert not server.healthy()


@pytest.mark.race
def test_a_server_that_listens_beyond_loopback_is_noticed():
    """The kernel's own list is asked; here about this process."""
    import socket

    from storage.embedded.doors import _only_loopback

    with socket.create_server(("127.0.0.1", 0)):
        assert _only_loopback(os.getpid()).shut
        with socket.create_server(("0.0.0.0", 0)):
            assert not _only_loopback(os.getpid()).shut
    with socket.create_server(("::", 0), family=socket.AF_INET6):
        assert not _only_loopback(os.getpid()).shut
