"""Every state against every verb: what is not in the table is refused and leaves no trace of success."""

import pytest
from django.db import IntegrityError, transaction

from records import errors, states
from records.models import AuditEvent, Record, State, User
from tests.factories import person, registered

pytestmark = pytest.mark.django_db


def put_into(record: Record, state: str) -> Record:
    """The record as if it had come into this state."""
    numbered = state in (State.FILED, State.DESTROYED, State.TRANSFERRED)
    Record.objects.filter(pk=record.pk).update(state=state, number="X-1" if numbered else None, reviewer=person("archivist2"))
    record.refresh_from_db()
    return record


@pytest.mark.parametrize("state", State.values)
def test_the_table_is_the_law(state):
    record = put_into(registered(), state)
    for verb in sorted(states.VERBS):
        row = states.transition_for(verb, state)
        updates = {"file": {"number": "X-2"}, "void": {"number": None}}.get(verb, {})
        with transaction.atomic():
            if row is None:
                with pytest.raises(errors.StateConflict):
                    states.apply(record, verb, **updates)
            else:
                states.apply(record, verb, **updates)
                assert Record.objects.get(pk=record.pk).state == (row.to or state)
            transaction.set_rollback(True)
        record.refresh_from_db()


def test_the_database_knows_the_states():
    record = registered()

    for broken in ({"state": "lost"}, {"reviewer": person("archivist")}, {"state": "reviewed"}, {"number": "HT-1"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Record.objects.filter(pk=record.pk).update(**broken)


def test_somebody_who_was_first_wins():
    record = registered()
    seen_by_two = Record.objects.get(pk=record.pk)
    states.apply(record, "change", title="第一")

    with pytest.raises(errors.StateConflict):
        states.apply(seen_by_two, "change", title="第二")
    assert Record.objects.get(pk=record.pk).title == "第一"


def test_there_is_no_superuser():
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(username="admin").update(is_superuser=True)


def test_a_refusal_is_in_the_trail_without_a_success():  # SEC-7
    from records import review

    record = registered()

    with pytest.raises(errors.DutiesApart):
        review.review(actor=person("archivist"), record_id=record.pk, decision="accept")

    actions = set(AuditEvent.objects.filter(record_id=record.pk).values_list("action", flat=True))
    assert "refused:review" in actions
    assert "review-accept" not in actions
