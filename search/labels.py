"""How values of facets are called, in the active language; names of parties only as records that the person reads state them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from records import access
from records.models import Department, RecordClass, RecordParty, RecordType, State, Tier, User
from search.documents import FacetValue

if TYPE_CHECKING:
    from search.finding import FacetCount

Person = User | AnonymousUser | None
_MODELS: dict[str, tuple[type[Any], str]] = {
    "record_type": (RecordType, "slug"),
    "record_class": (RecordClass, "code"),
    "tier": (Tier, "slug"),
    "department": (Department, "slug"),
}


def label(
    user: Person, facets: Mapping[str, tuple[FacetValue, ...]], chosen: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple["FacetCount", ...]]:
    """The facets with labels; a chosen value stays in its list, with its count or none."""
    from search.finding import FacetCount

    labelled = {}
    for name, values in facets.items():
        counts = {each.value: each.count for each in values}
        marked = set(chosen.get(name, ()))
        wanted = [*counts, *sorted(marked - counts.keys())]
        names = _names(user, name, wanted)
        labelled[name] = tuple(
            FacetCount(value, names[value], counts.get(value, 0), chosen=value in marked) for value in wanted if value in names
        )
    return labelled


def _names(user: Person, name: str, values: list[str]) -> dict[str, str]:
    if not values:
        return {}
    if name == "party":
        return _party_names(user, values)
    if name == "year":
        return {value: value for value in values}
    if name == "state":
        return {value: str(State(value).label) for value in values if value in State.values}
    model, key = _MODELS[name]
    return {getattr(row, key): row.label for row in model.objects.filter(**{f"{key}__in": values})}


def _party_names(user: Person, values: list[str]) -> dict[str, str]:
    rows = RecordParty.objects.filter(party_id__in=[value for value in values if _is_id(value)])
    stated = rows.filter(record__in=access.readable_by(user).values("pk")).order_by("-record__created_at")
    names: dict[str, str] = {}
    for party, name in stated.values_list("party_id", "name"):
        names.setdefault(str(party), name)
    return names


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
