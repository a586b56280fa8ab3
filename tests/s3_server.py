"""The S3 server of one run of the tests: `python -m tests.s3_server PID FOLDER` starts it; it ends when the process PID does."""

import os
import select
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from storage.embedded import EmbeddedServer
from storage.errors import AlreadyRunning


def folder_for(pid: int) -> Path:
    """Where the run with this process id keeps its store: in memory where the machine allows, for speed."""
    memory = Path("/dev/shm")
    return (memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())) / f"muniment-test-store-{pid}"


def ready_file(folder: Path) -> Path:
    """There when the server takes objects."""
    return folder / "ready"


def main(pid: int, folder: Path) -> None:
    """Start, say so, wait for the end of the run, clean up. Silent when another worker of the run was faster."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run; this ends after it
    run = os.pidfd_open(pid)
    server = EmbeddedServer(folder, buckets=["muniment"])
    try:
        server.start()
    except AlreadyRunning:
        return
    try:
        ready_file(folder).touch()
        select.select([run], [], [])
    finally:
        server.stop(grace=0)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
