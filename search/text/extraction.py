"""The text of a file, page by page: embedded where it has some, read from the picture where it is a scan (FND-1, FND-11)."""

from collections.abc import Callable, Iterator
from pathlib import Path

from search.text import ocr
from search.text.page import PageText, unpack_all
from storage import formats, pages, sandbox
from storage.sandbox import Answer

Progress = Callable[[int, int], None]


def extract(path: Path, *, media_type: str, progress: Progress | None = None) -> Iterator[PageText]:
    """The pages in their order, each as soon as it is read; formats without pages give parts of about 20,000 characters.

    `progress(done, total)` is called after each page. Raises NotAccepted or TooLarge (`storage.errors`) for a file that cannot be opened
    within the limits, OcrFailed for a page that cannot be read, SandboxBusy when others wait for the same processes.
    """
    if media_type == formats.PDF:
        found = _pdf(path)
    elif media_type in formats.IMAGES:
        found = _images(path, media_type)
    else:
        found = _flat(path, media_type)
    for done, (page, total) in enumerate(found, 1):
        if progress:
            progress(done, total)
        yield page


def _pdf(path: Path) -> Iterator[tuple[PageText, int]]:
    first, total = 1, 1
    while first <= total:
        answer = _inside("search.text.inside.pdf:pages", path, first)
        total, scans = answer.value["total"], set(answer.value["scans"])
        for page in unpack_all(answer.body):
            yield (_read(path, formats.PDF, page.number) if page.number in scans else page), total
        first += answer.value["read"]


def _images(path: Path, media_type: str) -> Iterator[tuple[PageText, int]]:
    total = len(pages.sizes(path, media_type=media_type))
    for number in range(1, total + 1):
        yield _read(path, media_type, number), total


def _flat(path: Path, media_type: str) -> Iterator[tuple[PageText, int]]:
    parts = unpack_all(_inside("search.text.inside.flat:pages", path, media_type).body)
    for part in parts:
        yield part, len(parts)


def _read(path: Path, media_type: str, number: int) -> PageText:
    return ocr.read(number, pages.pixels(path, media_type=media_type, page=number, long_side=ocr.LONG_SIDE))


def _inside(function: str, path: Path, *arguments: object) -> Answer:
    try:
        return sandbox.run(function, str(path), *arguments)
    except sandbox.SandboxRefusal as refusal:
        formats.refuse(refusal.reason, name=path.name, **refusal.facts)
    except sandbox.SandboxFault as fault:
        formats.refuse_fault(fault, name=path.name)
