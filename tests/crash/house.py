"""A whole portal, started by `manage.py serve` in a data folder of its own, to be killed in every way."""

import itertools
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.crash.caller import Caller

ROOT = Path(__file__).resolve().parent.parent.parent
READY = re.compile(r"Muniment is ready at (\S+)")
_numbers = itertools.count()
KEPT = {"PATH", "HOME", "LANG", "LC_ALL", "DJANGO_SETTINGS_MODULE", "PYTHONPATH"}


def until(condition: Callable[[], Any], *, seconds: float = 30, what: str = "") -> Any:
    """The first true value of `condition`, asked ever more seldom (20 to 300 ms); fails after so many seconds."""
    limit, pause = time.monotonic() + seconds, 0.02
    while not (value := condition()):
        assert time.monotonic() < limit, f"not within {seconds} s: {what or condition}"
        time.sleep(pause)
        pause = min(pause * 1.3, 0.3)
    return value


@dataclass(frozen=True)
class Reconciled:
    """What `storage_reconcile` found."""

    orphans: int
    missing: int


class House:
    """One `serve`: its processes, what it prints, and its end."""

    def __init__(self, data: Path, *arguments: str, **environment: str) -> None:
        self.data = data
        self.output = data.with_name(f"output-{next(_numbers)}")
        self._arguments = arguments
        kept = {name: value for name, value in os.environ.items() if name in KEPT}
        self._environment = {**kept, "MUNIMENT_DATA": str(data), **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._tokens: dict[str, str] = {}
        self._seen: set[psutil.Process] = set()

    def start(self, *, wait: bool = True) -> "House":
        """Start `serve` on a free port and, unless told otherwise, wait until it says where it answers."""
        command = [sys.executable, "manage.py", "serve", "--port", "0", *self._arguments]
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0
            )
        if wait:
            until(lambda: self.ended() or self.url(), seconds=120, what="ready")
            assert not self.ended(), self.said()
        return self

    def said(self) -> str:
        """Everything it printed."""
        return self.output.read_text()

    def url(self) -> str:
        """Where it answers; empty until it is ready."""
        found = READY.findall(self.said())
        return found[-1] if found else ""

    def ended(self) -> bool:
        """Whether the supervisor has ended."""
        return self._process is not None and self._process.poll() is not None

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        assert self._process
        return self._process.pid

    def family(self) -> list[psutil.Process]:
        """Every process below the supervisor now; remembered for `left_behind`."""
        try:
            found = psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            found = []
        self._seen.update(found)
        return found

    def part(self, name: str) -> psutil.Process | None:
        """The process of the part `name`, None while there is none."""
        return next((process for process in self.family() if _comm(process) == f"muniment {name}"[:15]), None)

    def store(self) -> psutil.Process | None:
        """The embedded S3 server's process."""
        return next((process for process in self.family() if _comm(process) == "weed"), None)

    def remains(self) -> list[psutil.Process]:
        """Those of the processes seen below the supervisor that still run."""
        return [process for process in self._seen if _runs(process)]

    def left_behind(self) -> list[psutil.Process]:
        """Processes of this house that still run: those seen before, and any that names its data folder."""
        marked = [process for process in psutil.process_iter() if _names(process, self.data)]
        return [process for process in {*self._seen, *marked} if _runs(process)]

    def kill(self, name: str) -> psutil.Process:
        """`kill -9` of one part; returns what was killed."""
        process = until(lambda: self.store() if name == "store" else self.part(name), what=name)
        self.family()
        process.kill()
        return process

    def kill_supervisor(self) -> None:
        """`kill -9` of the supervisor itself."""
        self.family()
        assert self._process
        self._process.kill()
        self._process.wait()

    def end(self, number: int = signal.SIGTERM, *, seconds: float = 30) -> int:
        """Ask for the end with this signal; returns the exit status. SIGINT goes to all of the group, as from a terminal."""
        self.family()
        assert self._process
        if self._process.poll() is None:
            os.killpg(self.pid, number) if number == signal.SIGINT else self._process.send_signal(number)
        return self._process.wait(timeout=seconds)

    def manage(self, *arguments: str) -> str:
        """What a command prints, run on this data folder; it must succeed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def load_people(self) -> None:
        """The demo's people and what they may read; no records."""
        self.manage("shell", "-c", "from portal.demo.organisation import *; load_people(); load_grants()")

    def caller(self, username: str = "archivist") -> Caller:
        """This person, with a token made now."""
        if username not in self._tokens:
            self._tokens[username] = self.manage("issue_token", username, "--scope", "write").strip()
        return Caller(self.url(), self._tokens[username])

    def reconcile(self) -> Reconciled:
        """Compare store and table, and clear orphans however young."""
        said = self.manage("storage_reconcile", "--grace", "0")
        return Reconciled(orphans=said.count("cleared  "), missing=said.count("missing  "))

    def clear(self) -> None:
        """Whatever happened in a test, nothing runs on after it."""
        if self._process and self._process.poll() is None:
            self.family()
            self._process.kill()
            self._process.wait()
        for process in self.remains():
            process.kill()


def _comm(process: psutil.Process) -> str:
    try:
        return Path(f"/proc/{process.pid}/comm").read_text().strip()
    except OSError:
        return ""


def _names(process: psutil.Process, data: Path) -> bool:
    try:
        return process.environ().get("MUNIMENT_DATA") == str(data) or any(str(data) in word for word in process.cmdline())
    except psutil.Error:
        return False


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
