"""Patterns of numbers (NUM-1): `{fonds}-{class}-{year}-{term}-{file:04}-{item:03}`, `鸿借字第{seq:03}号`, `{volume}-{item:02}`.

A pattern is literal text with names in braces. One of the names is the counter that is open when a number is given:
`{seq}` or `{item}` for records, `{seq}` or `{file}` for volumes. In a record's pattern `{file}` is the number of its volume, a value.
`:03` behind a number is its least width, filled with zeros; it grows beyond that when it has to.
"""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from records.errors import Conflict, Invalid

LONGEST = 200  # characters of a pattern
LONGEST_NUMBER = 100  # characters of a rendered number: the register's column, with room for a prefix
WIDEST = 9  # digits of a counter
COUNTERS = ("item", "seq", "file")  # the first of them that a pattern has is its counter
OPEN = "{seq}"  # stands for the counter in a scope's key
VALUES = ("fonds", "class", "year", "term", "department", "project", "volume")
EXAMPLE = {"fonds": "A001", "class": "HT", "year": 2026, "term": "D30", "department": "sales", "project": "P01", "file": 1}

_PIECE = re.compile(r"\{([^{}]*)\}|([^{}]+)|([{}])")
_NAME = re.compile(r"([a-z]+)(?::0?([1-9]))?", re.ASCII)


class PatternError(Invalid):
    """This pattern cannot make numbers."""

    code = "number-pattern"


class PatternValueMissing(Conflict):
    """The number rule needs a value that is missing here."""

    code = "number-value-missing"


@dataclass(frozen=True)
class Piece:
    """Literal `text`, or a `name` with its least width (0: none)."""

    text: str
    name: str = ""
    width: int = 0


def parse(pattern: str) -> list[Piece]:
    """The pieces of a pattern. Raises PatternError for braces without a partner, unknown names and wrong widths."""
    if len(pattern) > LONGEST:
        raise PatternError(_("A pattern has at most %(most)d characters.") % {"most": LONGEST})
    if not pattern.isprintable():
        raise PatternError(_("A pattern stands on one line, without control characters."))
    return [_piece(*match.groups()) for match in _PIECE.finditer(pattern)]


def tokens(pattern: str) -> set[str]:
    """The names that a pattern uses. Raises PatternError."""
    return {piece.name for piece in parse(pattern) if piece.name}


def validate_record_pattern(pattern: str) -> None:
    """Refuse what cannot number records: it needs exactly one of {seq} and {item}. Raises PatternError."""
    pieces = parse(pattern)
    _exactly_one(pieces, ("seq", "item"))
    _stands_apart(pieces)


def validate_volume_pattern(pattern: str) -> None:
    """Refuse what cannot number volumes: it needs exactly one of {seq} and {file}, and nothing of an item. Raises PatternError."""
    pieces = parse(pattern)
    for piece in pieces:
        if piece.name in {"volume", "item", "department", "project"}:
            raise PatternError(_("The number of a volume cannot contain {%(name)s}.") % {"name": piece.name})
    _exactly_one(pieces, ("seq", "file"))
    _stands_apart(pieces)


def render(pattern: str, values: Mapping[str, object], number: int) -> str:
    """The number for this place of the counter. Raises PatternError, and PatternValueMissing for a value that is missing or empty."""
    pieces = parse(pattern)
    counter = counter_of(pieces)
    return _fitting("".join(f"{number:0{piece.width}d}" if piece.name == counter else _rendered(piece, values) for piece in pieces))


def scope_key(pattern: str, values: Mapping[str, object]) -> str:
    """The rendered pattern with its counter left open: numbers with the same key are counted together (NUM-2).

    Open under one name, whatever the pattern calls its counter: two that render the same number must not count apart.
    """
    pieces = parse(pattern)
    counter = counter_of(pieces)
    return _fitting("".join(OPEN if piece.name == counter else _rendered(piece, values) for piece in pieces))


def counter_of(pieces: list[Piece]) -> str:
    """The name of the counter. Raises PatternError when the pattern has none."""
    names = {piece.name for piece in pieces}
    for counter in COUNTERS:
        if counter in names:
            return counter
    raise PatternError(_("A pattern needs a counter: {seq}, {item} or {file}."))


def example(pattern: str, *, volume: str = "A001-HT-2026-0001") -> str:
    """What the first number would look like, to be shown beside the pattern. Raises PatternError."""
    return render(pattern, EXAMPLE | {"volume": volume}, 1)


def _piece(inside: str | None, text: str | None, stray: str | None) -> Piece:
    if stray:
        raise PatternError(_("A brace %(brace)s has no partner.") % {"brace": stray})
    if text is not None:
        return Piece(text)
    match = _NAME.fullmatch(inside or "")
    name, width = (match[1], int(match[2] or 0)) if match else ("", 0)
    if name not in COUNTERS + VALUES:
        known = " ".join(f"{{{known}}}" for known in VALUES + COUNTERS)
        raise PatternError(_("There is no {%(name)s}. There are: %(known)s.") % {"name": inside, "known": known})
    if width and name not in COUNTERS:
        raise PatternError(_("Only a counter has a width: write {%(name)s}.") % {"name": name})
    return Piece("", name, width)


def _exactly_one(pieces: list[Piece], counters: tuple[str, ...]) -> None:
    found = [piece.name for piece in pieces if piece.name in counters]
    choice = {"one": f"{{{counters[0]}}}", "other": f"{{{counters[1]}}}"}
    if not found:
        raise PatternError(_("A pattern needs a counter: %(one)s or %(other)s.") % choice)
    if len(found) > 1:
        raise PatternError(_("A pattern has one counter only: %(one)s or %(other)s, once.") % choice)


def _stands_apart(pieces: list[Piece]) -> None:
    """Two places in a number that can both grow would make the same number twice (HT1 and 1, HT and 11): something must part them."""
    counter = counter_of(pieces)
    for one, other in itertools.pairwise(pieces):
        if counter in {one.name, other.name} and one.name and other.name and "year" not in {one.name, other.name}:
            raise PatternError(_("Put a sign between {%(one)s} and {%(other)s}.") % {"one": one.name, "other": other.name})


def _fitting(rendered: str) -> str:
    if len(rendered) > LONGEST_NUMBER:
        raise PatternValueMissing(_("The number would be longer than %(most)d characters.") % {"most": LONGEST_NUMBER})
    return rendered


def _rendered(piece: Piece, values: Mapping[str, object]) -> str:
    if not piece.name:
        return piece.text
    value = values.get(piece.name)
    if value is None or not str(value).strip():
        raise PatternValueMissing(_("The number rule needs {%(name)s}, which is empty here.") % {"name": piece.name})
    if isinstance(value, int):
        return f"{value:0{piece.width}d}"
    text = " ".join(str(value).split())
    if not text.isprintable() or set(text) & set("{}"):
        raise PatternValueMissing(_("{%(name)s} contains characters that cannot stand in a number.") % {"name": piece.name})
    return text
