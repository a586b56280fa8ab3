"""What comes in: ids, JSON bodies, pages of lists; each refusal says which field and what to do."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NoReturn, TypeVar
from urllib.parse import unquote_to_bytes
from uuid import UUID

import pydantic_core
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, RawPostDataException, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from pydantic import BaseModel, ValidationError

from portal.api import auth
from records import periods
from records.errors import Invalid, RecordsError, Unknown

PAGE_SIZE, LARGEST_PAGE = 50, 200  # rows (interface.md)
LAST_PAGE = 10**9  # what lies beyond is past the end of any list
REASON_LENGTH = 500  # characters, as the tables keep
# What may be wrong with a request before it was understood.
UNREADABLE = (Invalid, SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError, RawPostDataException)
Body = TypeVar("Body", bound=BaseModel)
SAID = {
    "missing": gettext_noop("This field is required."),
    "extra_forbidden": gettext_noop("There is no such field."),
    "string_type": gettext_noop("This must be text."),
    "string_too_long": gettext_noop("This has too many characters."),
    "int_type": gettext_noop("This must be a whole number."),
    "int_parsing": gettext_noop("This must be a whole number."),
    "int_from_float": gettext_noop("This must be a whole number."),
    "bool_type": gettext_noop("This must be true or false."),
    "bool_parsing": gettext_noop("This must be true or false."),
    "list_type": gettext_noop("This must be a list."),
    "dict_type": gettext_noop("This must be an object: key and value."),
}


# --- addresses ------------------------------------------------------------------------------------------------------


def path_id(text: str) -> UUID:
    """An id in an address or a body. Raises Unknown for anything that cannot be one."""
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        raise Unknown from None


def asked(request: HttpRequest, model: type[Body], *, gate: Callable[[], object]) -> Body:
    """The body of a request that changes something, refused in the contract's order.

    `gate` raises Unknown or NotAllowed for the thing the request was sent to; it is asked here only when something else is wrong
    with the request, since the verb asks by itself. Raises Unknown, NotAllowed (a read token), Invalid.
    """
    if not auth.caller(request).may_write:
        only_when_known(gate)
        raise auth.ReadOnlyToken
    try:
        return json_body(request, model)
    except UNREADABLE:
        gate()
        raise


def only_when_known(gate: Callable[[], object]) -> None:
    """Raise Unknown where the gate does; another refusal is the caller's to choose."""
    try:
        gate()
    except Unknown:
        raise
    except RecordsError:
        return


def purpose_of(request: HttpRequest) -> str:
    """What the header `X-Purpose` says the content is for (LND-12): UTF-8, as it is or percent-encoded; no more than the trail keeps."""
    sent = unquote_to_bytes(request.headers.get("X-Purpose", "").encode("latin-1", "replace"))
    said = "".join(character for character in sent.decode("utf-8", "replace") if character.isprintable())
    return said.strip()[:REASON_LENGTH]


# --- bodies ---------------------------------------------------------------------------------------------------------


def json_body(request: HttpRequest, model: type[Body]) -> Body:
    """The checked body. Raises Invalid with a sentence by field."""
    try:
        body = request.body
    except RawPostDataException:  # a form was sent, and read when its CSRF token was looked for
        wrong("body", _("Send a JSON object."))
    given = from_json(body or b"{}", "body")
    if not isinstance(given, dict):
        wrong("body", _("Send a JSON object."))
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Invalid(errors=_by_field(error)) from None


def from_json(text: str | bytes, field: str) -> Any:
    """Parsed JSON without NUL characters, whose depth and numbers are bounded. Raises Invalid."""
    try:
        value = pydantic_core.from_json(text, allow_inf_nan=False)
    except (ValueError, RecursionError):
        wrong(field, _("This is not valid JSON."))
    refuse_nul(value, field)
    return value


def refuse_nul(value: Any, field: str) -> None:
    """No text with a NUL goes any further: no database keeps it. Raises Invalid."""
    if isinstance(value, str):
        if "\0" in value:
            wrong(field, _("The text holds a NUL character. Remove it."))
    elif isinstance(value, dict):
        for key, inner in value.items():
            refuse_nul(key, field)
            refuse_nul(inner, f"{field}.{key}" if field != "body" else key)
    elif isinstance(value, list):
        for inner in value:
            refuse_nul(inner, field)


def wrong(field: str, sentence: str) -> NoReturn:
    """Raises Invalid for one field."""
    raise Invalid(errors={field: [sentence]})


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in error.errors(include_url=False, include_input=False, include_context=False):
        key = ".".join(str(part) for part in one["loc"])[:100]
        sentence = SAID.get(one["type"])
        found.setdefault(key, []).append(_(sentence) if sentence else one["msg"])
    return found


# --- questions ------------------------------------------------------------------------------------------------------


def question(request: HttpRequest, name: str, *, longest: int = 500) -> str:
    """A parameter of the address, stripped; empty when it is missing. Raises Invalid."""
    value = request.GET.get(name, "").strip()
    if "\0" in value:
        wrong(name, _("The text holds a NUL character. Remove it."))
    if len(value) > longest:
        wrong(name, _("At most %(most)s characters; these are %(length)s.") % {"most": longest, "length": len(value)})
    return value


def values(request: HttpRequest, name: str) -> list[str]:
    """All values of a parameter that may be given more than once. Raises Invalid."""
    given = [value.strip() for value in request.GET.getlist(name)]
    for value in given:
        refuse_nul(value, name)
    return [value for value in given if value]


def whole_number(request: HttpRequest, name: str, *, default: int, most: int) -> int:
    """A parameter from 1 to `most`. Raises Invalid."""
    text = request.GET.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 30 or not 1 <= int(text) <= most:
        wrong(name, _("This is a whole number from 1 to %(most)s.") % {"most": most})
    return int(text)


def page_of(request: HttpRequest) -> tuple[int, int]:
    """Page (from 1) and page size. Raises Invalid."""
    size = whole_number(request, "page_size", default=PAGE_SIZE, most=LARGEST_PAGE)
    return whole_number(request, "page", default=1, most=LAST_PAGE), size


def day(request: HttpRequest, name: str) -> date | None:
    """A parameter that is a day. Raises Invalid."""
    text = request.GET.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        wrong(name, _("Write a date as year-month-day, like 2026-11-22."))


def moment(request: HttpRequest, name: str, *, end: bool = False) -> datetime | None:
    """A parameter that is a time, or a day of the portal's zone, whose first moment it is, or with `end` the first one after it.

    Raises Invalid.
    """
    text = request.GET.get(name, "")
    if not text:
        return None
    found = (periods.end if end else periods.beginning)(text.replace(" ", "+"))  # a `+` that was not escaped arrives as a space
    if found is None:
        wrong(name, _("Write a day like 2026-11-22, or a time like 2026-11-22T17:00:00+08:00."))
    return found
