"""Text of one component for those who look at it: how far it is, hits on its pages, words with their places (FND-2, FND-9).

The caller got the component from `records.access`, which checked that it may be read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from records import outbox
from records.models import Component
from search import finding, passages, texts
from search.highlight import Marker, Masked
from search.models import State, TextPage, TextState
from search.text.page import Box


@dataclass(frozen=True)
class Progress:
    """How far the text of a component is. `progress`: 0 to 1; `error`: why it could not be read, None unless it failed."""

    state: str = State.PENDING
    source: str | None = None
    progress: float = 0.0
    error: str | None = None

    def as_dict(self) -> dict[str, object]:
        """As the API shows it (interface.md, Records)."""
        return {"state": str(self.state), "source": self.source, "progress": round(self.progress, 3), "error": self.error}


@dataclass(frozen=True)
class PlacedWord:
    """A word of a page with its box in fractions of the page; sensitive values are masked (SEC-6)."""

    text: str
    box: Box


@dataclass(frozen=True)
class PageWords:
    """What lies over the image of a page: words to select, and boxes around what was asked for."""

    words: tuple[PlacedWord, ...] = ()
    hits: tuple[Box, ...] = ()
    source: str | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class TextOfPage:
    """A page as HTML, escaped, hits marked, sensitive values masked."""

    number: int
    html: str
    hits: int


def progress_of(components: Iterable[Component]) -> dict[UUID, Progress]:
    """How far each is, in one query; one that nobody has looked at yet is pending."""
    ids = [component.pk for component in components]
    found = {
        row.pk: Progress(row.state, row.source or None, row.progress, row.error or None) for row in TextState.objects.filter(pk__in=ids)
    }
    return {pk: found.get(pk, Progress()) for pk in ids}


def hits_by_page(component: Component, question: str) -> dict[int, int]:
    """How often what was asked for stands on each page, for pages where it does. Raises QueryRefused."""
    counted = ((row.number, len(marker.spans(text, hidden))) for row, text, hidden, marker in _pages(component, question))
    return {number: count for number, count in counted if count}


def text_pages(component: Component, question: str = "") -> list[TextOfPage]:
    """The text of all pages, for formats without page images. Raises QueryRefused."""
    shown = []
    for row, text, hidden, marker in _pages(component, question):
        shown.append(TextOfPage(row.number, marker.marked(text, hidden), len(marker.spans(text, hidden))))
    return shown


def page_words(component: Component, page: int, question: str = "") -> PageWords:
    """Words and hits of one page; nothing for a page without text. Raises QueryRefused."""
    row = TextPage.objects.filter(component=component, number=page).first()
    if row is None:
        return PageWords()
    kept = texts.page_of(row, component.version.record.data_key.material())
    hidden = passages.masked(kept.text)
    spans = Marker(finding.clauses(question)).spans(kept.text, hidden)
    shown = _with_masks(kept.text, hidden)
    words = tuple(PlacedWord(shown[word.start : word.end], word.box) for word in kept.words)
    hits = tuple(box for span in spans for box in kept.boxes(span.start, span.end))
    return PageWords(words, hits, row.source, row.confidence)


def hit_boxes(places: Sequence[tuple[Component, int]], question: str) -> dict[tuple[UUID, int], tuple[Box, ...]]:
    """The boxes of hits on several pages, by component and page, with one query: for pictures of results. Raises QueryRefused."""
    wanted = {(component.pk, page): component for component, page in places}
    numbers = {page for _component, page in wanted}
    rows = TextPage.objects.filter(component__in={pk for pk, _page in wanted}, number__in=numbers) if wanted else []
    marker = Marker(finding.clauses(question))
    found = {}
    for row in rows:
        component = wanted.get((row.component_id, row.number))
        if component is not None:
            kept = texts.page_of(row, component.version.record.data_key.material())
            spans = marker.spans(kept.text, passages.masked(kept.text))
            found[row.component_id, row.number] = tuple(box for span in spans for box in kept.boxes(span.start, span.end))
    return found


def retry_text(component: Component) -> None:
    """Read the text once more: what a person asks for after a failure."""
    with transaction.atomic():
        TextState.objects.filter(component=component).update(state=State.PENDING, error="", attempts=0)
        for topic in ("text", "ocr"):
            outbox.retry(topic=topic, key=component.pk)
        outbox.enqueue("text", component.pk)


def _pages(component: Component, question: str) -> Iterable[tuple[TextPage, str, Sequence[Masked], Marker]]:
    marker = Marker(finding.clauses(question))
    key = component.version.record.data_key.material()
    for row in TextPage.objects.filter(component=component).defer("layout").order_by("number"):
        text = texts.text_of(row, key)
        yield row, text, passages.masked(text), marker


def _with_masks(text: str, hidden: Sequence[Masked]) -> str:
    """The same length, so that places stay."""
    for each in hidden:
        size = each.end - each.start
        text = text[: each.start] + each.shown[:size].ljust(size, "*") + text[each.end :]
    return text
