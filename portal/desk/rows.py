"""Rows of lists: a record with its address and mark, and the pager under the list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from records import secrecy, volumes
from records.models import Record, User, Volume

PAGE = 50  # rows


@dataclass
class Row:
    """One record in a list."""

    record: Record
    url: str
    mark: str
    own: bool = False
    number: str = ""
    chosen: bool = False
    missing: str = ""
    needs_volume: bool = False
    move_url: str = ""


@dataclass(frozen=True)
class Pager:
    """Where in a list somebody stands."""

    number: int
    last: int
    count: int
    previous_url: str
    next_url: str


def secret_mark(record: Record) -> str:
    """The stamp of a tier that carries a term; empty for the others, which are only named."""
    return secrecy.mark(record) if record.tier.needs_reason else ""


def row_of(record: Record, *, url_name: str = "desk:record", **more: Any) -> Row:
    """A row that leads to the record, or to another page about it."""
    return Row(record=record, url=reverse(url_name, args=[record.pk]), mark=secret_mark(record), **more)


def volume_options(user: User, held: Iterable[Volume], *, with_class: bool = False) -> list[tuple[str, str]]:
    """Volumes to choose from, each with the mark that its items give it together, as far as the person may know of them (SEC-13)."""
    held = list(held)
    carried = volumes.together(user, held)
    parts = ([row.record_class.code] * with_class + [str(row), secrecy.stamp(carried.get(row.pk))] for row in held)
    return [(str(row.pk), " · ".join(filter(None, words))) for row, words in zip(held, parts, strict=True)]


def page_number(request: HttpRequest) -> int:
    """The page that was asked for; what is no number is the first."""
    asked = request.GET.get("page", "1")
    return max(int(asked), 1) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1


def pager_for(request: HttpRequest, count: int, *, size: int = PAGE) -> Pager:
    """The pager of a list of `count` rows; the address keeps every filter."""
    number, last = page_number(request), max(-(-count // size), 1)
    previous_url = url_with(request, page=number - 1) if number > 1 else ""
    return Pager(number, last, count, previous_url, url_with(request, page=number + 1) if number < last else "")


def slice_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], *, size: int = PAGE) -> list[Any]:
    """The rows of the page that was asked for."""
    start = (page_number(request) - 1) * size
    return list(rows[start : start + size])


def url_with(request: HttpRequest, **changes: Any) -> str:
    """This address with some of its parameters changed; None or an empty list takes one away. The page starts anew unless it is named."""
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query.pop(name, None)
        values = value if isinstance(value, list) else [value]
        if value not in (None, "", []):
            query.setlist(name, [str(each) for each in values])
    return f"{request.path}?{query.urlencode()}"
