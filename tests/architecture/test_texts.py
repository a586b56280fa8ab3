"""Chinese is whole: every text has its Simplified form, every Simplified one its Traditional (PRT-3)."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from opencc import OpenCC

from portal.management.commands.traditional import sources, traditional
from tests.architecture.source import FLOORS, ROOT, modules, tree
from tests.architecture.source import name_of as module_name

MARKERS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
IN_TEMPLATE = re.compile(r"""(?:\{%\s*translate\s+|_\()(["'])(.+?)\1""")


def read(path: Path, locale: str) -> Catalog:
    """A catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def name_of(path: Path) -> str:
    """The app of a catalogue."""
    return "/".join(path.parts[-6:-4])


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_every_text_is_translated_with_its_placeholders(path: Path) -> None:
    catalogue = read(path, "zh_Hans_CN")

    assert not catalogue.fuzzy
    assert not [message.id for message in catalogue if message.id and (message.fuzzy or not all(as_tuple(message.string)))]
    assert not [(message.id, errors) for message, errors in catalogue.check()]


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_traditional_is_what_simplified_makes(path: Path) -> None:
    wanted = traditional(path, OpenCC("s2twp").convert)
    found = read(Path(str(path).replace("zh_Hans", "zh_Hant")), "zh_Hant_TW")

    assert not found.fuzzy
    assert {message.id: as_tuple(message.string) for message in found if message.id} == {
        message.id: as_tuple(message.string) for message in wanted if message.id
    }, "run manage.py traditional"


def as_tuple(value: object) -> tuple[str, ...]:
    """One text or several, as several."""
    return tuple(value) if isinstance(value, list | tuple) else (str(value or ""),)


@cache
def translated() -> set[str]:
    """The msgids of all catalogues."""
    ids = {message.id for path in sources() for message in read(path, "zh_Hans_CN") if message.id}
    return {as_tuple(each)[0] for each in ids}


def marked(path: Path) -> Iterator[str]:
    """The texts that a module marks, wherever: what stands in an f-string is translated, but no tool finds it there to collect it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS:
            yield from (first.value for first in node.args[:1] if isinstance(first, ast.Constant))


@pytest.mark.parametrize("floor", FLOORS)
def test_every_text_that_a_module_marks_is_in_a_catalogue(floor: str) -> None:
    missing = {module_name(path): {text for text in marked(path) if text} - translated() for path in modules(floor)}
    assert {name: texts for name, texts in missing.items() if texts} == {}


@pytest.mark.parametrize("floor", FLOORS)
def test_every_text_that_a_template_marks_is_in_a_catalogue(floor: str) -> None:
    found = {text for path in (ROOT / floor).rglob("*.html") for _quote, text in IN_TEMPLATE.findall(path.read_text())}
    assert sorted(text for text in found if not {text, text.replace("%", "%%")} & translated()) == []
