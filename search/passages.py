"""Passages and pages of hits for one page of results, from the sealed texts: one query for the texts, whatever the number of records."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import prefetch_related_objects

from records import fields
from records.models import Component, Record
from search import texts
from search.highlight import Marker, Masked, Passage, Span, passages
from search.models import State, TextPage, TextState
from search.text import sensitive

FIRST_PAGES = 40  # of a component looked through at first; the rest only when these have no hit
MOST_PAGES = 50  # of a record named as hits
MOST_PASSAGES = 3  # of a record
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
class _Found:
    page: HitPage
    passages: list[Passage]


def of_records(records: list[Record], marker: Marker) -> dict[str, Read]:
    """By record id. The caller has checked that all of these may be read."""
    if not records:
        return {}
    parts = _components(records)
    states = TextState.objects.in_bulk([part.pk for part in parts])
    found = _found(parts, states, marker) if marker.clauses else {}
    if marker.clauses:
        prefetch_related_objects([record for record in records if record.pk not in found], "party_rows")
    progress = _progress(parts, states)
    return {str(record.pk): _read(record, found.get(record.pk, []), marker, progress.get(record.pk)) for record in records}


def _found(parts: list[Component], states: dict[UUID, TextState], marker: Marker) -> dict[UUID, list[_Found]]:
    found = _look(parts, marker, number__lte=FIRST_PAGES)
    long = [part for part in parts if part.pk in states and (states[part.pk].pages_total or 0) > FIRST_PAGES]
    silent = [part for part in long if part.version.record_id not in found]
    return found | _look(silent, marker, number__gt=FIRST_PAGES) if silent else found


def _components(records: list[Record]) -> list[Component]:
    by_id = {record.pk: record for record in records}
    rows = Component.objects.filter(version__record__in=by_id).select_related("version").order_by("order", "name")
    parts = [part for part in rows if part.version.number == by_id[part.version.record_id].current_version]
    for part in parts:
        part.version.record = by_id[part.version.record_id]
    return parts


def _progress(parts: list[Component], states: dict[UUID, TextState]) -> dict[UUID, float]:
    """The least progress of a record's components, for those with one that is still being read."""
    progress: dict[UUID, float] = {}
    for part in parts:
        state = states.get(part.pk)
        if state is None or state.state == State.PENDING:
            progress[part.version.record_id] = min(progress.get(part.version.record_id, 1.0), state.progress if state else 0.0)
    return progress


def _look(parts: list[Component], marker: Marker, **pages: int) -> dict[UUID, list[_Found]]:
    by_id = {part.pk: part for part in parts}
    keys = {part.version.record_id: part.version.record.data_key.material() for part in parts}
    found: dict[UUID, list[_Found]] = {}
    before: tuple[TextPage, str] | None = None
    for row in (
        TextPage.objects.filter(component__in=by_id, **pages)
        .defer("layout")
        .order_by("component__order", "component__name", "component_id", "number")
    ):
        part = by_id[row.component_id]
        text = texts.text_of(row, keys[part.version.record_id])
        mine = found.setdefault(part.version.record_id, [])
        if before and before[0].component_id == row.component_id and (crossing := _across(before[1], text, marker)):
            _add(mine, _hit_page(part, before[0]), crossing)
        if shown := _passages(text, marker):
            _add(mine, _hit_page(part, row), shown)
        before = (row, text)
    return {record: hits for record, hits in found.items() if hits}


def _add(found: list[_Found], page: HitPage, shown: list[Passage]) -> None:
    if found and found[-1].page == page:
        found[-1].passages.extend(shown)
    else:
        found.append(_Found(page, shown))


def _hit_page(part: Component, row: TextPage) -> HitPage:
    return HitPage(part.pk, part.name, row.number, row.source, row.confidence)


def _passages(text: str, marker: Marker) -> list[Passage]:
    if not marker.spans(text) and not any(clause.digests for clause in marker.clauses):
        return []  # looking for sensitive values costs more, and most pages have nothing to show
    hidden = masked(text)
    return passages(text, marker.spans(text, hidden), hidden, most=MOST_PASSAGES)


def _across(before: str, text: str, marker: Marker) -> list[Passage]:
    """What begins on one page and ends on the next."""
    end = before[-EDGE:]
    joined = f"{end}\n{text[:EDGE]}"
    if not _crossing(marker.spans(joined), len(end)):
        return []
    hidden = masked(joined)
    return passages(joined, _crossing(marker.spans(joined, hidden), len(end)), hidden, most=1)


def _crossing(spans: list[Span], border: int) -> list[Span]:
    return [span for span in spans if span.start < border < span.end]


def masked(text: str) -> list[Masked]:
    """Sensitive values recognised in a text, with what is shown in their place (SEC-6)."""
    return [
        Masked(span.start, span.end, sensitive.hide(text[span.start : span.end], span.kind), fields.digest(span.kind, span.value))
        for span in sensitive.find(text)
    ]


def _read(record: Record, found: list[_Found], marker: Marker, progress: float | None) -> Read:
    best = sorted(found, key=lambda each: -max(len(passage.clauses) for passage in each.passages))
    shown = [(passage, each.page) for each in best for passage in each.passages]
    shown.sort(key=lambda pair: -len(pair[0].clauses))
    highlights = [passage.html for passage, _page in shown[:MOST_PASSAGES]]
    places: list[HitPage | None] = [page for _passage, page in shown[:MOST_PASSAGES]]
    if not highlights:
        highlights = _from_fields(record, marker)
        places = [None] * len(highlights)
    return Read(tuple(highlights), tuple(places), tuple(each.page for each in found[:MOST_PAGES]), progress)


def _from_fields(record: Record, marker: Marker) -> list[str]:
    """Where the text has nothing to show: the fields and parties in which the words stand."""
    if not marker.clauses:
        return []
    values = [str(value) for value in record.fields.values() if isinstance(value, str)]
    values += [party.name for party in record.party_rows.all()]
    return [passage.html for value in values for passage in marker.passages(value, masked(value), most=1)][:MOST_PASSAGES]
