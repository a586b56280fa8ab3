"""Patterns of numbers (NUM-1 to NUM-3): reading, checking, rendering, scopes."""

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from records import patterns
from records.patterns import PatternError, PatternValueMissing

VALUES = {
    "fonds": "A001",
    "class": "HT",
    "year": 2026,
    "term": "D30",
    "file": 7,
    "volume": "鸿借字第001号",
    "department": "",
    "project": None,
}


@pytest.mark.parametrize(
    ("pattern", "number", "key"),
    [
        ("HT-{year}-{seq:04}", "HT-2026-0012", "HT-2026-{seq}"),
        ("{fonds}-{class}-{year}-{term}-{file:04}-{item:03}", "A001-HT-2026-D30-0007-012", "A001-HT-2026-D30-0007-{seq}"),
        ("{volume}-{item:02}", "鸿借字第001号-12", "鸿借字第001号-{seq}"),
        ("鸿借字第{seq:03}号", "鸿借字第012号", "鸿借字第{seq}号"),
        ("{year}{seq:4}", "20260012", "2026{seq}"),
        ("KH-{seq}", "KH-12", "KH-{seq}"),
    ],
)
def test_numbers_of_records(pattern: str, number: str, key: str) -> None:
    patterns.validate_record_pattern(pattern)
    assert patterns.render(pattern, VALUES, 12) == number
    assert patterns.scope_key(pattern, VALUES) == key


def test_numbers_of_volumes_count_files() -> None:
    pattern = "{fonds}-{class}-{file:04}"
    patterns.validate_volume_pattern(pattern)
    assert patterns.render(pattern, VALUES, 12) == "A001-HT-0012"
    assert patterns.scope_key(pattern, VALUES) == "A001-HT-{seq}"


def test_a_number_grows_beyond_its_least_width() -> None:
    assert patterns.render("{seq:03}", {}, 12345) == "12345"


def test_counters_of_other_names_that_render_the_same_number_count_together() -> None:  # NUM-2
    assert len({patterns.scope_key(f"{{volume}}-{{{counter}:02}}", VALUES) for counter in ("item", "seq")}) == 1


def test_another_width_counts_on_in_the_same_scope() -> None:
    assert patterns.scope_key("KH-{seq:03}", VALUES) == patterns.scope_key("KH-{seq:05}", VALUES)


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        ("HT-{year}", "needs a counter"),
        ("{seq}-{item}", "one counter only"),
        ("{seq}-{seq}", "one counter only"),
        ("{file:04}", "needs a counter"),
        ("HT-{seq", "no partner"),
        ("HT-seq}", "no partner"),
        ("HT-{{seq}}", "no partner"),
        ("{number}", "no {number}"),
        ("{}", "no {}"),
        ("{seq:x}", "no {seq:x}"),
        ("{seq.__class__}", "no {seq.__class__}"),
        ("{year:04}-{seq}", "Only a counter has a width"),
        ("{class}{seq}", "Put a sign"),
        ("{file:04}{item:03}", "Put a sign"),
        ("a\n{seq}", "one line"),
        ("a\0{seq}", "one line"),
        ("x" * 200 + "{seq}", "200"),
    ],
)
def test_patterns_that_cannot_number_are_refused_plainly(pattern: str, part: str) -> None:
    with override("en"), pytest.raises(PatternError) as refusal:
        patterns.validate_record_pattern(pattern)
    assert part in refusal.value.sentence


@pytest.mark.parametrize("pattern", ["{volume}-{seq}", "{item}", "{seq}-{file}", "{project}-{seq}", "001"])
def test_patterns_that_cannot_number_volumes_are_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        patterns.validate_volume_pattern(pattern)


@pytest.mark.parametrize(
    "values", [{}, {"project": None}, {"project": " "}, {"project": "a{seq}"}, {"project": "a\0b"}, {"project": "x" * 101}]
)
def test_a_value_that_is_missing_or_does_not_fit_is_named(values: dict[str, object]) -> None:
    assert patterns.render("{project}-{seq}", {"project": "滨江 一期"}, 1) == "滨江 一期-1"
    with pytest.raises(PatternValueMissing):
        patterns.render("{project}-{seq}", values, 1)
    with pytest.raises(PatternValueMissing):
        patterns.scope_key("{project}-{seq}", values)


def test_the_names_of_a_pattern() -> None:
    assert patterns.tokens("{fonds}-{file:04}-{item}") == {"fonds", "file", "item"}


def test_an_example_shows_the_first_number() -> None:
    assert patterns.example("HT-{year}-{seq:04}") == "HT-2026-0001"


@given(st.text(max_size=60))
def test_any_text_is_a_pattern_or_refused(pattern: str) -> None:
    try:
        patterns.validate_record_pattern(pattern)
    except PatternError:
        return
    values = dict.fromkeys(patterns.VALUES, "v") | {"year": 2026, "file": 1}
    assert patterns.render(pattern, values, 1) != patterns.render(pattern, values, 2)


@given(
    st.lists(st.integers(1, 10**6), min_size=2, max_size=2, unique=True),
    st.sampled_from(["HT-{year}-{seq:04}", "第{item:03}号", "{volume}-{item:02}"]),
)
def test_two_places_never_make_one_number(places: list[int], pattern: str) -> None:
    first, second = (patterns.render(pattern, VALUES, place) for place in places)
    assert first != second
