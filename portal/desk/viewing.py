"""What the page viewer is given: the files of a version, their pages, where the hits are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.desk import texts
from portal.desk.rows import url_with
from portal.page_images import FINE, PAGE, THUMBNAIL
from records import access, opening, reading
from records.models import Component, Record
from search import viewing

MOST_PAGES = 2000  # pages in one viewer; more is refused at the door (CAP-2)


@dataclass
class Sheet:
    """One page: its pictures in three sizes, and how many hits are on it."""

    number: int
    image: str
    image_large: str
    thumb: str
    hits: int = 0


@dataclass
class Look:
    """What `desk/viewer.html` draws."""

    components: list[dict[str, Any]] = field(default_factory=list)
    component: Component | None = None
    pages: list[Sheet] = field(default_factory=list)
    text_pages: list[dict[str, Any]] = field(default_factory=list)
    words_url: str = ""
    hit_count: int = 0
    first: int = 1
    has_text: bool = False
    may_copy: bool = False
    text_failed: bool = False
    closed: str | Promise = ""
    closed_hint: str | Promise = ""
    purpose_url: str = ""


def look_at(request: HttpRequest, detail: reading.Detail, components: Iterable[Component]) -> Look:
    """The viewer of one version, at the file and page that the address asks for; `?q=` marks what was searched for."""
    record, parts = detail.record, list(components)
    if "view" not in detail.may or not parts:
        return _closed(detail)
    if opening.is_asked(request.user, record):  # type: ignore[arg-type]
        return _asking(request, record)
    chosen = next((part for part in parts if str(part.pk) == request.GET.get("c")), parts[0])
    question = request.GET.get("q", "")
    hits = texts.hits(chosen, question)
    progress = viewing.progress_of([chosen])[chosen.pk]
    look = Look(
        components=[_tab(request, part, chosen, hits) for part in parts],
        component=chosen,
        hit_count=sum(hits.values()),
        first=_first(request, hits),
        has_text=progress.state == "ready",
        may_copy=access.may_copy(request.user, record),  # type: ignore[arg-type]
        text_failed=progress.state == "failed",
        words_url=_address("desk:words", record, chosen, 0) + (f"?{urlencode({'q': question})}" if question else ""),
    )
    if chosen.pages:
        look.pages = [_sheet(record, chosen, number, hits.get(number, 0)) for number in range(1, min(chosen.pages, MOST_PAGES) + 1)]
    else:
        look.text_pages = texts.text_pages(chosen, question)
        access.log_view(request.user, record, chosen)  # type: ignore[arg-type]  # what has no page images is read here (SEC-7)
    return look


def _closed(detail: reading.Detail) -> Look:
    if not detail.full:
        return Look(closed=_("The pages of this record are closed to you"), closed_hint=_("What you may know of it stands beside."))
    return Look(closed=_("There is no content here any more"))


def _asking(request: HttpRequest, record: Record) -> Look:
    """The question that stands where the pages will be (LND-12)."""
    return Look(
        closed=_("What do you open this record for?"),
        closed_hint=_("Records of this tier are opened for a purpose, which stands in the trail. It is asked once a sitting."),
        purpose_url=f"{reverse('desk:open', args=[record.pk])}?{urlencode({'next': request.get_full_path()})}",
    )


def _first(request: HttpRequest, hits: dict[int, int]) -> int:
    asked = request.GET.get("p", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else min(hits, default=1)


def _tab(request: HttpRequest, part: Component, chosen: Component, hits: dict[int, int]) -> dict[str, Any]:
    here = part.pk == chosen.pk
    return {"name": part.name, "url": url_with(request, c=part.pk, p=None), "chosen": here, "hits": sum(hits.values()) if here else 0}


def _sheet(record: Record, part: Component, number: int, hits: int) -> Sheet:
    address = _address("desk:page", record, part, number)
    return Sheet(number, f"{address}?w={PAGE}", f"{address}?w={FINE}", f"{address}?w={THUMBNAIL}", hits)


def _address(name: str, record: Record, part: Component, number: int) -> str:
    return reverse(name, args=[record.pk, part.pk, number])
