"""PDF: is it whole, open and within the limits? Runs inside the sandbox."""

import mmap
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage.inside.refusal import Refused

if TYPE_CHECKING:
    from storage.inside.opening import Limits

MAY_PRECEDE = b"\xef\xbb\xbf \t\r\n\x00"
BEFORE_END = 64  # bytes before the last %%EOF in which the place of the cross-reference table stands
LAST_REFERENCE = re.compile(rb"startxref\s+(\d+)\s+$")
AFTER_END = re.compile(rb"\d+\s+\d+\s+obj\b")
CROSS_REFERENCE = re.compile(rb"\s*(xref\b|\d+\s+\d+\s+obj\b)")
STREAM = re.compile(rb">>\s*stream\r?\n")
DICTIONARY = 2048  # bytes before a stream in which its dictionary is looked for
PIECE = 1024 * 1024  # bytes unpacked at a time, and forgotten
MEGABYTE = 1024 * 1024
PASSWORD, SECURITY = 4, 5  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY
WIDTH, HEIGHT = re.compile(rb"/Width\s+(\d+)"), re.compile(rb"/Height\s+(\d+)")


def check(path: str, limits: "Limits") -> int:
    """The number of pages of an intact PDF; Refused otherwise."""
    import pypdfium2 as pdfium

    _check_frame(path, limits)
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        raise Refused("encrypted" if error.err_code in {PASSWORD, SECURITY} else "damaged") from error
    try:
        return _check_document(document, limits)
    finally:
        document.close()


def _check_document(document: Any, limits: "Limits") -> int:
    from pypdfium2 import raw

    if raw.FPDF_GetSecurityHandlerRevision(document.raw) >= 0:
        raise Refused("encrypted")
    pages = len(document)
    if pages > limits["pages"]:
        raise Refused("too-many-pages", found=pages, limit=limits["pages"])
    if not pages:
        raise Refused("damaged")
    size = raw.FS_SIZEF()
    for number in range(pages):
        if not raw.FPDF_GetPageSizeByIndexF(document.raw, number, size):
            raise Refused("damaged", page=number + 1)
    return pages


def _check_frame(path: str, limits: "Limits") -> None:
    """PDFium repairs what it can; an archive wants to know. The end must be there, and point at a cross-reference table."""
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start, end = data.find(b"%PDF-", 0, 1024), data.rfind(b"%%EOF")
        last = LAST_REFERENCE.search(data[max(0, end - BEFORE_END) : end]) if end >= 0 else None
        # Scanners and mail gateways append a little; more objects mean that a later part was cut off.
        if last is None or AFTER_END.search(data, end):
            raise Refused("truncated")
        offset = int(last[1])
        if not any(CROSS_REFERENCE.match(data[at : at + 64]) for at in (offset, offset + start)):
            raise Refused("damaged")
        _check_streams(data, limits)


def _check_streams(data: mmap.mmap, limits: "Limits") -> None:
    """Bound what the file would make a reader allocate: pictures by their pixels, all other streams by unpacking them, counting only.

    Streams and their dictionaries lie in clear in a PDF, so that a bomb is found without drawing a page.
    """
    total, allowed = 0, limits["unpacked_mb"] * MEGABYTE
    for stream in STREAM.finditer(data):
        dictionary = data[max(0, stream.start() - DICTIONARY) : stream.start()].rpartition(b"obj")[2]
        if b"/Image" in dictionary:
            _check_pixels(dictionary, limits["megapixels"])
        elif b"Flate" in dictionary:
            for size in _unpacked_sizes(data, stream.end()):
                total += size
                if total > allowed:
                    raise Refused("too-large-unpacked", limit=limits["unpacked_mb"])


def _check_pixels(dictionary: bytes, megapixels: int) -> None:
    width, height = WIDTH.search(dictionary), HEIGHT.search(dictionary)
    pixels = int(width[1]) * int(height[1]) if width and height else 0
    if pixels > megapixels * 1_000_000:
        raise Refused("too-many-pixels", found=pixels // 1_000_000, limit=megapixels)


def _unpacked_sizes(data: mmap.mmap, position: int) -> Iterator[int]:
    unpacker = zlib.decompressobj()
    pending = b""
    while not unpacker.eof:
        if not pending:
            pending = data[position : position + PIECE // 16]
            position += len(pending)
            if not pending:
                return
        try:
            yield len(unpacker.decompress(pending, PIECE))
        except zlib.error:
            return  # not deflated after all, or damaged: PDFium says which
        pending = unpacker.unconsumed_tail
