"""Refused looks in the audit trail, for pages and API alike (SEC-7)."""

from uuid import UUID

from django.http import HttpRequest

from records import audit
from records.errors import NotAllowed, RecordsError, Unknown
from records.models import User


def write_down(request: HttpRequest, user: object, error: BaseException) -> None:
    """A refused look stands in the trail as a refused verb does; verbs have written their own. Other errors are no refused looks."""
    if isinstance(error, (NotAllowed, Unknown)) and isinstance(user, User) and not is_written(error):
        audit.record_event(actor=user, action="refused:look", subject=_asked_for(request), reason=error.code)


def _asked_for(request: HttpRequest) -> str:
    """The record that the address names; empty for an address that names none, whatever else it holds."""
    try:
        return str(UUID(str(request.resolver_match.kwargs["record_id"]))) if request.resolver_match else ""
    except (KeyError, ValueError):
        return ""


def is_written(error: RecordsError) -> bool:
    """Whether a verb wrote this refusal already."""
    return bool(error.details.get("written"))
