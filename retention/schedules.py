"""Due dates: which schedule a record has, when its term ends, or why it has no date yet (RET-1, RET-2, RET-12; MoReq2010 §8)."""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from records import audit, guards, outbox
from records.errors import NoSchedule
from records.models import EVENT_FIELDS, OutboxRow, Record, RecordClass, Schedule, State, Trigger, TypeSchedule, User
from records.secrecy import add_period

PERMANENT = "permanent"  # `waiting_for` of what is kept for good
NO_SCHEDULE = "schedule"  # `waiting_for` of a record whose class has none yet
KEPT_STATES = frozenset({State.REGISTERED, State.REVIEWED, State.FILED, State.WORKING})


def schedule_of(record: Record) -> Schedule | None:
    """The one schedule of a record: its own, else its class's for the type, else its class's; a class without takes from above."""
    if record.own_schedule:
        return record.own_schedule
    place = (record.record_class_id, record.record_type_id)
    if getattr(record, "_schedule", (None,))[0] != place:
        record._schedule = (place, _inherited(record))  # type: ignore[attr-defined]
    return record._schedule[1]  # type: ignore[attr-defined]


def _inherited(record: Record) -> Schedule | None:
    node: RecordClass | None = record.record_class
    while node is not None:
        by_type = TypeSchedule.objects.filter(record_class=node, record_type_id=record.record_type_id).select_related("schedule").first()
        found = by_type.schedule if by_type else node.schedule
        if found:
            return found
        node = node.parent
    return None


def event_of(record: Record, schedule: Schedule) -> date | None:
    """The day on which the term starts; None while it has not happened or is not known."""
    if schedule.trigger == Trigger.FILING:
        return timezone.localdate(record.filed_at) if record.filed_at else None
    value = record.fields.get(EVENT_FIELDS[Trigger(schedule.trigger)])
    return date.fromisoformat(value) if value else None


def due_on(event: date, schedule: Schedule) -> date:
    """The first day on which disposal may be decided: the day after the term's last (valid to 2026-12-31, 10 years → 2037-01-01)."""
    if schedule.from_year_start:
        return add_period(date(event.year + 1, 1, 1), years=schedule.years, months=schedule.months)
    return add_period(event, years=schedule.years, months=schedule.months) + timedelta(days=1)


def due_of(record: Record) -> tuple[date | None, str]:
    """The due date and an empty text, or None and what it waits for (a trigger, `permanent`, `schedule`)."""
    schedule = schedule_of(record)
    if schedule is None:
        return None, NO_SCHEDULE
    if schedule.permanent:
        return None, PERMANENT
    event = event_of(record, schedule)
    return (due_on(event, schedule), "") if event else (None, schedule.trigger)


def follow(record: Record) -> None:
    """Set the due date anew, inside the transaction of the change; the former one stays in the history (RET-2)."""
    due, waiting_for = due_of(record) if record.state in KEPT_STATES else (None, "")
    if (due, waiting_for) == (record.due, record.waiting_for):
        return
    former, record.due, record.waiting_for = record.due, due, waiting_for
    Record.objects.filter(pk=record.pk).update(due=due, waiting_for=waiting_for)
    if former is not None:
        values = {"due": [former.isoformat(), due.isoformat() if due else waiting_for]}
        audit.record_event(actor=audit.CUSTODIAN_SERVICE, action="due", record=record, changed=["due"], values=values)


def needs_schedule(record: Record, _actor: User) -> None:
    """Guard of `file`: nothing is filed into a class without a schedule (RET-12). Raises NoSchedule."""
    if schedule_of(record) is None:
        raise NoSchedule


def keeps_schedule(record: Record, actor: User) -> None:
    """Guard of `move`: what is filed is not moved to where it could not be filed (RET-12). Raises NoSchedule."""
    if record.state == State.FILED:
        needs_schedule(record, actor)


def recompute(record_class: RecordClass) -> int:
    """Set the due dates of a class's records anew, after its schedule changed; returns how many records were looked at.

    What is kept no longer is left alone: it has no due date, and the key that would seal the former one is gone (RET-7).
    """
    kept = Record.objects.filter(record_class=record_class, state__in=KEPT_STATES)
    return sum(_recompute_one(pk) for pk in kept.order_by().values_list("pk", flat=True).iterator(chunk_size=2000))


def _recompute_one(pk: UUID) -> bool:
    """One record as it is now, in a transaction of its own: somebody's change is waited for, never overtaken. False: not kept any more."""
    with transaction.atomic():
        rows = Record.objects.select_for_update(of=("self",)).filter(pk=pk, state__in=KEPT_STATES)
        record = rows.select_related("record_class__schedule", "own_schedule", "data_key").first()
        if record is not None:
            follow(record)
    return record is not None


def refresh() -> int:
    """Set anew every due date that is not what its schedule says; returns how many. They follow each change by themselves: this mends."""
    kept = Record.objects.filter(state__in=KEPT_STATES).select_related("record_class__schedule", "own_schedule")
    wrong = [record.pk for record in kept.iterator(chunk_size=2000) if due_of(record) != (record.due, record.waiting_for)]
    return sum(map(_recompute_one, wrong))


def _recompute_rows(rows: list[OutboxRow]) -> None:
    """Outbox topic `due`: a class (key: its id) or, with key `all`, every class has another schedule now."""
    wanted = RecordClass.objects.all()
    if not any(row.key == "all" for row in rows):
        wanted = wanted.filter(pk__in=[row.key for row in rows])
    for record_class in wanted:
        recompute(record_class)


def register() -> None:
    """Tell the records floor; called at start-up."""
    outbox.register_handler("due", _recompute_rows, batch=20)
    guards.register_guard("file", "retention.schedule", needs_schedule)
    guards.register_guard("move", "retention.schedule", keeps_schedule)
    guards.register_follower("retention.due", follow)
