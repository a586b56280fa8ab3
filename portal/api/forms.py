"""Registrations and versions as they are sent: `multipart/form-data` with files, or JSON that names staged uploads."""

from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.api.asking import REASON_LENGTH, from_json, refuse_nul, wrong
from records.errors import Invalid
from records.intake import Incoming
from records.registration import Particulars

TEXTS = frozenset(
    {
        "record_type",
        "title",
        "record_class",
        "tier",
        "tier_reason",
        "tier_until",
        "tier_event",
        "owner",
        "department",
        "volume",
        "purpose",
        "basis",
    }
)
OBJECTS = frozenset({"fields", "original"})
LISTS = frozenset({"named", "parties"})
UPLOADS, FILES = "uploads", "files"
NEEDED = ("record_type", "title", "record_class")


@dataclass
class Sent:
    """Values by name, the files, and the ids of staged uploads."""

    values: dict[str, Any]
    files: list[Incoming] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)


def particulars(sent: Sent) -> Particulars:
    """A registration as typed. Raises Invalid for what has no place or another shape."""
    errors = {name: [_("This field is required.")] for name in NEEDED if name not in sent.values}
    errors |= {name: [_("There is no such field.")] for name in sent.values if name not in TEXTS | OBJECTS | LISTS}
    errors |= {name: [sentence] for name, value in sent.values.items() if (sentence := _misshapen(name, value))}
    if errors and set(errors) - set(NEEDED):
        raise Invalid(errors=errors)
    values = {name: value for name, value in sent.values.items() if value is not None}
    return Particulars(**dict.fromkeys(NEEDED, "") | values)


def _misshapen(name: str, value: Any) -> str:
    """What is wrong with the shape of a value; empty when nothing is."""
    if value is None:
        return ""
    if name in TEXTS and not isinstance(value, str):
        return _("This must be text.")
    if name in OBJECTS and not isinstance(value, dict):
        return _("This must be an object: key and value.")
    if name in LISTS and not isinstance(value, list):
        return _("This must be a list.")
    if name == "named" and not all(isinstance(person, str) for person in value):
        return _("This must be a list of usernames.")
    return ""


def sent_with(request: HttpRequest) -> Sent:
    """What a request holds, in either form. Raises Invalid for what cannot be read."""
    if request.content_type == "application/json":
        return _from_json(request)
    post = request.POST
    if request.content_type not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        wrong("body", _("Send multipart/form-data."))
    stray = [name for name in request.FILES if name != FILES]
    if stray:
        wrong(stray[0][:100], _("Send files under the name “files”."))
    values = {name: _value(name, post[name]) for name in post if name != UPLOADS}
    files = [_incoming(file) for file in request.FILES.getlist(FILES)]
    return Sent(values, files, _ids(post.getlist(UPLOADS)))


def _value(name: str, text: str) -> Any:
    if name in OBJECTS | LISTS:
        return from_json(text, name) if text.strip() else None
    refuse_nul(text, name[:100])
    return text


def _ids(given: list[str]) -> list[str]:
    """Ids, each in a part of its own, or as one JSON list."""
    if len(given) == 1 and given[0].lstrip().startswith("["):
        return _id_list(from_json(given[0], UPLOADS))
    return [text for text in given if text]


def _id_list(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        wrong(UPLOADS, _("This must be a list of ids."))
    return list(value)


def _from_json(request: HttpRequest) -> Sent:
    given = from_json(request.body, "body")
    if not isinstance(given, dict):
        wrong("body", _("Send a JSON object."))
    uploads = _id_list(given.pop(UPLOADS, None) or [])
    return Sent(given, [], uploads)


def version_reason(sent: Sent) -> str:
    """The reason of a new version. Raises Invalid for anything else that was sent along."""
    stray = [name for name in sent.values if name != "reason"]
    if stray:
        wrong(stray[0][:100], _("There is no such field."))
    reason = sent.values.get("reason") or ""
    if not isinstance(reason, str):
        wrong("reason", _("This must be text."))
    if len(reason) > REASON_LENGTH:
        wrong("reason", _("At most %(most)s characters; these are %(length)s.") % {"most": REASON_LENGTH, "length": len(reason)})
    return reason


def one_file(request: HttpRequest) -> Incoming:
    """The single file of an upload, sent as `file` or `files`. Raises Invalid."""
    files = [file for name in ("file", FILES) for file in request.FILES.getlist(name)]
    if len(files) != 1 or len(request.FILES) != 1:
        wrong("file", _("Send one file, under the name “file”."))
    return _incoming(files[0])


def _incoming(file: UploadedFile) -> Incoming:
    return Incoming(file.name or "", cast(BinaryIO, file))
