"""Fields by their type's definitions (CAP-4 to CAP-6): what is empty, what is missing, what is sealed (SEC-6)."""

from typing import Any

import pytest

from records import fields
from records.models import FieldDefinition, RecordType

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> RecordType:
    """A type with a required field of several kinds, and an optional sealed one."""
    made = RecordType.objects.create(slug="visit", name="Visit")
    for key, kind, level in (
        ("subject", "text", "required"),
        ("paid", "yes-no", "required"),
        ("guests", "number", "required"),
        ("mobile", "mobile", "optional"),
    ):
        FieldDefinition.objects.create(record_type=made, key=key, name=key, kind=kind, level=level)
    return made


WHOLE = {"subject": "roof", "paid": False, "guests": 0, "mobile": "13800138000"}


def test_what_fits_is_kept_and_sealed_kinds_masked(visit: RecordType) -> None:
    cleaned = fields.clean(visit, WHOLE)
    assert not cleaned.errors
    assert cleaned.plain == WHOLE | {"mobile": "138****8000"}
    assert cleaned.sealed == {"mobile": ("mobile", "13800138000")}


@pytest.mark.parametrize("empty", [None, "", "  ", "\t\n", [], {}])
@pytest.mark.parametrize("key", ["subject", "paid", "guests"])
def test_an_empty_required_field_is_refused(visit: RecordType, key: str, empty: Any) -> None:
    assert list(fields.clean(visit, WHOLE | {key: empty}).errors) == [f"fields.{key}"]


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_an_empty_sealed_field_is_cleared(visit: RecordType, empty: Any) -> None:
    cleaned = fields.clean(visit, WHOLE | {"mobile": empty})
    assert not cleaned.errors
    assert cleaned.cleared == {"mobile"}
    assert not cleaned.sealed


def test_no_and_zero_are_values(visit: RecordType) -> None:
    """A change of something else does not ask for them again."""
    assert not fields.clean(visit, {"subject": "wall"}, current=WHOLE).errors
    assert set(fields.clean(visit, {}, current={"subject": "wall"}).errors) == {"fields.paid", "fields.guests"}


def test_a_masked_value_that_comes_back_changes_nothing(visit: RecordType) -> None:
    current = WHOLE | {"mobile": "138****8000"}
    cleaned = fields.clean(visit, {"mobile": "138****8000"}, current=current)
    assert not cleaned.errors
    assert not cleaned.sealed
    assert list(fields.clean(visit, {"mobile": "139****8000"}, current=current).errors) == ["fields.mobile"]


def test_a_field_that_the_type_does_not_have_is_refused(visit: RecordType) -> None:
    assert list(fields.clean(visit, WHOLE | {"colour": "red"}).errors) == ["fields.colour"]
