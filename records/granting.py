"""A need to know: proposed, confirmed, taken away (SEC-4, SEC-15)."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from records import access, audit, entrusting, grants, volumes
from records.errors import Conflict, DutiesApart, Invalid, NotAllowed, Unknown
from records.models import Department, Duty, Grant, KnownBy, Proposal, Record, RecordClass, Trust, User, Volume
from records.runner import verb

SETTERS = frozenset({Duty.ADMINISTRATOR, Duty.OFFICER})
TO, ON = ("group", "department", "user", "everyone"), ("record_class", "volume", "record")


@verb("propose_grant")
def propose(*, actor: User, to: dict[str, Any], on: dict[str, Any], reason: str) -> Proposal:
    """Propose that one may read one: `to` a group (name), department (code), user (name) or everyone;
    `on` a class (code), volume or record (id).

    On a record whose tier only named people know it proposes to name the person. Archivists propose for volumes and records.
    Raises Unknown, NotAllowed, Invalid, ReasonMissing, DutiesApart (to oneself, or one's own group or department), Conflict.
    """
    thing = _thing(actor, on)
    if not actor.has_duty(*SETTERS) and not (actor.has_duty(Duty.ARCHIVIST) and not isinstance(thing, RecordClass)):
        raise NotAllowed
    if thing is None:
        raise Invalid(errors={"on": [_("Choose one: a class, a volume or a record.")]})
    receiver = _receiver(to)
    if is_own(actor, receiver):
        raise DutiesApart(_("Nobody grants to themselves, nor to a group or department of their own: another person proposes it."))
    person = receiver if isinstance(receiver, User) else None
    with transaction.atomic():
        kind, payload = _kept(receiver, thing)
        return entrusting.begin(actor=actor, kind=kind, payload=payload, reason=reason, person=person)


def _thing(actor: User, on: dict[str, Any]) -> RecordClass | Volume | Record | None:
    given = {name: on[name] for name in ON if on.get(name)}
    if len(given) != 1:
        return None
    name, value = next(iter(given.items()))
    if name == "record":
        return access.get_visible(actor, value)
    if name == "volume":
        return volumes.get(actor, value)
    found = RecordClass.objects.filter(code=value).first()
    if found is None:
        raise Invalid(errors={"record_class": [_("There is no such class.")]})
    return found


def _receiver(to: dict[str, Any]) -> Group | Department | User | bool:
    given = {name: to[name] for name in TO if to.get(name)}
    if len(given) != 1:
        raise Invalid(errors={"to": [_("Choose one: a group, a department, a person, or everyone.")]})
    name, value = next(iter(given.items()))
    if name == "everyone":
        return True
    tables = {
        "group": Group.objects.filter(name=value),
        "department": Department.objects.filter(slug=value),
        "user": User.objects.filter(username=value, is_active=True),
    }
    found: Any = tables[name].first()
    if found is None:
        raise Invalid(errors={name: [_("There is nobody of this name.")]})
    return found


def is_own(actor: User, receiver: Group | Department | User | bool | None) -> bool:
    """Whether a grant would go to whoever proposes it; one to everyone is open to the whole house and gives no advantage."""
    if isinstance(receiver, Group):
        return receiver.user_set.filter(pk=actor.pk).exists()
    return receiver == actor or (isinstance(receiver, Department) and receiver.pk == actor.department_id)


def _kept(receiver: Group | Department | User | bool, thing: RecordClass | Volume | Record) -> tuple[Trust, dict[str, Any]]:
    if isinstance(thing, Record) and thing.tier.known_by == KnownBy.NAMED:
        if not isinstance(receiver, User):
            raise Invalid(errors={"user": [_("Only people are named on a record of this tier.")]})
        return Trust.NAMED, {"record_id": str(thing.pk)}
    to = {User: "user_id", Group: "group_id", Department: "department_id"}.get(type(receiver), "everyone")  # type: ignore[arg-type]
    on = {RecordClass: "record_class_id", Volume: "volume_id", Record: "record_id"}[type(thing)]
    payload = {to: _key(receiver), on: _key(thing)}
    if Grant.objects.filter(**payload).exists():
        raise Conflict(_("This is granted already."))
    return Trust.GRANT, payload


def _key(row: Any) -> Any:
    if row is True:
        return True
    return str(row.pk) if isinstance(row.pk, UUID) else row.pk


@verb("revoke_grant")
def revoke(*, actor: User, grant_id: int | str, reason: str = "") -> Grant:
    """Take a grant away, at once. Raises Unknown, NotAllowed."""
    found = get(actor, grant_id)
    with transaction.atomic():
        audit.record_event(actor=actor, action="revoke-grant", record=found.record, subject=str(found), reason=reason)
        Grant.objects.filter(pk=found.pk).delete()
    return found


def get(actor: User, grant_id: int | str) -> Grant:
    """A grant to be taken away. Raises Unknown, NotAllowed."""
    key = str(grant_id)
    known = grants.known_to(actor).select_related("group", "department", "user", "record_class", "record__tier", "granted_by")
    found = known.filter(pk=int(key)).first() if key.isascii() and key.isdecimal() and len(key) < 19 else None
    if found is None:
        raise Unknown
    if not actor.has_duty(*SETTERS):
        raise NotAllowed
    return found
