"""Fields of records, checked by their type's definitions (CAP-4 to CAP-6); sensitive ones sealed and masked (SEC-6)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from records import identifiers, kinds
from records.models import FieldDefinition, Level, PartyIdentifier, Record, RecordType, SealedField
from storage import crypto


@dataclass
class CleanFields:
    """Checked values: `plain` by key, `sealed` whole values of sensitive keys, `cleared` keys, and sentences by `fields.<key>`."""

    plain: dict[str, Any] = field(default_factory=dict)
    sealed: dict[str, tuple[str, str]] = field(default_factory=dict)
    cleared: set[str] = field(default_factory=set)
    errors: dict[str, list[str]] = field(default_factory=dict)

    def merged(self, current: dict[str, Any]) -> dict[str, Any]:
        """The record's fields after the change."""
        kept = {key: value for key, value in current.items() if key not in self.cleared}
        return kept | self.plain


def clean(record_type: RecordType, raw: dict[str, Any], *, current: dict[str, Any] | None = None) -> CleanFields:
    """Check `raw` against the type. With `current` (a change) keys that are not named stay; without, required ones must be there."""
    definitions = {row.key: row for row in record_type.fields.all()}
    result = CleanFields()
    for key in raw.keys() - definitions.keys():
        result.errors[f"fields.{key}"[:100]] = [_("This type of record has no such field.")]
    for key, definition in definitions.items():
        if key in raw:
            _clean_one(definition, raw[key], (current or {}).get(key), result)
        elif definition.level == Level.REQUIRED and (current or {}).get(key) is None:
            result.errors[f"fields.{key}"] = [_("This field is required.")]
    return result


def _clean_one(definition: FieldDefinition, raw: Any, current: Any, result: CleanFields) -> None:
    key, kind = definition.key, kinds.get(definition.kind)
    if kind.sealed and raw and raw == current:
        return  # the masked value came back untouched
    try:
        value = kind.parse(raw, choices=definition.choices)
    except kinds.FieldError as error:
        result.errors[f"fields.{key}"] = [error.sentence]
        return
    if value is None:
        if definition.level == Level.REQUIRED:
            result.errors[f"fields.{key}"] = [_("This field is required.")]
        result.cleared.add(key)
        return
    if kind.sealed:
        result.sealed[key] = (definition.kind, value)
        value = identifiers.mask(definition.kind, value)
    result.plain[key] = value


def seal(record: Record, cleaned: CleanFields) -> None:
    """Write the sealed values of a saved record, and drop those that were cleared."""
    SealedField.objects.filter(record=record, key__in=cleaned.cleared | set(cleaned.sealed)).delete()
    key = record.data_key.material()
    SealedField.objects.bulk_create(
        SealedField(
            record=record,
            key=name,
            kind=kind,
            sealed=crypto.seal_value(key, value.encode(), associated=_bound_to(record, name)),
            digest=digest(kind, value),
        )
        for name, (kind, value) in cleaned.sealed.items()
    )


def open_sealed(record: Record, key: str) -> str | None:
    """The whole value of a sealed field; None when the record has none under this key."""
    row = record.sealed_fields.filter(key=key).first()
    if row is None:
        return None
    return crypto.open_value(record.data_key.material(), bytes(row.sealed), associated=_bound_to(record, key)).decode()


def digest(kind: str, value: str) -> str:
    """The keyed digest by which a sensitive value is found by exact match, whatever field it stands in and however it is typed."""
    normalise = identifiers.normalise_mobile if kind == "mobile" else identifiers.normalise
    return crypto.keyed_digest(normalise(value), purpose="identifier")


def digests(value: str) -> list[str]:
    """The digests that a value of unknown kind may have: as a mobile number its country code is no part of it."""
    return list(dict.fromkeys([digest("mobile", value), digest("", value)]))


def kept_digests(asked: Collection[str]) -> set[str]:
    """Those of these digests under which a value of some field or party is sealed; credit codes are public and do not count."""
    of_parties = PartyIdentifier.objects.filter(digest__in=asked).exclude(kind="credit-code").order_by()
    of_fields = SealedField.objects.filter(digest__in=asked).order_by()
    return set(of_fields.values_list("digest", flat=True).union(of_parties.values_list("digest", flat=True))) if asked else set()


def missing_important(record_type: RecordType, fields: dict[str, Any]) -> list[str]:
    """Keys of important fields that are empty, in the type's order (CAP-5)."""
    return [row.key for row in record_type.fields.all() if row.level == Level.IMPORTANT and fields.get(row.key) in (None, "")]


def own_date(record_type: RecordType, fields: dict[str, Any]) -> date | None:
    """The record's own date by its type, None where the type has none or it is empty."""
    value = fields.get(record_type.own_date) if record_type.own_date else None
    return date.fromisoformat(value) if value else None


def _bound_to(record: Record, key: str) -> bytes:
    return f"field/{record.pk}/{key}".encode()
