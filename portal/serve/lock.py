"""One `serve` for one data folder, one worker of each name: locks that the kernel frees with their holder."""

import fcntl
import os
import time
from pathlib import Path

from portal.serve.errors import AlreadyServed


def hold(path: Path, *, patience: float = 0) -> int:
    """Lock this file for as long as the returned descriptor is open, waiting at most so many seconds for its holder.

    Raises AlreadyServed, naming the holder's process, when another keeps it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    limit = time.monotonic() + patience
    while not _locked(descriptor):
        if time.monotonic() >= limit:
            holder = os.pread(descriptor, 64, 0).decode().strip()
            os.close(descriptor)
            raise AlreadyServed(path=path, holder=holder)
        time.sleep(0.05)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
