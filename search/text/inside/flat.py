"""Text of formats without pages, as parts of a size that is handy to seal and to show. Runs inside the sandbox."""

import re
from collections.abc import Iterator
from pathlib import Path

from search.text.inside import mail, office
from search.text.layout import SOFT, clean
from search.text.page import PageText, pack_all
from storage.inside import plain

PART = 20_000  # characters, to the end of a paragraph
LONGEST_LINE = 100_000  # characters, after which a paragraph is cut as well
BLANKS = re.compile(r"[^\S\n\t]+")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def pages(source: str, media_type: str) -> bytes:
    """The packed parts of a DOCX, XLSX, TXT or EML."""
    return pack_all(PageText(number=number, text=part) for number, part in enumerate(parts(_text(source, media_type)), 1))


def _text(source: str, media_type: str) -> str:
    if media_type == plain.TEXT:
        return plain.decode(Path(source).read_bytes())
    if media_type == plain.MAIL:
        return mail.mail_text(Path(source).read_bytes())
    return office.docx_text(source) if media_type.endswith("wordprocessingml.document") else office.xlsx_text(source)


def tidy(text: str) -> str:
    """The normal form: no empty lines, no blanks at the ends of lines, no control characters."""
    lines = (CONTROLS.sub("", BLANKS.sub(" ", line)).strip() for line in clean(text.translate(SOFT)).splitlines())
    return "\n".join(line for line in lines if line)


def parts(text: str) -> Iterator[str]:
    """The tidy text in pieces of about PART characters, cut at line ends; one empty part for an empty text."""
    gathered: list[str] = []
    size = 0
    for line in _lines(tidy(text)):
        if size + len(line) > PART and gathered:
            yield "\n".join(gathered)
            gathered, size = [], 0
        gathered.append(line)
        size += len(line) + 1
    yield "\n".join(gathered)


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        for start in range(0, max(1, len(line)), LONGEST_LINE):
            yield line[start : start + LONGEST_LINE]
