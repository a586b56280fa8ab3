"""Searching as a person: the only way in for pages, API, saved searches and exports (FND-3, FND-5, SEC-5).

Rights are read from the database at the moment of asking and cannot be left out. What is shown of a record comes from the
database, by the same rights once more; passages come from the sealed text, for records that are read in full only.
"""

import datetime
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from records import access, fields, identifiers, reading, secrecy
from records.models import Record, User
from records.rights import Rights
from search import fold, labels, passages, query
from search.documents import Hit
from search.engines import engine
from search.errors import QueryRefused
from search.highlight import Marker
from search.labels import FacetCount
from search.passages import HitPage
from search.query import Clause, Query, Sort
from search.text import sensitive

CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")  # of folded text
ACCOUNT = re.compile(r"[0-9]{12}")
Person = User | AnonymousUser | None
LEAST_DIGITS = 4  # a word with fewer has not the shape of a sensitive value
LEAST_LENGTH = 6


@dataclass(frozen=True)
class Result:
    """One record found, as this person may see it. Of a listed one only what a listing shows is filled."""

    record: Record
    access: str  # full or listed
    score: float
    title_html: str
    tier_mark: str
    highlights: tuple[str, ...] = ()
    places: tuple[HitPage | None, ...] = ()  # where each highlight stands; None: in a field
    hit_pages: tuple[HitPage, ...] = ()
    text_progress: float | None = None  # 0 to 1; None: nothing is being read any more

    @property
    def full(self) -> bool:
        """Whether the person reads it."""
        return self.access == "full"

    @property
    def title(self) -> str:
        """The title, sensitive numbers in it masked (SEC-6)."""
        return sensitive.mask(self.record.title)

    @property
    def pages(self) -> list[int]:
        """Numbers of the pages with hits, each once."""
        return sorted({each.page for each in self.hit_pages})

    def as_dict(self) -> dict[str, object]:
        """As the API shows it (interface.md, Search)."""
        record = self.record
        return {
            "id": str(record.pk),
            "number": record.number,
            "title": self.title,
            "record_type": record.record_type.slug,
            "record_class": record.record_class.code,
            "year": record.year,
            "tier": record.tier.slug,
            "tier_mark": self.tier_mark,
            "state": record.state,
            "access": self.access,
            "score": self.score,
            "highlights": list(self.highlights),
            "pages": self.pages,
        }


@dataclass(frozen=True)
class Results:
    """One page of what a person found. `engine`, `took_ms`: which engine answered, and how long all of it took."""

    query: Query
    count: int
    results: tuple[Result, ...]
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    took_ms: int = 0
    engine: str = ""

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.count // self.query.page_size)


def search(
    user: Person,
    text: str = "",
    *,
    filters: Mapping[str, Iterable[str]] | None = None,
    date_from: datetime.date | str | None = None,
    date_to: datetime.date | str | None = None,
    sort: str = Sort.RELEVANCE,
    page: int = 1,
    page_size: int = 50,
    facets: bool = True,
    log: bool = True,
) -> Results:
    """What this person finds. `filters`: facet name to values; `log=False` only for what no person asked for, such as a saved search.

    Raises QueryRefused (with QueryTooLong) for what cannot be asked, EngineUnavailable while the engine is away.
    """
    started = time.perf_counter()
    asked = query.build(
        text,
        filters=dict(filters or {}),
        date_from=_day(date_from),
        date_to=_day(date_to),
        sort=sort,
        page=page,
        page_size=page_size,
        digester=digests_of,
    )
    asked = _whole_value(text, asked)
    rights = access.rights_of(user, search=True)
    found = engine().search(asked, rights, facets=facets)
    names = labels.Names(rights, found.facets, asked.filters)
    results = _results(rights, asked, found.hits, names)
    if log and isinstance(user, User):
        reading.log_search(user, question=_question(asked), found=found.count)
    took = round((time.perf_counter() - started) * 1000)
    return Results(asked, found.count, results, names.facets(), took, engine().name)


def suggest(user: Person, text: str, *, limit: int = 8) -> list[Record]:
    """Records by number in part or words of the title, among those that the person may know of (U3). Raises as `search`."""
    rights = access.rights_of(user, search=True)
    hits = engine().suggest(text, rights, limit=limit)
    rows = _known(rights, hits)
    return [rows[hit.id] for hit in hits if hit.id in rows]


def clauses(text: str) -> tuple[Clause, ...]:
    """What a question asks to find, for marking it somewhere else, such as in the viewer."""
    return _whole_value(text, query.build(text, digester=digests_of)).wanted


def digests_of(word: str) -> list[str]:
    """The keyed digest of a word that may be an identity number, account or telephone; nothing for other words (SEC-6)."""
    plain = identifiers.normalise(word)
    if len(plain) < LEAST_LENGTH or sum(character.isdigit() for character in plain) < LEAST_DIGITS:
        return []
    return fields.digests(word)


# Values that are recognised by themselves, whatever field they stand in.
_RECOGNISED = {
    "mobile": identifiers.mobile_is_valid,
    "identity-number": identifiers.identity_number_is_valid,
    "bank-account": identifiers.bank_card_is_valid,
}


def _whole_value(text: str, asked: Query) -> Query:
    """A sensitive value typed with blanks or brackets anywhere is one word, not several."""
    kind = next((kind for kind, is_valid in _RECOGNISED.items() if is_valid(text)), None)
    if len(asked.clauses) < 2 or kind is None:
        return asked
    return replace(asked, clauses=(Clause(text.strip(), digests=tuple(digests_of(text)), kind=kind),))


def _day(given: datetime.date | str | None) -> datetime.date | None:
    if not isinstance(given, str):
        return given
    if not given.strip():
        return None
    try:
        return datetime.date.fromisoformat(given.strip())
    except ValueError:
        raise QueryRefused(_("“%(day)s” is no day; write it as 2026-11-23.") % {"day": given[:40]}) from None


def _question(asked: Query) -> list[str]:
    """What goes into the trail: the words, sensitive values masked, and the filters."""
    sealed = _sealed(asked.clauses)
    words = [("-" if clause.negated else "") + _masked(clause, sealed) for clause in asked.clauses]
    return [*words, *(f"{name}={sensitive.mask(value)}" for name, values in asked.filters.items() for value in values)]


def _sealed(asked: Iterable[Clause]) -> set[str]:
    """Those digests of the words under which a value is sealed: a passport number shows by nothing else what it is."""
    digests = {digest for clause in asked for code in CODE.findall(fold.fold(clause.text)) for digest in digests_of(code)}
    return fields.kept_digests(digests)


def _masked(clause: Clause, sealed: set[str]) -> str:
    if clause.kind:
        return sensitive.hide(clause.text, clause.kind)
    shown = clause.text
    for code in CODE.finditer(fold.fold(clause.text)):
        if sealed.intersection(digests_of(code[0])) or _may_be_an_account(code[0]):
            shown = shown[: code.start()] + sensitive.hide(shown[code.start() : code.end()], "") + shown[code.end() :]
    return shown


def _may_be_an_account(code: str) -> bool:
    """So many digits are hardly anything else, and the trail may lose the middle of what they are."""
    return bool(ACCOUNT.search(code)) and not identifiers.credit_code_is_valid(code)


def _known(rights: Rights, hits: Iterable[Hit]) -> dict[str, Record]:
    """The rows of hits that the person may know of, by id, each with its `access`. One query, by the rules of the database."""
    ids = [hit.id for hit in hits]
    if not ids:
        return {}
    rows = access.known_with(rights).filter(pk__in=ids).select_related("data_key").order_by()
    return {str(record.pk): record for record in rows}


def _results(rights: Rights, asked: Query, hits: tuple[Hit, ...], names: labels.Names) -> tuple[Result, ...]:
    rows = _known(rights, hits)
    names.give(rows.values())
    full = {key for key, record in rows.items() if record.access == "full"}  # type: ignore[attr-defined]
    marker = Marker(asked.wanted)
    read = passages.of_records([rows[key] for key in full], marker)
    return tuple(_result(rows[hit.id], hit, marker, read.get(hit.id), full=hit.id in full) for hit in hits if hit.id in rows)


def _result(record: Record, hit: Hit, marker: Marker, read: passages.Read | None, *, full: bool) -> Result:
    return Result(
        record=record,
        access="full" if full else "listed",
        score=hit.score,
        title_html=marker.marked(record.title, passages.masked(record.title)),
        tier_mark=secrecy.mark(record),
        highlights=read.highlights if read else (),
        places=read.places if read else (),
        hit_pages=read.pages if read else (),
        text_progress=read.progress if read else None,
    )
