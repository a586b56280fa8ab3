"""The embedded server's files: making them durable, giving room back, and looking whether erased bytes are really gone from them."""

import ctypes
import os
import re
import shutil
import threading
from collections.abc import Callable, Collection
from pathlib import Path

from storage.embedded.connection import Connection, s3_folder
from storage.embedded.shell import run_shell
from storage.errors import EmbeddedError

BLOCK_BYTES = 8 * 1024 * 1024
FEW = 4  # up to so many heads one search each is faster than one look at every candidate
ANY_GARBAGE = "0.000000000001"  # with 0 the server writes every volume anew, also those without garbage
_libc = ctypes.CDLL(None, use_errno=True)


class SharedSync:
    """`syncfs` for many threads: whoever comes while one runs waits for the next, and that next one serves all who waited."""

    def __init__(self, sync: Callable[[Path], None]) -> None:
        """`sync` makes everything durable that lies on the file system of a folder."""
        self._sync = sync
        self._changed = threading.Condition()
        self.waiting = 0  # threads that wait for one to begin or to end
        self._running = False
        self._started = 0
        self._done = 0

    def __call__(self, data: Path) -> None:
        """Everything that the server of this data folder had written before the call is on disk. Raises OSError."""
        with self._changed:
            wanted = self._started + 1  # a sync that began before this call may have missed what the caller wrote
            self.waiting += 1
            while self._running and self._done < wanted:
                self._changed.wait()
            self.waiting -= 1
            if self._done >= wanted:
                return
            self._running, self._started = True, self._started + 1
            mine = self._started
        succeeded = False
        try:
            self._sync(s3_folder(data))
            succeeded = True
        finally:
            with self._changed:
                self._running = False
                self._done = mine if succeeded else self._done  # after a failure each who waits tries for itself
                self._changed.notify_all()


def _syncfs(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if _libc.syncfs(descriptor):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)


flush = SharedSync(_syncfs)


def free_bytes(data: Path) -> int:
    """Bytes that may still be written beside the volumes."""
    return shutil.disk_usage(s3_folder(data)).free


def vacuum(data: Path, connection: Connection, *, collection: str) -> None:
    """Have every volume of the bucket `collection` that holds deleted objects written anew without them. Raises EmbeddedError."""
    if connection.ports is None:
        raise EmbeddedError
    command = f"volume.vacuum -garbageThreshold={ANY_GARBAGE} -collection={collection}"
    run_shell(s3_folder(data), connection.ports, "lock", command, "unlock")


def find_heads(data: Path, heads: Collection[bytes]) -> set[bytes]:
    """Those of `heads` (the first bytes of sealed objects, all of one length) that still lie somewhere in the volume files.

    Reads every volume once, whatever the number of heads; 8 MiB in memory. Raises OSError.
    """
    wanted, found = set(heads), set[bytes]()
    for path in sorted((s3_folder(data) / "volumes").rglob("*")):
        if path.is_file() and path.suffix in {".dat", ".cpd"} and wanted - found:
            found |= _heads_in(path, wanted - found)
    return found


def _heads_in(path: Path, heads: set[bytes]) -> set[bytes]:
    length = len(next(iter(heads)))
    found, tail = set[bytes](), b""
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                found |= _heads_in_block(tail + block, heads, length)
                tail = block[-(length - 1) :]
    except FileNotFoundError:  # a vacuum has just replaced it; the caller looks again after it
        return found
    return found


def _heads_in_block(block: bytes, heads: set[bytes], length: int) -> set[bytes]:
    if len(heads) <= FEW:
        return {head for head in heads if head in block}
    first = {head[:1] for head in heads}
    pattern = re.compile(b"[" + b"".join(re.escape(byte) for byte in sorted(first)) + b"]")
    candidates = (block[match.start() : match.start() + length] for match in pattern.finditer(block))
    return heads.intersection(candidates)
