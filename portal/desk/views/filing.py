"""Filing: choose, put in order, see the numbers, give them for good (NUM-4)."""

from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.desk import registering, rows
from portal.desk.errors import status_of
from records import filing, numbering, reading
from records.errors import NotAllowed, RecordsError
from records.models import Duty, Record, User

MOST = 200  # rows that can be put in order on one page


@require_http_methods(["GET", "HEAD", "POST"])
def file_list(request: HttpRequest) -> HttpResponse:
    """What waits for its number; by POST a preview of the numbers, or the filing itself."""
    user: User = request.user  # type: ignore[assignment]
    if not user.has_duty(Duty.ARCHIVIST):
        raise NotAllowed
    if request.method == "POST" and request.POST.get("do") == "file":
        return _file(request, user)
    return _page(request, user, preview=request.method == "POST")


def _file(request: HttpRequest, user: User) -> HttpResponse:
    try:
        filed = filing.file_batch(actor=user, record_ids=request.POST.getlist("records"))
    except RecordsError as error:
        return _page(request, user, preview=False, error=error)
    numbers = [record.number or "" for record in filed]
    line = _("Filed: %(first)s") if len(filed) == 1 else _("Filed: %(n)s records, %(first)s to %(last)s")
    messages.success(request, line % {"n": len(filed), "first": numbers[0], "last": numbers[-1]})
    missing = [record.title for record in filed if registering.missing_names(record.record_type, record.fields)]
    if missing:
        messages.warning(request, _("Important fields are still empty in: %(titles)s") % {"titles": _(", ").join(missing)})
    return redirect("desk:file-list")


def _page(request: HttpRequest, user: User, *, preview: bool, error: RecordsError | None = None) -> HttpResponse:
    found = reading.to_file(user)
    code = request.GET.get("class", "")
    records = list((found.filter(record_class__code=code) if code else found)[:MOST])
    prefetch_related_objects(records, "record_type__fields")
    chosen = request.POST.getlist("records")
    listed = _rows(records, chosen, preview=preview and not error)
    numbers = [row.number for row in listed if row.number]
    context = {
        "rows": listed,
        "pager": rows.pager_for(request, found.count(), size=MOST),
        "classes": _classes(request, found, code),
        "chosen_count": len([row for row in listed if row.chosen]),
        "preview": {"first": numbers[0], "last": numbers[-1]} if numbers else None,
        "error": error.sentence if error else "",
        "problems": _problems(error, records),
    }
    template = "desk/filing.html" if request.headers.get("HX-Request") else "desk/file_list.html"
    return render(request, template, context, status=status_of(error) if error else 200)


def _rows(records: list[Record], chosen: list[str], *, preview: bool) -> list[rows.Row]:
    """Chosen rows first, in the order they were sent in, with their numbers to come; then the others."""
    by_id = {str(record.pk): record for record in records}
    first = [by_id[pk] for pk in dict.fromkeys(chosen) if pk in by_id]
    numbers = numbering.preview(first) if preview else [""] * len(first)
    rest = [record for record in records if record not in first]
    listed = [_row(record, chosen=True, number=number) for record, number in zip(first, numbers, strict=True)]
    return listed + [_row(record, chosen=False) for record in rest]


def _row(record: Record, *, chosen: bool, number: str = "") -> rows.Row:
    missing = registering.missing_names(record.record_type, record.fields)
    needs = record.record_class.needs_volume and record.volume_id is None
    move_url = reverse("desk:move", args=[record.pk]) if needs else ""
    return rows.row_of(record, chosen=chosen, number=number, missing=missing, needs_volume=needs, move_url=move_url)


def _classes(request: HttpRequest, found: Any, code: str) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    for each in found.order_by().values_list("record_class__code", flat=True):
        counts[each] = counts.get(each, 0) + 1
    return [
        {"label": each, "count": count, "chosen": each == code, "url": rows.url_with(request, **{"class": None if each == code else each})}
        for each, count in sorted(counts.items())
    ]


def _problems(error: RecordsError | None, records: list[Record]) -> list[dict[str, str]]:
    if error is None or not error.details.get("record"):
        return []
    found = next((record for record in records if str(record.pk) == str(error.details["record"])), None)
    return [{"title": found.title, "url": reverse("desk:record", args=[found.pk]), "sentence": ""}] if found else []


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """The report of numbers per rule and scope: given, void, next, and that none is missing (NUM-6)."""
    user: User = request.user  # type: ignore[assignment]
    if not user.has_duty(*numbering.REPORT_READERS):
        raise NotAllowed
    return render(request, "desk/numbers.html", {"scopes": numbering.report(user)})
