"""Rows of parties in a form, and what was typed into them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from django.http import QueryDict

from records.models import PartyKind, PartyRole, RecordParty


@dataclass
class PartyRow:
    """One row as `desk/party_row.html` draws it."""

    role: str = PartyRole.PARTY_A
    name: str = ""
    id: str = ""
    kind: str = PartyKind.ORGANISATION
    number: str = ""
    errors: list[str] = field(default_factory=list)
    roles = PartyRole.choices
    kinds = PartyKind.choices


def rows_from(data: QueryDict, errors: Mapping[str, list[str]]) -> list[PartyRow]:
    """The rows as they were typed, each with its own sentences."""
    rows = _typed(data)
    place = 0
    for row in rows:
        if not _is_empty(row):
            prefix = f"parties.{place}."
            row.errors = [sentence for key, sentences in errors.items() if key.startswith(prefix) for sentence in sentences]
            place += 1
    return rows


def rows_of(record_parties: Iterable[RecordParty]) -> list[PartyRow]:
    """The parties that a record has, each by its id: the same party stays the same."""
    return [PartyRow(role=row.role, name=row.name, id=str(row.party_id), kind=row.party.kind) for row in record_parties]


def blank_rows() -> list[PartyRow]:
    """The two rows of a new record: a first and a second party."""
    return [PartyRow(role=PartyRole.PARTY_A), PartyRow(role=PartyRole.PARTY_B)]


def given(data: QueryDict) -> list[dict[str, Any]]:
    """Parties as the verbs take them; rows that were left empty are none."""
    return [_as_given(row) for row in _typed(data) if not _is_empty(row)]


def _typed(data: QueryDict) -> list[PartyRow]:
    columns = [data.getlist(f"party_{name}") for name in ("role", "name", "id", "kind", "number")]
    lines = [[value.strip() for value in values] for values in zip_longest(*columns, fillvalue="")]
    return [PartyRow(role=role, name=name, id=pk, kind=kind, number=number) for role, name, pk, kind, number in lines]


def _is_empty(row: PartyRow) -> bool:
    return not (row.name or row.id or row.number)


def _as_given(row: PartyRow) -> dict[str, Any]:
    if row.id:
        return {"id": row.id, "role": row.role}
    number = "identity_number" if row.kind == PartyKind.PERSON else "credit_code"
    entry = {"name": row.name, "role": row.role, "kind": row.kind}
    return entry | {number: row.number} if row.number else entry
