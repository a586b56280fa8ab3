"""Chinese is whole: every text has its Simplified form, every Simplified one its Traditional (PRT-3)."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from opencc import OpenCC

from portal.management.commands.traditional import sources, traditional


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
