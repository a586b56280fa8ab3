"""Review: a second person compares the scan with what was registered (CAP-3)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.desk import present, registering, rows, viewing
from portal.desk.errors import status_of
from records import reading
from records.errors import NotAllowed, ReasonMissing, RecordsError, Unknown
from records.models import Record, User
from records.review import review as decide
from records.states import REVIEWERS


@require_safe
def review_list(request: HttpRequest) -> HttpResponse:
    """What waits for this person's review, oldest first."""
    user: User = request.user  # type: ignore[assignment]
    if not user.has_duty(*REVIEWERS):
        raise NotAllowed
    found = reading.to_review(user)
    listed = [rows.row_of(record, url_name="desk:review") for record in rows.slice_of(request, found)]
    context = {"rows": listed, "pager": rows.pager_for(request, found.count()), "first_url": listed[0].url if listed else ""}
    return render(request, "desk/review_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Scan and fields side by side; by POST the decision, then the next record that waits."""
    user: User = request.user  # type: ignore[assignment]
    if not user.has_duty(*REVIEWERS):
        raise NotAllowed
    if request.method != "POST":
        return _page(request, user, record_id)
    following = _following(user, record_id)
    try:
        record = decide(actor=user, record_id=record_id, decision=request.POST.get("decision", ""), reason=request.POST.get("reason", ""))
    except Unknown:
        raise
    except RecordsError as error:
        return _page(request, user, record_id, error=error)
    _tell(request, record)
    return redirect("desk:review", following.pk) if following else redirect("desk:review-list")


def _following(user: User, record_id: UUID) -> Record | None:
    """The record that waits next after this one, from the beginning again at the end."""
    waiting = list(reading.to_review(user)[:200])
    ids = [row.pk for row in waiting]
    place = ids.index(record_id) + 1 if record_id in ids else 0
    rest = waiting[place:] + waiting[: max(place - 1, 0)]
    return rest[0] if rest else None


def _tell(request: HttpRequest, record: Record) -> None:
    if record.returned:
        messages.warning(request, _("“%(title)s” went back to its registrar.") % {"title": record.title})
    else:
        messages.success(request, _("“%(title)s” was accepted and waits for its number.") % {"title": record.title})


def _page(request: HttpRequest, user: User, record_id: UUID, *, error: RecordsError | None = None) -> HttpResponse:
    detail = reading.detail(user, record_id)
    if not detail.full:
        raise NotAllowed
    view = present.page_of(detail)
    view.look = viewing.look_at(request, detail, detail.components)
    view.notes = present.scan(detail.components, detail.original)
    view.missing = registering.missing_names(detail.record.record_type, detail.record.fields)
    view.versions = [{"row": row, "chosen": row.number == detail.record.current_version} for row in reading.versions(user, record_id)]
    following = _following(user, record_id)
    reason_error = error.errors.get("reason", [error.sentence])[0] if isinstance(error, ReasonMissing) else ""
    context = {
        "record": detail.record,
        "view": view,
        "waiting": reading.to_review(user).count(),
        "next_url": reverse("desk:review", args=[following.pk]) if following else "",
        "error": error.sentence if error and not reason_error else "",
        "reason_error": reason_error,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "desk/review.html", context, status=status_of(error) if error else 200)
