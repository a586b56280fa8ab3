"""What each duty permits in the workbench: set up, look up, nothing (SEC-15).

These are Django's permission names, which Wagtail asks for. Rights to records are not among them: those are rows, asked in
`records/access.py`, and verbs, asked by their functions. There is no superuser, and what groups are given is not looked at.
"""

from functools import cache

from django.contrib.auth import get_permission_codename

from records.models import (
    AuditEvent,
    Chain,
    ChainStep,
    Department,
    Duty,
    DutyHolder,
    FieldDefinition,
    Grant,
    LoanPolicy,
    NumberEntry,
    NumberRule,
    NumberScope,
    Party,
    Place,
    Record,
    RecordClass,
    RecordType,
    Schedule,
    Tier,
    TypeSchedule,
    User,
    Volume,
)

ACCESS = "wagtailadmin.access_admin"
EVERY_ACT = ("add", "change", "delete", "view")
GRANTING_ACTS = ("add", "delete", "view")  # a grant is proposed and taken away, never turned to somebody else (SEC-15)
KEEPING_ACTS = ("add", "change", "view")  # people stay: the trail names them
# What records may refer to is renamed or closed, never deleted: that it cannot go while records have it would tell of hidden ones.
KEPT = (Chain, Department, NumberRule, RecordClass, RecordType, Schedule, Tier)
PARTS = (ChainStep, FieldDefinition, LoanPolicy, TypeSchedule)  # rows of the forms of these; a use that is not lent any more
SET_UP = (*KEPT, *PARTS)
PEOPLE = (DutyHolder, Grant, User)
REGISTERS = (NumberEntry, NumberScope, Party, Record, Volume)
SITE = (
    "wagtailcore.add_workflow",
    "wagtailcore.change_workflow",
    "wagtailcore.add_task",
    "wagtailcore.change_task",
    "wagtailcore.change_site",
    "accounts.change_organisation",
    "auth.add_group",
    "auth.change_group",
    "auth.delete_group",
    "auth.view_group",
    "portal.view_job",
)


@cache
def permissions_of(duty: str) -> frozenset[str]:
    """The permissions of one duty; none for a duty that has no place in the workbench."""
    look_up = frozenset({ACCESS}) | _each(("view",), REGISTERS)
    look_at_set_up = _each(("view",), SET_UP)
    table = {
        Duty.ADMINISTRATOR: frozenset({ACCESS, *SITE})
        | _each(EVERY_ACT, (*PARTS, DutyHolder))
        | _each(GRANTING_ACTS, (Grant,))
        | _each(KEEPING_ACTS, (*KEPT, User)),
        Duty.ARCHIVIST: look_up | look_at_set_up | _each(KEEPING_ACTS, (Place,)),  # closed ones stay, as with what is KEPT
        Duty.LEGAL: look_up | look_at_set_up,
        Duty.MANAGER: look_up,
        Duty.OFFICER: look_up | look_at_set_up | _each(("view",), (*PEOPLE, AuditEvent)),
        Duty.AUDITOR: frozenset({ACCESS}) | look_at_set_up | _each(("view",), (*PEOPLE, AuditEvent)),
    }
    return table.get(Duty(duty), frozenset())


def _each(actions: tuple[str, ...], models: tuple[type, ...]) -> frozenset[str]:
    return frozenset(f"{model._meta.app_label}.{get_permission_codename(action, model._meta)}" for model in models for action in actions)  # type: ignore[attr-defined]


def permissions_of_all(duties: frozenset[str]) -> frozenset[str]:
    """What somebody with these duties may do in the workbench."""
    return frozenset().union(*(permissions_of(duty) for duty in duties))
