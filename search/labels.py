"""How values of facets and columns are called, in the active language; parties only as records that the person reads name them."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery

from records import access
from records.models import Department, Party, Record, RecordClass, RecordParty, RecordType, State, Tier
from records.rights import Rights
from search.documents import FacetValue
from search.text import sensitive


@dataclass(frozen=True)
class FacetCount:
    """One value of a facet: what the filter takes, how it is called in the active language, and how many records have it."""

    value: str
    label: str
    count: int
    chosen: bool = False


_MODELS: dict[str, tuple[type[Any], str]] = {
    "record_type": (RecordType, "slug"),
    "record_class": (RecordClass, "code"),
    "tier": (Tier, "slug"),
    "department": (Department, "slug"),
}


KEPT = 5.0  # seconds for which names may be old: types, classes, tiers and departments are few, and hardly ever change
_kept: dict[str, tuple[float, dict[Any, Any]]] = {}  # by name: until when, and the rows by id and by key


def forget() -> None:
    """Ask the database for all names anew."""
    _kept.clear()


def _rows(name: str, wanted: Iterable[Any]) -> dict[Any, Any]:
    """All rows of a table by id and by key; asked for again when they are old, or one that is wanted is not among them."""
    until, rows = _kept.get(name, (0.0, {}))
    if time.monotonic() > until or any(each not in rows for each in wanted):
        model, key = _MODELS[name]
        found = list(model.objects.all())
        rows = {row.pk: row for row in found} | {getattr(row, key): row for row in found}
        _kept[name] = (time.monotonic() + KEPT, rows)
    return rows


class Names:
    """The names that one page of results needs, for its rows and its facets together."""

    def __init__(self, rights: Rights, facets: Mapping[str, tuple[FacetValue, ...]], chosen: Mapping[str, tuple[str, ...]]) -> None:
        self._rights = rights
        self._facets = facets
        self._chosen = chosen

    def give(self, records: Iterable[Record]) -> None:
        """Hang type, class, tier and department on the records, one instance for all that share it."""
        found = list(records)
        for name in _MODELS:
            ids = {getattr(record, f"{name}_id") for record in found} - {None}
            rows = _rows(name, ids) if ids else {}
            for record in found:
                setattr(record, name, rows.get(getattr(record, f"{name}_id")))

    def facets(self) -> dict[str, tuple[FacetCount, ...]]:
        """The facets with labels; a chosen value stays in its list, with its count or none."""
        return {name: self._labelled(name) for name in self._facets}

    def _values(self, name: str) -> list[str]:
        counted = [each.value for each in self._facets.get(name, ())]
        return [*counted, *(value for value in self._chosen.get(name, ()) if value not in counted)]

    def _labelled(self, name: str) -> tuple[FacetCount, ...]:
        counts = {each.value: each.count for each in self._facets[name]}
        chosen, labels = self._chosen.get(name, ()), self._labels(name)
        known = [value for value in self._values(name) if value in labels]
        return tuple(FacetCount(value, labels[value], counts.get(value, 0), chosen=value in chosen) for value in known)

    def _labels(self, name: str) -> dict[str, str]:
        values = self._values(name)
        if name == "party":
            return _party_names(self._rights, values) if values else {}
        if name in ("year", "project"):
            return {value: value for value in values}
        if name == "state":
            return {value: str(State(value).label) for value in values if value in State.values}
        counted = {each.value for each in self._facets[name]}
        rows = _rows(name, counted)
        return {value: rows[value].label for value in values if value in rows and (value in counted or self._may_name(rows[value]))}

    def _may_name(self, row: Any) -> bool:
        """A class that was guessed stays as unknown as one that there is not, but for its readers (SEC-5); the others are no secret."""
        return not isinstance(row, RecordClass) or str(row.pk) in self._rights.classes


def _party_names(rights: Rights, values: list[str]) -> dict[str, str]:
    """The name as the first record states it that this person reads; a party of none has no name here."""
    mine = Record.objects.filter(access.readable_filter(rights), pk=OuterRef("record_id"))
    stated = RecordParty.objects.filter(Exists(mine), party=OuterRef("pk")).order_by("pk")
    rows = Party.objects.filter(pk__in=[value for value in values if _is_id(value)]).annotate(stated=Subquery(stated.values("name")[:1]))
    return {str(pk): sensitive.mask(name) for pk, name in rows.values_list("pk", "stated") if name}


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
