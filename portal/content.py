"""Bytes of components over HTTP: whole or a range of them (RFC 9110, 14), never kept by a cache."""

import re
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import PurePath
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from records import copies, printing, taking
from records.models import User
from storage.errors import BadRange
from storage.formats import PDF

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def download(request: HttpRequest, user: User, record_id: UUID, component_id: UUID | str) -> StreamingHttpResponse:
    """The bytes as they come from the store: 200, or 206 for one range; several ranges are answered with the whole.

    The right is asked for and the act is logged here. Each further piece is given only while the right still stands; when it does
    not, the connection breaks. Raises records' Unknown, NotAllowed, NotReady, Gone; BadRange (its details have the `size`); and before the
    first byte storage's StoreUnavailable.
    """
    content = taking.stream_content(user, record_id, component_id, span=lambda size, key: wanted(request, size, _tag(key)))
    response = StreamingHttpResponse(_begun(content.pieces), content_type=content.media_type)
    if content.length != content.size:
        response.status_code = 206
        response["Content-Range"] = f"bytes {content.start}-{content.start + content.length - 1}/{content.size}"
    return _labelled(response, content)


def _tag(key: UUID) -> str:
    """Content never changes, and a stamped copy has a key of its own; a digest would tell something wherever the tag is seen."""
    return f'"{key}"'


def _labelled(response: StreamingHttpResponse, content: taking.Content) -> StreamingHttpResponse:
    response["Content-Length"] = str(content.length)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = _tag(content.key)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=content.name) or "attachment"
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def printed(user: User, copy_id: UUID | str) -> StreamingHttpResponse:
    """The stamped sheets of a copy on paper, drawn while they are sent; how long they are nobody knows before the end (LND-12).

    Raises records' Unknown, NotAllowed, Conflict, Gone, and before the second page whatever opening and drawing raise.
    """
    copy, pieces = copies.sheets(actor=user, copy_id=copy_id)
    return _as_sheets(pieces, copy.number)


def printed_file(user: User, record_id: UUID | str, component_id: UUID | str) -> StreamingHttpResponse:
    """The pages of a file to print, drawn while they are sent, with the reader's stamp where the tier has a watermark (SEC-2).

    Raises records' Unknown, NotAllowed, Conflict, Gone, and before the second page whatever opening and drawing raise.
    """
    component, pieces = printing.file_sheets(actor=user, record_id=record_id, component_id=component_id)
    return _as_sheets(pieces, PurePath(component.name).stem)


def _as_sheets(pieces: Iterator[bytes], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_begun(pieces, 2), content_type=PDF)
    response["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=f"{name}.pdf") or "inline"
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _begun(pieces: Iterator[bytes], most: int = 1) -> Iterator[bytes]:
    """The same pieces, the first of them fetched now: a store that is away is a refusal, not a broken answer."""
    return chain(list(islice(pieces, most)), pieces)


def wanted(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """Start and length of the one range that is asked for; None for all, also where the header means nothing.

    Raises BadRange when nothing of it lies inside the content.
    """
    match = RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if not match or not any(match.groups()) or request.headers.get("If-Range", tag) != tag:
        return None
    first, last = match.groups()
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else size - min(int(last), size)
    length = min(int(last) + 1 if first and last else size, size) - start
    if length <= 0:
        raise BadRange(size=size)
    return start, length
