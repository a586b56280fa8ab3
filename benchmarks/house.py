"""A house of its own for a benchmark: `serve` on a throw-away data folder, a token, and what its processes cost."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
READY = re.compile(r"ready at (http://\S+)")
SAMPLE = 0.5  # seconds between looks at memory


@dataclass
class Cost:
    """CPU seconds of the whole process tree between two moments, and the largest proportional set size seen."""

    root: psutil.Process
    peak_pss: int = 0
    spent: dict[int, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def processes(self) -> list[psutil.Process]:
        """The tree as it is now."""
        return [self.root, *self.root.children(recursive=True)]

    def look(self) -> None:
        """Note CPU time and memory of every process that lives."""
        pss = 0
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                self.spent[process.pid] = times.user + times.system
                pss += process.memory_full_info().pss
        self.peak_pss = max(self.peak_pss, pss)

    def watch(self) -> None:
        """Look until told to stop."""
        while not self._stop.wait(SAMPLE):
            self.look()

    def cpu(self) -> float:
        """CPU seconds so far, those of processes that ended included as far as they were seen."""
        self.look()
        return sum(self.spent.values())

    def stop(self) -> None:
        """No more looks."""
        self._stop.set()


@dataclass
class House:
    """A running portal."""

    url: str
    data: Path
    cost: Cost

    def manage(self, *command: str) -> str:
        """What a management command printed."""
        return subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment(self.data), check=True, capture_output=True, text=True
        ).stdout.strip()


def environment(data: Path) -> dict[str, str]:
    """The environment of the house's processes."""
    return os.environ | {"MUNIMENT_DATA": str(data), "DJANGO_SETTINGS_MODULE": "portal.settings"}


@contextlib.contextmanager
def house(*, port: int = 8765) -> Iterator[House]:
    """Start `serve`, wait until it is ready, end it and remove its data."""
    with tempfile.TemporaryDirectory(prefix="muniment-bench-") as folder:
        data = Path(folder)
        command = [sys.executable, "manage.py", "serve", "--port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, env=environment(data), stdout=subprocess.PIPE, text=True)
        cost = Cost(psutil.Process(process.pid))
        try:
            url = _address(process)
            threading.Thread(target=cost.watch, daemon=True).start()
            yield House(url, data, cost)
        finally:
            cost.stop()
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    for line in process.stdout:
        if found := READY.search(line):
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return found[1]
    raise RuntimeError("serve ended before it was ready")


def wait_until(condition, *, seconds: float, every: float = 0.1) -> float:
    """Seconds until `condition()` was true. Raises TimeoutError."""
    start = time.perf_counter()
    while not condition():
        if time.perf_counter() - start > seconds:
            raise TimeoutError
        time.sleep(every)
    return time.perf_counter() - start
