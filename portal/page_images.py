"""Pictures of pages for people who may read the record, with the watermark burnt in that the tier asks for (SEC-2, PRT-4)."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from records import access
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
    """The lines of the watermark: who looks, and when; none where the tier asks for none."""
    if not record.tier.watermark:
        return []
    name, now = user.get_full_name(), timezone.localtime()
    who = name if name == user.username else f"{name} {user.username}"
    return [f"{who} {now:%Y-%m-%d %H:%M}"]


def as_response(image: bytes) -> HttpResponse:
    """A picture that no cache keeps: it is as open as the record is now."""
    response = HttpResponse(image, content_type="image/png")
    response["Cache-Control"] = "no-store, private"
    return response


# --- files that lie ready ---------------------------------------------------------------------------------------------


class _Ready:
    """Opened files in the spool folder (0700, emptied at start) for as long as somebody turns their pages."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.files: dict[UUID, tuple[Path, float, int]] = {}
        self.in_use: dict[Path, int] = {}

    def take(self, key: UUID) -> Path | None:
        with self.lock:
            found = self.files.get(key)
            if found is None or not found[0].exists():
                return None
            self.files[key] = (found[0], time.monotonic(), found[2])
            self.in_use[found[0]] = self.in_use.get(found[0], 0) + 1
            return found[0]

    def put(self, key: UUID, path: Path, size: int) -> None:
        with self.lock:
            former = self.files.pop(key, None)
            self.files[key] = (path, time.monotonic(), size)
            self.in_use[path] = self.in_use.get(path, 0) + 1
        if former:
            self.drop(former[0])
        timer = threading.Timer(KEPT + 1, self.sweep)
        timer.daemon = True
        timer.start()

    def give_back(self, path: Path) -> None:
        with self.lock:
            self.in_use[path] -= 1
        self.sweep()

    def sweep(self) -> None:
        """Drop what nobody looked at for a while, and the oldest while all are too much."""
        now, gone = time.monotonic(), []
        with self.lock:
            room = KEPT_BYTES
            for key, (path, used, size) in sorted(self.files.items(), key=lambda item: -item[1][1]):
                room -= size
                if (now - used > KEPT or room < 0) and not self.in_use.get(path):
                    gone.append(path)
                    del self.files[key]
        for path in gone:
            self.drop(path)

    def drop(self, path: Path) -> None:
        with self.lock:
            if self.in_use.get(path):
                return
            self.in_use.pop(path, None)
        with suppress(FileNotFoundError):
            path.unlink()


_ready = _Ready()


@contextmanager
def _plain(component: Component, stream: BinaryIO) -> Iterator[Path]:
    path = _ready.take(component.pk)
    if path is None:
        path = _written(stream)
        _ready.put(component.pk, path, component.size)
    try:
        yield path
    finally:
        _ready.give_back(path)


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
