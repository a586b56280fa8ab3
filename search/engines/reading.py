"""From a question's halves to one page of hits: split by features, the strongest first, then sorted by whole numbers.

All scores are constants, so records of one score are a set; a page is found by counting sets, and only its own rows are fetched.
"""

from collections.abc import Iterable
from uuid import UUID

import tantivy

from search.documents import LISTING_FACETS, FacetValue, Hit
from search.engines import layout
from search.engines.asked import MUST, Asker, Feature, Q, Side, Sides
from search.query import Sort

MOST_VALUES = 200  # of a facet, looked at
SHOWN_VALUES = 100  # of a facet, given
SHOWN_PARTIES = 20  # there are thousands of them
_COUNT = {"count": {"value_count": {"field": "id_low"}}}
_SIZES = {"size": MOST_VALUES, "segment_size": 65_000}  # all values of a segment count, so that the sums are right

Row = tuple[str, float, str]  # id, score, access


class Page:
    """One reading of the index at one moment."""

    def __init__(self, searcher: tantivy.Searcher, asker: Asker, sort: Sort = Sort.RELEVANCE) -> None:
        self.searcher = searcher
        self.asker = asker
        self.sort = sort

    def count(self, sides: Sides) -> int:
        """How many records."""
        query = sides.query()
        return int(self.searcher.aggregate(query, _COUNT)["count"]["value"]) if query else 0

    # --- hits ---

    def rows(self, sides: Sides, features: list[Feature], *, base: float, offset: int, limit: int, total: int) -> list[Row]:
        """The rows from `offset` on. `base`: the score of a record without any feature."""
        if limit <= 0 or offset >= total:
            return []
        if not features:
            return self._ordered(sides, base, offset, limit)
        feature, *weaker = features
        having, lacking = sides.split(feature)
        number = self.count(having)
        first = self.rows(having, weaker, base=base + feature.weight, offset=offset, limit=min(limit, number - offset), total=number)
        rest = self.rows(lacking, weaker, base=base, offset=max(0, offset - number), limit=limit - len(first), total=total - number)
        return first + rest

    def _ordered(self, sides: Sides, score: float, offset: int, limit: int) -> list[Row]:
        if self.sort is Sort.NUMBER:
            return self._by_number(sides, score, offset, limit)
        number = self.count(Sides(sides.read, None)) if sides.read and sides.listed else 0
        if not sides.listed or offset + limit <= number:
            return self._half(sides.read, "full", score, offset, limit)
        read = self._half(sides.read, "full", score, offset, min(limit, number - offset)) if offset < number else []
        return read + self._half(sides.listed, "listed", score, max(0, offset - number), limit - len(read))

    def _half(self, side: Side | None, access: str, score: float, offset: int, limit: int) -> list[Row]:
        """What is read goes by its date; of a listing only the year is known, so it goes by that."""
        if side is None:
            return []
        order = layout.ORDERS["date" if access == "full" else "year"]
        return [(each, score, access) for each in self.sorted_ids(side.query(), order, offset, limit)]

    def _by_number(self, sides: Sides, score: float, offset: int, limit: int) -> list[Row]:
        query = sides.query()
        ids = self.sorted_ids(query, layout.ORDERS["number"], offset, limit) if query else []
        read = self._read_among(sides, ids)
        return [(each, score, "full" if each in read else "listed") for each in ids]

    def _read_among(self, sides: Sides, ids: list[str]) -> set[str]:
        if not (sides.read and sides.listed and ids):
            return set(ids) if sides.read else set()
        mine = Q.boolean_query([(MUST, Q.term_set_query(self.asker.schema, "id", ids)), (MUST, sides.read.query())])
        hits = self.searcher.search(mine, limit=len(ids), count=False, order_by_field="id_low").hits
        return set(self.ids([address for _key, address in hits]))

    # --- order ---

    def sorted_ids(self, query: tantivy.Query, order: tuple[str, ...], offset: int, limit: int) -> list[str]:
        """Ids in ascending order of several keys: Tantivy sorts by the first, groups of equal keys are sorted here by the next."""
        first, *more = order
        start = max(0, offset - 1)  # one row more at both ends shows whether a group crosses the border of the page
        hits = self._fetch(query, first, start, limit + 1 + offset - start)
        keys = [key for key, _address in hits]
        page = slice(offset - start, offset - start + limit)
        if not more or len(set(keys)) == len(keys):
            return self.ids([address for _key, address in hits[page]])
        rows = list(hits[page])
        crossing = {keys[each] for each in (page.start - 1, page.stop) if 0 <= each < len(keys)}
        return self._by_groups(query, order, offset, rows, crossing)

    def _by_groups(self, query: tantivy.Query, order: tuple[str, ...], offset: int, rows: list, crossing: set[int]) -> list[str]:
        found: list[str] = []
        for key in dict.fromkeys(key for key, _address in rows):
            mine = [address for each, address in rows if each == key]
            if key in crossing:
                found += self._crossing(query, order, key, offset + len(found), len(mine))
            else:
                found += self._sorted_here(mine, order[1:])
        return found

    def _crossing(self, query: tantivy.Query, order: tuple[str, ...], key: int, offset: int, limit: int) -> list[str]:
        """Rows of a group of which other rows stand on another page."""
        smaller = self._count_of(query, order[0], None, key - 1) if key else 0
        group = Q.boolean_query([(MUST, query), (MUST, self._range(order[0], key, key))])
        return self.sorted_ids(group, order[1:], offset - smaller, limit)

    def _sorted_here(self, addresses: list, order: tuple[str, ...]) -> list[str]:
        if len(addresses) > 1:
            columns = [self._column(name, addresses) for name in order]
            addresses = [addresses[place] for place in sorted(range(len(addresses)), key=lambda place: [each[place] for each in columns])]
        return self.ids(addresses)

    def _fetch(self, query: tantivy.Query, field: str, offset: int, limit: int) -> list:
        return self.searcher.search(query, limit=limit, count=False, order_by_field=field, offset=offset, order=tantivy.Order.Asc).hits

    def _range(self, field: str, low: int | None, high: int | None) -> tantivy.Query:
        return Q.range_query(self.asker.schema, field, tantivy.FieldType.Unsigned, low, high)

    def _count_of(self, query: tantivy.Query, field: str, low: int | None, high: int | None) -> int:
        both = Q.boolean_query([(MUST, query), (MUST, self._range(field, low, high))])
        return int(self.searcher.aggregate(both, _COUNT)["count"]["value"])

    def ids(self, addresses: list) -> list[str]:
        """The ids of rows."""
        if not addresses:
            return []
        high, low = (self._column(name, addresses) for name in ("id_high", "id_low"))
        return [str(UUID(int=first << 64 | second)) for first, second in zip(high, low, strict=True)]

    def _column(self, name: str, addresses: list) -> list[int]:
        """Every document has a value in every column that this is asked for."""
        return [int(value or 0) for value in self.searcher.fast_field_values(name, addresses)]

    # --- facets ---

    def counted(self, sides: Sides, names: Iterable[str]) -> tuple[int, dict[str, tuple[FacetValue, ...]]]:
        """The number of records, and the facets of the given names; those of content count only what is read."""
        names = set(names)
        both, read = sides.query(), Sides(sides.read, None).query()
        listing = names & LISTING_FACETS if sides.listed else names
        found = self._aggregate(both, listing)
        count = int(found.pop("count")["value"]) if found else 0
        if content := names - listing:
            found |= self._aggregate(read, content)
        return count, {name: self._values(name, found[name]["buckets"]) if name in found else () for name in names}

    def _aggregate(self, query: tantivy.Query | None, names: Iterable[str]) -> dict:
        if query is None:
            return {}
        terms = {name: {"terms": {"field": "party_key" if name == "party" else name, **_SIZES}} for name in names}
        return self.searcher.aggregate(query, {**_COUNT, **terms})

    def _values(self, name: str, buckets: list[dict]) -> tuple[FacetValue, ...]:
        """The most frequent values. Where the list was cut among equal counts, those are left out: which of them came along is chance."""
        least = buckets[-1]["doc_count"] if len(buckets) == MOST_VALUES else 0
        values = sorted((-each["doc_count"], each["key"]) for each in buckets if each["doc_count"] > least)
        if name == "party":
            return tuple(FacetValue(self._party(key), -count) for count, key in values[:SHOWN_PARTIES])
        return tuple(FacetValue(key, -count) for count, key in values[:SHOWN_VALUES])

    def _party(self, key: int) -> str:
        return self.searcher.terms_with_prefix("party", layout.party_prefix(int(key)), limit=1)[0][0]


def hits(rows: Iterable[Row]) -> tuple[Hit, ...]:
    """Rows as hits."""
    return tuple(Hit(*row) for row in rows)
