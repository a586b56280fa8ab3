"""Text of PDF pages with the places of words, from PDFium. Runs inside the sandbox."""

import re
import time
from collections.abc import Iterator
from ctypes import c_int
from typing import Any

from search.text.layout import CELL, SOFT, Cell, Line, clean, compose
from search.text.page import EMBEDDED, Box, PageText, pack_all

SHARE = 1.0  # seconds of work before what is done is handed over, so that progress shows
GRID = 1_000_000  # parts of a page's side in which PDFium is asked for places
TOO_FEW = 16  # characters: less than that beside a picture is a stamp or a page number, not the page's text
FEW = 120  # characters beside a picture that fills the page
FILLS = 0.6  # share of the page's area
MEANINGLESS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]")  # controls, private use, what could not be mapped
GARBAGE = 0.25  # share of characters that mean nothing, from which on the text is worth nothing


def pages(source: str, first: int) -> tuple[dict[str, Any], bytes]:
    """Packed pages from `first` on, as many as a second allows; {"total", "read", "scans": pages whose text must be read by OCR}."""
    import pypdfium2 as pdfium

    found: list[PageText] = []
    scans: list[int] = []
    ends = time.monotonic() + SHARE
    with pdfium.PdfDocument(source) as document:
        total = len(document)
        number = first
        while number <= total and (number == first or time.monotonic() < ends):
            page, is_scan = read(document, number)
            found.append(page)
            scans += [number] if is_scan else []
            number += 1
    return {"total": total, "read": len(found), "scans": scans}, pack_all(found)


def read(document: Any, number: int) -> tuple[PageText, bool]:
    """One page's embedded text, and whether the page is a scan, whose text must be read from its picture."""
    page = document[number - 1]
    try:
        lines, characters, garbage = _lines(page)
        # Boxes are in points as shown: `compose` compares widths with heights.
        text = compose(lines, number=number, source=EMBEDDED, width=page.get_width(), height=page.get_height())
        return text, _is_scan(page, characters, garbage)
    finally:
        page.close()


def _is_scan(page: Any, characters: int, garbage: int) -> bool:
    from pypdfium2 import raw

    useful = characters - garbage
    if characters and garbage > characters * GARBAGE:
        return True
    if useful >= FEW:
        return False
    if useful < TOO_FEW and not characters:
        return raw.FPDFPage_CountObjects(page.raw) > 0
    covered = _picture_share(page)
    return covered > 0.05 if useful < TOO_FEW else covered > FILLS


def _picture_share(page: Any) -> float:
    """The share of the page that its largest picture covers."""
    from pypdfium2 import raw

    area = max(page.get_width() * page.get_height(), 1.0)
    pictures = page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=3)
    bounds = (picture.get_bounds() for picture in pictures)
    return max(((right - left) * (top - bottom) / area for left, bottom, right, top in bounds), default=0.0)


def _lines(page: Any) -> tuple[list[Line], int, int]:
    """The lines of the page in its own order; how many characters it has, and how many of them mean nothing."""
    textpage = page.get_textpage()
    try:
        text = _characters(textpage)
        visible = "".join(text.split())
        garbage = len(MEANINGLESS.findall(visible))
        place = _placer(page)
        lines = [Line(cells) for start, line in _split(text) if (cells := list(_cells(textpage, start, line, place)))]
        return lines, len(visible), garbage
    finally:
        textpage.close()


def _characters(textpage: Any) -> str:
    """One character for each that PDFium counts, so that an index in the text is an index in PDFium's page."""
    from pypdfium2 import raw

    handle, get = textpage.raw, raw.FPDFText_GetUnicode
    points = [get(handle, index) for index in range(raw.FPDFText_CountChars(handle))]
    return "".join([chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else "\ufffd" for point in points])


def _split(text: str) -> Iterator[tuple[int, str]]:
    position = 0
    for line in text.split("\n"):
        yield position, line
        position += len(line) + 1


def _cells(textpage: Any, start: int, line: str, place: Any) -> Iterator[Cell]:
    """The words and runs of a line. Only the first and the last character of each are asked for their place."""
    end = 0
    for match in CELL.finditer(line):
        text = clean(match[0].translate(SOFT).replace("\x00", ""))
        if not text:
            continue
        box = _union(place(textpage, start + match.start()), place(textpage, start + match.end() - 1))
        yield Cell(_without_controls(text), box, blank=match.start() > end)
        end = match.end()


def _without_controls(text: str) -> str:
    return text if text.isprintable() else "".join(character if character >= " " else "\ufffd" for character in text)


def _union(one: Box, other: Box) -> Box:
    return Box(min(one.x0, other.x0), min(one.y0, other.y0), max(one.x1, other.x1), max(one.y1, other.y1))


def _placer(page: Any) -> Any:
    """A function that gives a character's box in points from the left upper corner of the page as shown, /Rotate and /CropBox seen to."""
    from pypdfium2 import raw

    width, height = page.get_size()
    (ox, oy), (ax, ay), (bx, by) = (_shown(page, *corner) for corner in ((0, 0), (1000, 0), (0, 1000)))
    # Where a step of one unit along x or y of the page's own coordinates leads, in fractions of the page as shown.
    xx, xy, yx, yy = ((ax - ox) / 1000, (ay - oy) / 1000, (bx - ox) / 1000, (by - oy) / 1000)
    rectangle, get = raw.FS_RECTF(), raw.FPDFText_GetLooseCharBox

    def place(textpage: Any, index: int) -> Box:
        get(textpage.raw, index, rectangle)
        xs = (ox + rectangle.left * xx + rectangle.bottom * yx, ox + rectangle.right * xx + rectangle.top * yx)
        ys = (oy + rectangle.left * xy + rectangle.bottom * yy, oy + rectangle.right * xy + rectangle.top * yy)
        return Box(min(xs) * width, min(ys) * height, max(xs) * width, max(ys) * height)

    return place


def _shown(page: Any, x: float, y: float) -> tuple[float, float]:
    from pypdfium2 import raw

    across, down = c_int(), c_int()
    raw.FPDF_PageToDevice(page.raw, 0, 0, GRID, GRID, 0, x, y, across, down)
    return across.value / GRID, down.value / GRID
