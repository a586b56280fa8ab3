"""Lists: `{"count", "next", "previous", "results"}`, a page at a time; a page past the end is empty (interface.md)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from portal.api.answers import answer
from portal.api.asking import page_of

Rows = QuerySet[Any] | Sequence[Any]
Shape = Callable[[list[Any]], Iterable[dict[str, Any]]]


def listed(request: HttpRequest, rows: Rows, shape: Shape) -> HttpResponse:
    """One page of rows; `shape` turns that page's rows into dictionaries, all at once. Raises Invalid for a page that cannot be."""
    page, size = page_of(request)
    count = rows.count() if isinstance(rows, QuerySet) else len(rows)
    start = (page - 1) * size
    found = list(shape(list(rows[start : start + size]))) if start < count else []
    return answer(envelope(request, count=count, page=page, size=size) | {"results": found})


def envelope(request: HttpRequest, *, count: int, page: int, size: int) -> dict[str, Any]:
    """Count and neighbours of a page; addresses are absolute."""
    after = page + 1 if page * size < count else None
    before = min(page - 1, max(1, -(-count // size))) if page > 1 else None
    return {"count": count, "next": _address(request, after), "previous": _address(request, before)}


def _address(request: HttpRequest, page: int | None) -> str | None:
    if page is None:
        return None
    question = request.GET.copy()
    question["page"] = str(page)
    return request.build_absolute_uri(f"{request.path}?{question.urlencode()}")
