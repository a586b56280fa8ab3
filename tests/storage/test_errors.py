"""Errors say what happened and what to do, in the reader's language, under codes that do not change."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

from storage import errors
from storage.errors import StorageError


def family(base=StorageError):
    """The base and every class below it that is defined beside it."""
    return [base, *(each for child in base.__subclasses__() for each in family(child) if each.__module__ == errors.__name__)]


def test_each_error_has_a_code_of_its_own():
    codes = [each.code for each in family()]
    assert len(codes) == len(set(codes)) > 10


@pytest.mark.parametrize("kind", family(), ids=lambda kind: kind.code)
def test_the_docstring_is_the_sentence_and_it_is_translated(kind):
    with (Path(settings.BASE_DIR) / "storage/locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        entry = read_po(file).get(kind.__doc__)

    assert entry is not None
    assert entry.string
    assert str(kind()) in {kind.__doc__, entry.string}


def test_details_are_for_logs_and_not_in_the_sentence():
    error = errors.DigestMismatch(key="objects/1")
    assert error.details == {"key": "objects/1"}
    assert "objects/1" not in str(error)
