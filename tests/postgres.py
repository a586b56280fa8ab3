"""A throw-away PostgreSQL of the tests' own, in a temporary folder on a free port of the loopback."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100", "log_min_messages=fatal"]
"""Durability is PostgreSQL's business, and tried by its makers; here it would only cost time."""


class NoPostgres(Exception):  # noqa: N818 - a fact about the machine
    """There is no PostgreSQL on this machine, or it does not start."""


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """A running server; gives its DATABASE_URL. Everything of it is gone afterwards. Raises NoPostgres."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="muniment-postgres-"))
    identity = _identity(folder)
    port = _free_port()
    server = None
    try:
        _make(programs, folder / "data", identity)
        server = _start(programs, folder, port, identity)
        yield f"postgres://muniment@127.0.0.1:{port}/postgres"
    finally:
        if server:
            server.terminate()  # fast enough: no client is left, and nothing is to be kept
            server.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """The folder with initdb and postgres, the newest where there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise NoPostgres("PostgreSQL is not installed (Debian: postgresql)")
    return found[-1].parent if found else Path(on_path or "").resolve().parent


def _identity(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as somebody else, who owns the folder."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    person = names.get("postgres") or names["nobody"]
    os.chown(folder, person.pw_uid, person.pw_gid)
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _make(programs: Path, data: Path, identity: dict[str, Any]) -> None:
    command = [programs / "initdb", "--pgdata", data, "--username=muniment", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
    made = subprocess.run(command, capture_output=True, text=True, cwd=data.parent, check=False, **identity)
    if made.returncode:
        raise NoPostgres(f"initdb failed: {made.stderr.strip()}")


def _start(programs: Path, folder: Path, port: int, identity: dict[str, Any]) -> subprocess.Popen[bytes]:
    options = [piece for setting in FAST for piece in ("-c", setting)]
    where = ["-D", folder / "data", "-p", str(port), "-h", "127.0.0.1", "-k", folder]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([programs / "postgres", *where, *options], stdout=log, stderr=log, cwd=folder, **identity)
    ready = [programs / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={port}", "--timeout=1"]
    for _try in range(300):
        if server.poll() is not None:
            raise NoPostgres(f"postgres ended: {(folder / 'log').read_text().strip()}")
        if subprocess.run(ready, check=False).returncode == 0:
            return server
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=0.1)
    server.kill()
    raise NoPostgres("postgres was not ready after 30 seconds")
