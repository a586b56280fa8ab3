"""What a person is entrusted with: what widens waits for the security officer, what narrows takes effect at once (SEC-15)."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from records import audit, entrusting
from records.errors import Conflict, DutiesApart, NotAllowed, Unknown
from records.models import AuditEvent, Department, Duty, DutyHolder, Grant, Proposal, ProposalState, Tier, Trust, User
from records.runner import verb

KEEPERS = frozenset({Duty.ADMINISTRATOR, Duty.OFFICER, Duty.AUDITOR})
FIRST = "first-officer"


@dataclass(frozen=True)
class Standing:
    """Everything about a person that nobody gives alone. `groups` are those that carry grants."""

    email: str = ""
    department: Department | None = None
    clearance: Tier | None = None
    duties: frozenset[str] = frozenset()
    groups: frozenset[Group] = frozenset()
    borrows_directly: bool = False
    is_active: bool = True


def of(person: User) -> Standing:
    """As it is now."""
    duties = frozenset(person.duty_rows.values_list("duty", flat=True))
    plain = {name: getattr(person, name) for name in ("email", "department", "clearance", "borrows_directly", "is_active")}
    return Standing(duties=duties, groups=frozenset(person.groups.all()), **plain)


def get(actor: User, username: str) -> User:
    """A person, for those who keep people or look after them. Raises NotAllowed, Unknown."""
    if not actor.has_duty(*KEEPERS):
        raise NotAllowed
    found = User.objects.select_related("department", "clearance").filter(username=username).first()
    if found is None:
        raise Unknown
    return found


def get_to_change(actor: User, username: str) -> User:
    """A person, for administrators. Raises NotAllowed, Unknown."""
    if not actor.has_duty(Duty.ADMINISTRATOR):
        raise NotAllowed
    return get(actor, username)


@verb("change_standing")
def change(*, actor: User, person: User, wished: Standing, reason: str = "") -> list[Proposal]:
    """Bring a person's standing where it is wished: what narrows at once, the rest as proposals, which are returned.

    Raises NotAllowed (administrators only), DutiesApart (one's own), ReasonMissing (something waits), Conflict (the last officer).
    """
    with transaction.atomic():
        hold_officers()
        check(actor=actor, person=person, wished=wished, reason=reason)
        now, waiting = of(person), list(waits(person, wished))
        if (Trust.DUTY, Duty.OFFICER) in waiting and nobody_decides_yet():
            waiting.remove((Trust.DUTY, Duty.OFFICER))
            _first_officer(actor, person, reason)
            now = of(person)
        _at_once(actor, person, now, _without(waiting, now, wished), reason)
        made = [_proposed(actor, person, kind, value, reason) for kind, value in waiting]
    person.refresh_from_db()
    person.__dict__.pop("duties", None)
    return made


def check(*, actor: User, person: User, wished: Standing, reason: str = "") -> None:
    """Raises what `change` would refuse; changes nothing."""
    if not actor.has_duty(Duty.ADMINISTRATOR):
        raise NotAllowed
    now = of(person)
    if wished == now:
        return
    if person == actor:
        raise DutiesApart(_("Nobody changes their own rights: another person proposes it (SEC-15)."))
    if Duty.OFFICER in now.duties and (Duty.OFFICER not in wished.duties or not wished.is_active):
        need_another_officer(person)
    if list(waits(person, wished)):
        entrusting.need_reason(reason)


def hold_officers() -> None:
    """Lock who the officers are until the transaction ends: two acts do not take away one each, and leave none."""
    list(DutyHolder.objects.select_for_update().filter(duty=Duty.OFFICER).order_by("pk"))


def need_another_officer(person: User) -> None:
    """Raises Conflict when this is the only security officer: who confirms must not be taken away by who proposes."""
    others = DutyHolder.objects.filter(duty=Duty.OFFICER, user__is_active=True).exclude(user=person)
    if person.is_active and not others.exists():
        raise Conflict(_("This is the only security officer. Name another one first."))


# --- what waits -----------------------------------------------------------------------------------------------------


def waits(person: User, wished: Standing) -> Iterator[tuple[Trust, Any]]:
    """Each widening, with the value that a proposal keeps."""
    now = of(person)
    if _raised(now.clearance, wished.clearance):
        yield Trust.CLEARANCE, wished.clearance
    yield from ((Trust.DUTY, duty) for duty in sorted(wished.duties - now.duties - {Duty.STAFF}))
    yield from ((Trust.GROUP, group) for group in sorted(wished.groups - now.groups, key=lambda each: each.name))
    if wished.department and wished.department != now.department and _opens(wished.department, now.duties | wished.duties):
        yield Trust.DEPARTMENT, wished.department
    if wished.email != now.email and not _has_nothing(person, now):
        yield Trust.MAIL, wished.email
    if wished.borrows_directly and not now.borrows_directly:
        yield Trust.DIRECT, True
    if wished.is_active and not now.is_active and not _has_nothing(person, now):
        yield Trust.ACTIVE, True


def is_above_internal(tier: Tier | None) -> bool:
    """Whether a clearance of this tier opens any tier that asks for a reason and a term."""
    return tier is not None and Tier.objects.filter(needs_reason=True, rank__lte=tier.rank).exists()


def _raised(now: Tier | None, wished: Tier | None) -> bool:
    return is_above_internal(wished) and (now is None or wished.rank > now.rank)  # type: ignore[union-attr]


def _opens(department: Department, duties: frozenset[str]) -> bool:
    """Whether to be of this department opens records, or makes somebody decide for it."""
    return Duty.HEAD in duties or Grant.objects.filter(department=department).exists()


def _has_nothing(person: User, now: Standing) -> bool:
    """Whether the account opens nothing yet: nobody ever signed in with it, nothing was entrusted, nothing waits to be."""
    entrusted = is_above_internal(now.clearance) or now.duties - {Duty.STAFF} or now.groups
    waiting = Proposal.objects.filter(person=person, state=ProposalState.PROPOSED).exists()
    return not person.has_usable_password() and not entrusted and not waiting


def nobody_decides_yet() -> bool:
    """Whether this house never had a security officer; said once only, whoever is taken away later."""
    return not DutyHolder.objects.filter(duty=Duty.OFFICER).exists() and not AuditEvent.objects.filter(action=FIRST).exists()


# --- doing it -------------------------------------------------------------------------------------------------------


def _first_officer(actor: User, person: User, reason: str) -> None:
    DutyHolder.objects.create(user=person, duty=Duty.OFFICER)
    audit.record_event(actor=actor, action=FIRST, subject=person.username, reason=reason)


def _without(waiting: list[tuple[Trust, Any]], now: Standing, wished: Standing) -> Standing:
    """What is wished less what waits."""
    kinds = {kind for kind, _value in waiting}
    single = {
        Trust.CLEARANCE: "clearance",
        Trust.DEPARTMENT: "department",
        Trust.MAIL: "email",
        Trust.DIRECT: "borrows_directly",
        Trust.ACTIVE: "is_active",
    }
    kept = {name: getattr(now, name) for kind, name in single.items() if kind in kinds}
    duties = wished.duties - {value for kind, value in waiting if kind == Trust.DUTY}
    groups = wished.groups - {value for kind, value in waiting if kind == Trust.GROUP}
    return replace(wished, duties=frozenset(duties), groups=frozenset(groups), **kept)


def _at_once(actor: User, person: User, now: Standing, then: Standing, reason: str) -> None:
    changed = [field.name for field in fields(Standing) if getattr(now, field.name) != getattr(then, field.name)]
    if not changed:
        return
    plain = [name for name in changed if name not in ("duties", "groups")]
    User.objects.filter(pk=person.pk).update(**{name: getattr(then, name) for name in plain})
    person.groups.set(then.groups)
    DutyHolder.objects.filter(user=person).exclude(duty__in=then.duties).delete()
    for duty in then.duties - now.duties:
        DutyHolder.objects.create(user=person, duty=duty)
    audit.record_event(actor=actor, action="change-standing", subject=person.username, reason=reason, changed=changed)


def _proposed(actor: User, person: User, kind: Trust, value: Any, reason: str) -> Proposal:
    group = {"group": value.pk} if kind == Trust.GROUP else {}
    kept = value.name if kind == Trust.GROUP else getattr(value, "slug", value)
    return entrusting.begin(actor=actor, kind=kind, payload={"value": kept, **group}, reason=reason, person=person)
