"""What the parts print: kept in `MUNIMENT_DATA/logs`, and the lines that matter shown on the terminal with the part's name.

Each part writes straight to its own file, never into a pipe of the supervisor: no part can block on it or die with it.
"""

import contextlib
import sys
from collections import deque
from datetime import datetime
from pathlib import Path

LARGEST = 20 * 1024 * 1024  # bytes of a log; then it becomes `<name>.log.1`, and the one before that goes
AT_ONCE = 12  # lines of one part that the terminal shows of what came in half a second
PIECE = 256 * 1024  # bytes read at a time


class Log:
    """One part's file, read behind its writers from where it ended when it was opened here."""

    def __init__(self, path: Path, *, shown: bool) -> None:
        self.path = path
        self.shown = shown
        self._place = path.stat().st_size if path.exists() else 0
        self._rest = b""

    def new_lines(self) -> list[str]:
        """The complete lines written since the last call; none while there is no file."""
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as file:
            file.seek(self._place)
            piece = file.read(PIECE)
            self._place += len(piece)
            *lines, self._rest = (self._rest + piece).split(b"\n")
            return [line.decode(errors="replace").rstrip() for line in lines]
        return []

    def rotate(self) -> None:
        """Keep a full file as `.1` and begin anew: its writers append, so they go on at the new beginning."""
        if not self.path.exists() or self.path.stat().st_size <= LARGEST:
            return
        with self.path.open("rb+") as file, self.path.with_name(self.path.name + ".1").open("wb") as kept:
            while piece := file.read(PIECE):
                kept.write(piece)
            file.truncate(0)
        self._place, self._rest = 0, b""


class Terminal:
    """What the person who typed `serve` reads, and the supervisor's own log."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.logs: dict[str, Log] = {}
        self._mute = False

    def log_of(self, name: str, *, shown: bool = True) -> Path:
        """The file of the part `name`, followed from now on; `shown`: its lines go to the terminal too."""
        if name not in self.logs:
            self.logs[name] = Log(self.folder / f"{name}.log", shown=shown)
        return self.logs[name].path

    def say(self, sentence: str) -> None:
        """One line to the terminal, and with its time to `serve.log`."""
        with (self.folder / "serve.log").open("a") as log:
            log.write(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S%z} {sentence}\n")
        self._print(sentence)

    def tell(self, sentence: str) -> None:
        """One line for the person only: a secret has no business in a log."""
        self._print(sentence)

    def pump(self) -> None:
        """Show what the parts wrote since the last call: the beginning of it, when it is much."""
        for name, log in self.logs.items():
            lines = log.new_lines()
            if not log.shown:
                continue
            for line in lines[:AT_ONCE]:
                self._print(f"{name:9} | {line}")
            if len(lines) > AT_ONCE:
                self._print(f"{name:9} | … {len(lines) - AT_ONCE} lines more in {log.path}")

    def rotate(self) -> None:
        """Look after the size of every log; cheap, for once a minute."""
        for log in self.logs.values():
            log.rotate()

    def last_lines(self, name: str, count: int = 8) -> list[str]:
        """The end of a part's file, for the message about its death."""
        with contextlib.suppress(OSError), self.logs[name].path.open(errors="replace") as file:
            return [line.rstrip() for line in deque(file, count)]
        return []

    def _print(self, line: str) -> None:
        if self._mute:
            return
        try:
            print(line, file=sys.stdout, flush=True)
        except OSError:  # the terminal is gone; the logs are not
            self._mute = True
