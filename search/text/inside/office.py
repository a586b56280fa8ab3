"""Text of DOCX and XLSX: paragraphs as lines, rows of tables as lines with tabs between cells. Runs inside the sandbox."""

import datetime
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import iterparse

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT_WORD = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Besides the document itself: what stands at the edges of its pages, and notes.
OTHER_PARTS = re.compile(r"word/(header\d*|footer\d*|footnotes|endnotes|comments)\.xml")


def docx_text(source: str | IO[bytes]) -> str:
    """The text of a Word file: the document, then its headers, footers, notes and comments."""
    with zipfile.ZipFile(source) as package:
        names = sorted(name for name in package.namelist() if OTHER_PARTS.fullmatch(name))
        return "\n".join(_part(package, name) for name in (_main_part(package), *names))


def _main_part(package: zipfile.ZipFile) -> str:
    declared = package.read("[Content_Types].xml").decode("utf-8", "replace")
    match = re.search(r"<Override\b[^>]*wordprocessingml\.document\.main\+xml[^>]*>", declared)
    part = re.search(r'PartName="/([^"]+)"', match[0]) if match else None
    return part[1] if part else "word/document.xml"


def _part(package: zipfile.ZipFile, name: str) -> str:
    with package.open(name) as stream:
        return _Paragraphs().read(stream)


class _Paragraphs:
    """One pass over a part. `levels`: the text being gathered, one level more inside each cell of a table."""

    def __init__(self) -> None:
        self.levels: list[list[str]] = [[]]
        self.skipped = 0  # depth inside a fallback, which says again what was said before

    def read(self, stream: IO[bytes]) -> str:
        for event, element in iterparse(stream, ("start", "end")):  # noqa: S314 - see the import
            tag = element.tag.replace(STRICT_WORD, WORD)
            if event == "start":
                self.begin(tag)
            else:
                self.end(tag, element)
        return "".join(self.levels[0])

    def begin(self, tag: str) -> None:
        self.skipped += tag == FALLBACK
        if tag == f"{WORD}tc":
            self.levels.append([])

    def end(self, tag: str, element: Any) -> None:
        self.skipped -= tag == FALLBACK
        level = self.levels[-1]
        if tag == f"{WORD}t" and not self.skipped:
            level.append(element.text or "")
        elif tag in {f"{WORD}br", f"{WORD}cr", f"{WORD}p"} and not self.skipped:
            level.append("\n")
        elif tag == f"{WORD}tab":
            level.append(" ")
        elif tag == f"{WORD}noBreakHyphen":
            level.append("-")
        elif tag == f"{WORD}tc":
            self.levels.pop()
            self.levels[-1].append(" ".join("".join(level).split()) + "\t")
        elif tag == f"{WORD}tr":
            level.append("\n")
        if tag in {f"{WORD}p", f"{WORD}tr"}:
            element.clear()


def xlsx_text(source: str | IO[bytes]) -> str:
    """The text of a workbook: each sheet's name, then its rows with the values last computed."""
    from openpyxl import load_workbook

    with Path(source).open("rb") if isinstance(source, str) else source as file:  # of a path openpyxl would look at the name's end
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        return "\n".join(line for sheet in book.worksheets for line in (sheet.title, *_rows(sheet)))


def _rows(sheet: Any) -> Iterator[str]:
    sheet.reset_dimensions()  # what a file says about its own size is not believed
    for row in sheet.iter_rows(values_only=True):
        line = "\t".join(_shown(value) for value in row if value is not None)
        if line.strip():
            yield line


def _shown(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "minutes")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return " ".join(str(value).split())
