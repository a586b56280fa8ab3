"""Pictures of pages for people who may read the record, with the watermark burnt in that the tier asks for (SEC-2, PRT-4)."""

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import UUID
from weakref import WeakValueDictionary

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from records import access, stamps
from records.models import Component, Record, User
from storage import pages

THUMBNAIL, PAGE, FACE, FINE, ENLARGED = WIDTHS = (240, 1000, 480, 1800, 2600)  # pixels: what pictures of pages are drawn in
KEPT = 60  # seconds for which an opened file lies ready for its other pages
KEPT_BYTES = 512 * 1024 * 1024  # of all of them together


def width_from(asked: str | None) -> int:
    """The offered width that is asked for; the page's own where it is none of them."""
    return next((width for width in WIDTHS if str(width) == asked), PAGE)


def page_image(user: User, record_id: UUID | str, component_id: UUID | str, *, page: int, width: int) -> bytes:
    """PNG of page `page` (from 1). The right to read is asked each time; pages of one sitting are one event in the trail.

    Raises records' Unknown, NotAllowed, Gone; storage's NoPages, PageNotFound, StoreUnavailable.
    """
    record, component, stream = access.open_for_viewing(user, record_id, component_id)
    with stream, _plain(component, stream) as path:
        return pages.render(path, media_type=component.media_type, page=page, width=width, stamp=stamp(user, record))


def stamp(user: User, record: Record) -> list[str]:
    """The lines of the watermark: who looks, when, and by which loan; none where the tier asks for none and no loan opened it (LND-4)."""
    loans = access.running_loans(user, record) if access.only_by_loan(user, record) else []
    if not record.tier.watermark and not loans:
        return []
    return [" ".join([stamps.name_of(user), f"{timezone.localtime():%Y-%m-%d %H:%M}", *(loan.number for loan in loans)])]


def as_response(image: bytes) -> HttpResponse:
    """A picture that no cache keeps: it is as open as the record is now."""
    response = HttpResponse(image, content_type="image/png")
    response["Cache-Control"] = "no-store, private"
    return response


# --- files that lie ready ---------------------------------------------------------------------------------------------


class _Ready:
    """Opened files in the spool folder (0700, emptied at start) for as long as somebody turns their pages, each once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.doors: WeakValueDictionary[UUID, threading.Lock] = WeakValueDictionary()  # one opens a file, the others wait for it
        self.files: dict[UUID, tuple[Path, float, int]] = {}
        self.in_use: Counter[Path] = Counter()
        self.timer: threading.Timer | None = None

    @contextmanager
    def opened(self, key: UUID, size: int, write: Callable[[], Path]) -> Iterator[Path]:
        """The file that lies ready, or else the one that `write` makes; it stays at least until the block is left."""
        with self.lock:
            door = self.doors.setdefault(key, threading.Lock())
        with door:
            path = self.take(key) or self.put(key, write(), size)
        try:
            yield path
        finally:
            self.give_back(path)

    def take(self, key: UUID) -> Path | None:
        with self.lock:
            found = self.files.get(key)
            if found is None or not found[0].exists():
                return None
            self.files[key] = (found[0], time.monotonic(), found[2])
            self.in_use[found[0]] += 1
            return found[0]

    def put(self, key: UUID, path: Path, size: int) -> Path:
        with self.lock:
            self.files[key] = (path, time.monotonic(), size)
            self.in_use[path] += 1
            return path

    def give_back(self, path: Path) -> None:
        with self.lock:
            self.in_use[path] -= 1
            self.in_use += Counter()  # only what is in use stays counted
        self.sweep()

    def sweep(self) -> None:
        """Drop what nobody looked at for a while, and the oldest while all are too much; while anything lies here, look again."""
        now, room = time.monotonic(), KEPT_BYTES
        with self.lock:
            for key, (path, used, size) in sorted(self.files.items(), key=lambda item: -item[1][1]):
                room -= size
                if (now - used > KEPT or room < 0) and not self.in_use[path]:
                    path.unlink(missing_ok=True)
                    del self.files[key]
            if self.files and not self.timer:
                self.timer = threading.Timer(KEPT + 1, self.sweep_later)
                self.timer.daemon = True
                self.timer.start()

    def sweep_later(self) -> None:
        self.timer = None
        self.sweep()


_ready = _Ready()


def _plain(component: Component, stream: BinaryIO) -> AbstractContextManager[Path]:
    return _ready.opened(component.pk, component.size, lambda: _written(stream))


def _written(stream: BinaryIO) -> Path:
    with tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="page-", delete=False) as file:
        path = Path(file.name)
        try:
            while chunk := stream.read(1024 * 1024):
                file.write(chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return path
