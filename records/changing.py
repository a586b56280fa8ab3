"""Changes to a record's description, its place, its relations; and withdrawing one before filing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from records import access, audit, fields, guards, lookup, outbox, parties, states
from records.errors import Conflict, Invalid, NeedsVolume, NotAllowed, ReasonMissing, StaleRevision, StateConflict, Unknown
from records.models import Record, RecordClass, RecordHand, Relation, RelationKind, State, User, Volume
from records.registration import TITLE_LENGTH, reset_review
from records.runner import verb


@dataclass(frozen=True)
class Changes:
    """Checked changes: columns of the row, fields, parties (None: as they are), and why."""

    columns: dict[str, Any]
    fields: fields.CleanFields
    parties: list[parties.PartyGiven] | None
    reason: str


@verb("change")
def change(
    *,
    actor: User,
    record_id: UUID | str,
    title: str | None = None,
    new_fields: Mapping[str, Any] | None = None,
    new_parties: Sequence[Mapping[str, Any]] | None = None,
    department: str | None = None,
    revision: int | None = None,
    reason: str = "",
) -> Record:
    """Change what is named; None leaves a part as it is. Before filing the record waits for review again; after it a reason is needed.

    Raises Unknown, NotAllowed, Invalid, ReasonMissing, StaleRevision (`revision` is not the current one), StateConflict.
    """
    given, party_errors = parties.clean(new_parties, actor=actor) if new_parties is not None else (None, {})
    record = access.get_for_verb(actor, record_id, "change")
    look = lookup.Lookup(actor)
    cleaned = fields.clean(record.record_type, dict(new_fields or {}), current=record.fields)
    updates: dict[str, Any] = {}
    if title is not None:
        updates["title"] = look.title(title, most=TITLE_LENGTH)
    if department:
        updates["department"] = look.department(department)
    errors = look.errors | cleaned.errors | party_errors
    if given == [] and record.record_type.needs_party:
        errors["parties"] = [_("This type of record needs at least one party.")]
    if errors:
        raise Invalid(errors=errors)
    if record.state == State.FILED and not reason.strip():
        raise ReasonMissing(errors={"reason": [_("A filed record is changed with a reason.")]})
    if revision is not None and revision != record.revision:
        raise StaleRevision(revision=record.revision)
    _write(record, actor, Changes(updates, cleaned, given, reason))
    return record


def _write(record: Record, actor: User, changes: Changes) -> None:
    merged = changes.fields.merged(record.fields)
    before, after = _described(record, changes, merged)
    with transaction.atomic():
        guards.ask_guards("change", record, actor)
        states.apply(record, "change", fields=merged, date=_date_of(record, merged), **changes.columns, **reset_review(record))
        before |= _whole_values(record, changes.fields)
        after |= {key: value for key, (_kind, value) in changes.fields.sealed.items()}
        fields.seal(record, changes.fields)
        if changes.parties is not None:
            before["parties"] = parties.stated_in(record)
            parties.attach(record, changes.parties, actor=actor)
            after["parties"] = parties.stated_in(record)
        RecordHand.objects.get_or_create(record=record, user=actor)
        values = {key: [_kept(before[key]), _kept(after[key])] for key in after if before[key] != after[key]}
        audit.record_event(actor=actor, action="change", record=record, reason=changes.reason, changed=values, values=values)
        guards.follow(record)
        outbox.enqueue("index", record.pk)


def _described(record: Record, changes: Changes, merged: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is named of columns and fields, before and after; of masked fields the mask."""
    touched = set(changes.fields.plain) | changes.fields.cleared
    before = {key: getattr(record, key) for key in changes.columns} | {key: record.fields.get(key) for key in touched}
    return before, changes.columns | {key: merged.get(key) for key in touched}


def _whole_values(record: Record, changed: fields.CleanFields) -> dict[str, str | None]:
    """The whole values that are about to go: a mask does not tell numbers apart, and in the trail they are sealed again."""
    sealed = record.sealed_fields.filter(key__in=set(changed.plain) | changed.cleared)
    return {row.key: fields.open_sealed(record, row.key) for row in sealed}


def _kept(value: Any) -> Any:
    return value if isinstance(value, list) else str(value or "")


def _date_of(record: Record, merged: dict[str, Any]) -> date | None:
    filed_on = timezone.localdate(record.filed_at) if record.filed_at else None
    return fields.own_date(record.record_type, merged) or filed_on


@verb("move")
def move(
    *, actor: User, record_id: UUID | str, record_class: str | None = None, volume: UUID | str | None = None, reason: str = ""
) -> Record:
    """Put a record into another class or volume; a number it has stays (NUM-5). Before filing the record waits for review again (CAP-3).

    Raises Unknown, NotAllowed, Invalid, ReasonMissing, StateConflict; for a filed record NoSchedule, NeedsVolume (as filing there would).
    """
    look = lookup.Lookup(actor)
    to_volume = look.volume(volume)
    record = access.get_for_verb(actor, record_id, "move")
    to_class = look.record_class(record_class) if record_class else record.record_class
    if look.errors or to_class is None or not (record_class or volume):
        raise Invalid(errors=look.errors or {"record_class": [_("Name the class or the volume to move to.")]})
    if not reason.strip():
        raise ReasonMissing(errors={"reason": [_("Say why it is moved.")]})
    with transaction.atomic():
        _move(record, actor, to_class, to_volume or (record.volume if not record_class else None), reason)
    return record


def _move(record: Record, actor: User, to_class: RecordClass, to_volume: Volume | None, reason: str) -> None:
    former = _place(record)
    states.apply(record, "move", record_class=to_class, volume=to_volume, **reset_review(record))
    guards.ask_guards("move", record, actor)  # they judge the place where it is now
    if record.state != State.FILED:
        RecordHand.objects.get_or_create(record=record, user=actor)
    elif to_class.needs_volume and to_volume is None:
        raise NeedsVolume
    changed, values = ["record_class", "volume"], {"place": [former, _place(record)]}
    audit.record_event(actor=actor, action="move", record=record, reason=reason, changed=changed, values=values)
    guards.follow(record)
    outbox.enqueue("index", record.pk, narrowing=True)


def _place(record: Record) -> list[str]:
    return [record.record_class.code, record.volume.number or str(record.volume_id) if record.volume else ""]


@verb("relate")
def relate(*, actor: User, record_id: UUID | str, kind: str, other_id: UUID | str) -> Relation:
    """Relate this record to another, shown on both ends (CAP-8).

    Raises Unknown (either is hidden), NotAllowed, Invalid, StateConflict, Conflict (the relation is there already).
    """
    other = access.get_visible(actor, other_id)
    record = access.get_for_verb(actor, record_id, "relate")
    if kind not in RelationKind.values:
        raise Invalid(errors={"kind": [_("Choose one of: %(choices)s.") % {"choices": ", ".join(RelationKind.values)}]})
    if other.pk == record.pk:
        raise Invalid(errors={"record": [_("A record is not related to itself.")]})
    if states.transition_for("relate", record.state) is None:
        raise StateConflict
    try:
        with transaction.atomic():
            relation = Relation.objects.create(kind=kind, source=record, target=other, created_by=actor)
            audit.record_event(actor=actor, action="relate", record=record, subject=f"{kind} {other.pk}")
            audit.record_event(actor=actor, action="relate", record=other, subject=f"{kind} {record.pk}")
    except IntegrityError:
        raise Conflict(_("This relation is there already.")) from None
    return relation


@verb("withdraw")
def withdraw(*, actor: User, record_id: UUID | str, reason: str) -> Record:
    """Take back a record before it is filed: its bytes are erased, its row is kept.

    Raises Unknown, NotAllowed, ReasonMissing, StateConflict.
    """
    record = access.get_for_verb(actor, record_id, "withdraw")
    if not reason.strip():
        raise ReasonMissing(errors={"reason": [_("Say why it is withdrawn.")]})
    with transaction.atomic():
        guards.ask_guards("withdraw", record, actor)
        states.apply(record, "withdraw")
        audit.record_event(actor=actor, action="withdraw", record=record, reason=reason)
        guards.follow(record)  # while its key lives, under which they may have something to seal
        outbox.enqueue("index", record.pk, narrowing=True)
        outbox.enqueue("erase", record.pk)
    return record


@verb("reveal")
def reveal(*, actor: User, record_id: UUID | str, field: str, reason: str) -> str:
    """The whole value of a masked field, as an explicit, logged act (SEC-6).

    `field` is a field's key, or `parties.<place>.<kind>` for an identifier of a party (without kind: its first). Raises Unknown (also for
    a field without a sealed value), NotAllowed, ReasonMissing.
    """
    record = access.get_readable(actor, record_id)
    if not access.may_reveal(actor, record):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing(errors={"reason": [_("Say what you need it for.")]})
    value = _sealed_party(record, field) if field.startswith("parties.") else fields.open_sealed(record, field)
    if value is None:
        raise Unknown
    audit.record_event(actor=actor, action="reveal", record=record, subject=field, reason=reason)
    return value


def _sealed_party(record: Record, field: str) -> str | None:
    """`parties.<place>` is the first of a party's identifiers, `parties.<place>.<kind>` the one of this kind."""
    place, _dot, kind = field.removeprefix("parties.").partition(".")
    row = record.party_rows.filter(order=int(place)).first() if place.isdecimal() else None
    found = row.identifiers.select_related("party__data_key").filter(**{"kind": kind} if kind else {}).first() if row else None
    return parties.open_identifier(found) if found else None
