"""What takes effect when a proposal is confirmed, by its kind (SEC-15)."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from records import outbox, set_up
from records.errors import StateConflict
from records.models import Department, DutyHolder, Grant, Proposal, Record, RecordNamed, Tier, Trust, User


def hold(proposal: Proposal) -> User | None:
    """The person's row, locked before anything else is, as leaving does: the two never wait for each other."""
    return _person(proposal).select_for_update(of=("self",)).first()


def take_effect(proposal: Proposal) -> None:
    """Carry it out, inside the running transaction. Raises StateConflict when it fits no more: somebody left, something is gone."""
    person = hold(proposal)
    if person and not person.is_active and proposal.kind != Trust.ACTIVE:
        raise StateConflict(_("This person has left, or may not sign in any more."))
    EFFECTS[Trust(proposal.kind)](proposal)


def code_of(proposal: Proposal) -> str:
    """What is proposed, in codes and ids, for the trail: never a title (AUD-2)."""
    payload = proposal.payload
    if proposal.kind == Trust.SETUP:
        return f"{payload['table']} {payload['row'] or ''} {' '.join(sorted(payload['changes']))}"
    if proposal.kind == Trust.GRANT:
        return str(Grant(**payload))
    return str(payload.get("value", ""))


def record_of(proposal: Proposal) -> Record | None:
    """The record that is opened, where it is one."""
    pk = proposal.payload.get("record_id")
    return Record.objects.filter(pk=pk).first() if pk else None


def receivers(proposal: Proposal, people: Iterable[User]) -> set[UUID]:
    """Who gains by it as a member: those of the group or the department that a grant goes to."""
    group, department = proposal.payload.get("group_id"), proposal.payload.get("department_id")
    in_group = {user.pk for user in people if group and group in {each.pk for each in user.groups.all()}}
    return in_group | {user.pk for user in people if department and user.department_id == department}


def _person(proposal: Proposal) -> QuerySet[User]:
    return User.objects.filter(proposals_about=proposal)


def _found(rows: QuerySet[Any]) -> Any:
    found = rows.first()
    if found is None:
        raise StateConflict(_("What was to be given is no longer there."))
    return found


def _clearance(proposal: Proposal) -> None:
    _person(proposal).update(clearance=_found(Tier.objects.filter(slug=proposal.payload["value"])))


def _duty(proposal: Proposal) -> None:
    DutyHolder.objects.get_or_create(user=_found(_person(proposal)), duty=proposal.payload["value"])


def _group(proposal: Proposal) -> None:
    _found(_person(proposal)).groups.add(_found(Group.objects.filter(pk=proposal.payload["group"])))


def _department(proposal: Proposal) -> None:
    _person(proposal).update(department=_found(Department.objects.filter(slug=proposal.payload["value"])))


def _mail(proposal: Proposal) -> None:
    _person(proposal).update(email=proposal.payload["value"])


def _direct(proposal: Proposal) -> None:
    _person(proposal).update(borrows_directly=True)


def _active(proposal: Proposal) -> None:
    _person(proposal).update(is_active=True)


def _grant(proposal: Proposal) -> None:
    if group := proposal.payload.get("group_id"):  # the only end of a grant that can be deleted
        _found(Group.objects.filter(pk=group))
    if not Grant.objects.filter(**proposal.payload).exists():
        Grant.objects.create(granted_by_id=proposal.proposed_by_id, **proposal.payload)


def _named(proposal: Proposal) -> None:
    record = _found(Record.objects.filter(pk=proposal.payload["record_id"]))
    RecordNamed.objects.get_or_create(record=record, user=_found(_person(proposal)))
    outbox.enqueue("index", record.pk)


def _set_up(proposal: Proposal) -> None:
    set_up.take_effect(proposal.payload)


EFFECTS: dict[Trust, Callable[[Proposal], None]] = {
    Trust.CLEARANCE: _clearance,
    Trust.DUTY: _duty,
    Trust.GROUP: _group,
    Trust.DEPARTMENT: _department,
    Trust.MAIL: _mail,
    Trust.DIRECT: _direct,
    Trust.ACTIVE: _active,
    Trust.GRANT: _grant,
    Trust.NAMED: _named,
    Trust.SETUP: _set_up,
}
