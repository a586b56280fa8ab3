"""Archive numbers: given once, on filing, in the filing's own transaction; gapless per scope; void with a reason (NUM-1 to NUM-6)."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from records import access, audit, fields, guards, outbox, patterns, states
from records.errors import Conflict, NeedsVolume, NoNumberRule, NumberReserved, ReasonMissing, Unknown
from records.models import Duty, KnownBy, NumberEntry, NumberRule, NumberScope, Record, RecordClass, Tier, User, Volume
from records.runner import verb

REPORT_READERS = frozenset({Duty.ARCHIVIST, *states.TRAIL_READERS})  # who read that nothing is missing (NUM-6)


@dataclass(frozen=True)
class Place:
    """Where a number comes from: its rule, the scope's key, and the pattern with its values."""

    rule: NumberRule
    key: str
    pattern: str
    values: dict[str, object]
    hidden: Tier | None  # the tier that only named people know, whose numbers run apart

    def number(self, sequence: int) -> str:
        """The number with this place in its scope."""
        return patterns.render(self.pattern, self.values, sequence)


NumberVolume = Callable[[Volume, Place], tuple[str, int]]  # number and place in its scope, for a volume that has none


def give_number(record: Record, *, actor: User) -> str:
    """Allocate the record's number inside the running transaction, its volume's first where that has none yet.

    Raises NoNumberRule, NeedsVolume. The scope's row stays locked until the transaction ends, so an abort leaves no gap (NUM-2).
    """
    _lock_volumes([record])
    place = _place_of(record, partial(_give_to_volume, actor=actor))
    return _take(place, actor=actor, record=record).number


def lock_scopes(records: Sequence[Record], *, actor: User) -> None:
    """Lock all that a batch counts in, in one order, whatever the batch's own: two batches never wait for each other.

    First the volumes, then the scopes of their numbers, then those of the records: these are known once the volumes have their numbers,
    which they get here, in the order of the records.
    """
    _lock_volumes(records)
    volumes = {(record.volume, _hidden_tier(record)) for record in records if record.volume}
    _lock_places(place for volume, hidden in volumes if (place := _place_for_volume(volume, hidden)) and not _given(volume, hidden))
    _lock_places([_place_of(record, partial(_give_to_volume, actor=actor)) for record in records])


def _lock_volumes(records: Iterable[Record]) -> None:
    """Somebody else may be filing the first record of one of them."""
    wanted = {record.volume_id for record in records if record.volume_id}
    if wanted:
        list(Volume.objects.filter(pk__in=wanted).order_by("pk").select_for_update())


def _lock_places(places: Iterable[Place]) -> None:
    for _key, place in sorted({place.key: place for place in places}.items()):
        _locked_scope(place)


def preview(records: Iterable[Record]) -> list[str]:
    """The numbers that filing in this order would give now; nothing is taken. An empty text where a rule or volume is missing (NUM-4)."""
    ahead = _Ahead()
    places = [ahead.place_of(record) for record in records]  # volumes are numbered before records, as in `lock_scopes`
    return [ahead.take(place)[0] if place else "" for place in places]


class _Ahead:
    """Numbers as they would be given, counted without taking any."""

    def __init__(self) -> None:
        self.next: dict[str, int] = {}
        self.volumes: dict[tuple[UUID, Tier | None], tuple[str, int]] = {}

    def take(self, place: Place) -> tuple[str, int]:
        sequence = self.next.get(place.key) or _next_at(place)
        self.next[place.key] = sequence + 1
        return place.number(sequence), sequence

    def place_of(self, record: Record) -> Place | None:
        with suppress(Conflict):
            return _place_of(record, self._number_volume)
        return None

    def _number_volume(self, volume: Volume, place: Place) -> tuple[str, int]:
        known = (volume.pk, place.hidden)
        if known not in self.volumes:
            self.volumes[known] = self.take(place)
        return self.volumes[known]


def rule_of(record_class: RecordClass) -> NumberRule:
    """The class's own rule, else the nearest one above it. Raises NoNumberRule."""
    node: RecordClass | None = record_class
    while node is not None:
        if node.number_rule:
            return node.number_rule
        node = node.parent
    raise NoNumberRule


def _hidden_tier(record: Record) -> Tier | None:
    return record.tier if record.tier.known_by == KnownBy.NAMED else None


def _place_of(record: Record, number_volume: NumberVolume) -> Place:
    rule = rule_of(record.record_class)
    tokens = patterns.tokens(rule.pattern)
    volume = record.volume
    if volume is None and (record.record_class.needs_volume or tokens & {"volume", "file"}):
        raise NeedsVolume
    hidden = _hidden_tier(record)
    prefix = hidden.number_prefix if hidden else ""
    values = _values(record.record_class) | {
        "department": record.department.slug if record.department else "",
        "project": record.fields.get("project") or "",
    }
    if volume is not None:
        number, sequence = _volume_number(volume, hidden, number_volume)
        values |= {"volume": number, "file": sequence}
        prefix = "" if "volume" in tokens and sequence else prefix  # the volume's own number begins with it
    pattern = f"{prefix}{rule.pattern}"
    return Place(rule, patterns.scope_key(pattern, values), pattern, values, hidden)


def _values(record_class: RecordClass) -> dict[str, object]:
    year = timezone.localdate().year
    return {"fonds": record_class.fonds, "class": record_class.code, "year": year, "term": record_class.term_code}


def _volume_number(volume: Volume, hidden: Tier | None, number_volume: NumberVolume) -> tuple[str, int]:
    """Number and place in its scope that a volume has among records of this sort; `number_volume` gives them where it has none yet.

    For hidden records it has a number apart, which only its entry in the register keeps: what the volume is called among other
    records must not tell whether there are hidden ones in it, or which were first (NUM-2). A volume without a pattern has its title, and 0.
    """
    place = _place_for_volume(volume, hidden)
    if place is None:
        return volume.title, 0
    given = _given(volume, hidden)
    return (given.number, given.sequence) if given else number_volume(volume, place)


def _place_for_volume(volume: Volume, hidden: Tier | None) -> Place | None:
    """Where the volume's number comes from; None: it has a title only."""
    rule = rule_of(volume.record_class)
    if not rule.volume_pattern:
        return None
    values = _values(volume.record_class)
    pattern = f"{hidden.number_prefix}{rule.volume_pattern}" if hidden else rule.volume_pattern
    return Place(rule, patterns.scope_key(pattern, values), pattern, values, hidden)


def _given(volume: Volume, hidden: Tier | None) -> NumberEntry | None:
    return NumberEntry.objects.filter(volume=volume, void=False, scope__hidden_tier=hidden).order_by("pk").first()


def _give_to_volume(volume: Volume, place: Place, *, actor: User) -> tuple[str, int]:
    entry = _take(place, actor=actor, volume=volume)
    if place.hidden is None:
        Volume.objects.filter(pk=volume.pk).update(number=entry.number, sequence=entry.sequence)
    audit.record_event(actor=actor, action="number-volume", subject=entry.number)
    return entry.number, entry.sequence


def _next_at(place: Place) -> int:
    """The place that would be given next; a scope of the other sort is none."""
    scopes = NumberScope.objects.filter(key=place.key, hidden_tier__isnull=place.hidden is None)
    return scopes.values_list("next", flat=True).first() or 1


def _take(place: Place, *, actor: User, record: Record | None = None, volume: Volume | None = None) -> NumberEntry:
    scope = _locked_scope(place)
    sequence = scope.next
    scope.next = sequence + 1
    scope.save(update_fields=["next"])
    return NumberEntry.objects.create(
        scope=scope, sequence=sequence, number=place.number(sequence), record=record, volume=volume, given_by=actor
    )


def _locked_scope(place: Place) -> NumberScope:
    """The scope's row, made where there is none, locked until the transaction ends. Raises NumberReserved."""
    if place.hidden is None and place.key.startswith(tuple(_reserved())):
        raise NumberReserved
    NumberScope.objects.get_or_create(key=place.key, defaults={"rule": place.rule, "hidden_tier": place.hidden})
    scope = NumberScope.objects.select_for_update().get(key=place.key)
    if (scope.hidden_tier_id is None) != (place.hidden is None):
        raise NumberReserved
    return scope


def _reserved() -> Iterable[str]:
    """How numbers of hidden tiers begin, whether any was given or not; a project or a title could be made to begin the same way."""
    return Tier.objects.filter(known_by=KnownBy.NAMED).values_list("number_prefix", flat=True)


# --- void -----------------------------------------------------------------------------------------------------------


def get_entry(actor: User, number: str) -> tuple[NumberEntry, Record]:
    """A number that the person may void, and its record. Raises Unknown (also for a hidden record's), NotAllowed."""
    entry = NumberEntry.objects.filter(number=number, record__isnull=False).first()
    if entry is None or entry.record_id is None:
        raise Unknown
    return entry, access.get_for_verb(actor, entry.record_id, "void")


@verb("void")
def void_number(*, actor: User, number: str, reason: str) -> NumberEntry:
    """Withdraw a given number with a reason: it stays in the register, void, and is never given again; the record may be filed anew.

    Raises Unknown (no such number, or of a record that the actor may not know of), NotAllowed, ReasonMissing, Conflict (void already).
    """
    entry, record = get_entry(actor, number)
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        guards.ask_guards("void", record, actor)
        if not NumberEntry.objects.filter(pk=entry.pk, void=False).update(
            void=True, void_reason=reason, voided_at=timezone.now(), voided_by=actor
        ):
            raise Conflict
        _unfile(record)
        audit.record_event(actor=actor, action="void-number", record=record, subject=number, reason=reason)
        guards.follow(record)
        outbox.enqueue("index", record.pk)
    entry.refresh_from_db()
    return entry


def _unfile(record: Record) -> None:
    """Back to before its filing, whose date goes with it; a version that nobody checked makes it wait for review (CAP-3)."""
    date = fields.own_date(record.record_type, record.fields)
    states.apply(record, "void", number=None, filed_at=None, filed_by=None, date=date)
    if record.versions.filter(number=record.current_version, reviewed_by__isnull=True).exists():
        states.apply(record, "return", reviewer=None)


# --- register -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ScopeReport:
    """One scope: how many were given, which are void, the next, and places that are missing (漏号, NUM-6; always empty)."""

    rule: str
    key: str
    given: int
    voided: list[str]
    next: int
    missing: list[int]


def report(actor: User) -> list[ScopeReport]:
    """A row per scope of which the person may know an entry; for those who read the trail every scope but those of hidden tiers too."""
    known = Q(pk__in=entries_known_to(actor).values("scope_id"))
    if actor.has_duty(*states.TRAIL_READERS):
        known |= Q(hidden_tier__isnull=True)
    return [_report_one(scope) for scope in NumberScope.objects.filter(known).select_related("rule").distinct()]


def _report_one(scope: NumberScope) -> ScopeReport:
    entries = list(scope.entries.values_list("sequence", "number", "void"))
    given = {sequence for sequence, _number, _void in entries}
    return ScopeReport(
        rule=scope.rule.name,
        key=scope.key,
        given=len(entries),
        voided=[number for _sequence, number, void in entries if void],
        next=scope.next,
        missing=sorted(set(range(1, scope.next)) - given),
    )


def entries_known_to(user: User) -> QuerySet[NumberEntry]:
    """Entries of the register that the person may know of: of visible records, and of volumes with a visible item of the same sort."""
    visible = access.visible_to(user).values("pk")
    open_ones = Q(scope__hidden_tier__isnull=True)
    of_volume = Q(volume__records__in=visible) & (open_ones | Q(volume__records__tier=F("scope__hidden_tier")))
    known = NumberEntry.objects.filter(Q(record__in=visible) | of_volume)
    return known.select_related("scope", "given_by", "voided_by").distinct()


def scopes_known_to(user: User) -> QuerySet[NumberScope]:
    """Scopes of which the person may know an entry."""
    return NumberScope.objects.filter(pk__in=entries_known_to(user).values("scope_id"))
