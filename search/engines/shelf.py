"""The folder of the embedded index: generations side by side, one of them current, one writer at a time (FND-7).

index/current      the name of the generation that serves, replaced in one step
index/<name>/      a generation
index/writing      locked by whoever writes; index/building: locked by whoever makes a new generation
index/touched      ids written while a new generation is being made
"""

import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _

from search.errors import EngineUnavailable

LAYOUT = 2  # counted up when the fields of the index change; a generation of another layout must be built anew
WAIT = 60.0  # seconds a writer waits for another: a batch takes far less


class Shelf:
    """Where the generations lie, and who may touch them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def prepare(self) -> None:
        """Make the folder, closed to other users of the machine."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)

    @property
    def current(self) -> Path | None:
        """The generation that serves; None before the first. Raises EngineUnavailable for one of another layout."""
        try:
            name = (self.root / "current").read_text().strip()
        except FileNotFoundError:
            return None
        if not name.startswith(f"{LAYOUT}-"):
            raise EngineUnavailable(_("The search index is of another version and must be built anew: search_index rebuild."))
        return self.root / name

    def fresh(self) -> Path:
        """An empty folder for a new generation."""
        path = self.root / f"{LAYOUT}-{uuid.uuid4().hex[:12]}"
        path.mkdir(mode=0o700)
        return path

    def serve(self, path: Path) -> None:
        """Let this generation serve from now on; the change is there as a whole or not at all, also after a crash."""
        draft = self.root / "current.new"
        with draft.open("w") as file:
            file.write(path.name)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.root / "current")
        _sync(self.root)

    def sweep(self) -> None:
        """Drop generations that do not serve; called by the maker of a new one, who alone makes any."""
        current = self.current
        for path in self.root.glob("*-*"):
            if path != current and path.is_dir():
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def writing(self, *, wait: float = WAIT) -> Iterator[None]:
        """Alone among writers, whatever their process. Raises EngineUnavailable when another does not finish in `wait` seconds."""
        with _locked(self.root / "writing", wait):
            yield

    @contextmanager
    def building(self) -> Iterator[None]:
        """Alone among makers of generations; meanwhile writers note what they touch."""
        with _locked(self.root / "building", 0.0):
            (self.root / "touched").write_text("")
            try:
                yield
            finally:
                (self.root / "touched").unlink(missing_ok=True)
                self.sweep()

    def touch(self, ids: Collection[str]) -> None:
        """Note ids for a generation in the making, if there is one. To be called while `writing`, before the commit."""
        try:
            with (self.root / "touched").open("r+") as file:
                file.seek(0, os.SEEK_END)
                file.writelines(f"{each}\n" for each in ids)
        except FileNotFoundError:
            return

    def take_touched(self) -> list[str]:
        """The ids noted so far, and forget them. To be called while `writing`."""
        path = self.root / "touched"
        ids = path.read_text().split()
        path.write_text("")
        return list(dict.fromkeys(ids))


@contextmanager
def _locked(path: Path, wait: float) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock(descriptor, wait)
        yield
    finally:
        os.close(descriptor)  # gives the lock back, as the end of a killed process does


def _lock(descriptor: int, wait: float) -> None:
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= end:
                raise EngineUnavailable(_("The search index is being written by somebody else. Try again shortly.")) from error
            time.sleep(0.02)
        else:
            return


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
