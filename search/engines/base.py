"""What every search engine of Muniment promises; `tests/contracts/search_engine.py` holds each to it."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from records.rights import Rights
from search.documents import Document, Found, Hit
from search.query import Query

Remake = Callable[[Collection[str]], Iterable[Document]]
"""Documents of the given ids as they are now; ids that are to be found no more are left out."""


class Building(Protocol):
    """A new generation in the making, while the old one serves."""

    def add(self, documents: Iterable[Document]) -> None:
        """Take in documents; may be called many times."""

    def finish(self, remake: Remake) -> None:
        """Take in anew what was written meanwhile, then put the new generation in the old one's place at once."""


class Engine(Protocol):
    """Finds documents for a person's rights. Rights sit in the query: hits, counts, facets and suggestions come from one filtered set.

    Content is matched only among what may be read; what may merely be known is matched by its listing, and by facets and filters
    of listing fields. A facet's own selection does not narrow its own list. Scores are constants of the record and the question:
    64 the number itself, 32 all words in numbers, 16 all words in the title, 8 one of them, 4 one in a party's name,
    2 the words side by side, 1 found at all. Ties: what may be read first, then the newest date (the year, for a listing), number, id.

    Every method raises EngineUnavailable when the engine is down, missing or busy for long.
    """

    name: str

    def write(self, documents: Iterable[Document], deletions: Iterable[str] = ()) -> None:
        """Put in, replace and remove in one commit: afterwards searches see all of it, after a crash all of it or nothing."""

    def refresh(self, ids: Collection[str], remake: Remake) -> set[str]:
        """`write` what `remake` says of these records, and remove those that it leaves out; returns their ids.

        `remake` is asked while nobody else writes: of two who write the later one knows what the earlier knew, so that an older document
        never takes the place of a newer, narrower one (SEC-5). What it raises is raised, and nothing is written.
        """

    def search(self, query: Query, rights: Rights, *, facets: bool = True) -> Found:
        """One page of what this person finds."""

    def suggest(self, text: str, rights: Rights, *, limit: int = 8) -> tuple[Hit, ...]:
        """Records by number in part or the beginnings of words of their title, among all that the person may know."""

    def erase(self, ids: Collection[str], *, remake: Remake, everything: Callable[[], Iterable[Document]]) -> None:
        """Remove so that no word stays in any file, rewriting what held them, and prove it. Raises NotErased."""

    def holds(self, record_id: str) -> bool:
        """Whether any file of the index still holds the terms of this record, found by a search or not."""

    def stamps(self) -> Iterator[tuple[str, str]]:
        """(id, stamp) of every document, for comparing with the database."""

    def rebuild(self) -> AbstractContextManager[Building]:
        """A new generation; leaving without `finish` drops it. Raises EngineUnavailable when another rebuild is under way."""

    def check(self) -> None:
        """Raises EngineUnavailable with a sentence when the engine cannot serve."""
