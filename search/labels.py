"""How values of facets are called, in the active language; names of parties only as records that the person reads state them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

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


def label(
    rights: Rights, facets: Mapping[str, tuple[FacetValue, ...]], chosen: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[FacetCount, ...]]:
    """The facets with labels; a chosen value stays in its list, with its count or none."""
    labelled = {}
    for name, values in facets.items():
        counts = {each.value: each.count for each in values}
        marked = set(chosen.get(name, ()))
        wanted = [*counts, *sorted(marked - counts.keys())]
        names = _names(rights, name, wanted)
        labelled[name] = tuple(
            FacetCount(value, names[value], counts.get(value, 0), chosen=value in marked) for value in wanted if value in names
        )
    return labelled


def _names(rights: Rights, name: str, values: list[str]) -> dict[str, str]:
    if not values:
        return {}
    if name == "party":
        return _party_names(rights, values)
    if name == "year":
        return {value: value for value in values}
    if name == "state":
        return {value: str(State(value).label) for value in values if value in State.values}
    model, key = _MODELS[name]
    return {getattr(row, key): row.label for row in model.objects.filter(**{f"{key}__in": values})}


def _party_names(rights: Rights, values: list[str]) -> dict[str, str]:
    """The name as the first record states it that this person reads; a party of none has no name here."""
    mine = Record.objects.filter(access.readable_filter(rights))
    stated = RecordParty.objects.filter(party=OuterRef("pk"), record__in=mine.values("pk")).order_by("pk")
    rows = Party.objects.filter(pk__in=[value for value in values if _is_id(value)]).annotate(stated=Subquery(stated.values("name")[:1]))
    return {str(pk): name for pk, name in rows.values_list("pk", "stated") if name}


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
