"""Days and moments as people write them (LND-4, LND-7): a day counts whole, on the clocks here."""

from datetime import UTC, datetime

import pytest

from records import periods


def test_a_day_begins_and_ends_on_the_clocks_here():
    assert periods.beginning("2026-11-22") == datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert periods.end("2026-11-22") == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert periods.end("2024-02-29") == datetime(2024, 2, 29, 16, tzinfo=UTC)


def test_a_day_of_another_length_counts_whole(settings):
    """An hour was left out in the night of the 29th of March in Berlin, and there was one more on the 25th of October."""
    settings.TIME_ZONE = "Europe/Berlin"
    lengths = [
        periods.end(day).astimezone(UTC) - periods.beginning(day).astimezone(UTC) for day in ("2026-03-28", "2026-03-29", "2026-10-25")
    ]
    assert [length.total_seconds() / 3600 for length in lengths] == [24, 23, 25]


def test_a_moment_is_itself():
    for of in (periods.beginning, periods.end):
        assert of("2026-11-22T17:00:00+08:00") == of("2026-11-22T17:00") == datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "given", ["", "gestern", "2026-02-30", "2026-11-22T25:00", "0001-01-01", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"]
)
def test_what_is_none_or_lies_at_the_edge_of_the_calendar(given):
    assert periods.beginning(given) is None
    assert periods.end(given) is None or given == "0001-01-01"
