"""Finding: one box, filters with counts, lines or pages (FND-3, FND-9)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.desk import rows
from portal.page_images import FACE
from records import kinds, opening
from records.models import Component, State
from search import finding
from search.documents import FACETS
from search.errors import EngineUnavailable, QueryRefused
from search.finding import FacetCount, Result, Results
from search.text import sensitive
from search.text.page import Box
from search.viewing import hit_boxes

SIZE = 20  # results on a page
SHOWN = 6  # values of a facet that are not behind "More"
ORDER = ["record_type", "record_class", "project", "tier", "state", "year", "department", "party"]


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The page of results; an address of its own for every question, filter, sort, view and page."""
    question = request.GET.get("q", "").strip()
    filters = {name: request.GET.getlist(name) for name in FACETS if request.GET.getlist(name)}
    found: dict[str, Any] = {"query": question, "filters": filters, "view": "pages" if request.GET.get("view") == "pages" else "lines"}
    status = 200
    try:
        results = finding.search(
            request.user,
            question,
            filters=filters,
            date_from=request.GET.get("date_from"),
            date_to=request.GET.get("date_to"),
            sort=request.GET.get("sort") or ("relevance" if question else "date"),
            page=rows.page_number(request),
            page_size=SIZE,
        )
    except EngineUnavailable:
        found, status = found | {"away": True}, 503
    except QueryRefused as error:
        found, status = found | {"refused": error.detail}, 400
    else:
        found |= _shown(request, results, question, found["view"])
    found |= _tools(request, found)
    response = render(request, "desk/search.html", {"found": found}, status=status)
    if status == 503:
        response["Retry-After"] = "5"
    return response


def _shown(request: HttpRequest, results: Results, question: str, view: str) -> dict[str, Any]:
    prefetch_related_objects([result.record for result in results.results], "party_rows")
    unopened = opening.unopened(request.user, [result.record for result in results.results])  # type: ignore[arg-type]
    faces = _faces(results, question) if view == "pages" else {}
    faces = {pk: face for pk, face in faces.items() if pk not in unopened}
    return {
        "count": results.count,
        "took_ms": results.took_ms,
        "blank": not question and not results.count,
        "rows": [
            _row(result, question, faces.get(result.record.pk), opened=result.record.pk not in unopened) for result in results.results
        ],
        "facets": [_facet(request, name, results.facets[name]) for name in ORDER if _worth_showing(results.facets.get(name))],
        "applied": [_chip(request, name, value) for name in ORDER for value in results.facets.get(name, ()) if value.chosen]
        + _day_chips(request),
        "pager": rows.pager_for(request, results.count, size=SIZE),
    }


def _worth_showing(values: tuple[FacetCount, ...] | None) -> bool:
    """One value for all of them narrows nothing, unless it is the one chosen."""
    return values is not None and (len(values) > 1 or any(value.chosen for value in values))


def _tools(request: HttpRequest, found: dict[str, Any]) -> dict[str, Any]:
    chosen = request.GET.get("sort") or ("relevance" if found["query"] else "date")
    words = {"relevance": _("Best first"), "date": _("Newest first"), "number": _("By number")}
    sorts = [{"label": label, "url": rows.url_with(request, sort=slug), "chosen": slug == chosen} for slug, label in words.items()]
    views = [
        {
            "label": label,
            "icon": icon,
            "url": rows.url_with(request, view=slug, page=request.GET.get("page")),
            "chosen": slug == found["view"],
        }
        for slug, label, icon in (("lines", _("Lines"), "list"), ("pages", _("Pages"), "layout-grid"))
    ]
    clear = f"{request.path}?{urlencode({'q': found['query']})}" if found["query"] else request.path
    return {"sorts": sorts, "sort_label": words.get(chosen, words["date"]), "views": views, "clear_url": clear}


# --- filters ----------------------------------------------------------------------------------------------------------


def _titles() -> dict[str, str]:
    return {
        "record_type": _("Type"),
        "record_class": _("Class"),
        "project": _("Project"),
        "tier": _("Tier"),
        "state": _("State"),
        "year": _("Year"),
        "department": _("Department"),
        "party": _("Party"),
    }


def _facet(request: HttpRequest, name: str, values: tuple[FacetCount, ...]) -> dict[str, Any]:
    chosen = request.GET.getlist(name)
    options = [
        {
            "label": each.label,
            "count": each.count,
            "chosen": each.chosen,
            "url": rows.url_with(request, **{name: _toggled(chosen, each.value)}),
        }
        for each in (sorted(values, key=lambda each: each.value, reverse=True) if name == "year" else values)
    ]
    return {"name": name, "label": _titles()[name], "first": options[:SHOWN], "rest": options[SHOWN:]}


def _toggled(chosen: list[str], value: str) -> list[str]:
    return [each for each in chosen if each != value] if value in chosen else [*chosen, value]


def _chip(request: HttpRequest, name: str, value: FacetCount) -> dict[str, str]:
    return {"label": value.label, "url": rows.url_with(request, **{name: _toggled(request.GET.getlist(name), value.value)})}


def _day_chips(request: HttpRequest) -> list[dict[str, str]]:
    words = {"date_from": _("from %(day)s"), "date_to": _("to %(day)s")}
    return [
        {"label": word % {"day": request.GET[name]}, "url": rows.url_with(request, **{name: None})}
        for name, word in words.items()
        if request.GET.get(name)
    ]


# --- results ----------------------------------------------------------------------------------------------------------


def _row(result: Result, question: str, face: dict[str, Any] | None, *, opened: bool) -> dict[str, Any]:
    """`opened`: else nothing of the pages is shown, since its tier asks for a purpose first (LND-12)."""
    record = result.record
    first = result.hit_pages[0] if result.hit_pages else None
    return {
        "record": record,
        "title": result.title,
        "url": _address(result, question, first),
        "mark": rows.secret_mark(record),
        "title_html": mark_safe(result.title_html),  # noqa: S308 - escaped by search.highlight
        "meta": _meta(result),
        "closed": "" if result.full else _("Its number and title are open to you; its content takes a clearance or an approved loan."),
        "borrow": "" if result.full or record.state != State.FILED else reverse("desk:borrow", args=[record.pk]),
        "version": record.current_version if result.full else 1,
        "reading": None if result.text_progress is None else round(result.text_progress * 100),
        "passages": [
            _passage(result, question, index)
            for index, (place, _html) in enumerate(zip(result.places, result.highlights, strict=True))
            if opened or place is None
        ],
        "face": face,
    }


def _meta(result: Result) -> list[str]:
    record = result.record
    parts = [record.record_type.label, record.record_class.code]
    if not result.full:
        return [*parts, str(record.year)] if record.year else parts
    parties = " · ".join(sensitive.mask(row.name) for row in record.party_rows.all()[:2])
    amount = record.fields.get("amount")
    shown = kinds.get("money").shown(amount) if isinstance(amount, dict) else ""
    return [part for part in (*parts, parties, record.date.isoformat() if record.date else "", shown) if part]


def _address(result: Result, question: str, place: Any) -> str:
    url = reverse("desk:record", args=[result.record.pk])
    asked = {"q": question} if question else {}
    if place is not None:
        return f"{url}?{urlencode(asked | {'c': place.component, 'p': place.page})}#p{place.page}"
    return f"{url}?{urlencode(asked)}" if asked and result.full else url


def _passage(result: Result, question: str, index: int) -> dict[str, Any]:
    place = result.places[index]
    where = _("description")
    if place is not None:
        where = _("p. %(n)s") % {"n": place.page}
        if place.source == "ocr":
            sure = f" {place.confidence:.2f}" if place.confidence is not None else ""
            where = f"{where} · {_('scan')}{sure}"
    return {"where": where, "html": mark_safe(result.highlights[index]), "url": _address(result, question, place)}  # noqa: S308 - escaped


def _faces(results: Results, question: str) -> dict[UUID, dict[str, Any]]:
    """For each record that is read in full the picture of the page that was hit, else of its first page (look.md)."""
    full = [result for result in results.results if result.full]
    prefetch_related_objects([result.record for result in full], "versions__components")
    shown = {result.record.pk: found for result in full if (found := _shown_page(result))}
    hits = hit_boxes(list(shown.values()), question) if question else {}
    return {record: _face(record, component, page, hits.get((component.pk, page), ())) for record, (component, page) in shown.items()}


def _shown_page(result: Result) -> tuple[Component, int] | None:
    """The component and page to show of a record; None for formats without pages."""
    record = result.record
    version = next((row for row in record.versions.all() if row.number == record.current_version), None)
    parts = list(version.components.all()) if version else []
    place = result.hit_pages[0] if result.hit_pages else None
    component = next((part for part in parts if place is None or part.pk == place.component), None)
    if component is None or not component.pages:
        return None
    component.version.record = record  # the row that was checked, with its key
    return component, place.page if place else 1


def _face(record: UUID, component: Component, page: int, hits: Sequence[Box]) -> dict[str, Any]:
    image = reverse("desk:page", args=[record, component.pk, page])
    boxes = [{"x": box.x0, "y": box.y0, "width": box.x1 - box.x0, "height": box.y1 - box.y0} for box in hits]
    return {"image": f"{image}?w={FACE}", "boxes": boxes, "page": page if boxes else None}


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Records whose number or title begins like what was typed, among those that the person may know of."""
    typed = request.GET.get("q", "").strip()
    try:
        found = finding.suggest(request.user, typed) if typed else []
    except (EngineUnavailable, QueryRefused):
        found = []
    results = [{"id": record.pk, "number": record.number, "title": sensitive.mask(record.title)} for record in found]
    return render(request, "desk/suggest.html", {"results": results})
