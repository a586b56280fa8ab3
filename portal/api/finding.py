"""Search and suggestions: asked with the caller's rights, which cannot be left out (SEC-5)."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from portal.api import asking, described, lists, openapi, shapes
from portal.api.answers import answer
from portal.api.auth import user_of
from search import finding
from search.documents import FACETS
from search.query import LONGEST_QUERY
from search.text import sensitive

router = Router(tags=["search"])


@router.get(
    "/search/",
    summary="Search",
    response=described.SearchOut,
    openapi_extra=openapi.paged("q", *FACETS, "date_from", "date_to", "sort"),
)
def search(request: HttpRequest) -> HttpResponse:
    """Words (all must match), "phrases", -without, numbers in part. A filter may be given more than once: any of its values."""
    page, size = asking.page_of(request)
    found = finding.search(
        user_of(request),
        asking.question(request, "q", longest=10 * LONGEST_QUERY),
        filters={name: asking.values(request, name) for name in FACETS},
        date_from=asking.day(request, "date_from"),
        date_to=asking.day(request, "date_to"),
        sort=asking.question(request, "sort") or "relevance",
        page=page,
        page_size=size,
    )
    neighbours = lists.envelope(request, count=found.count, page=page, size=size)
    facets = {
        name: [{"value": one.value, "label": one.label, "count": one.count} for one in values] for name, values in found.facets.items()
    }
    results = [result.as_dict() for result in found.results]
    return answer(neighbours | {"took_ms": found.took_ms, "engine": found.engine, "facets": facets, "results": results})


@router.get("/search/suggest/", summary="Suggestions", response=described.Suggestions, openapi_extra=openapi.asks("q"))
def suggest(request: HttpRequest) -> HttpResponse:
    """Records by number in part or words of the title, among those that you may know of."""
    found = finding.suggest(user_of(request), asking.question(request, "q"))
    return answer({"results": [shapes.pointer(record) | {"title": sensitive.mask(record.title)} for record in found]})
