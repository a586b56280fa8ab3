"""What one person may know and read, said in properties of records, so that a search engine can ask it.

Why: docs/architecture.md, decision 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rights:
    """Rights as sets of ids and tier slugs, read from the database at the moment of asking; empty sets mean: nothing.

    A record is *read* by this person when
    its tier is in `open_tiers`, or
    its tier is in `reader_tiers` and its class, volume or id is in `classes`, `volumes`, `records`, or
    its tier is in `named_tiers` and the person is among the record's named people, or
    its id is in `opened` (a running loan stands in for clearance and grant).
    It is known as a *listing* when it is not read and the same holds for the `listed_…` tiers.
    `tier_ids` are the rows of all tiers by slug: a tier stands in exactly one of the six sets, or in none.
    `granted_singly`: there are grants on single records. The database asks for them itself; for the index those that no class or
    volume opens anyway are in `records`.
    Records in `withheld` have a narrowing change that the index has not seen yet: they are not found at all.
    """

    person: str
    open_tiers: frozenset[str] = frozenset()
    reader_tiers: frozenset[str] = frozenset()
    named_tiers: frozenset[str] = frozenset()
    listed_open_tiers: frozenset[str] = frozenset()
    listed_reader_tiers: frozenset[str] = frozenset()
    listed_named_tiers: frozenset[str] = frozenset()
    tier_ids: Mapping[str, int] = field(default_factory=dict)
    classes: frozenset[str] = frozenset()
    volumes: frozenset[str] = frozenset()
    granted_singly: bool = False
    records: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
