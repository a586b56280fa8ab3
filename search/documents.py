"""What the index gets of one record."""

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields


@dataclass(frozen=True)
class Document:
    """One record as the index takes it in: a listing, what decides who may know of it, and the rest.

    The listing (number, title, record type, class, year, tier, state) may be matched by those who merely know of the record;
    everything else only by those who read it. No text holds a sensitive value, title and names neither: these stand in `digests`
    alone, which are content (SEC-6).
    """

    id: str
    title: str
    number: str | None  # the archive number; None before filing
    record_type: str  # slug
    class_id: str
    class_path: tuple[str, ...]  # codes from the root down to the record's own class
    tier: str  # slug
    state: str
    volume: str | None = None  # id
    date: datetime.date | None = None  # the record's own date, else its filing date
    named: tuple[str, ...] = ()  # ids of the people named on it
    project: str | None = None  # as its field says it
    department: str | None = None  # slug
    parties: tuple[tuple[str, str], ...] = ()  # id and name
    numbers: tuple[str, ...] = ()  # contract and other numbers, found in part
    fields: tuple[str, ...] = ()  # all other text of the fields
    digests: tuple[str, ...] = ()  # keyed digests of sensitive values, for exact match
    pages: tuple[tuple[str, ...], ...] = ()  # for each component the texts of its pages

    @property
    def year(self) -> str | None:
        """The year shown in a listing."""
        return f"{self.date.year:04}" if self.date else None

    @property
    def stamp(self) -> str:
        """16 hex digits that differ when anything in the document differs."""
        parts = repr([getattr(self, each.name) for each in fields(self)])
        return hashlib.blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


FACETS = ("record_type", "record_class", "project", "department", "year", "tier", "party", "state")
LISTING_FACETS = frozenset({"record_type", "record_class", "year", "tier", "state"})  # the others are content of the record


@dataclass(frozen=True)
class FacetValue:
    """One value of a facet and how many of the records found have it."""

    value: str
    count: int


@dataclass(frozen=True)
class Hit:
    """One record found. `score`: depends on the record and the question only."""

    id: str
    score: float
    access: str  # full or listed


@dataclass(frozen=True)
class Found:
    """One page of hits, the number of all, and the facets of the same filtered set."""

    count: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetValue, ...]] = field(default_factory=dict)
