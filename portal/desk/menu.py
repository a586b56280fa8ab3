"""The menu of the desk: only what a person's duties need, with what waits for them."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from records import reading, releases
from records.models import Duty, User


@dataclass(frozen=True)
class Entry:
    """One line of the menu; `count` is what waits (None: nothing is counted here)."""

    label: str | Promise
    url: str
    current: bool
    count: int | None = None


# name of the URL, word, duties that see it (none: everybody), what of `reading.counts` it counts
LINES: list[tuple[str, Any, frozenset[Duty], str]] = [
    ("desk:search", _("Search"), frozenset(), ""),
    ("desk:register", _("Register"), frozenset({Duty.ARCHIVIST}), ""),
    ("desk:review-list", _("Review"), frozenset({Duty.ARCHIVIST, Duty.OFFICER}), "review"),
    ("desk:file-list", pgettext_lazy("act", "File"), frozenset({Duty.ARCHIVIST}), "file"),
    ("desk:tier-list", _("Tiers"), frozenset({Duty.ARCHIVIST, Duty.OFFICER}), "tiers"),
    ("desk:loans", _("Loans"), frozenset(), "loans"),
    ("desk:entrusted", _("To confirm"), frozenset({Duty.OFFICER, Duty.MANAGER, Duty.ADMINISTRATOR}), "entrusted"),
    ("desk:deputies", _("Deputies"), frozenset({Duty.HEAD, Duty.MANAGER, Duty.OFFICER}), ""),
    ("desk:releases", _("Releases"), releases.KEEPERS, "releases"),
    ("desk:leaks", _("Leaks"), frozenset({Duty.OFFICER}), "leaks"),
    ("desk:numbers", _("Numbers"), frozenset({Duty.ARCHIVIST}), ""),
    ("desk:audit", _("Audit trail"), frozenset({Duty.OFFICER, Duty.AUDITOR}), ""),
    ("regulations", _("Regulations"), frozenset(), ""),
]


def waiting(request: HttpRequest) -> dict[str, int]:
    """What waits for the person, counted once a request."""
    if not hasattr(request, "_waiting"):
        request._waiting = reading.counts(request.user)  # type: ignore[attr-defined,arg-type]
    return request._waiting  # type: ignore[attr-defined]


def entries(request: HttpRequest) -> list[Entry]:
    """The lines that this person sees; nobody who is not signed in sees any."""
    user = request.user
    if not isinstance(user, User):
        return []
    found = []
    for name, label, duties, counted in LINES:
        url = _url(name)
        if url and (not duties or user.has_duty(*duties)):
            count = waiting(request).get(counted) if counted else None
            found.append(Entry(label, url, current=_is_current(request.path, url), count=count))
    return found


def _is_current(path: str, url: str) -> bool:
    return path.startswith(url)


def _url(name: str) -> str:
    if name == "regulations":
        return "/pages/"
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
