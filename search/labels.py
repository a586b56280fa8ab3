"""How values of facets and columns are called, in the active language; parties only as records that the person reads name them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Subquery

from records import access
from records.models import Department, Party, Record, RecordClass, RecordParty, RecordType, State, Tier
from records.rights import Rights
from search.documents import FacetValue


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


class Names:
    """The names that one page of results needs: one query for each table, for its rows and its facets together."""

    def __init__(self, rights: Rights, facets: Mapping[str, tuple[FacetValue, ...]], chosen: Mapping[str, tuple[str, ...]]) -> None:
        self._rights = rights
        self._facets = facets
        self._chosen = chosen
        self._rows: dict[str, list[Any]] = {}

    def give(self, records: Iterable[Record]) -> None:
        """Hang type, class, tier and department on the records, one instance for all that share it."""
        found = list(records)
        for name, (model, key) in _MODELS.items():
            ids = {getattr(record, f"{name}_id") for record in found} - {None}
            values = self._values(name)
            if ids or values:
                self._rows[name] = list(model.objects.filter(Q(pk__in=ids) | Q(**{f"{key}__in": values})))
            by_id = {row.pk: row for row in self._rows.get(name, ())}
            for record in found:
                setattr(record, name, by_id.get(getattr(record, f"{name}_id")))

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
        if name == "year":
            return {value: value for value in values}
        if name == "state":
            return {value: str(State(value).label) for value in values if value in State.values}
        key = _MODELS[name][1]
        return {getattr(row, key): row.label for row in self._rows.get(name, ())}


def _party_names(rights: Rights, values: list[str]) -> dict[str, str]:
    """The name as the first record states it that this person reads; a party of none has no name here."""
    mine = Record.objects.filter(access.readable_filter(rights), pk=OuterRef("record_id"))
    stated = RecordParty.objects.filter(Exists(mine), party=OuterRef("pk")).order_by("pk")
    rows = Party.objects.filter(pk__in=[value for value in values if _is_id(value)]).annotate(stated=Subquery(stated.values("name")[:1]))
    return {str(pk): name for pk, name in rows.values_list("pk", "stated") if name}


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
