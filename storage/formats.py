"""What a file is, decided by opening it inside the sandbox (CAP-2), and the sentence for what is not taken in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext_noop as _

from storage import sandbox
from storage.errors import NotAccepted, TooLarge

PDF, TIFF, JPEG, PNG, WEBP = "application/pdf", "image/tiff", "image/jpeg", "image/png", "image/webp"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TXT, EML = "text/plain", "message/rfc822"
IMAGES = frozenset({TIFF, JPEG, PNG, WEBP})
PAGED = IMAGES | {PDF}
ACCEPTED = PAGED | {DOCX, XLSX, TXT, EML}
MEGABYTE = 1024 * 1024

# Why a file is refused: a stable code and a sentence that says what is wrong and what to do.
REASONS = {
    "empty": _("The file is empty (0 bytes). Scan or export it again."),
    "encrypted": _("The file is encrypted or protected by a password. Save it without protection and upload it again."),
    "truncated": _("The end of the file is missing. Upload it again from where it is whole, or scan it again."),
    "damaged": _("The file is damaged. Open it in its own program, save or print it to a new file, and upload that."),
    "program": _("This is a program, not a document. Programs are not kept here."),
    "markup": _("This is a web page or drawing code (HTML, SVG, XML), whatever its name says. Print it to PDF and upload that."),
    "archive": _("This is an archive of other files. Unpack it and upload the files themselves."),
    "old-office": _("This is an Office file of an old kind. Save it as DOCX, XLSX or PDF and upload that."),
    "macros": _("The document contains macros. Save it without macros, as DOCX, XLSX or PDF, and upload that."),
    "animated": _("This is a moving picture, not a document. Save the page as a still picture or PDF and upload that."),
    "unknown-encoding": _("The text is in an encoding that is not known here. Save it as UTF-8 and upload it again."),
    "control-characters": _(
        "The text contains bytes that are no text. Save it as plain text in UTF-8, or print it to PDF, and upload that."
    ),
    "other-kind": _("This kind of file is not kept here (it looks like %(seems)s). Convert it to PDF and upload that."),
    "unopenable": _("The program that opens such files failed over this one. Print it to a new PDF and upload that."),
}
OVER = {
    "file-size": _("The file has %(found)s MB; %(limit)s MB are the limit (MUNIMENT_MAX_FILE_MB). Split it or scan it coarser."),
    "too-many-pages": _("The file has %(found)s pages; %(limit)s are the limit (MUNIMENT_MAX_PAGES). Split it."),
    "too-many-pixels": _(
        "A page has %(found)s million pixels; %(limit)s million are the limit (MUNIMENT_MAX_MEGAPIXELS). Scan it coarser."
    ),
    "too-large-unpacked": _(
        "Unpacked, the file has more than %(limit)s MB, the limit (MUNIMENT_MAX_UNPACKED_MB). Print it to a new PDF and upload that."
    ),
    "open-time": _(
        "Opening the file takes longer than %(limit)s seconds, the limit (MUNIMENT_MAX_OPEN_SECONDS). Print it to a new PDF, or split it."
    ),
    "open-memory": _(
        "Opening the file needs more than %(limit)s MB of memory, the limit (MUNIMENT_MAX_OPEN_MB). Split it or scan it coarser."
    ),
}


@dataclass(frozen=True)
class Format:
    """What a file is. `pages` is None for formats without pages (DOCX, XLSX, TXT, EML), which are viewed as their text."""

    media_type: str
    pages: int | None


def recognise(path: Path, *, name: str) -> Format:
    """What the file at `path` is, by its content; `name`, as the sender called it, decides nothing and is kept for the log.

    Raises TooLarge (over one of the limits MUNIMENT_MAX_*, which the sentence names) or NotAccepted (not an accepted kind,
    protected, not whole); their `code` is a key of OVER or REASONS. Raises SandboxBusy when too many files are being opened.
    """
    _check_size(path, name)
    limits = {
        "pages": settings.MUNIMENT_MAX_PAGES,
        "megapixels": settings.MUNIMENT_MAX_MEGAPIXELS,
        "unpacked_mb": settings.MUNIMENT_MAX_UNPACKED_MB,
    }
    try:
        found = sandbox.run("storage.inside.opening:recognise", str(path), limits).value
    except sandbox.SandboxRefusal as refusal:
        refuse(refusal.reason, name=name, **refusal.facts)
    except sandbox.SandboxFault as fault:
        refuse_fault(fault, name=name)
    return Format(media_type=found["media_type"], pages=found["pages"])


def _check_size(path: Path, name: str) -> None:
    size = path.stat().st_size
    if size == 0:
        refuse("empty", name=name)
    if size > settings.MUNIMENT_MAX_FILE_MB * MEGABYTE:
        refuse("file-size", name=name, found=-(-size // MEGABYTE), limit=settings.MUNIMENT_MAX_FILE_MB)


def refuse(code: str, **facts: Any) -> NoReturn:
    """Raise TooLarge for a limit, NotAccepted for anything else, with the sentence of `code` in the language in force."""
    from django.utils.translation import gettext

    error = TooLarge if code in OVER else NotAccepted
    sentence = gettext(OVER.get(code) or REASONS[code])
    refusal = error(sentence % facts if "%(" in sentence else sentence, **facts)
    refusal.code = code
    raise refusal


def refuse_fault(fault: sandbox.SandboxFault, *, name: str) -> NoReturn:
    """Raise what the end of a child process says about the file it was opening."""
    if fault.cause == "timeout":
        refuse("open-time", name=name, limit=settings.MUNIMENT_MAX_OPEN_SECONDS)
    if fault.cause == "memory":
        refuse("open-memory", name=name, limit=settings.MUNIMENT_MAX_OPEN_MB)
    refuse("damaged" if fault.cause == "error" else "unopenable", name=name, error=fault.error)
