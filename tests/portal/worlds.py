"""Two worlds in one database: what somebody is told with a record and without it, and what may differ between two tellings anyway."""

import difflib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.http import HttpResponseBase

# What differs between two answers to the same request in one world; each says why.
EACH_TIME = [
    (rb'"took_ms":\d+', b""),  # how long the search took
    (rb"\b\d+ ms\b", b""),  # the same, on the page
    (rb'(?i)csrf\w*"[^"]{0,20}"[a-z0-9]{64}"', b""),  # tokens against forgery are masked anew for every page
    (rb"(?s)<time\b.*?</time>", b""),  # "3 seconds ago"
    (rb'"as_of":"[^"]*"', b""),  # the moment of a report
    (rb"\d{4}-\d\d-\d\d \d\d:\d\d: ", b""),  # the same, on the page
    (rb"[A-Z][a-z]+\.? \d+, \d{4}, [\d:]+ [ap]\.m\.", b""),  # when the person signed in last, as Wagtail writes it
    (rb'\b(id|for|aria-[a-z]+|data-[a-z-]+)="[^"]*[0-9a-f]{8}-[0-9a-f-]{27}[^"]*"', b""),  # ids that Wagtail draws for its scripts
    (rb"Good (night|morning|afternoon|evening)", b""),  # as the clock has it
]
VARYING = {"Expires", "Content-Length"}  # headers: now; and the length of bodies that are compared themselves


def plain(body: bytes) -> bytes:
    """A body without what differs each time."""
    for pattern, instead in EACH_TIME:
        body = re.sub(pattern, instead, body)
    return body


def told(response: HttpResponseBase) -> tuple[int, list[tuple[str, str]], list[bytes]]:
    """Everything that an answer says: status, headers, and body line by line."""
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    headers = sorted((name, value) for name, value in response.items() if name not in VARYING)
    return response.status_code, headers, plain(body).splitlines()


def differences(one: Any, other: Any) -> list[Any]:
    """What two tellings do not share: empty when they are the same."""
    if one == other:
        return []
    lines = difflib.unified_diff(*(list(map(str, [each[0], *each[1], *each[2]])) for each in (one, other)), n=0, lineterm="")
    return list(lines)[2:14] or [one, other]


@contextmanager
def another_world() -> Iterator[None]:
    """What is written inside is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def without_and_with(hidden: Callable[[], Any], ask: Callable[[], Any]) -> tuple[Any, Any]:
    """What is told without the hidden thing, and with it; neither world is left behind."""
    answers = []
    for act in (lambda: None, hidden):
        with another_world():
            act()
            answers.append(ask())
    return answers[0], answers[1]
