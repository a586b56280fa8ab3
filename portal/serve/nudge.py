"""Waking a worker right after a commit: one byte into its pipe. Losing one is harmless, the worker also looks by itself."""

import contextlib
import os
import select
from pathlib import Path

from django.conf import settings


def _folder() -> Path:
    folder = Path(settings.MUNIMENT_DATA) / "run"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def nudge() -> None:
    """Wake every worker that listens on this data folder; returns at once, also when there is none."""
    for pipe in _folder().glob("*.nudge"):
        with contextlib.suppress(OSError):  # no reader, or a full pipe: it is awake already
            descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            try:
                os.write(descriptor, b".")
            finally:
                os.close(descriptor)


class Bell:
    """The listening end: `wait` returns early when somebody nudged."""

    def __init__(self, name: str) -> None:
        path = _folder() / f"{name}.nudge"
        with contextlib.suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)  # a writer of its own: no end-of-file when others leave

    def ring(self) -> None:
        """End a `wait` of one's own; may be called from a signal handler."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._pipe, b".")

    def wait(self, seconds: float) -> bool:
        """Sleep until nudged, at most so long; says whether somebody nudged."""
        ready, _, _ = select.select([self._pipe], [], [], seconds)
        if ready:
            os.read(self._pipe, 65536)
        return bool(ready)
