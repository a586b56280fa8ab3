"""The one map from what the floors below refuse to HTTP (docs/architecture.md, decision 17); the API and the desk both ask it.

A refusal keeps its stable code and its sentence; what is no refusal of ours has no entry here and is a fault (500).
"""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import BadRequest, ImproperlyConfigured, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from records.errors import Conflict, FilesRefused, Gone, Invalid, NotAllowed, NotReady, ReasonMissing, RecordsError, Unknown
from search.errors import EngineError, QueryRefused
from storage.errors import (
    BadRange,
    DigestMismatch,
    KeyDestroyed,
    MasterKeyUnknown,
    NoSuchObject,
    NotAccepted,
    StoreRefused,
    StoreUnavailable,
    TooLarge,
)
from storage.pages import NoPages, PageNotFound
from storage.sandbox import SandboxBusy

RETRY_AFTER = 5  # seconds until a part that was away is worth asking again

# Status by error, the special before the general; the code of errors that have none of their own.
STATUS: list[tuple[type[BaseException], int]] = [
    (Unknown, 404),
    (NotAllowed, 403),
    (FilesRefused, 415),
    (Invalid, 400),
    (Conflict, 409),
    (Gone, 410),
    (NotReady, 503),
    (NoPages, 404),
    (PageNotFound, 404),
    (TooLarge, 413),
    (NotAccepted, 415),
    (BadRange, 416),
    (KeyDestroyed, 410),
    (NoSuchObject, 503),  # a loss: it is there again when somebody has restored it
    (DigestMismatch, 503),
    (MasterKeyUnknown, 503),
    (StoreUnavailable, 503),
    (StoreRefused, 503),
    (SandboxBusy, 503),
    (QueryRefused, 400),
    (EngineError, 503),
    (Http404, 404),
    (PermissionDenied, 403),
    (RequestDataTooBig, 413),
    (SuspiciousOperation, 400),
    (BadRequest, 400),
    (MultiPartParserError, 400),
    (UnreadablePostError, 400),
    (OperationalError, 503),
    (InterfaceError, 503),
    (ImproperlyConfigured, 503),
    (DataError, 400),
    (IntegrityError, 409),
]
CODES = {
    400: "invalid",
    401: "not-signed-in",
    403: "not-allowed",
    404: "unknown",
    405: "method",
    409: "conflict",
    410: "gone",
    413: "too-large",
    415: "not-accepted",
    416: "bad-range",
    500: "fault",
    503: "unavailable",
}
TITLES = {
    400: gettext_noop("The input is wrong"),
    401: gettext_noop("Who are you?"),
    403: gettext_noop("Not allowed"),
    404: gettext_noop("Nothing here"),
    405: gettext_noop("Not possible here"),
    409: gettext_noop("A rule stands against it"),
    410: gettext_noop("No longer there"),
    413: gettext_noop("Too large"),
    415: gettext_noop("Not an accepted or intact file"),
    416: gettext_noop("No such range"),
    500: gettext_noop("A fault"),
    503: gettext_noop("Not available now"),
}
SENTENCES = {
    400: gettext_noop("The request cannot be read."),
    401: gettext_noop("Sign in, or send a valid API token."),
    403: gettext_noop("You may know of this, but your duties or rights do not allow this act."),
    404: gettext_noop("There is nothing here under this address."),
    405: gettext_noop("This address does not take this method."),
    409: gettext_noop("Somebody else was first. Look at it again and repeat."),
    410: gettext_noop("The content was erased; what is left is the register entry."),
    413: gettext_noop("This request is larger than what is taken in at once."),
    415: gettext_noop("This kind of file is not taken in."),
    416: gettext_noop("The range asked for does not lie inside the content."),
    500: gettext_noop("Something went wrong here. It was written down; try again, or tell your administrator."),
    503: gettext_noop("A part of the portal does not answer now; try again in a moment."),
}


@dataclass(frozen=True)
class Problem:
    """A refusal as HTTP tells it: `detail` is a sentence to act on, `errors` sentences by field, `more` further members."""

    status: int
    code: str
    detail: str
    errors: dict[str, list[str]] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """A few words for the kind, in the active language."""
        return _(TITLES[self.status])

    @property
    def headers(self) -> dict[str, str]:
        """Headers that belong to the status."""
        if self.status == 503:
            return {"Retry-After": str(RETRY_AFTER)}
        return {"WWW-Authenticate": 'Bearer realm="muniment"'} if self.status == 401 else {}

    def as_dict(self) -> dict[str, Any]:
        """As RFC 9457 writes it; every refusal of one status and code for a hidden thing reads the same."""
        body = {"type": f"urn:muniment:problem:{self.code}", "title": self.title, "status": self.status, "detail": self.detail}
        return body | {"code": self.code, "errors": self.errors} | self.more


def plain(status: int, code: str = "") -> Problem:
    """The problem of a status, with its own sentence."""
    return Problem(status, code or CODES[status], _(SENTENCES[status]))


def problem_of(error: BaseException) -> Problem | None:
    """The problem that an error of any floor is, in the active language; None: it is no refusal but a fault."""
    status = status_of(error)
    if status is None:
        return None
    if not isinstance(error, RecordsError):
        return Problem(status, getattr(error, "code", CODES[status]), _own_sentence(error) or _(SENTENCES[status]))
    if status == 404:
        return plain(404)  # never more than that: a hidden thing answers like one that does not exist
    errors = error.errors
    if isinstance(error, ReasonMissing) and not errors:
        errors = {"reason": [error.sentence]}
    more = {"record": error.details["record"]} if "record" in error.details else {}  # which of many was refused
    return Problem(status, error.code, _with_first(error.sentence, errors), errors, more)


def status_of(error: BaseException) -> int | None:
    """The HTTP status of an error, None for a fault."""
    if isinstance(error, FilesRefused) and error.details.get("too_large"):
        return 413
    return next((status for kind, status in STATUS if isinstance(error, kind)), None)


def _own_sentence(error: BaseException) -> str:
    """The sentence of an error that was written for people; vendor's and framework's words stay inside."""
    if hasattr(error, "detail"):
        return str(error.detail)
    return str(error) if hasattr(error, "code") and not isinstance(error, (Http404, PermissionDenied)) else ""


def _with_first(sentence: str, errors: dict[str, list[str]]) -> str:
    """A general sentence, made useful by the first particular one."""
    if not errors or sentence in next(iter(errors.values())):
        return sentence
    key, first = next(iter(errors.items()))
    return f"{sentence} {key}: {first[0]}" if first else sentence
