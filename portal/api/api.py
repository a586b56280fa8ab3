"""The API itself: its parts, its door, and answers in JSON whatever goes wrong."""

import copy
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.errors import AuthenticationError

from portal import problems
from portal.api import (
    choices,
    content,
    copies,
    described,
    entrusting,
    explained,
    finding,
    leaks,
    loans,
    notices,
    places,
    records,
    releases,
    trail,
    verbs,
)
from portal.api.answers import PROBLEM_JSON, problem, refusal
from portal.api.asking import purpose_of
from portal.api.auth import SessionAuth, TokenAuth
from records import access, audit

View = Callable[..., HttpResponseBase]


class Api(NinjaAPI):
    """django-ninja, answering as interface.md says."""

    _described: dict[str, Any] | None = None

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Every error of any floor, in its JSON."""
        if isinstance(exc, AuthenticationError):
            return problem(problems.plain(401))
        return refusal(request, exc)

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        patterns = super()._get_urls()
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = self.answering(pattern.callback)
        return patterns

    def answering(self, view: View) -> View:
        """HEAD is answered as GET without its body; methods and addresses that do not exist in JSON, to people who are known."""

        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "HEAD":
                request.method = "GET"
                return _without_body(answer(request, *args, **kwargs))
            try:
                with access.one_moment(), audit.stated(purpose_of(request)):
                    response = view(request, *args, **kwargs)
            except Http404:
                return self.nothing(request, 404)
            if response.status_code == 405:
                return self.nothing(request, 405, Allow=response["Allow"])
            return response

        answer.csrf_exempt = True  # type: ignore[attr-defined]  # sessions are asked for the token in SessionAuth
        return answer

    def nothing(self, request: HttpRequest, status: int, **headers: str) -> HttpResponse:
        """401 for strangers, else the status."""
        try:
            known = any(auth(request) for auth in self.auth)  # type: ignore[union-attr]
        except Exception as error:  # noqa: BLE001 - answered, and written down where it is a fault
            return refusal(request, error)
        response = problem(problems.plain(status if known else 401))
        for name, value in headers.items() if known else ():
            response[name] = value
        return response

    def get_openapi_schema(self, **options: Any) -> Any:
        """The description of everything, made once; errors of every call are problems."""
        if self._described is None:
            self._described = _with_problems(super().get_openapi_schema(**options))
        return copy.copy(self._described)


def _without_body(response: HttpResponseBase) -> HttpResponse:
    """The same status and headers. The response itself is not closed: that would end the request for the database too."""
    bare = HttpResponse(status=response.status_code, headers=dict(response.items()))
    if not response.streaming:
        bare["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]
    return bare


def _with_problems(schema: Any) -> Any:
    schema["components"]["schemas"]["Problem"] = described.ProblemOut.model_json_schema()
    refused = {"description": "Refused", "content": {PROBLEM_JSON.split(";")[0]: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for path in schema["paths"].values():
        for operation in path.values():
            operation["responses"]["default"] = refused
    return schema


api = Api(
    title="Muniment",
    version="1",
    description="Records, their files, search and the trail. Errors are application/problem+json.",
    openapi_url="/schema/",
    docs_url=None,
    urls_namespace="api",
    auth=[TokenAuth(), SessionAuth()],
)
# `verbs` and `places` first: `/records/file-batch/` is no record, `/loans/report/` no loan
for part in (verbs, places, records, content, choices, finding, loans, copies, leaks, releases, explained, notices, entrusting, trail):
    api.add_router("", part.router)


def unknown(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """Whatever lies under /api/ and is nothing."""
    return api.nothing(request, 404)


unknown.csrf_exempt = True  # type: ignore[attr-defined]
