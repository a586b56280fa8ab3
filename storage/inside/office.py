"""DOCX and XLSX: a package of XML parts, unpacked once with a bound. Runs inside the sandbox."""

import re
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

from storage.inside.refusal import Refused

if TYPE_CHECKING:
    from storage.inside.opening import Limits

CONTENT_TYPES = "[Content_Types].xml"
OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    f"{OFFICE}wordprocessingml.document.main+xml": f"{OFFICE}wordprocessingml.document",
    f"{OFFICE}spreadsheetml.sheet.main+xml": f"{OFFICE}spreadsheetml.sheet",
}
MACROS = re.compile(rb"macroEnabled|vnd\.ms-office\.vbaProject", re.IGNORECASE)
MAIN_PART = re.compile(rb'<Override\b[^>]*?ContentType="([^"]+\.main\+xml)"')
MAX_PARTS = 20_000
MAX_CONTENT_TYPES = 4 * 1024 * 1024  # bytes
PIECE = 1024 * 1024
MEGABYTE = 1024 * 1024
ENCRYPTED_FLAG = 0x1


def check(source: str | IO[bytes], limits: "Limits") -> str | None:
    """DOCX's or XLSX's media type; None when it is a zip, but neither; Refused when it is broken or over a limit."""
    try:
        with zipfile.ZipFile(source) as package:
            media_type = _main_type(package)
            if media_type:
                _unpack(package, limits["unpacked_mb"] * MEGABYTE)
            return media_type
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise Refused("damaged" if zipfile.is_zipfile(source) else "truncated") from error


def _main_type(package: zipfile.ZipFile) -> str | None:
    parts = package.infolist()
    names = {part.filename for part in parts}
    if CONTENT_TYPES not in names:
        return None
    if any(part.flag_bits & ENCRYPTED_FLAG for part in parts):
        raise Refused("encrypted")
    if len(parts) > MAX_PARTS or package.getinfo(CONTENT_TYPES).file_size > MAX_CONTENT_TYPES:
        raise Refused("damaged")
    declared = package.read(CONTENT_TYPES)
    if MACROS.search(declared) or any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused("macros")
    mains = {match.decode("ascii", "replace") for match in MAIN_PART.findall(declared)}
    return next((MEDIA_TYPES[main] for main in mains if main in MEDIA_TYPES), None)


def _unpack(package: zipfile.ZipFile, limit: int) -> None:
    """Every part once, for its checksum and for what it really unpacks to; what the directory declares is only a first look."""
    if sum(part.file_size for part in package.infolist()) > limit:
        raise Refused("too-large-unpacked", limit=limit // MEGABYTE)
    total = 0
    for part in package.infolist():
        with package.open(part) as stream:
            first = True
            while piece := stream.read(PIECE):
                total += len(piece)
                if first and part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in piece:
                    raise Refused("damaged")  # forbidden in Office files (ECMA-376 part 2), and how XML bombs are made
                first = False
        if total > limit:
            raise Refused("too-large-unpacked", limit=limit // MEGABYTE)
