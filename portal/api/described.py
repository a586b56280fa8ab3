"""What OpenAPI says of answers. Views answer with dictionaries of these shapes; a test compares the two."""

from typing import Any

from ninja import Schema


class Listing(Schema):
    """What a listing shows. `access`: `full`, or `listed` (then this is all)."""

    id: str
    number: str | None
    title: str
    record_type: str
    record_class: str
    year: int | None
    tier: str
    tier_mark: str
    state: str
    access: str


class Pointer(Schema):
    """Another record."""

    id: str
    number: str | None
    title: str


class PartyNumberOut(Schema):
    """A number of a party, masked."""

    kind: str
    masked: str


class PartyOut(Schema):
    """A party as the record names it; `identifier` is the first of its `identifiers`."""

    id: str
    name: str
    role: str
    kind: str
    identifier: str | None
    identifiers: list[PartyNumberOut]


class VolumeOut(Schema):
    """A volume; numbered when the first of its records is filed."""

    id: str
    number: str | None
    title: str
    record_class: str


class VolumeRow(VolumeOut):
    """With the highest tier and the longest term of those of its items that you may know of; null for none (SEC-13)."""

    tier: str | None
    tier_mark: str | None


class RelationOut(Schema):
    """A relation, seen from this record."""

    kind: str
    label: str
    inverse: bool
    record: Pointer


class TextOut(Schema):
    """How far the text is: `pending`, `ready`, `empty` or `failed` (with the reason)."""

    state: str
    source: str | None
    progress: float
    error: str | None


class ComponentOut(Schema):
    """A file; `pages` is null for formats without pages; `verdict`: what the scan was like when it came in, {} where it was none."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    pages: int | None
    verdict: dict[str, Any]
    text: TextOut


class VersionOut(Schema):
    """One immutable state of the content."""

    number: int
    reviewed: bool
    reviewed_by: str | None
    reason: str
    created_at: str
    created_by: str
    components: list[ComponentOut]


class RetentionOut(Schema):
    """`due` is the first day on which disposal may be decided; without one, what it waits for."""

    due: str | None
    schedule: str | None
    waiting_for: str | None
    holds: int


class OriginalOut(Schema):
    """The paper."""

    pages: int
    place: str | None


class RecordOut(Listing):
    """A record. With `access` `listed` only the listing and `may` are there."""

    may: list[str]
    revision: int | None = None
    date: str | None = None
    tier_until: str | None = None
    tier_event: str | None = None
    tier_reason: str | None = None
    declassified_on: str | None = None
    returned: bool | None = None
    owner: str | None = None
    department: str | None = None
    fields: dict[str, Any] | None = None
    missing_important: list[str] | None = None
    parties: list[PartyOut] | None = None
    volume: VolumeOut | None = None
    original: OriginalOut | None = None
    purpose: str | None = None
    basis: str | None = None
    duplicates: list[Pointer] | None = None
    relations: list[RelationOut] | None = None
    created_at: str | None = None
    registrar: str | None = None
    filed_at: str | None = None
    version: VersionOut | None = None
    retention: RetentionOut | None = None


class Page(Schema):
    """A page of a list."""

    count: int
    next: str | None
    previous: str | None


class RecordList(Page):
    """Thin rows."""

    results: list[Listing]


class Filed(Schema):
    """The records of a batch, in the order of their numbers."""

    results: list[Listing]


class VersionList(Page):
    """Newest first."""

    results: list[VersionOut]


class TierChangeOut(Schema):
    """A proposed change of tier, `proposed`, `accepted` or `rejected`; `lapsed`: the term was over first."""

    id: str
    state: str
    record: str
    from_tier: str
    tier: str
    until: str | None
    event: str | None
    reason: str
    proposed_by: str
    decided_by: str | None
    decision_reason: str


class TierChangeList(Page):
    """What waits for the caller."""

    results: list[TierChangeOut]


class Revealed(Schema):
    """A whole value."""

    value: str


class Voided(Schema):
    """A number that was withdrawn."""

    number: str
    void: bool
    reason: str
    record: str


class NumberRow(Schema):
    """One scope of numbers."""

    rule: str
    key: str
    given: int
    voided: list[str]
    next: int
    missing: list[int]


class NumberReport(Page):
    """A row for each scope."""

    results: list[NumberRow]


class NumberedRecord(Schema):
    """A record as the trail names it."""

    id: str
    number: str | None


class EventOut(Schema):
    """One act."""

    id: str
    at: str
    actor: str
    action: str
    record: NumberedRecord | None
    subject: str
    reason: str
    from_address: str
    changed: list[str]


class EventList(Page):
    """Newest first."""

    results: list[EventOut]


class FieldOut(Schema):
    """A field of a type; `level`: `required`, `important` or `optional`."""

    key: str
    name: str
    kind: str
    level: str
    choices: list[Any]
    help: str


class RecordTypeOut(Schema):
    """A type of record."""

    slug: str
    name: str
    own_date: str | None
    personal: bool
    needs_department: bool
    needs_party: bool
    fields: list[FieldOut]


class RecordTypeList(Page):
    """In their order."""

    results: list[RecordTypeOut]


class RecordClassOut(Schema):
    """A class."""

    code: str
    name: str
    parent: str | None
    tier: str
    needs_volume: bool
    active: bool


class RecordClassList(Page):
    """Classes that the caller reads."""

    results: list[RecordClassOut]


class TierOut(Schema):
    """A tier; `cleared`: the caller's clearance reaches it."""

    slug: str
    name: str
    rank: int
    needs_reason: bool
    longest_years: int | None
    watermark: bool
    asks_purpose: bool
    cleared: bool


class TierList(Page):
    """Lowest first."""

    results: list[TierOut]


class KnownPartyOut(Schema):
    """A party of records that the caller reads."""

    id: str
    name: str
    kind: str
    identifiers: list[str]


class PartyList(Page):
    """Newest first."""

    results: list[KnownPartyOut]


class VolumeList(Page):
    """Newest first."""

    results: list[VolumeRow]


class UploadOut(Schema):
    """A staged file."""

    id: str
    name: str
    media_type: str
    size: int
    pages: int | None
    sha256: str
    duplicates: list[Pointer]
    verdict: dict[str, Any]


class Facet(Schema):
    """One value, and how many of the records found have it."""

    value: str
    label: str
    count: int


class Found(Listing):
    """A search result."""

    score: float
    highlights: list[str]
    pages: list[int]


class SearchOut(Page):
    """What was found."""

    took_ms: int
    engine: str
    facets: dict[str, list[Facet]]
    results: list[Found]


class Suggestions(Schema):
    """Records by number in part or words of the title."""

    results: list[Pointer]


class ProblemOut(Schema):
    """RFC 9457; `errors` are sentences by field."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: dict[str, list[str]]
