"""The query language as people type it: words (all must match), "phrases" (in order), -without, numbers in part. Filters stand apart."""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext as _

from search import fold
from search.documents import FACETS
from search.errors import QueryRefused, QueryTooLong
from search.text import sensitive

LONGEST_QUERY = 500  # characters; a pasted sentence goes through, a pasted page does not
MOST_CLAUSES = 32  # words and phrases; each costs a look-up
MOST_FILTER_VALUES = 100  # of one field
LARGEST_PAGE = 200  # rows (interface.md)

_QUOTES = str.maketrans(dict.fromkeys("“”„‟「」『』«»〝〞\uff02", '"'))
_BLANK = re.compile(r"\s")
_CLAUSE = re.compile(r'(?P<minus>(?<!\S)[-\uff0d\u2212])?(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<word>[^\s"]+))')


class Sort(StrEnum):
    """How results are ordered; records without a number come last in `number`."""

    RELEVANCE = "relevance"
    DATE = "date"
    NUMBER = "number"


@dataclass(frozen=True)
class Clause:
    """A word or a phrase that must stand in the record, or must not.

    `digests`: set where it has the shape of a sensitive value; `kind`: of the sensitive value that it is, empty for other words (SEC-6).
    """

    text: str
    negated: bool = False
    digests: tuple[str, ...] = ()
    kind: str = ""

    @property
    def phrase(self) -> fold.Phrase | None:
        """What must stand side by side; None when there is nothing to look for."""
        return fold.phrase(self.text)

    @property
    def number(self) -> list[str]:
        """Tokens of a part of a number: at least three letters or digits with a digit among them; else empty (FND-4)."""
        plain = fold.squash(self.text)
        return fold.number_phrase(self.text) if len(plain) >= 3 and any(character.isdigit() for character in plain) else []


@dataclass(frozen=True)
class Query:
    """A question to the index. `filters`: by facet name the values of which one must hold."""

    clauses: tuple[Clause, ...] = ()
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    date_from: datetime.date | None = None
    date_to: datetime.date | None = None
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    page_size: int = 50

    @property
    def wanted(self) -> tuple[Clause, ...]:
        """The clauses that must match."""
        return tuple(clause for clause in self.clauses if not clause.negated)

    @property
    def unwanted(self) -> tuple[Clause, ...]:
        """The clauses that must not match."""
        return tuple(clause for clause in self.clauses if clause.negated)

    @property
    def offset(self) -> int:
        """How many hits stand before this page."""
        return (self.page - 1) * self.page_size


Digester = Callable[[str], Iterable[str]]


def parse(text: str, *, digester: Digester | None = None) -> tuple[Clause, ...]:
    """The clauses of what was typed; what has no letter, digit or character is left out. Raises QueryTooLong.

    A sensitive number is a clause of its own, however it is spaced and whatever stands beside it. `digester` gives the keyed digests of a
    word that has the shape of a sensitive value, nothing for others.
    """
    if len(text) > LONGEST_QUERY:
        raise QueryTooLong(_("This search has %(count)d characters; %(most)d are possible.") % {"count": len(text), "most": LONGEST_QUERY})
    clauses = []
    for piece, kind, negated in _pieces(text.translate(_QUOTES)):
        if fold.phrase(piece):
            digests = tuple(digester(piece)) if digester else ()
            clauses.append(Clause(piece.strip(), negated=negated, digests=digests, kind=kind))
    if len(clauses) > MOST_CLAUSES:
        raise QueryTooLong(_("This search has %(count)d words; %(most)d are possible.") % {"count": len(clauses), "most": MOST_CLAUSES})
    return tuple(dict.fromkeys(clauses))


def _pieces(text: str) -> Iterator[tuple[str, str, bool]]:
    """(text, kind of sensitive number or empty, negated). Of an unwanted phrase with a number in it only the number counts."""
    numbers = sensitive.find(text)
    for match in _CLAUSE.finditer(_held_together(text, numbers)):
        start, end = match.span("word" if match["phrase"] is None else "phrase")
        parts = list(_parts(text, start, end, numbers))
        negated = bool(match["minus"])
        only_numbers = negated and any(kind for _part, kind in parts)
        yield from ((part, kind, negated) for part, kind in parts if kind or not only_numbers)


def _held_together(text: str, numbers: list[sensitive.Sensitive]) -> str:
    """The text without blanks inside the numbers, every place as before."""
    for each in numbers:
        text = text[: each.start] + _BLANK.sub("-", text[each.start : each.end]) + text[each.end :]
    return text


def _parts(text: str, start: int, end: int, numbers: list[sensitive.Sensitive]) -> Iterator[tuple[str, str]]:
    for each in numbers:
        if start <= each.start < end:
            yield text[start : each.start], ""
            yield text[each.start : each.end], each.kind
            start = each.end
    yield text[start:end], ""


def build(
    text: str = "",
    *,
    filters: dict[str, Iterable[str]] | None = None,
    date_from: datetime.date | None = None,
    date_to: datetime.date | None = None,
    sort: str = Sort.RELEVANCE,
    page: int = 1,
    page_size: int = 50,
    digester: Digester | None = None,
) -> Query:
    """A checked query. Raises QueryRefused, with a sentence, for an unknown filter or sort, too many values, or a page out of range."""
    chosen = {name: tuple(dict.fromkeys(values)) for name, values in (filters or {}).items()}
    chosen = {name: values for name, values in chosen.items() if values}
    for name, values in chosen.items():
        if name not in FACETS:
            raise QueryRefused(_("There is no filter “%(name)s”.") % {"name": name})
        if len(values) > MOST_FILTER_VALUES:
            raise QueryTooLong(_("The filter “%(name)s” has too many values.") % {"name": name})
    if sort not in set(Sort):
        raise QueryRefused(_("Results can be sorted by relevance, date or number."))
    if page < 1 or not 1 <= page_size <= LARGEST_PAGE:
        raise QueryRefused(_("Pages begin with 1 and have 1 to %(most)d rows.") % {"most": LARGEST_PAGE})
    return Query(parse(text, digester=digester), chosen, date_from, date_to, Sort(sort), page, page_size)
