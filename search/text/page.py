"""The text of one page, with the places of its words, in the form that all of search relies on.

The normal form of `PageText.text`:
- Running text runs on: a line end inside a paragraph is gone between two Chinese characters, else it is one blank. A word cut by a hyphen
  at a line end is whole again. So a phrase is found also where it crosses the end of a line.
- A line feed stands between paragraphs, headings and rows of a table; a tab between cells of a table (Office formats), else one blank
  between words. No other control characters, no blanks at the ends of lines, no empty lines.
- Characters are those of the file, apart from radicals and compatibility ideographs (U+2E80 to U+2FDF, U+F900 to U+FAFF, which some PDFs
  write for ordinary characters): each is its ordinary character. Width, case, Traditional and Simplified stay as they are; `search.fold`
  folds them, without moving an offset.

Runs inside the sandbox too: no Django here.
"""

import json
import struct
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

EMBEDDED, OCR = "embedded", "ocr"
MAGIC = b"MTP1"
WORD = struct.Struct("<IHHHHHB")  # start, length, box in 65535ths, confidence in percent
FULL = 65535
UNSURE = 255  # stands for None among confidences
SAME_LINE = 0.5  # share of the lower height by which two boxes overlap when they stand on one line
ORDINARY = {
    point: form
    for start, end in ((0x2E80, 0x2FE0), (0xF900, 0xFB00))
    for point in range(start, end)
    if len(form := unicodedata.normalize("NFKC", chr(point))) == 1 and form != chr(point)
}


class Box(NamedTuple):
    """A rectangle on a page as shown, in fractions of its width and height, from the left upper corner."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Word:
    """`text[start:end]` stands in `box`: a word, a number, or a run of Chinese characters of even width."""

    start: int
    end: int
    box: Box
    confidence: float | None = None  # 0 to 1; None where nothing was guessed


@dataclass(frozen=True, slots=True)
class PageText:
    """What one page says. `source`: embedded or ocr; `confidence` (0 to 1): None for embedded text and for a page without words.

    For formats without pages `number` counts parts of the text, and `words` is empty.
    """

    number: int
    text: str
    source: str = EMBEDDED
    confidence: float | None = None
    words: tuple[Word, ...] = ()

    def boxes(self, start: int, end: int) -> list[Box]:
        """Rectangles that cover `text[start:end]`, one for each line it stands on; inside a word they are measured out evenly."""
        return _joined(_part(word, start, end) for word in self.words if word.start < end and word.end > start)

    def to_bytes(self) -> bytes:
        """A compact form to be sealed and kept."""
        head = json.dumps([self.number, self.source, self.confidence, self.text], ensure_ascii=False, separators=(",", ":")).encode()
        words = b"".join(_packed(word) for word in self.words)
        return MAGIC + zlib.compress(struct.pack("<I", len(head)) + head + words, 3)

    @classmethod
    def from_bytes(cls, data: bytes) -> "PageText":
        """The page that `to_bytes` wrote; ValueError for anything else."""
        if not data.startswith(MAGIC):
            raise ValueError("not a page of text")
        try:
            plain = zlib.decompress(data[len(MAGIC) :])
            (length,) = struct.unpack_from("<I", plain)
            number, source, confidence, text = json.loads(plain[4 : 4 + length])
            words = tuple(_unpacked(fields) for fields in WORD.iter_unpack(plain[4 + length :]))
        except (zlib.error, struct.error) as error:
            raise ValueError("not a page of text") from error
        return cls(number=number, text=text, source=source, confidence=confidence, words=words)


def _packed(word: Word) -> bytes:
    box = [min(FULL, max(0, round(edge * FULL))) for edge in word.box]
    sure = UNSURE if word.confidence is None else round(word.confidence * 100)
    return WORD.pack(word.start, word.end - word.start, *box, sure)


def _unpacked(fields: tuple[int, ...]) -> Word:
    start, length, x0, y0, x1, y1, sure = fields
    box = Box(x0 / FULL, y0 / FULL, x1 / FULL, y1 / FULL)
    return Word(start, start + length, box, None if sure == UNSURE else sure / 100)


def _part(word: Word, start: int, end: int) -> Box:
    """The piece of a word's box that `start` to `end` takes: along its longer side."""
    length, box = word.end - word.start, word.box
    first, last = max(0, start - word.start) / length, min(length, end - word.start) / length
    width, height = box.x1 - box.x0, box.y1 - box.y0
    if height > width and length > 2:  # written downwards
        return Box(box.x0, box.y0 + height * first, box.x1, box.y0 + height * last)
    return Box(box.x0 + width * first, box.y0, box.x0 + width * last, box.y1)


def _joined(boxes: Iterable[Box]) -> list[Box]:
    """Neighbours on one line as one rectangle."""
    joined: list[Box] = []
    for box in boxes:
        if joined and _adjoin(joined[-1], box):
            last = joined[-1]
            joined[-1] = Box(min(last.x0, box.x0), min(last.y0, box.y0), max(last.x1, box.x1), max(last.y1, box.y1))
        else:
            joined.append(box)
    return joined


def _adjoin(one: Box, other: Box) -> bool:
    lower = min(one.y1 - one.y0, other.y1 - other.y0)
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared > lower * SAME_LINE and -lower < other.x0 - one.x1 < lower * 2


def pack_all(pages: Iterable[PageText]) -> bytes:
    """Several pages in one message, each with its length before it."""
    packed = [page.to_bytes() for page in pages]
    return b"".join(struct.pack("<I", len(data)) + data for data in packed)


def unpack_all(data: bytes) -> list[PageText]:
    """The pages of `pack_all`; ValueError for anything else."""
    pages, position = [], 0
    while position < len(data):
        (length,) = struct.unpack_from("<I", data, position)
        position += 4 + length
        pages.append(PageText.from_bytes(data[position - length : position]))
    return pages
