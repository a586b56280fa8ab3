"""Callers of the API: each of the cast with a token, with a session, or as nobody."""

import io
import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.test import Client

from portal.accounts.tokens import issue_token
from tests.factories import CONTRACT, pdf, person

BASE = "/api/v1"


class Api:
    """A client of one person; paths begin behind `/api/v1`."""

    def __init__(self, username: str | None, *, scope: str = "write") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token(username, scope)}"} if username else {}

    def get(self, path: str, **options: Any) -> Any:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.call("POST", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.call("PATCH", path, body, **options)

    def call(self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> Any:
        """A JSON request; `body` may be bytes, sent as they are."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        address = path if path.startswith("/api") else BASE + path
        return self.client.generic(method, address, data, content_type="application/json", headers=self.headers | (headers or {}))

    def form(self, path: str, *, headers: dict[str, str] | None = None, **parts: Any) -> Any:
        """A multipart request; what is no text and no file is sent as JSON."""
        data = {name: _part(value) for name, value in parts.items() if value is not None}
        return self.client.post(BASE + path, data, headers=self.headers | (headers or {}))

    def register(self, *, headers: dict[str, str] | None = None, files: Any = ..., **values: Any) -> Any:
        """POST /records/ with a good contract, of which `values` replace parts."""
        sent = contract() | {"files": [file()] if files is ... else files} | values
        return self.form("/records/", headers=headers, **sent)


def token(username: str, scope: str = "write") -> str:
    """A fresh token of this person."""
    return issue_token(user=person(username), scope=scope)[1]


def contract() -> dict[str, Any]:
    """The parts of a good registration."""
    return {
        "record_type": "contract",
        "title": "设备采购合同",
        "record_class": "HT",
        "department": "sales",
        "fields": CONTRACT,
        "parties": [{"name": "鸿远置业有限公司", "role": "party_a"}],
    }


def file(content: bytes | None = None, name: str = "scan.pdf") -> io.BytesIO:
    """A file to send."""
    stream = io.BytesIO(pdf() if content is None else content)
    stream.name = name
    return stream


def _part(value: Any) -> Any:
    if isinstance(value, (str, io.IOBase)):
        return value
    if isinstance(value, list) and value and isinstance(value[0], io.IOBase):
        return value
    return json.dumps(value, ensure_ascii=False)


def body_of(response: Any) -> bytes:
    """All bytes of an answer, streamed or not."""
    return response.getvalue() if response.streaming else response.content


def problem_of(response: Any, status: int) -> dict[str, Any]:
    """The problem that this answer is; it must be one in form."""
    assert response.status_code == status, body_of(response)[:500]
    assert response["Content-Type"].startswith("application/problem+json")
    found = json.loads(body_of(response))
    assert found["status"] == status
    assert {"type", "title", "status", "detail", "errors"} <= found.keys()
    return found


@cache
def everybody() -> tuple[str, ...]:
    """The whole cast."""
    from tests.factories import PEOPLE

    return tuple(row[0] for row in PEOPLE)


def ids(rows: Iterable[dict[str, Any]]) -> list[str]:
    """The ids of rows."""
    return [row["id"] for row in rows]
