"""Why somebody can or cannot see a record: what opens it, what is missing, and which chain a loan would take (SEC-4, LND-2).

It explains only what the asker may know of; about another person only to the security officer.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from records import access, freezing, lending, secrecy
from records.errors import Invalid, NotAllowed
from records.models import Approver, Chain, Duty, Grant, KnownBy, Loan, LoanPolicy, Record, RecordNamed, User


@dataclass(frozen=True)
class Granted:
    """A need to know that the person has: on what, and as whom. `name`: of the group or department, empty for everyone and the person."""

    on: str
    code: str
    to: str
    name: str


@dataclass(frozen=True)
class Way:
    """A use that the person may ask for, and the duties that agree one after the other; none: it is lent without approval."""

    use: str
    steps: list[str]

    @property
    def labels(self) -> list[str]:
        """The duties in words."""
        return [str(Approver(step).label) for step in self.steps]


@dataclass
class Explanation:
    """Why a person can (`access` full), may only know of (`listed`), or may not know of (`none`) a record.

    `missing`: what would be needed besides, of `active`, `clearance`, `grant`, `named`; empty for `full`.
    """

    record: Record
    person: User
    access: str
    known_by: str
    cleared: bool
    grants: list[Granted] = field(default_factory=list)
    named: bool = False
    loans: list[Loan] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)


def explain(*, actor: User, record_id: Any, username: str = "") -> Explanation:
    """Explain a record that the actor may know of, about themselves or, to the security officer, about another person.

    Raises Unknown (hidden from the actor), NotAllowed (another person, asked by anybody else), Invalid (nobody of this name).
    """
    record = access.get_visible(actor, record_id)
    person = _person(actor, username.strip())
    found = Explanation(
        record=record,
        person=person,
        access=_access(person, record),
        known_by=record.tier.known_by,
        cleared=secrecy.is_cleared(person, record.tier),
        grants=_grants(person, record),
        named=RecordNamed.objects.filter(record=record, user=person).exists(),
        loans=access.running_loans(person, record) if person.is_active else [],
    )
    found.missing = _missing(found)
    found.ways = _ways(person, record) if found.access != "none" and not freezing.frozen(record) else []
    return found


def _person(actor: User, username: str) -> User:
    if not username or username == actor.username:
        return actor
    if not actor.has_duty(Duty.OFFICER):
        raise NotAllowed
    found = User.objects.filter(username=username).select_related("clearance", "department").first()
    if found is None:
        raise Invalid(errors={"person": [_("There is nobody of this name.")]})
    return found


def _access(person: User, record: Record) -> str:
    row = access.visible_to(person).filter(pk=record.pk).first()
    return row.access if row else "none"  # type: ignore[attr-defined]


def _grants(person: User, record: Record) -> list[Granted]:
    """The grants by which this person has the need to know of this record."""
    line = access.line_of(record.record_class_id)
    on_it = Q(record_class_id__in=line) | Q(record=record)
    if record.volume_id:
        on_it |= Q(volume_id=record.volume_id)
    rows = access.grants_of(person.pk).filter(on_it).select_related("group", "department", "record_class")
    return [_granted(row) for row in rows]


def _granted(row: Grant) -> Granted:
    on = "class" if row.record_class_id else "volume" if row.volume_id else "record"
    code = row.record_class.code if row.record_class else ""
    if row.group:
        return Granted(on, code, "group", row.group.name)
    if row.department:
        return Granted(on, code, "department", row.department.label)
    return Granted(on, code, "everyone" if row.everyone else "person", "")


def _missing(found: Explanation) -> list[str]:
    """What the tier asks for and the person has not."""
    if found.access == "full":
        return []
    wants_grant = found.known_by == KnownBy.READERS and not found.grants
    wants_name = found.known_by == KnownBy.NAMED and not found.named
    lacks = {"active": not found.person.is_active, "clearance": not found.cleared, "grant": wants_grant, "named": wants_name}
    return [name for name, is_missing in lacks.items() if is_missing]


def _ways(person: User, record: Record) -> list[Way]:
    """What may be asked for; where only named people know the tier, nothing helps who is not named."""
    uses = lending.uses(person, record)
    policies = LoanPolicy.objects.filter(tier=record.tier_id, use__in=uses).select_related("chain").prefetch_related("chain__steps")
    chains = {policy.use: policy.chain for policy in policies}
    return [Way(use, _steps(chains.get(use))) for use in uses]


def _steps(chain: Chain | None) -> list[str]:
    return [step.approver for step in chain.steps.all()] if chain else []
