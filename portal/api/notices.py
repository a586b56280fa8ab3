"""What the person was told (interface.md, "Others"; PRT-8)."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from portal.api import bodies, described_notices, openapi
from portal.api.answers import answer
from portal.api.asking import asked, path_id, question
from portal.api.auth import user_of
from portal.api.lists import listed
from portal.api.shapes import moment
from portal.notices import kinds
from records import notices
from records.models import Notice, User

router = Router(tags=["notices"])


@router.get("/notices/", summary="Notices", response=described_notices.NoticeList, openapi_extra=openapi.paged("unread"))
def notice_list(request: HttpRequest) -> HttpResponse:
    """Your own, newest first; `unread=1`: those that you have not read."""
    user = user_of(request)
    rows = notices.unread(user) if question(request, "unread") == "1" else notices.all_of(user)
    return listed(request, rows, lambda found: _shaped(found, user))


@router.post("/notices/{notice_id}/read/", summary="Mark a notice as read", response=described_notices.NoticeOut)
def read(request: HttpRequest, notice_id: str) -> HttpResponse:
    """One of your own; somebody else's does not exist."""
    user, pk = user_of(request), path_id(notice_id)
    asked(request, bodies.Body, gate=lambda: notices.get(user, pk))
    return answer(next(_shaped([notices.mark_read(user, pk)], user)))


def _shaped(found: list[Notice], user: User) -> Iterator[dict[str, Any]]:
    """Rows as JSON; the record only where the person may know of it now (SEC-5)."""
    known = notices.known_records(found, user)
    for notice in found:
        record = known.get(notice.record_id)
        yield {
            "id": str(notice.pk),
            "kind": notice.kind,
            "sentence": kinds.sentence(notice),
            "url": kinds.link(notice),
            "record": {"id": str(record.pk), "number": record.number, "title": record.title} if record else None,
            "subject": notice.subject,
            "at": moment(notice.created_at),
            "read": notice.read_at is not None,
        }
