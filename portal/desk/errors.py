"""Refusals of the floors below as pages; which status they have, `portal.problems` says (docs/architecture.md, decision 17)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from portal import problems, refused
from records import access
from records.errors import RecordsError
from search.errors import SearchError
from storage.errors import BadRange, StorageError
from storage.sandbox import SandboxBusy

# Everything comes from here, nothing runs that stands in a page: what somebody registered can never become a script.
POLICY = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
OWN_PAGES = frozenset({400, 403, 404, 503})
View = Callable[..., HttpResponseBase]


def status_of(error: BaseException) -> int:
    """The HTTP status of a refusal; 500 for what is none."""
    return problems.status_of(error) or 500


def page(view: View) -> View:
    """Answer refusals with a page, and keep nothing of any page in caches: what was seen is gone after signing out.

    The whole of it is judged by the rights at its beginning, which are read once.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with access.one_moment():
            try:
                response = view(request, *args, **kwargs)
            except (RecordsError, SearchError, StorageError, SandboxBusy, DatabaseError) as error:
                response = refusal(request, error)
        if response.status_code == 405:
            response = _no_page(request, response)
        add_never_cache_headers(response)
        response["Cache-Control"] = "no-store, private"
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return answer


def _no_page(request: HttpRequest, refused: HttpResponseBase) -> HttpResponse:
    """Somebody came without the form, as after signing in anew or by the address line: a page with a way on, not an empty one."""
    context = {
        "status": 405,
        "heading": problems.plain(405).title,
        "reason": _("Only a form leads here. Go back to its page and send it again."),
    }
    response = render(request, "refused.html", context, status=405)
    response["Allow"] = refused["Allow"]
    return response


def refusal(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The page of one refusal, written down (SEC-7); missing and hidden look alike. A fault is raised on."""
    problem = problems.problem_of(error)
    if problem is None:
        raise error
    refused.write_down(request, request.user, error)
    template = f"{problem.status}.html" if problem.status in OWN_PAGES else "refused.html"
    context = {} if problem.status == 404 else {"reason": problem.detail, "status": problem.status, "heading": problem.title}
    response = render(request, template, context, status=problem.status)
    for name, value in problem.headers.items():
        response[name] = value
    if isinstance(error, BadRange):
        response["Content-Range"] = f"bytes */{error.details['size']}"
    return response
