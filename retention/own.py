"""A schedule of a record's own, which stands before that of its class (RET-12)."""

from uuid import UUID

from django.db import transaction

from records import access, audit, guards, lookup, outbox, states
from records.errors import Invalid, ReasonMissing
from records.models import Record, Schedule, User
from records.runner import verb

REASON_LENGTH = 300


@verb("set_schedule")
def set_schedule(*, actor: User, record_id: UUID | str, schedule: str, reason: str) -> Record:
    """Give a record a schedule of its own, by its code, or with an empty one that of its class again; the due date follows at once (RET-2).

    Raises Unknown, NotAllowed, Invalid, ReasonMissing, StateConflict.
    """
    look = lookup.Lookup(actor)
    record = access.get_for_verb(actor, record_id, "set_schedule")
    chosen, why = look.schedule(schedule), look.text("reason", reason, most=REASON_LENGTH)
    if look.errors:
        raise Invalid(errors=look.errors)
    if not why:
        raise ReasonMissing
    with transaction.atomic():
        _set(record, actor, chosen, why)
    return record


def _set(record: Record, actor: User, chosen: Schedule | None, reason: str) -> None:
    guards.ask_guards("set_schedule", record, actor)
    former = record.own_schedule
    states.apply(record, "set_schedule", own_schedule=chosen, schedule_reason=reason if chosen else "")
    values = {"schedule": [row.slug if row else "" for row in (former, chosen)]}
    audit.record_event(actor=actor, action="set-schedule", record=record, reason=reason, changed=values, values=values)
    guards.follow(record)
    outbox.enqueue("index", record.pk)
