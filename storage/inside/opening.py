"""What a file is, found by really opening it (CAP-2). Runs inside the sandbox.

The first bytes name a candidate, the opener of that format then goes through the whole file; libmagic only gives a name to what is refused.
"""

import importlib
from pathlib import Path
from typing import TypedDict

from storage.inside import images, office, pdf, plain
from storage.inside.looking import contains
from storage.inside.refusal import Refused

HEAD = 4096  # bytes
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
PROGRAMS = ("executable", "dosexec", "sharedlib", "x-object", "mach-binary", "java-", "script", "batch", "x-perl", "x-php")
MARKUP = ("html", "svg", "xml", "javascript")
ARCHIVES = ("zip", "x-rar", "7z", "gzip", "x-tar", "bzip", "x-xz", "zstd", "iso9660", "x-lz")
OLD_OFFICE = ("msword", "ms-excel", "ms-powerpoint", "ole-storage", "cdf")


class Limits(TypedDict):
    """What a file may be at most."""

    pages: int
    megapixels: int
    unpacked_mb: int


class Finding(TypedDict):
    """What a file is; `pages` is None for formats without pages."""

    media_type: str
    pages: int | None


def recognise(path: str, limits: Limits) -> Finding:
    """Open the file at `path` and say what it is; Refused when it is not an accepted, intact file within the limits."""
    with Path(path).open("rb") as file:
        head = file.read(HEAD)
    if head.lstrip(pdf.MAY_PRECEDE).startswith(b"%PDF-"):
        return _found("application/pdf", pdf.check(path, limits))
    if media_type := images.candidate(head):
        return _found(media_type, images.check(path, media_type, limits))
    if head.startswith(b"PK\x03\x04") and (media_type := office.check(path, limits)):
        return _found(media_type, None)
    if head.startswith(OLE):
        _refuse_compound(path)
    try:
        return _found(plain.check(path, head, limits), None)
    except Refused as refusal:
        raise _named(path, head, refusal) from refusal


def _found(media_type: str, pages: int | None) -> Finding:
    return {"media_type": media_type, "pages": pages}


def _refuse_compound(path: str) -> None:
    """A compound file is an encrypted DOCX or XLSX, or an Office file of before 2007."""
    raise Refused("encrypted" if contains(path, ENCRYPTED_PACKAGE) else "old-office")


def _named(path: str, head: bytes, refusal: Refused) -> Refused:
    """No text either: say what it is rather than why it is no text."""
    seems = guess(path)
    for code, marks in (("program", PROGRAMS), ("old-office", OLD_OFFICE), ("markup", MARKUP), ("archive", ARCHIVES)):
        if any(mark in seems for mark in marks):
            return Refused(code, seems=seems)
    unknown = seems == "application/octet-stream" and plain.nearly_text(head)
    if refusal.code != "control-characters" or seems.startswith("text/") or unknown:
        return refusal
    return Refused("other-kind", seems=seems)


def guess(path: str) -> str:
    """libmagic's first guess at the media type."""
    importlib.import_module("pylibmagic")  # lets the next line find libmagic
    import magic

    return str(magic.from_file(path, mime=True))
