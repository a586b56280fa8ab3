"""Passages from the original text with the words found marked: whatever was typed, the reader sees what stands in the record.

Made here and not by the engine, whose tokens are folded bigrams: a pattern takes every character for all those that fold alike, so that
a Simplified question marks Traditional text too.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from search import fold
from search.query import Clause

BEFORE = 24  # characters of a passage before its first mark
LENGTH = 110  # characters of a passage
MOST_CANDIDATES = 24  # places of a page around which a passage is tried
LEAST_PART = 5  # characters: a shorter part of a number is found by the number's field, not marked inside other numbers
_BETWEEN = r"[\W_]*"
_DIGIT = "[0-9\uff10-\uff19]"
_COMMA = "[,\uff0c]"
_LETTER = rf"[^\W_0-9\uff10-\uff19{fold.CJK}]"

Window = tuple[int, int, frozenset[int]]  # start, end, places of the clauses inside


@dataclass(frozen=True)
class Span:
    """`text[start:end]` is what the clause at place `clause` asked for."""

    start: int
    end: int
    clause: int


@dataclass(frozen=True)
class Masked:
    """A sensitive value in a text: `shown` stands in its place; `digest` tells whether it was asked for (SEC-6)."""

    start: int
    end: int
    shown: str
    digest: str = ""


@dataclass(frozen=True)
class Passage:
    """A piece of HTML, escaped, with `<mark>`; `clauses`: which words of the question it shows."""

    html: str
    clauses: frozenset[int]


@dataclass
class Marker:
    """Finds the words of a question in texts."""

    clauses: Sequence[Clause]
    _patterns: list[re.Pattern[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._patterns = [pattern(clause) for clause in self.clauses]

    def spans(self, text: str, masked: Sequence[Masked] = ()) -> list[Span]:
        """What was asked for, by its place; never inside a masked value, but a masked value as a whole when it was asked for."""
        found = [Span(match.start(), match.end(), place) for place, wanted in enumerate(self._patterns) for match in wanted.finditer(text)]
        if masked:
            found = [span for span in found if not any(span.start < each.end and span.end > each.start for each in masked)]
            for place, clause in enumerate(self.clauses):
                found += [Span(each.start, each.end, place) for each in masked if each.digest in clause.digests]
        return sorted(found, key=lambda span: (span.start, -span.end))

    def marked(self, text: str, masked: Sequence[Masked] = ()) -> str:
        """The whole text as HTML."""
        return _html(text, self.spans(text, masked), masked, 0, len(text))

    def passages(self, text: str, masked: Sequence[Masked] = (), *, most: int = 3) -> list[Passage]:
        """The best passages, in the order of the text: those that show the most words of the question."""
        return passages(text, self.spans(text, masked), masked, most=most)


def passages(text: str, spans: Sequence[Span], masked: Sequence[Masked] = (), *, most: int = 3) -> list[Passage]:
    """Passages around spans that were found before."""
    return [Passage(cut(text, spans, masked, start, end), clauses) for start, end, clauses in windows(text, spans, most=most)]


def windows(text: str, spans: Sequence[Span], *, most: int) -> list[Window]:
    """Where the best passages begin and end, and which words they show, in the order of the text; none overlap."""
    candidates = [_window(text, spans, place) for place in range(min(len(spans), MOST_CANDIDATES))]
    chosen: list[Window] = []
    for window in sorted(candidates, key=lambda window: (-len(window[2]), window[0])):
        if len(chosen) == most:
            break
        if all(window[1] <= other[0] or window[0] >= other[1] for other in chosen):
            chosen.append(window)
    return sorted(chosen, key=lambda window: window[:2])


def _window(text: str, spans: Sequence[Span], place: int) -> Window:
    start = max(0, spans[place].start - BEFORE)
    end = min(len(text), max(start + LENGTH, spans[place].end))
    start = max(0, min(start, end - LENGTH))
    near = spans[max(0, place - LENGTH) : place + LENGTH]
    return start, end, frozenset(span.clause for span in near if span.start >= start and span.end <= end)


def cut(text: str, spans: Sequence[Span], masked: Sequence[Masked], start: int, end: int) -> str:
    """`text[start:end]` as HTML with its spans marked."""
    for each in masked:  # a masked value is shown as a whole or not at all
        if each.start < start < each.end:
            start = each.start
        if each.start < end < each.end:
            end = each.end
    inside = [span for span in spans if span.start >= start and span.end <= end]
    html = " ".join(_html(text, inside, masked, start, end).split())
    return f"{'… ' if start else ''}{html}{' …' if end < len(text) else ''}"


def _html(text: str, spans: Iterable[Span], masked: Sequence[Masked], start: int, end: int) -> str:
    pieces, at = [], start
    for first, last in _joined(spans):
        pieces += [_shown(text, masked, at, first), "<mark>", _shown(text, masked, first, last), "</mark>"]
        at = last
    return "".join([*pieces, _shown(text, masked, at, end)])


def _shown(text: str, masked: Sequence[Masked], start: int, end: int) -> str:
    """A piece as people see it, escaped; a masked value that begins in it is in it as a whole."""
    pieces, at = [], start
    for each in masked:
        if start <= each.start < end:
            pieces += [text[at : each.start], each.shown]
            at = each.end
    return escape("".join([*pieces, text[at:end]]))


def _joined(spans: Iterable[Span]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for span in spans:
        if joined and span.start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], span.end))
        else:
            joined.append((span.start, span.end))
    return joined


def pattern(clause: Clause) -> re.Pattern[str]:
    """What finds a clause in the original text, by the same rules as the index: each character stands for all that fold to it."""
    found = fold.units(clause.text)
    phrase = clause.phrase
    parts: list[str] = []
    for place, unit in enumerate(found):
        if place:
            same_run = unit.run == found[place - 1].run and not (phrase and phrase.singles)
            parts.append(fold.BLANK + "*" if same_run else _BETWEEN)
        parts.append(_unit(unit))
    options = ["".join(parts)]
    part = fold.squash(clause.text)
    if clause.number and len(part) >= LEAST_PART and not part.isdigit():
        options.append(_BETWEEN.join(map(_forms, part)))
    return re.compile("|".join(options))


def _unit(unit: fold.Unit) -> str:
    if unit.cjk:
        return _forms(unit.text)
    if unit.text.isdigit():
        return f"(?<!{_DIGIT})(?<!{_DIGIT}{_COMMA})" + f"{_COMMA}?".join(map(_forms, unit.text)) + f"(?!{_DIGIT})"
    end = "" if len(unit.text) == fold.LONGEST_WORD else f"(?!{_LETTER})"
    return f"(?<!{_LETTER})" + "".join(map(_forms, unit.text)) + end


def _forms(character: str) -> str:
    """All characters that fold to this one."""
    forms = fold.unfolded(character)
    return re.escape(forms) if len(forms) == 1 else "[" + "".join(map(re.escape, forms)) + "]"
