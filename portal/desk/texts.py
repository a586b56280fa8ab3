"""Text of components as the desk shows it: its progress in words, the words over a page, hits."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from records import reading
from records.models import Component, Record
from search import viewing
from search.errors import QueryRefused
from search.text.page import Box

SAME_LINE = 0.5  # share of the lower height by which two boxes overlap when they stand on one line


def hits(component: Component, question: str) -> dict[int, int]:
    """How often what was asked for stands on each page; a question that cannot be asked marks nothing."""
    try:
        return viewing.hits_by_page(component, question) if question else {}
    except QueryRefused:
        return {}


def text_pages(component: Component, question: str) -> list[dict[str, Any]]:
    """The text of a format without pages, hits marked."""
    try:
        found = viewing.text_pages(component, question)
    except QueryRefused:
        found = viewing.text_pages(component)
    return [{"number": page.number, "html": mark_safe(page.html)} for page in found]  # noqa: S308 - escaped by search.highlight


def page_words(component: Component, number: int, question: str, *, may_copy: bool) -> dict[str, Any]:
    """The text, words with their places and the boxes of hits, for the viewer; without `may_copy` the boxes alone (LND-4, SEC-2)."""
    try:
        found = viewing.page_words(component, number, question)
    except QueryRefused:
        found = viewing.page_words(component, number)
    words = list(_separated(found.words)) if may_copy else []
    return {
        "text": "".join(before + text for before, text, _box in words),
        "words": [[before, text, *_rounded(box)] for before, text, box in words],
        "hits": [[_rounded(box)] for box in found.hits],
        "confidence": found.confidence,
    }


def _rounded(box: Box) -> list[float]:
    return [round(edge, 4) for edge in box]


def _separated(words: Sequence[viewing.PlacedWord]) -> Iterable[tuple[str, str, Box]]:
    """Each word with what stands before it: nothing, a blank, or the end of a line."""
    last: viewing.PlacedWord | None = None
    for word in words:
        yield "" if last is None else _between(last, word), word.text, word.box
        last = word


def _between(last: viewing.PlacedWord, word: viewing.PlacedWord) -> str:
    lower = min(last.box.y1 - last.box.y0, word.box.y1 - word.box.y0)
    shared = min(last.box.y1, word.box.y1) - max(last.box.y0, word.box.y0)
    if shared <= lower * SAME_LINE:
        return "\n"
    return "" if word.box.x0 - last.box.x1 < lower * 0.15 else " "


# --- progress in words --------------------------------------------------------------------------------------------------


def lines(detail: reading.Detail, components: Sequence[Component]) -> list[dict[str, Any]]:
    """How far the text of each file is: being read, read, without text, or failed with its reason and a way to try again (FND-2)."""
    progress = viewing.progress_of(components)
    return [_line(detail.record, part, progress[part.pk], may_retry="change" in detail.may) for part in components]


def _line(record: Record, part: Component, progress: viewing.Progress, *, may_retry: bool) -> dict[str, Any]:
    line: dict[str, Any] = {"name": part.name, "percent": None, "retry_url": ""}
    if progress.state == "failed":
        line["line"] = _("could not be read: %(reason)s") % {"reason": progress.error or "–"}
        line["retry_url"] = reverse("desk:retry-text", args=[record.pk, part.pk]) if may_retry else ""
    elif progress.state == "pending":
        line["percent"] = round(progress.progress * 100)
        line["line"] = _("being read, %(percent)s %% so far; it is found by what was read") % {"percent": line["percent"]}
    elif progress.state == "empty":
        line["line"] = _("no text on it; it is found by its description")
    else:
        line["line"] = _("recognised from the scan") if progress.source == "ocr" else _("text of the file")
    return line


def retry(component: Component) -> None:
    """Read the text once more."""
    viewing.retry_text(component)
