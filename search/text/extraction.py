"""The text of a file, page by page: embedded where it has some, read from the picture where it is a scan (FND-1, FND-11)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from search.text import ocr
from search.text.page import PageText, unpack_all
from storage import formats, pages, sandbox
from storage.sandbox import Answer

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Embedded:
    """What a file says by itself: its pages, the numbers of those that are scans and how many there are in all."""

    pages: list[PageText]
    scans: list[int]
    total: int


def extract(path: Path, *, media_type: str, progress: Progress | None = None) -> Iterator[PageText]:
    """The pages in their order, each as soon as it is read; formats without pages give parts of about 20,000 characters.

    `progress(done, total)` is called after each page. Raises NotAccepted or TooLarge (`storage.errors`) for a file that cannot be opened
    within the limits, OcrFailed for a page that cannot be read, SandboxBusy when others wait for the same processes.
    """
    done = 0
    for piece in _pieces(path, media_type):
        by_number = {page.number: page for page in piece.pages}
        for number in sorted([*by_number, *piece.scans]):
            page = by_number.get(number) or read_scan(path, media_type=media_type, page=number)
            done += 1
            if progress:
                progress(done, piece.total)
            yield page


def embedded(path: Path, *, media_type: str) -> Embedded:
    """All that can be had without reading a picture, at once; errors as for `extract`, without OcrFailed."""
    pieces = list(_pieces(path, media_type))
    found = [page for piece in pieces for page in piece.pages]
    return Embedded(found, [number for piece in pieces for number in piece.scans], pieces[-1].total if pieces else 0)


def read_scan(path: Path, *, media_type: str, page: int) -> PageText:
    """One page read from its picture. Raises OcrFailed, SandboxBusy; PageNotFound, NotAccepted, TooLarge for the file."""
    return ocr.read(page, pages.pixels(path, media_type=media_type, page=page, long_side=ocr.LONG_SIDE))


def _pieces(path: Path, media_type: str) -> Iterator[Embedded]:
    """The file bit by bit, a second's work each."""
    if media_type == formats.PDF:
        yield from _pdf(path)
    elif media_type in formats.IMAGES:
        total = len(pages.sizes(path, media_type=media_type))
        yield Embedded([], list(range(1, total + 1)), total)
    else:
        parts = unpack_all(_inside("search.text.inside.flat:pages", path, media_type).body)
        yield Embedded(parts, [], len(parts))


def _pdf(path: Path) -> Iterator[Embedded]:
    first, total = 1, 1
    while first <= total:
        answer = _inside("search.text.inside.pdf:pages", path, first)
        total, scans = answer.value["total"], answer.value["scans"]
        yield Embedded([page for page in unpack_all(answer.body) if page.number not in scans], scans, total)
        first += answer.value["read"]


def _inside(function: str, path: Path, *arguments: object) -> Answer:
    try:
        return sandbox.run(function, str(path), *arguments)
    except sandbox.SandboxRefusal as refusal:
        formats.refuse(refusal.reason, name=path.name, **refusal.facts)
    except sandbox.SandboxFault as fault:
        formats.refuse_fault(fault, name=path.name)
