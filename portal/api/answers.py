"""What goes out: JSON, never kept by a cache; refusals as `application/problem+json` (RFC 9457)."""

import json
import logging
from typing import Any
from uuid import UUID

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse

from portal import problems
from portal.problems import Problem
from records import audit
from records.errors import NotAllowed, RecordsError, Unknown
from records.models import User

JSON = "application/json; charset=utf-8"
PROBLEM_JSON = "application/problem+json; charset=utf-8"
logger = logging.getLogger("muniment.api")


def dumps(data: Any) -> bytes:
    """JSON as UTF-8; ids, days and times must be text already."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def answer(data: Any, status: int = 200, **headers: str) -> HttpResponse:
    """A JSON answer that no cache keeps."""
    return answer_of(dumps(data), status, **headers)


def answer_of(body: bytes, status: int = 200, **headers: str) -> HttpResponse:
    """`answer` of a body that was made before."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(body, status=status, content_type=JSON, headers={"Cache-Control": "no-store"} | given)


def problem(found: Problem) -> HttpResponse:
    """A refusal; it says nothing that its status and code do not say."""
    headers = {"Cache-Control": "no-store"} | found.headers
    return HttpResponse(dumps(found.as_dict()), status=found.status, content_type=PROBLEM_JSON, headers=headers)


def refusal(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer to an error of any floor; a fault is written down and says nothing of itself."""
    found = problems.problem_of(error)
    if found is None:
        logger.error("%s %s failed", request.method, request.path, exc_info=error)
        got_request_exception.send(sender=None, request=request)
        return problem(problems.plain(500))
    if found.status >= 500:
        logger.warning("%s %s: %s", request.method, request.path, error)
    _write_down(request, error)
    return problem(found)


def _write_down(request: HttpRequest, error: Exception) -> None:
    """A refused look stands in the trail as a refused verb does (SEC-7); verbs have written their own."""
    user = getattr(getattr(request, "auth", None), "user", None)
    if not isinstance(error, (NotAllowed, Unknown)) or not isinstance(user, User) or is_written(error):
        return
    audit.record_event(actor=user, action="refused:look", subject=_asked_for(request), reason=error.code)


def _asked_for(request: HttpRequest) -> str:
    """The record that the address names; empty for an address that names none, whatever else it holds."""
    try:
        return str(UUID(request.resolver_match.kwargs["record_id"])) if request.resolver_match else ""
    except (KeyError, ValueError):
        return ""


def is_written(error: RecordsError) -> bool:
    """Whether a verb wrote this refusal already."""
    return bool(error.details.get("written"))
