"""Bytes and page images of components: checked against the database at the moment they are served, kept by no cache."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from ninja import Router

from portal import page_images
from portal.api import asking, openapi
from portal.api.answers import refusal
from portal.api.asking import path_id
from portal.api.auth import user_of
from portal.content import download, printed_file
from records import access
from records.errors import Invalid
from storage.errors import BadRange

router = Router(tags=["content"])
WIDEST = 4000  # pixels
BINARY = {
    "parameters": openapi.PURPOSE,
    "responses": {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
}
SHEETS = {
    "parameters": openapi.PURPOSE,
    "responses": {200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
}
PICTURE = {
    "parameters": openapi.PURPOSE,
    "responses": {200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}},
}


@router.get("/records/{record_id}/components/{component_id}/content", summary="The bytes of a file", openapi_extra=BINARY)
def content(request: HttpRequest, record_id: str, component_id: str) -> HttpResponseBase:
    """Whole, or one `Range` of them (206; 416 beyond the end)."""
    try:
        return download(request, user_of(request), path_id(record_id), component_id)
    except BadRange as error:
        response = refusal(request, error)
        response["Content-Range"] = f"bytes */{error.details['size']}"
        return response


@router.get("/records/{record_id}/components/{component_id}/print", summary="The pages of a file to print", openapi_extra=SHEETS)
def print_file(request: HttpRequest, record_id: str, component_id: str) -> HttpResponseBase:
    """Drawn anew as a PDF, where the tier lets print; stamped with who and when where it has a watermark. 409 for formats without pages."""
    return printed_file(user_of(request), path_id(record_id), path_id(component_id))


@router.get("/records/{record_id}/components/{component_id}/pages/{page}.png", summary="A page image", openapi_extra=PICTURE)
def page_image(request: HttpRequest, record_id: str, component_id: str, page: str) -> HttpResponse:
    """Watermarked as the tier says; `width` in pixels. 404 for formats without pages."""
    user, pk = user_of(request), path_id(record_id)
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 0
    try:
        width = asking.whole_number(request, "width", default=page_images.WIDTHS[1], most=WIDEST)
    except Invalid:
        access.find_component(user, pk, component_id)
        raise
    return page_images.as_response(page_images.page_image(user, pk, component_id, page=number, width=width))
