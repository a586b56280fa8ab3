"""Templates of papers: plain text files with choices, turned into blocks of text.

A template begins with `key: value` lines up to an empty line. In its body
`## ` heads a clause (counted, unless it begins with `!`), consecutive lines of `~ ` are variants of which one is taken,
`? ` may be left out, `[[a|b]]` takes one, `{a.name}` fills in, `^ ` centres, `> ` moves right, `| a | b |` is a row of a table,
`@clauses a b` takes common clauses, and other `@` words draw what only code can draw.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from portal.demo.figures import ordinal

FOLDER = Path(__file__).parent / "texts"
PICK = re.compile(r"\[\[([^\[\]]*)\]\]")
LEFT_OUT = 0.4  # of the paragraphs that may be left out


@dataclass(frozen=True)
class Block:
    """A piece of a page: `kind` is title, centre, right, heading, para, row, parties, sign, stamp, goods, handover or space."""

    kind: str
    text: str = ""
    cells: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()


@dataclass(frozen=True)
class Template:
    """A parsed template: `lang` is zh, hant or en."""

    name: str
    lang: str
    meta: dict[str, str]
    lines: tuple[str, ...]

    @property
    def style(self) -> str:
        """How clauses are counted: articles, numbered, decimal or plain."""
        return self.meta.get("style", "plain")


@dataclass
class Draft:
    """A paper's text, ready for layout."""

    title: str
    lang: str
    blocks: list[Block] = field(default_factory=list)

    def plain(self) -> str:
        """All its text, one line a block."""
        return "\n".join([self.title, *(" ".join((block.text, *block.cells)).strip() for block in self.blocks)])


@cache
def template(name: str) -> Template:
    """The template of this file name, without `.txt`."""
    head, _, body = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").partition("\n\n")
    meta = dict(line.split(": ", 1) for line in head.splitlines())
    return Template(name, name.rsplit(".", 1)[-1], meta, tuple(line for line in body.splitlines() if line))


@cache
def chapters(name: str, mark: str) -> dict[str, tuple[str, ...]]:
    """A file of several pieces, each under a heading line that begins with `mark`."""
    pieces: dict[str, list[str]] = {}
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(mark):
            pieces[line.removeprefix(mark).strip()] = current = []
        elif line:
            current.append(line)
    return {heading: tuple(lines) for heading, lines in pieces.items()}


def pick(text: str, rng: random.Random) -> str:
    """Take one of each `[[a|b]]`."""
    return PICK.sub(lambda match: rng.choice(match[1].split("|")), text)


def fill(text: str, values: dict[str, Any], rng: random.Random) -> str:
    """Take choices, then fill in values."""
    return pick(text, rng).format_map(values)


def draft(source: Template, values: dict[str, Any], rng: random.Random, *, title: str = "") -> Draft:
    """The whole text of one paper; the same for the same generator and values."""
    made = Draft(title or fill(source.meta["title"], values, rng), source.lang)
    made.blocks = list(_blocks(_chosen(_with_clauses(source.lines), rng), source, values, rng))
    return made


def _with_clauses(lines: tuple[str, ...]) -> Iterator[str]:
    common = chapters("clauses.zh", "## ")
    for line in lines:
        if not line.startswith("@clauses "):
            yield line
            continue
        for heading in line.split()[1:]:
            yield f"## {heading}"
            yield from common[heading]


def _chosen(lines: Iterator[str], rng: random.Random) -> Iterator[str]:
    """One of each run of variants; optional lines by chance."""
    variants: list[str] = []
    for line in [*lines, ""]:
        if line.startswith("~ "):
            variants.append(line[2:])
            continue
        if variants:
            yield rng.choice(variants)
            variants = []
        if line.startswith("? "):
            if rng.random() > LEFT_OUT:
                yield line[2:]
        elif line:
            yield line


def _blocks(lines: Iterator[str], source: Template, values: dict[str, Any], rng: random.Random) -> Iterator[Block]:
    clause, paragraph = 0, 0
    widths: tuple[int, ...] = ()
    for line in lines:
        if line.startswith("@widths "):
            widths = tuple(int(width) for width in line.split()[1:])
        elif line.startswith("## "):
            clause, paragraph = clause + 1, 0
            yield Block("heading", _heading(fill(line[3:], values, rng), clause, source))
        elif line.startswith("|"):
            yield Block("row", cells=tuple(fill(cell, values, rng).strip() for cell in _cells(line)), widths=widths)
        elif line.startswith("@"):
            word, _, rest = line[1:].partition(" ")
            yield Block(word, cells=tuple(fill(part, values, rng) for part in rest.split()))
        elif line[:2] in ("^ ", "> "):
            yield Block("centre" if line[0] == "^" else "right", fill(line[2:], values, rng))
        else:
            paragraph += 1
            yield Block("para", _counted(fill(line, values, rng), clause, paragraph, source))


def _cells(line: str) -> list[str]:
    """The cells of a row; bars inside choices do not part them."""
    marked = PICK.sub(lambda match: match[0].replace("|", "\0"), line.strip().strip("|"))
    return [cell.replace("\0", "|") for cell in marked.split("|")]


def _heading(text: str, clause: int, source: Template) -> str:
    if text.startswith("!"):
        return text[1:]
    if source.lang == "en":
        return f"{clause}. {text}"
    if source.style in ("articles", "decimal"):
        article = "條" if source.lang == "hant" else "条"
        return f"第{ordinal(clause)}{article}　{text}"
    return f"{ordinal(clause)}、{text}"


def _counted(text: str, clause: int, paragraph: int, source: Template) -> str:
    if source.style == "plain" or not clause:
        return text
    return f"{clause}.{paragraph} {text}" if source.style == "decimal" or source.lang == "en" else text
