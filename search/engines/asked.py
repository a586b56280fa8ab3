"""A person's question as Tantivy queries. Rights are part of every one of them (docs/architecture.md, decision 5)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import tantivy

from records.rights import Rights
from search import fold
from search.documents import LISTING_FACETS
from search.query import Clause, Query, Sort

Q = tantivy.Query
MUST, SHOULD, NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot


@dataclass(frozen=True)
class Side:
    """What one half of the records found must and must not match: those read in full, or those known as a listing."""

    musts: tuple[tantivy.Query, ...]
    nots: tuple[tantivy.Query, ...] = ()

    def query(self) -> tantivy.Query:
        """All of it in one."""
        return Q.boolean_query([*((MUST, each) for each in self.musts), *((NOT, each) for each in self.nots)])


@dataclass(frozen=True)
class Sides:
    """The records found, in two halves that never overlap; None: that half is empty."""

    read: Side | None
    listed: Side | None

    def query(self) -> tantivy.Query | None:
        """Both halves in one; None when nothing can be found."""
        halves = [half.query() for half in (self.read, self.listed) if half]
        if not halves:
            return None
        return halves[0] if len(halves) == 1 else any_of(halves)

    def split(self, feature: "Feature") -> tuple["Sides", "Sides"]:
        """Those that have the feature, and those that have not."""
        read, without_read = _split(self.read, feature.read)
        listed, without_listed = _split(self.listed, feature.listed)
        return Sides(read, listed), Sides(without_read, without_listed)


def _split(side: Side | None, feature: tantivy.Query | None) -> tuple[Side | None, Side | None]:
    if side is None or feature is None:
        return None, side
    return replace(side, musts=(*side.musts, feature)), replace(side, nots=(*side.nots, feature))


@dataclass(frozen=True)
class Feature:
    """Something that lifts a record above others by a constant; None: records of that half never have it."""

    weight: int
    read: tantivy.Query | None
    listed: tantivy.Query | None


def any_of(queries: Iterable[tantivy.Query]) -> tantivy.Query:
    """One of them matches."""
    found = list(queries)
    return found[0] if len(found) == 1 else Q.boolean_query([(SHOULD, query) for query in found])


def all_of(queries: Iterable[tantivy.Query]) -> tantivy.Query:
    """Each of them matches."""
    found = list(queries)
    return found[0] if len(found) == 1 else Q.boolean_query([(MUST, query) for query in found])


class Asker:
    """Compiles questions of one person. There is no way to make a query without rights."""

    def __init__(self, schema: tantivy.Schema, rights: Rights) -> None:
        self.schema = schema
        self.rights = rights
        self.reading = self._reading()
        self.knowing = self._knowing()

    # --- rights ---

    def _reading(self) -> tantivy.Query | None:
        rights = self.rights
        found = self._access(rights.open_tiers, rights.reader_tiers, rights.named_tiers)
        if rights.opened:
            found.append(self._one_of("id", rights.opened))
        return any_of(found) if found else None

    def _knowing(self) -> tantivy.Query | None:
        rights = self.rights
        found = self._access(rights.listed_open_tiers, rights.listed_reader_tiers, rights.listed_named_tiers)
        return any_of(found) if found else None

    def _access(self, open_tiers: frozenset[str], reader_tiers: frozenset[str], named_tiers: frozenset[str]) -> list[tantivy.Query]:
        rights = self.rights
        tokens = [
            *open_tiers,
            *(f"{tier}/c/{each}" for tier in reader_tiers for each in rights.classes),
            *(f"{tier}/v/{each}" for tier in reader_tiers for each in rights.volumes),
            *(f"{tier}/n/{rights.person}" for tier in named_tiers if rights.person),
        ]
        found = [self._one_of("access", tokens)] if tokens else []
        if reader_tiers and rights.records:
            found.append(all_of([self._one_of("id", rights.records), self._one_of("tier", reader_tiers)]))
        return found

    def sides(self, read: list[tantivy.Query], listed: list[tantivy.Query] | None, read_nots: list, listed_nots: list) -> Sides:
        """Both halves under this person's rights; `listed` None: listings cannot match this question."""
        withheld = (self._one_of("id", self.rights.withheld),) if self.rights.withheld else ()
        reads = Side((self.reading, *read), (*withheld, *read_nots)) if self.reading else None
        if self.knowing is None or listed is None:
            return Sides(reads, None)
        nots = (*withheld, self.reading, *listed_nots) if self.reading else (*withheld, *listed_nots)
        return Sides(reads, Side((self.knowing, *listed), nots))

    # --- questions ---

    def found(self, query: Query, *, without: str | None = None) -> Sides:
        """The records that answer; `without`: as if nothing were chosen in that facet."""
        filters = {name: values for name, values in query.filters.items() if name != without}
        chosen = [self._one_of(name, values) for name, values in filters.items()]
        days = self._days(query)
        listings_answer = not days and LISTING_FACETS.issuperset(filters)
        return self.sides(
            [*map(self._in_record, query.wanted), *chosen, *days],
            [*map(self._in_listing, query.wanted), *chosen] if listings_answer else None,
            [*map(self._in_record, query.unwanted)],
            [*map(self._in_listing, query.unwanted)],
        )

    def suggested(self, clauses: tuple[Clause, ...]) -> Sides:
        """The records whose number or title has the words, the last of them perhaps unfinished."""
        queries = [*map(self._in_listing, clauses[:-1]), any_of([self._in_listing(clauses[-1]), *self._begun(clauses[-1])])]
        return self.sides(queries, queries, [], [])

    def _begun(self, clause: Clause) -> list[tantivy.Query]:
        units = fold.units(clause.text)
        return [self._term("start", units[0].text[:16])] if len(units) == 1 and not units[0].cjk else []

    def features(self, query: Query) -> list[Feature]:
        """What orders the answers, the strongest first; each weighs more than all that follow."""
        wanted = query.wanted
        if query.sort is not Sort.RELEVANCE or not wanted:
            return []
        features = [*self._number_features(wanted), Feature(16, *self._both(all_of(self._in("title", each) for each in wanted)))]
        if len(wanted) > 1:
            features.append(Feature(8, *self._both(any_of(self._in("title", each) for each in wanted))))
        features.append(Feature(4, any_of(self._in("party_names", each) for each in wanted), None))
        if len(wanted) > 1:
            together = Clause(" ".join(each.text for each in wanted))
            features.append(Feature(2, self._in("content", together), None))
        return features

    def _number_features(self, wanted: tuple[Clause, ...]) -> list[Feature]:
        if not all(each.number for each in wanted):
            return []
        whole = fold.squash("".join(each.text for each in wanted))
        return [
            Feature(64, self._term("exacts", whole), self._term("exact", whole)),
            Feature(32, *(all_of(self._phrase(field, list(enumerate(each.number))) for each in wanted) for field in ("numbers", "number"))),
        ]

    @staticmethod
    def _both(query: tantivy.Query) -> tuple[tantivy.Query, tantivy.Query]:
        return query, query

    # --- pieces ---

    def _in_record(self, clause: Clause) -> tantivy.Query:
        found = [self._in("content", clause)]
        if clause.number:
            found.append(self._phrase("numbers", list(enumerate(clause.number))))
        if clause.digests:
            found.append(self._one_of("digest", clause.digests))
        return any_of(found)

    def _in_listing(self, clause: Clause) -> tantivy.Query:
        found = [self._in("listing", clause)]
        if clause.number:
            found.append(self._phrase("number", list(enumerate(clause.number))))
        return any_of(found)

    def _in(self, field: str, clause: Clause) -> tantivy.Query:
        phrase = clause.phrase
        if phrase is None:
            return Q.empty_query()
        return self._phrase(f"{field}_singles" if phrase.singles else f"{field}_grams", list(phrase.tokens))

    def _phrase(self, field: str, tokens: list[tuple[int, str]]) -> tantivy.Query:
        if len(tokens) == 1:
            return self._term(field, tokens[0][1])
        return Q.phrase_query(self.schema, field, [*tokens])

    def _term(self, field: str, value: str) -> tantivy.Query:
        return Q.term_query(self.schema, field, value, "basic")

    def _one_of(self, field: str, values: Iterable[str]) -> tantivy.Query:
        """A union also of thousands: measured, a set of documents made first costs several times as much."""
        return any_of(self._term(field, value) for value in sorted(values))

    def _days(self, query: Query) -> list[tantivy.Query]:
        if not (query.date_from or query.date_to):
            return []
        first = query.date_from.toordinal() if query.date_from else None
        last = query.date_to.toordinal() if query.date_to else None
        return [Q.range_query(self.schema, "day", tantivy.FieldType.Unsigned, first, last)]
