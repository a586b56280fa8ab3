"""Every state against every verb: what is not in the table is refused and leaves no trace of success."""

import pytest
from django.db import IntegrityError, transaction

from records import errors, filing, numbering, secrecy, states
from records.models import AuditEvent, Record, State, User
from tests.factories import filed, person, registered, reviewed, secret

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


def refusal(name):
    """Record and subject of the one refused try of this verb."""
    event = AuditEvent.objects.get(action=f"refused:{name}")
    return event.record_id, event.subject


def test_a_refused_void_names_number_and_record():  # SEC-7
    record = filed()
    with pytest.raises(errors.NotAllowed):
        numbering.void_number(actor=person("staff"), number=record.number, reason="x")
    assert refusal("void") == (record.pk, record.number)


def test_a_refused_decision_names_its_record():  # SEC-7
    record = registered()
    change = secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="public", reason="x")
    with pytest.raises(errors.Conflict):
        secrecy.decide_tier(actor=person("archivist"), change_id=change.pk, decision="accept")
    assert refusal("decide_tier") == (record.pk, str(change.pk))


def test_a_refused_batch_names_the_record_that_was_refused_or_all_that_were_asked_for():  # SEC-7
    first, second = reviewed(), registered()
    asked = [first.pk, second.pk]
    with pytest.raises(errors.StateConflict):
        filing.file_batch(actor=person("archivist"), record_ids=asked)
    assert refusal("file_batch") == (second.pk, str(second.pk))
    with pytest.raises(errors.NotAllowed):
        filing.file_batch(actor=person("staff"), record_ids=asked)
    assert AuditEvent.objects.get(action="refused:file_batch", actor=person("staff")).subject == f"{first.pk} {second.pk}"


def test_a_refused_try_at_what_is_hidden_names_no_record():  # SEC-5
    record = filed("registrar", "officer", **secret("top-secret"))
    with pytest.raises(errors.Unknown):
        numbering.void_number(actor=person("archivist"), number=record.number, reason="x")
    assert refusal("void") == (None, record.number)
