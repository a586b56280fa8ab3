"""Pages of a file as pictures, drawn inside the sandbox; formats without pages have none (CAP-2)."""

from collections.abc import Sequence
from pathlib import Path

from storage import sandbox
from storage.errors import StorageError
from storage.formats import PAGED, refuse, refuse_fault
from storage.sandbox import Answer

MAX_WIDTH = 4000  # pixels


class NoPages(StorageError):  # noqa: N818 - named for what happened
    """Files of this format have no pages; they are viewed as their text."""

    code = "no-pages"


class PageNotFound(StorageError):  # noqa: N818
    """The file has no such page."""

    code = "page-not-found"


def render(path: Path, *, media_type: str, page: int, width: int, stamp: Sequence[str] = ()) -> bytes:
    """PNG of page `page` (from 1), `width` pixels wide (MAX_WIDTH at most), turned as its file says it is to be read.

    `stamp` lines are written over the whole page as a watermark. Greyscale or few colours where the page allows it.
    Raises NoPages, PageNotFound; NotAccepted or TooLarge when the file cannot be opened within the limits.
    """
    width = max(1, min(width, MAX_WIDTH))
    return _drawn("render", path, media_type, page, width, list(stamp)).body


def sizes(path: Path, *, media_type: str) -> list[tuple[float, float]]:
    """Width and height of every page as shown (points for PDF, pixels for images): for laying out a viewer before pages load."""
    return [(width, height) for width, height in _drawn("sizes", path, media_type).value]


def pixels(path: Path, *, media_type: str, page: int, long_side: int) -> Answer:
    """The raw pixels of a page for reading: value {"mode" L or RGB, "width", "height"} and the bytes."""
    return _drawn("pixels", path, media_type, page, long_side)


def _drawn(function: str, path: Path, media_type: str, *arguments: object) -> Answer:
    return drawn(f"storage.inside.drawing:{function}", path, media_type, *arguments)


def drawn(function: str, path: Path, media_type: str, *arguments: object) -> Answer:
    """What a function inside ("package.module:name") makes of a file with pages; raises as `render`."""
    if media_type not in PAGED:
        raise NoPages
    try:
        return sandbox.run(function, str(path), media_type, *arguments)
    except sandbox.SandboxRefusal as refusal:
        if refusal.reason == "no-page":
            raise PageNotFound from refusal
        refuse(refusal.reason, **refusal.facts)
    except sandbox.SandboxFault as fault:
        refuse_fault(fault, name=path.name)
