"""Beginnings and ends as people write them: a day, which is one of the portal's zone and counts whole, or a moment."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime


def beginning(given: str | date | datetime) -> datetime | None:
    """The moment itself, or the first one of the day. None for what is neither."""
    return _moment(given, days=0)


def end(given: str | date | datetime) -> datetime | None:
    """The first moment that is no longer inside: the moment itself, or the one after the day. None for what is neither."""
    return _moment(given, days=1)


def _moment(given: str | date | datetime, *, days: int) -> datetime | None:
    try:
        found = given if not isinstance(given, str) else parse_datetime(given) if "T" in given else parse_date(given)
        if found is None or isinstance(found, datetime):
            return _in_all_zones(found) if found else None
        return _in_all_zones(datetime.combine(found + timedelta(days=days), time.min))
    except (ValueError, OverflowError):
        return None


def _in_all_zones(found: datetime) -> datetime:
    """As it is. Raises OverflowError for a moment at the edge of the calendar, which is in one zone and not in the other."""
    moment = found if timezone.is_aware(found) else timezone.make_aware(found)
    timezone.localtime(moment.astimezone(UTC))
    return moment
