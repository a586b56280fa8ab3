"""Requests that are sent again: within a day the same Idempotency-Key gives the first answer, and never a second record or loan.

The first answer is written in the transaction of the act (`also` of the verb), so it is there exactly when the act is. Of two
that run at once the second cannot commit, and gives the first one's answer. A refused request keeps nothing: it may be mended
and sent with the same key.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.api.answers import answer_of
from portal.api.asking import wrong
from portal.api.models import FirstAnswer
from records import access
from records.errors import Conflict
from records.models import Loan, Record, User
from storage import crypto

KEPT = timedelta(hours=24)  # interface.md
KEY_LENGTH = 255
Also = Callable[[Any], None]


@dataclass(frozen=True)
class Kind:
    """What an act makes: the record whose key seals the answer, who is given it again, and the address of what was made."""

    record_of: Callable[[Any], Record]
    look: Callable[[User, UUID], Record]
    address: Callable[[UUID], str | None]


def _first_record(made: list[Loan]) -> Record:
    return made[0].record


RECORD = Kind(record_of=lambda record: record, look=access.get_readable, address=lambda pk: f"/api/v1/records/{pk}/")
LOANS = Kind(record_of=_first_record, look=access.get_visible, address=lambda _pk: None)


class KeyUsed(Conflict):
    """This Idempotency-Key was used for another request. Take a new one for each request that is meant to do something new."""

    code = "idempotency-key-used"


def once(
    request: HttpRequest, user: User, *, shape: Callable[[Any], bytes], act: Callable[[Also | None], Any], kind: Kind = RECORD
) -> HttpResponse:
    """Act, or give the first answer again; 201 either way.

    `act(also)` does it, handing what was made to `also` inside its transaction; `shape` makes the body of the answer. Raises Invalid
    (a key that cannot be), KeyUsed, Unknown or NotAllowed (a repeat by somebody who may no longer know of it), and what `act` raises.
    """
    key = _key_of(request)
    if not key:
        made = act(None)
        return _created(kind, kind.record_of(made).pk, shape(made))
    mark = fingerprint(request)
    return _again(user, key, mark, kind) or _first(user, key, mark, shape=shape, act=act, kind=kind)


def _first(
    user: User, key: str, mark: str, *, shape: Callable[[Any], bytes], act: Callable[[Also | None], Any], kind: Kind
) -> HttpResponse:
    bodies: list[bytes] = []

    def keep(made: Any) -> None:
        record = kind.record_of(made)
        bodies.append(shape(made))
        FirstAnswer.objects.filter(user=user, key=key, created_at__lt=timezone.now() - KEPT).delete()
        FirstAnswer.objects.create(
            user=user, key=key, fingerprint=mark, record_id=record.pk, body=_sealed(record, bodies[-1]), created_at=timezone.now()
        )

    try:
        made = act(keep)
    except IntegrityError:
        answered = _again(user, key, mark, kind)
        if answered is None:
            raise
        return answered
    return _created(kind, kind.record_of(made).pk, bodies[-1])


def _again(user: User, key: str, mark: str, kind: Kind) -> HttpResponse | None:
    kept = FirstAnswer.objects.filter(user=user, key=key, created_at__gte=timezone.now() - KEPT).first()
    if kept is None:
        return None
    if kept.fingerprint != mark:
        raise KeyUsed
    record = kind.look(user, kept.record_id)
    body = crypto.open_value(record.data_key.material(), bytes(kept.body), associated=_bound_to(record))
    return _created(kind, record.pk, body)


def _created(kind: Kind, record_id: UUID, body: bytes) -> HttpResponse:
    address = kind.address(record_id)
    return answer_of(body, 201, **({"Location": address} if address else {}))


def _sealed(record: Record, body: bytes) -> bytes:
    return crypto.seal_value(record.data_key.material(), body, associated=_bound_to(record))


def _bound_to(record: Record) -> bytes:
    return f"answer/{record.pk}".encode()


def _key_of(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > KEY_LENGTH or not key.isprintable():
        wrong("Idempotency-Key", _("An Idempotency-Key has 1 to %(most)s printable characters.") % {"most": KEY_LENGTH})
    return key


def fingerprint(request: HttpRequest) -> str:
    """SHA-256 of where the request goes and what it holds, whatever the boundary between its parts."""
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    if request.content_type != "multipart/form-data":
        digest.update(request.body)
        return digest.hexdigest()
    for name, values in sorted(request.POST.lists()):
        digest.update(repr((name, values)).encode("utf-8", "surrogatepass"))
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(repr((name, file.name, _content_digest(file))).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _content_digest(file: UploadedFile) -> str:
    file.seek(0)
    found = hashlib.sha256()
    for chunk in file.chunks(1024 * 1024):
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()


def forget() -> int:
    """Drop answers that are too old to be asked for; returns how many."""
    return FirstAnswer.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
