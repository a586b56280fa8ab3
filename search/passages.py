"""Passages and pages of hits for one page of results, from the sealed texts: one query for the texts, whatever the number of records."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db.models import F, prefetch_related_objects

from records import fields
from records.models import Component, Record
from search import texts
from search.highlight import Marker, Masked, Passage, Span, cut, passages, windows
from search.models import State, TextPage
from search.text import sensitive

FIRST_PAGES = 40  # of a component looked through at first; the rest only when these have no hit
MOST_PAGES = 50  # of a record named as hits
MOST_PASSAGES = 3  # of a record
AROUND = 100  # characters beside a passage in which a number may begin that ends in it
EDGE = 200  # characters at the end and start of pages in which a passage that crosses from one to the next is looked for


@dataclass(frozen=True)
class HitPage:
    """A page with hits. `source`: embedded or ocr; `confidence` (0 to 1) of the recognition, None where nothing was guessed."""

    component: UUID
    name: str
    page: int
    source: str
    confidence: float | None


@dataclass(frozen=True)
class Read:
    """What a record that is read in full shows beside its listing. `places`: the page of each highlight, None for one from a field."""

    highlights: tuple[str, ...] = ()
    places: tuple[HitPage | None, ...] = ()
    pages: tuple[HitPage, ...] = ()
    progress: float | None = None


@dataclass(frozen=True)
class _Part:
    """A component of a current version, and how far its text is."""

    component: UUID
    name: str
    record: UUID
    state: str | None
    total: int | None
    done: int | None

    @property
    def progress(self) -> float | None:
        if self.state not in (None, State.PENDING):
            return None
        return (self.done or 0) / self.total if self.total else 0.0


@dataclass
class _Found:
    """A page with what was asked for. `spans`: places in `text`."""

    page: HitPage
    text: str
    spans: list[Span]
    hidden: list[Masked] | None = None
    clauses: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        self.clauses = frozenset(span.clause for span in self.spans)

    def passages(self, most: int) -> list[Passage]:
        if self.hidden is not None:
            return passages(self.text, self.spans, self.hidden, most=most)
        return [
            Passage(cut(self.text, self.spans, _masked_near(self.text, start, end), start, end), clauses)
            for start, end, clauses in windows(self.text, self.spans, most=most)
        ]


def _masked_near(text: str, start: int, end: int) -> list[Masked]:
    """Sensitive values that a window shows: a number, and the words before it that tell what it is, are shorter than AROUND.

    Pages come here when no word of the question has a digest, so none is needed.
    """
    first = max(0, start - AROUND)
    found = masked(text[first : end + AROUND], digests=False)
    return [replace(each, start=each.start + first, end=each.end + first) for each in found]


def of_records(records: list[Record], marker: Marker) -> dict[str, Read]:
    """By record id. The caller has checked that all of these may be read."""
    if not records:
        return {}
    parts = _parts(records)
    found = _search(records, parts, marker) if marker.clauses else {}
    if marker.clauses:
        prefetch_related_objects([record for record in records if record.pk not in found], "party_rows")
    progress = _progress(parts)
    return {str(record.pk): _read(record, found.get(record.pk, []), marker, progress.get(record.pk)) for record in records}


def _parts(records: list[Record]) -> list[_Part]:
    current = Component.objects.filter(version__record__in=[record.pk for record in records])
    current = current.filter(version__number=F("version__record__current_version")).order_by("order", "name")
    state = ("text_state__state", "text_state__pages_total", "text_state__pages_done")
    return [_Part(*row) for row in current.values_list("pk", "name", "version__record_id", *state)]


def _progress(parts: list[_Part]) -> dict[UUID, float]:
    """The least progress of a record's components, for those with one that is still being read."""
    progress: dict[UUID, float] = {}
    for part in parts:
        if part.progress is not None:
            progress[part.record] = min(progress.get(part.record, 1.0), part.progress)
    return progress


def _search(records: list[Record], parts: list[_Part], marker: Marker) -> dict[UUID, list[_Found]]:
    keys = {record.pk: record.data_key.material() for record in records}
    found = _look(parts, keys, marker, number__lte=FIRST_PAGES)
    silent = [part for part in parts if (part.total or 0) > FIRST_PAGES and part.record not in found]
    return found | _look(silent, keys, marker, number__gt=FIRST_PAGES) if silent else found


def _look(parts: list[_Part], keys: dict[UUID, bytes], marker: Marker, **pages: int) -> dict[UUID, list[_Found]]:
    rows: dict[UUID, list[tuple]] = {}
    columns = ("component_id", "number", "source", "confidence", "text")
    for row in TextPage.objects.filter(component__in=[part.component for part in parts], **pages).order_by("number").values_list(*columns):
        rows.setdefault(row[0], []).append(row)
    found: dict[UUID, list[_Found]] = {}
    for part in parts:
        opened = _opened(part, rows.get(part.component, []), keys[part.record])
        found.setdefault(part.record, []).extend(_hits(opened, marker))
    return {record: hits for record, hits in found.items() if hits}


def _opened(part: _Part, rows: list[tuple], key: bytes) -> Iterator[tuple[HitPage, str]]:
    for _component, number, source, confidence, sealed in rows:
        yield HitPage(part.component, part.name, number, source, confidence), texts.open_text(part.component, number, sealed, key)


def _hits(pages: Iterator[tuple[HitPage, str]], marker: Marker) -> Iterator[_Found]:
    """Pages with hits; a page without one counts when something begins on it that ends on the next."""
    silent: tuple[HitPage, str] | None = None
    for page, text in pages:
        if silent and (crossing := _across(*silent, text, marker)):
            yield crossing
        found = _on_page(page, text, marker)
        silent = (page, text) if found is None else None
        if found:
            yield found


def _on_page(page: HitPage, text: str, marker: Marker) -> _Found | None:
    """Looking for sensitive values costs more than looking for words, and only words with digits can stand in one."""
    if any(clause.digests or not clause.text.isalpha() or clause.text.isascii() for clause in marker.clauses):
        if not any(clause.digests for clause in marker.clauses) and not marker.spans(text):
            return None
        hidden = masked(text)
        spans = marker.spans(text, hidden)
        return _Found(page, text, spans, hidden) if spans else None
    spans = marker.spans(text)
    return _Found(page, text, spans) if spans else None


def _across(page: HitPage, before: str, text: str, marker: Marker) -> _Found | None:
    """What begins on one page and ends on the next."""
    end = before[-EDGE:]
    joined = f"{end}\n{text[:EDGE]}"
    if not _crossing(marker.spans(joined), len(end)):
        return None
    hidden = masked(joined)
    spans = _crossing(marker.spans(joined, hidden), len(end))
    return _Found(page, joined, spans, hidden) if spans else None


def _crossing(spans: list[Span], border: int) -> list[Span]:
    return [span for span in spans if span.start < border < span.end]


def masked(text: str, *, digests: bool = True) -> list[Masked]:
    """Sensitive values recognised in a text, with what is shown in their place (SEC-6); `digests`: also by what they are asked for."""
    return [
        Masked(
            span.start,
            span.end,
            sensitive.hide(text[span.start : span.end], span.kind),
            fields.digest(span.kind, span.value) if digests else "",
        )
        for span in sensitive.find(text)
    ]


def _read(record: Record, found: list[_Found], marker: Marker, progress: float | None) -> Read:
    shown: list[tuple[Passage, HitPage | None]] = []
    for each in sorted(found, key=lambda each: -len(each.clauses)):  # pages with the most words first; the rest is not even cut out
        if len(shown) < MOST_PASSAGES:
            shown += [(passage, each.page) for passage in each.passages(MOST_PASSAGES - len(shown))]
    shown.sort(key=lambda pair: -len(pair[0].clauses))
    if not shown:
        shown = [(passage, None) for passage in _from_fields(record, marker)]
    chosen = shown[:MOST_PASSAGES]
    highlights = tuple(passage.html for passage, _page in chosen)
    return Read(highlights, tuple(page for _passage, page in chosen), tuple(each.page for each in found[:MOST_PAGES]), progress)


def _from_fields(record: Record, marker: Marker) -> list[Passage]:
    """Where the text has nothing to show: the fields and parties in which the words stand."""
    if not marker.clauses:
        return []
    values = [str(value) for value in record.fields.values() if isinstance(value, str)]
    values += [party.name for party in record.party_rows.all()]
    return [passage for value in values for passage in marker.passages(value, masked(value), most=1)]
