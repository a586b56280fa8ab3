"""Rows as JSON (interface.md, "Records"). Times carry the portal's zone; people, classes, types and tiers go by their codes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from records import secrecy
from records.models import (
    AuditEvent,
    Component,
    FieldDefinition,
    Record,
    RecordClass,
    RecordParty,
    RecordType,
    RecordVersion,
    Tier,
    TierChange,
    Upload,
    Volume,
)
from records.parties import Known
from records.reading import Detail, Related
from records.secrecy import Together
from retention import schedules
from search.viewing import Progress, progress_of

Shaped = dict[str, Any]


def moment(value: datetime | None) -> str | None:
    """ISO 8601 with the portal's zone."""
    return timezone.localtime(value).isoformat() if value else None


# --- records --------------------------------------------------------------------------------------------------------


def thin(record: Record) -> Shaped:
    """A row of a list: what a listing shows, for full and listed records alike."""
    return {
        "id": str(record.pk),
        "number": record.number,
        "title": record.title,
        "record_type": record.record_type.slug,
        "record_class": record.record_class.code,
        "year": record.year,
        "tier": record.tier.slug,
        "tier_mark": secrecy.mark(record),
        "state": record.state,
        "access": getattr(record, "access", "full"),
    }


def thin_rows(records: Iterable[Record]) -> list[Shaped]:
    """Rows of a list."""
    return [thin(record) for record in records]


def record(detail: Detail) -> Shaped:
    """A record as the caller may see it: in full, or only its listing."""
    row = detail.record
    if not detail.full:
        return thin(row) | {"may": detail.may}
    return thin(row) | {
        "access": "full",
        "revision": row.revision,
        "date": row.date.isoformat() if row.date else None,
        "tier_until": row.tier_until.isoformat() if row.tier_until else None,
        "tier_event": row.tier_event or None,
        "tier_reason": row.tier_reason,
        "declassified_on": row.declassified_on.isoformat() if row.declassified_on else None,
        "returned": row.returned,
        "owner": row.owner.username,
        "department": row.department.slug if row.department else None,
        "fields": row.fields,
        "missing_important": detail.missing_important,
        "parties": [party(part) for part in detail.parties],
        "volume": volume(row.volume) if row.volume else None,
        "original": detail.original,
        "purpose": row.purpose,
        "basis": row.basis,
        "duplicates": [pointer(other) for other in detail.duplicates],
        "relations": [related(relation) for relation in detail.relations],
        "may": detail.may,
        "created_at": moment(row.created_at),
        "registrar": row.registrar.username,
        "filed_at": moment(row.filed_at),
        "version": version(detail.version, detail.components, fresh=row.made is not None) if detail.version else None,
        "retention": retention(row),
    }


def pointer(record: Record) -> Shaped:
    """Another record, as far as everybody who may know of it knows it."""
    return {"id": str(record.pk), "number": record.number, "title": record.title}


def related(relation: Related) -> Shaped:
    """A relation as seen from one end."""
    return {"kind": relation.kind, "label": relation.label, "inverse": relation.inverse, "record": pointer(relation.record)}


def party(row: RecordParty) -> Shaped:
    """A party of a record, named as the record names it; its numbers masked (SEC-6)."""
    identifiers = [{"kind": each.kind, "masked": each.masked} for each in row.identifiers.all()]
    return {
        "id": str(row.party_id),
        "name": row.name,
        "role": row.role,
        "kind": row.party.kind,
        "identifier": identifiers[0]["masked"] if identifiers else None,
        "identifiers": identifiers,
    }


def retention(record: Record) -> Shaped:
    """When disposal may be decided, or what the date waits for. No holds are known yet."""
    schedule = schedules.schedule_of(record)
    return {
        "due": record.due.isoformat() if record.due else None,
        "schedule": schedule.slug if schedule else None,
        "waiting_for": record.waiting_for or None,
        "holds": 0,
    }


# --- versions -------------------------------------------------------------------------------------------------------


def version(row: RecordVersion, components: Sequence[Component], *, fresh: bool = False) -> Shaped:
    """A version with its components. `fresh`: it was made just now, so none of its text can have been read."""
    texts = {part.pk: Progress() for part in components} if fresh else progress_of(components)
    return _version(row, components, texts)


def versions(rows: Sequence[RecordVersion]) -> list[Shaped]:
    """Versions with their components, the states of whose texts are asked for once."""
    texts = progress_of([part for row in rows for part in row.components.all()])
    return [_version(row, row.components.all(), texts) for row in rows]


def _version(row: RecordVersion, components: Iterable[Component], texts: dict[UUID, Progress]) -> Shaped:
    return {
        "number": row.number,
        "reviewed": row.reviewed_by_id is not None,
        "reviewed_by": row.reviewed_by.username if row.reviewed_by else None,
        "reason": row.reason,
        "created_at": moment(row.created_at),
        "created_by": row.created_by.username,
        "components": [component(part, texts[part.pk].as_dict()) for part in components],
    }


def component(row: Component, text: dict[str, object]) -> Shaped:
    """A component with the state of its text."""
    return {
        "id": str(row.pk),
        "name": row.name,
        "media_type": row.media_type,
        "size": row.size,
        "sha256": row.sha256,
        "pages": row.pages,
        "verdict": row.verdict,
        "text": text,
    }


def upload(row: Upload, duplicates: Iterable[Record]) -> Shaped:
    """A staged file; `verdict` is what was found out about the scan."""
    return {
        "id": str(row.pk),
        "name": row.name,
        "media_type": row.media_type,
        "size": row.size,
        "pages": row.pages,
        "sha256": row.sha256,
        "duplicates": [pointer(other) for other in duplicates],
        "verdict": row.verdict,
    }


# --- around records -------------------------------------------------------------------------------------------------


def volume(row: Volume) -> Shaped:
    """A volume; its number is null until the first of its records is filed."""
    return {"id": str(row.pk), "number": row.number, "title": row.title, "record_class": row.record_class.code}


def volumes(rows: Iterable[Volume], together: Mapping[UUID, Together]) -> list[Shaped]:
    """Rows of a list, each with what its items carry as one; null where the caller knows of none (SEC-13)."""
    return [volume(row) | carried(together.get(row.pk)) for row in rows]


def carried(found: Together | None) -> Shaped:
    """Tier and mark of what something holds; null where it holds nothing."""
    return {"tier": found.tier.slug if found else None, "tier_mark": found.mark if found else None}


def tier_change(row: TierChange) -> Shaped:
    """A proposal, and how it was decided."""
    return {
        "id": str(row.pk),
        "state": row.state,
        "record": str(row.record_id),
        "from_tier": row.from_tier.slug,
        "tier": row.tier.slug,
        "until": row.until.isoformat() if row.until else None,
        "event": row.event or None,
        "reason": row.reason,
        "proposed_by": row.proposed_by.username,
        "decided_by": row.decided_by.username if row.decided_by else None,
        "decision_reason": row.decision_reason,
    }


def known_party(row: Known) -> Shaped:
    """A party as records that the caller reads name it."""
    return {"id": str(row.id), "name": row.name, "kind": row.kind, "identifiers": row.identifiers}


def event(row: AuditEvent) -> Shaped:
    """An event names its record by id and number only (AUD-2)."""
    return {
        "id": str(row.pk),
        "at": moment(row.at),
        "actor": row.actor_name,
        "action": row.action,
        "record": {"id": str(row.record_id), "number": row.record_number or None} if row.record_id else None,
        "subject": row.subject,
        "reason": row.reason,
        "from_address": row.from_address,
        "changed": row.changed,
    }


def events(rows: Iterable[AuditEvent]) -> list[Shaped]:
    """Rows of a list."""
    return [event(row) for row in rows]


# --- what can be chosen ---------------------------------------------------------------------------------------------


def record_type(row: RecordType) -> Shaped:
    """A type with its fields."""
    return {
        "slug": row.slug,
        "name": row.label,
        "own_date": row.own_date or None,
        "personal": row.personal,
        "needs_department": row.needs_department,
        "needs_party": row.needs_party,
        "fields": [definition(field) for field in row.fields.all()],
    }


def definition(row: FieldDefinition) -> Shaped:
    """A field of a type."""
    return {"key": row.key, "name": row.label, "kind": row.kind, "level": row.level, "choices": row.choices, "help": row.help}


def record_class(row: RecordClass, codes: dict[int, str]) -> Shaped:
    """A class; its parent only where the caller reads that too."""
    return {
        "code": row.code,
        "name": row.label,
        "parent": codes.get(row.parent_id or 0),
        "tier": row.default_tier.slug,
        "needs_volume": row.needs_volume,
        "active": row.active,
    }


def tier(row: Tier, *, cleared: bool) -> Shaped:
    """A tier, and whether the caller may register in it."""
    return {
        "slug": row.slug,
        "name": row.label,
        "rank": row.rank,
        "needs_reason": row.needs_reason,
        "longest_years": row.longest_years,
        "watermark": row.watermark,
        "asks_purpose": row.asks_purpose,
        "cleared": cleared,
    }
