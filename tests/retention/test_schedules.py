"""Due dates follow what they rest on (RET-2): schedules that change, records that changed meanwhile, records that are kept no longer."""

import pytest

from records import audit, changing, errors, outbox
from records.models import AuditEvent, OutboxRow, Record, Schedule
from retention import own, schedules
from tests.factories import CONTRACT, filed, person, registered

pytestmark = pytest.mark.django_db
VALID = {"fields": CONTRACT | {"valid_to": "2026-12-31"}}


def longer():
    """Contracts are kept for 20 years now."""
    Schedule.objects.filter(slug="contracts").update(years=20)
    outbox.enqueue("due", "all")
    outbox.drain(only=["due"])


def due(record):
    return str(Record.objects.get(pk=record.pk).due)


def test_due_dates_follow_the_schedule_and_the_former_ones_stay_in_the_history():  # RET-2
    record = filed(**VALID)
    assert due(record) == "2037-01-01"

    longer()

    assert due(record) == "2047-01-01"
    event = AuditEvent.objects.get(record_id=record.pk, action="due", actor_name=audit.CUSTODIAN_SERVICE.name)
    assert audit.values_of(event, record) == {"due": ["2037-01-01", "2047-01-01"]}


def test_a_withdrawn_record_holds_up_nobody_elses_due_date():  # RET-2
    other, withdrawn = registered(**VALID), registered(**VALID)
    changing.withdraw(actor=person("archivist"), record_id=withdrawn.pk, reason="重复登记")
    outbox.drain(only=["erase"])
    Record.objects.filter(pk=withdrawn.pk).update(due="2037-01-01")  # as rows were left that were withdrawn before

    longer()

    assert not OutboxRow.objects.filter(topic="due", done_at=None).exists()
    assert due(other) == "2047-01-01"
    assert AuditEvent.objects.filter(record_id=withdrawn.pk, action="due").count() == 1  # that of the withdrawal


def test_a_change_that_came_while_the_records_were_gone_through_is_not_overtaken(monkeypatch):  # RET-2
    records = {filed(**VALID).pk, filed(**VALID).pk}
    follow, changed = schedules.follow, []

    def first_the_other_changes(record):
        if not changed:
            changed.extend(records - {record.pk})
            fields = {"valid_to": "2027-12-31"}
            changing.change(actor=person("archivist"), record_id=changed[0], new_fields=fields, reason="补录")
        follow(record)

    monkeypatch.setattr(schedules, "follow", first_the_other_changes)

    longer()

    assert due(Record.objects.get(pk=changed[0])) == "2048-01-01"


# --- a schedule of its own ------------------------------------------------------------------------------------------


def test_a_schedule_of_its_own_stands_before_that_of_the_class_until_it_is_taken_back():  # RET-12
    record = filed(**VALID)

    for schedule, expected in (("permanent", "None"), ("", "2037-01-01")):
        own.set_schedule(actor=person("legal"), record_id=record.pk, schedule=schedule, reason="诉讼")
        assert due(record) == expected

    events = AuditEvent.objects.filter(record_id=record.pk, action="set-schedule", reason="诉讼", actor=person("legal")).order_by(
        "at", "id"
    )
    assert [audit.values_of(event, record) for event in events] == [{"schedule": ["", "permanent"]}, {"schedule": ["permanent", ""]}]
    assert Record.objects.get(pk=record.pk).schedule_reason == ""


@pytest.mark.parametrize(
    ("who", "given", "refusal"),
    [
        ("archivist", {"reason": " "}, errors.ReasonMissing),
        ("archivist", {"reason": "长" * 301}, errors.Invalid),
        ("archivist", {"schedule": "for-ever"}, errors.Invalid),
        ("staff", {}, errors.NotAllowed),
    ],
)
def test_a_schedule_of_its_own_is_set_with_a_reason_by_those_who_may(who, given, refusal):  # RET-12
    record = filed(**VALID)

    with pytest.raises(refusal):
        own.set_schedule(actor=person(who), record_id=record.pk, **({"schedule": "permanent", "reason": "诉讼"} | given))

    assert due(record) == "2037-01-01"


def test_what_was_withdrawn_takes_no_schedule():
    record = registered()
    changing.withdraw(actor=person("archivist"), record_id=record.pk, reason="重复登记")

    with pytest.raises(errors.StateConflict):
        own.set_schedule(actor=person("archivist"), record_id=record.pk, schedule="permanent", reason="诉讼")
