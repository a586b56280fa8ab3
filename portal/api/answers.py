"""What goes out: JSON, never kept by a cache; refusals as `application/problem+json` (RFC 9457)."""

import json
import logging
from typing import Any

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse

from portal import problems, refused
from portal.problems import Problem

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
    refused.write_down(request, getattr(getattr(request, "auth", None), "user", None), error)
    return problem(found)
