"""The audit trail (AUD-1): events are inserted in the act's own transaction; one process chains them afterwards.

Why: docs/architecture.md, decision 12.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from records.errors import TrailBroken
from records.models import AuditEvent, AuditLink, Record, User
from storage import anchors, crypto
from storage.errors import WrittenAlready

_origin: ContextVar[str] = ContextVar("origin", default="")
_stated: ContextVar[str] = ContextVar("stated", default="")
LATE = timedelta(days=1)  # an event is committed at most this long after its own time, so that linking need not read the whole trail
PURPOSEFUL = frozenset({"view", "download", "print"})  # acts whose reason is what the person stated them to be for
GENESIS = "0" * 64  # what the first link covers in place of a link before it


@dataclass(frozen=True)
class Service:
    """A named actor for background work, that nobody can sign in as, limited to its task (docs/architecture.md, decision 4)."""

    name: str


Actor = User | Service
TEXT_SERVICE = Service("service:text")
INDEX_SERVICE = Service("service:index")
CUSTODIAN_SERVICE = Service("service:custodian")
LEAK_SERVICE = Service("service:leaks")
STAMP_SERVICE = Service("service:stamp")


@contextmanager
def came_from(address: str) -> Iterator[None]:
    """Events written inside carry this network address."""
    token = _origin.set(address[:64])
    try:
        yield
    finally:
        _origin.reset(token)


def origin() -> str:
    """The network address that events written now carry: to keep for what is written once the request is answered."""
    return _origin.get()


@contextmanager
def stated(purpose: str) -> Iterator[None]:
    """Events of looking and taking along that are written inside say what for (LND-12)."""
    token = _stated.set(purpose[:500])
    try:
        yield
    finally:
        _stated.reset(token)


def record_event(
    *,
    actor: User | Service | None,
    action: str,
    record: Record | None = None,
    subject: str = "",
    reason: str = "",
    changed: Iterable[str] = (),
    values: dict[str, Any] | None = None,
) -> AuditEvent:
    """Write one event. `values` (old and new) are sealed under the record's key and die with it; without a record they are refused."""
    return AuditEvent.objects.create(
        at=timezone.now(),
        actor=actor if isinstance(actor, User) else None,
        actor_name=_name_of(actor),
        action=action,
        record_id=record.pk if record else None,
        record_number=(record.number or "") if record else "",
        subject=subject[:200],
        reason=_reason(action, reason),
        from_address=_origin.get(),
        changed=sorted(changed),
        values=_sealed(record, values) if values else None,
    )


def record_once(
    *, actor: User, action: str, record: Record, subject: str = "", reason: str = "", within: timedelta = timedelta(minutes=10)
) -> None:
    """Write the event unless the person did the same to the same `subject` for the same reason a moment ago: pages of one sitting are one
    view.
    """
    reason = _reason(action, reason)
    since = timezone.now() - within
    same = AuditEvent.objects.filter(record_id=record.pk, actor=actor, action=action, subject=subject, at__gte=since)
    if not (same.filter(reason=reason) if reason else same).exists():
        record_event(actor=actor, action=action, record=record, subject=subject, reason=reason)


def _reason(action: str, given: str) -> str:
    purpose = _stated.get() if action in PURPOSEFUL else ""
    return (purpose or given)[:500]


def values_of(event: AuditEvent, record: Record) -> dict[str, Any]:
    """Old and new values of a change; empty when none were kept. Raises storage's KeyDestroyed after a destruction."""
    if event.values is None:
        return {}
    opened = crypto.open_value(record.data_key.material(), bytes(event.values), associated=f"audit/{record.pk}".encode())
    return dict(json.loads(opened))


def _name_of(actor: User | Service | None) -> str:
    if isinstance(actor, User):
        return actor.username
    return actor.name if actor else "anonymous"


def _sealed(record: Record | None, values: dict[str, Any]) -> bytes:
    if record is None:
        raise ValueError("values are sealed under a record's key: name the record")
    plain = json.dumps(values, ensure_ascii=False, default=str).encode()
    return crypto.seal_value(record.data_key.material(), plain, associated=f"audit/{record.pk}".encode())


# --- the chain ------------------------------------------------------------------------------------------------------


def digest_of(event: AuditEvent, *, previous: str) -> str:
    """SHA-256 over the digest before and every column of the event."""
    parts = [
        previous,
        str(event.pk),
        _utc(event.at),
        str(event.actor_id or ""),
        event.actor_name,
        event.action,
        str(event.record_id or ""),
        event.record_number,
        event.subject,
        event.reason,
        event.from_address,
        json.dumps(event.changed, ensure_ascii=False),
        bytes(event.values).hex() if event.values else "",
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def link_events(limit: int = 1000) -> int:
    """Take committed events that are not linked yet into the chain, oldest first; returns how many. One process at a time calls it."""
    with transaction.atomic():
        last = AuditLink.objects.select_for_update().order_by("-sequence").first()
        sequence, digest = (last.sequence, last.digest) if last else (0, GENESIS)
        links = []
        since = last.event.at - LATE if last else None
        for event in _unlinked(since).order_by("at", "id")[:limit]:
            sequence, digest = sequence + 1, digest_of(event, previous=digest)
            links.append(AuditLink(sequence=sequence, event=event, digest=digest))
        AuditLink.objects.bulk_create(links)
    return len(links)


def _unlinked(since: datetime | None) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.filter(link__isnull=True)
    return events.filter(at__gte=since) if since else events


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: links that hold, events not linked yet, and the first link that does not hold (None: all do).

    `anchored`: up to which link the store bears witness; 0 while nothing was anchored.
    """

    linked: int
    waiting: int
    broken_at: int | None
    anchored: int = 0


def verify() -> Verdict:
    """Prove the chain from its beginning, and against the newest anchor; the first broken link is named by its sequence.

    A chain that ends before its anchor is broken where it ends. Raises storage's StoreUnavailable, StoreRefused.
    """
    anchor = newest_anchor()
    digest, expected, at_anchor = GENESIS, 1, ""
    for link in AuditLink.objects.select_related("event").order_by("sequence").iterator(chunk_size=2000):
        if link.sequence != expected or link.digest != digest_of(link.event, previous=digest):
            return Verdict(expected - 1, _waiting(), link.sequence, anchor.sequence)
        at_anchor = link.digest if link.sequence == anchor.sequence else at_anchor
        digest, expected = link.digest, expected + 1
    holds = anchor.sequence == 0 or at_anchor == anchor.digest
    return Verdict(expected - 1, _waiting(), None if holds else min(anchor.sequence, expected), anchor.sequence)


def _waiting() -> int:
    return _unlinked(None).count()


def head() -> tuple[int, str]:
    """Sequence and digest of the last link; (0, GENESIS) for an empty chain."""
    last = AuditLink.objects.aggregate(last=Max("sequence"))["last"]
    return (last, AuditLink.objects.get(pk=last).digest) if last else (0, GENESIS)


@dataclass(frozen=True)
class Anchor:
    """What the store bears witness to: that the chain had this link."""

    sequence: int
    digest: str


def newest_anchor() -> Anchor:
    """The last that was dropped; that of the empty chain where there is none. Raises storage's StoreUnavailable, StoreRefused."""
    names = anchors.names()
    if not names:
        return Anchor(0, GENESIS)
    kept = json.loads(anchors.read(names[-1]))
    return Anchor(kept["sequence"], kept["digest"])


def drop_anchor() -> Anchor:
    """Write today's head into the store, once (AUD-1); returns the newest anchor, a former one when nothing was linked since.

    Raises TrailBroken when the chain has the newest anchor's link no more, storage's StoreUnavailable, StoreRefused.
    """
    former = newest_anchor()
    if former.sequence and not AuditLink.objects.filter(sequence=former.sequence, digest=former.digest).exists():
        raise TrailBroken(link=former.sequence)
    sequence, digest = head()
    if sequence == former.sequence:
        return former
    now = timezone.localtime()
    body = json.dumps({"sequence": sequence, "digest": digest, "at": now.isoformat()})
    try:
        anchors.write_once(now.date().isoformat(), body.encode())
    except WrittenAlready:
        return former
    return Anchor(sequence, digest)


def chained() -> Iterator[dict[str, Any]]:
    """The linked events in the order of the chain, as plain JSON; sealed values are left out (AUD-2)."""
    for link in AuditLink.objects.select_related("event").order_by("sequence").iterator(chunk_size=2000):
        yield {"sequence": link.sequence, "digest": link.digest, **as_dict(link.event)}


def as_dict(event: AuditEvent) -> dict[str, Any]:
    """An event as the API shows it: it names a record by id and number, never by title or values."""
    return {
        "id": str(event.pk),
        "at": event.at.isoformat(),
        "actor": event.actor_name,
        "action": event.action,
        "record": {"id": str(event.record_id), "number": event.record_number or None} if event.record_id else None,
        "subject": event.subject,
        "reason": event.reason,
        "from_address": event.from_address,
        "changed": event.changed,
    }
