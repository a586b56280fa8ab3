"""Bytes and page images of components: checked against the database at the moment they are served, kept by no cache."""

import re
from collections.abc import Iterator
from itertools import chain

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from ninja import Router

from portal import page_images
from portal.api import asking
from portal.api.answers import problem
from portal.api.asking import path_id
from portal.api.auth import user_of
from portal.problems import plain
from records import access
from records.errors import Invalid, Unknown
from records.models import Component, User
from storage.errors import BadRange

router = Router(tags=["content"])
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
WIDEST = 4000  # pixels
BINARY = {"responses": {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}}
PICTURE = {"responses": {200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}}}


@router.get("/records/{record_id}/components/{component_id}/content", summary="The bytes of a file", openapi_extra=BINARY)
def content(request: HttpRequest, record_id: str, component_id: str) -> HttpResponseBase:
    """Whole, or one `Range` of them (206; 416 beyond the end)."""
    return download(request, user_of(request), record_id, component_id)


def download(request: HttpRequest, user: User, record_id: str, component_id: str) -> HttpResponseBase:
    """The bytes as they come from the store. Raises records' Unknown, NotAllowed, Gone; before the first byte StoreUnavailable."""
    pk = path_id(component_id) if _is_id(component_id) else None
    tag = f'"{pk}"'  # content never changes; a digest would tell something to whom it is forwarded
    sizes: list[int] = []

    def span(size: int) -> tuple[int, int] | None:
        sizes.append(size)
        return wanted(request, size, tag)

    try:
        component, (start, length), pieces = access.stream_content(user, path_id(record_id), component_id, span=span)
    except BadRange:
        refused = problem(plain(416))
        refused["Content-Range"] = f"bytes */{sizes[0]}"
        return refused
    response = StreamingHttpResponse(_begun(pieces), content_type=component.media_type)
    if length != component.size:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{start + length - 1}/{component.size}"
    return _labelled(response, component, tag, length)


def _is_id(text: str) -> bool:
    try:
        path_id(text)
    except Unknown:
        return False
    return True


def _labelled(response: StreamingHttpResponse, component: Component, tag: str, length: int) -> StreamingHttpResponse:
    response["Content-Length"] = str(length)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=component.name) or "attachment"
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, the first of them fetched now: a store that is away is a 503, not a broken answer."""
    first = next(pieces, b"")
    return chain([first], pieces)


def wanted(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """Start and length of the one range that is asked for; None for all, also where the header means nothing (RFC 9110 14.2).

    Raises BadRange when nothing of it lies inside the content.
    """
    match = RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if not match or not any(match.groups()) or request.headers.get("If-Range", tag) != tag:
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        start = size - length
    else:
        start = int(first)
        if last and int(last) < start:
            return None
        length = min(int(last) + 1 if last else size, size) - start
    if length <= 0:
        raise BadRange
    return start, length


@router.get("/records/{record_id}/components/{component_id}/pages/{page}.png", summary="A page image", openapi_extra=PICTURE)
def page_image(request: HttpRequest, record_id: str, component_id: str, page: str) -> HttpResponse:
    """Watermarked as the tier says; `width` in pixels. 404 for formats without pages."""
    user, pk = user_of(request), path_id(record_id)
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 0
    try:
        width = asking.whole_number(request, "width", default=page_images.WIDTHS[1], most=WIDEST)
    except Invalid:
        access.get_component(user, pk, component_id)
        raise
    return page_images.as_response(page_images.page_image(user, pk, component_id, page=number, width=width))
