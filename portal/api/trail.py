"""The audit trail, for auditor and security officer (AUD-2)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from portal.api import asking, described, openapi, shapes
from portal.api.auth import user_of
from portal.api.lists import listed
from records import reading

router = Router(tags=["audit"])


@router.get(
    "/audit/events/",
    summary="Events",
    response=described.EventList,
    openapi_extra=openapi.paged("record", "actor", "action", "from", "to"),
)
def events(request: HttpRequest) -> HttpResponse:
    """Newest first; `record` is an id, `actor` a username, `from` and `to` are days or times. They name records, never titles."""
    rows = reading.events(user_of(request))
    wanted = {
        "record_id": _id(request),
        "actor_name": asking.question(request, "actor"),
        "action": asking.question(request, "action"),
        **_between(asking.moment(request, "from"), asking.moment(request, "to", end=True)),
    }
    return listed(request, rows.filter(**{name: value for name, value in wanted.items() if value}), shapes.events)


def _between(first: datetime | None, last: datetime | None) -> dict[str, Any]:
    return {"at__gte": first, "at__lt": last}


def _id(request: HttpRequest) -> UUID | None:
    text = asking.question(request, "record")
    try:
        return UUID(text) if text else None
    except ValueError:
        asking.wrong("record", _("This is not the id of a record."))
