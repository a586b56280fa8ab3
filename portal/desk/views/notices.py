"""What the person was told: a list, each notice leading to its page (PRT-8)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.desk import rows
from portal.notices import kinds
from records import notices
from records.models import User


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """What was not read first, then the rest; records by name as far as the person may know of them now (SEC-5)."""
    user: User = request.user  # type: ignore[assignment]
    found = notices.of(user)
    page = rows.slice_of(request, found)
    known = notices.known_records(page, user)
    listed = [
        {"notice": notice, "sentence": kinds.sentence(notice), "url": kinds.path(notice), "record": known.get(notice.record_id)}
        for notice in page
    ]
    context = {"rows": listed, "pager": rows.pager_for(request, found.count()), "unread": any(not row["notice"].read_at for row in listed)}
    return render(request, "desk/notices.html", context)


@require_safe
def notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Mark one as read and lead on to what it is about; the link of the mail. Somebody else's is 404."""
    user: User = request.user  # type: ignore[assignment]
    found = notices.mark_read(user, notice_id)
    return redirect(kinds.target(found, notices.known_records([found], user)))


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    user: User = request.user  # type: ignore[assignment]
    notices.mark_all_read(user)
    messages.success(request, _("All notices are read."))
    return redirect("desk:notices")
