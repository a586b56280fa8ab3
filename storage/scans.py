"""A scan judged when it comes in (CAP-14, DA/T 31): resolution, skew, blank and doubled pages, and the page count that was declared."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext, gettext_noop

from storage import sandbox
from storage.formats import PAGED, PDF, refuse, refuse_fault
from storage.inside.looking import holds_picture

LEAST_DPI = 200
DPI_FOR_SMALL_PRINT = 300  # and for reading by OCR
MOST_SKEW = 3.0  # degrees

# Sentences by code; `pages` are the pages they are about.
WARNINGS = {
    "low-resolution": gettext_noop("Pages %(pages)s have less than 200 dpi. Scan them again at 300 dpi."),
    "resolution-for-print": gettext_noop("Pages %(pages)s have less than 300 dpi: enough to read, not enough for small print."),
    "skew": gettext_noop("Pages %(pages)s are skewed by more than 3°. Scan them again straight."),
    "blank": gettext_noop("Pages %(pages)s are blank. Check whether the sheet was fed the right way."),
    "doubled": gettext_noop("Pages %(pages)s look like the page before them. Check whether a sheet was scanned twice."),
    "page-count": gettext_noop("The file has %(found)s pages, %(declared)s were declared. Check whether pages are missing."),
}


def judge(path: Path, *, media_type: str, pages: int | None = None, declared: int | None = None) -> dict[str, Any]:
    """The verdict, as JSON to be kept: {"pages": [{"page", "dpi", "skew", "blank", "doubles"}], "warnings": [{"code", "pages", …}]}.

    Empty `pages` where nothing was scanned. `pages` the file has and `declared` ones are compared where both are given.
    Raises NotAccepted or TooLarge for a file that cannot be opened within the limits.
    """
    seen = _inside(path, media_type) if _may_be_scanned(path, media_type) else []
    warnings: list[dict[str, Any]] = [{"code": code, "pages": found} for code, found in _found(seen) if found]
    if pages is not None and declared is not None and pages != declared:
        warnings.append({"code": "page-count", "pages": [], "found": pages, "declared": declared})
    return {"pages": seen, "warnings": warnings}


def _may_be_scanned(path: Path, media_type: str) -> bool:
    """What was never scanned need not go into the sandbox for it."""
    return media_type in PAGED and (media_type != PDF or holds_picture(str(path)))


def sentences(verdict: dict[str, Any]) -> list[str]:
    """The warnings of a kept verdict in the language in force."""
    return [
        gettext(WARNINGS[warning["code"]]) % {**warning, "pages": ", ".join(map(str, warning["pages"]))}
        for warning in verdict.get("warnings", [])
    ]


def _found(seen: list[dict[str, Any]]) -> Iterator[tuple[str, list[int]]]:
    yield "low-resolution", [page["page"] for page in seen if page["dpi"] and page["dpi"] < LEAST_DPI]
    yield "resolution-for-print", [page["page"] for page in seen if page["dpi"] and LEAST_DPI <= page["dpi"] < DPI_FOR_SMALL_PRINT]
    yield "skew", [page["page"] for page in seen if abs(page["skew"]) > MOST_SKEW]
    yield "blank", [page["page"] for page in seen if page["blank"]]
    yield "doubled", [page["page"] for page in seen if page["doubles"]]


def _inside(path: Path, media_type: str) -> list[dict[str, Any]]:
    try:
        return list(sandbox.run("storage.inside.judging:judge", str(path), media_type).value)
    except sandbox.SandboxRefusal as refusal:
        refuse(refusal.reason, name=path.name, **refusal.facts)
    except sandbox.SandboxFault as fault:
        refuse_fault(fault, name=path.name)
