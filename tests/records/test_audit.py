"""The trail: only added to, chained, and the first broken link is named (AUD-1)."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from records import audit, errors
from records.models import AuditEvent, AuditLink, NumberEntry, NumberScope, Record, RecordVersion
from storage import anchors
from storage.errors import WrittenAlready
from storage.reconcile import reconcile
from tests.factories import filed, person, registered
from tests.tampering import tamper

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("table", ["records_auditevent", "records_auditlink"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_the_database_refuses_to_change_or_delete(table, statement):
    registered()
    audit.link_events()
    column = "reason" if table.endswith("event") else "digest"

    with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column, "'x'"))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="REPLACE is SQLite's")
@pytest.mark.parametrize("model", [AuditEvent, AuditLink, NumberEntry, NumberScope, RecordVersion])
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_a_row_is_not_replaced_either(model, recursive):  # AUD-1, NUM-2
    filed()
    audit.link_events()
    table, columns = model._meta.db_table, ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)

    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA recursive_triggers={recursive}")  # somebody's own connection has not ours
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            cursor.execute(f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table} LIMIT 1")
        cursor.execute("PRAGMA recursive_triggers=ON")


def test_a_row_is_not_pushed_out_by_another_id():  # NUM-2
    filed()
    verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    taken = "SELECT key, id + 1, rule_id, hidden_tier_id, 1 FROM records_numberscope"

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{verb} INTO records_numberscope (key, id, rule_id, hidden_tier_id, next) {taken}")


@pytest.mark.parametrize("statement", ["numberentry SET number = 'X'", "numberscope SET key = 'X'", "recordversion SET number = 9"])
def test_what_a_row_in_the_register_is_known_by_stays(statement):  # NUM-2, CAP-7
    filed()

    with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE records_{statement}")


def test_the_chain_holds_and_says_what_is_not_linked_yet():
    registered()
    linked = audit.link_events()
    registered()

    verdict = audit.verify()

    assert verdict.broken_at is None
    assert verdict.linked == linked > 0
    assert verdict.waiting == AuditEvent.objects.count() - linked


def test_linking_twice_links_once():
    registered()
    audit.link_events()

    assert audit.link_events() == 0


def test_the_first_broken_link_is_named():
    for _each in range(3):
        registered()
    audit.link_events()
    victim = AuditLink.objects.order_by("sequence")[1]
    tamper(
        "UPDATE records_auditevent SET actor_name = 'nobody' WHERE id = %s",
        [victim.event_id.hex if connection.vendor == "sqlite" else victim.event_id],
    )

    assert audit.verify().broken_at == victim.sequence


def test_a_link_that_was_taken_out_is_noticed():
    for _each in range(3):
        registered()
    audit.link_events()
    tamper("DELETE FROM records_auditlink WHERE sequence = %s", [2])

    assert audit.verify().broken_at == 3


def chain_of(events):
    for _each in range(events):
        registered()
    audit.link_events()


def test_a_chain_whose_end_was_cut_off_is_shorter_than_its_anchor():  # AUD-1
    chain_of(3)
    last = audit.drop_anchor().sequence
    assert (audit.verify().broken_at, audit.verify().anchored) == (None, last)

    tamper("DELETE FROM records_auditlink WHERE sequence = %s", [last])

    assert audit.verify().broken_at == last


def test_a_chain_that_was_written_anew_is_not_the_anchored_one():  # AUD-1
    chain_of(2)
    anchored = audit.drop_anchor()
    tamper("DELETE FROM records_auditlink WHERE sequence >= %s", [2])
    AuditEvent.objects.create(at=AuditEvent.objects.latest("at").at - audit.LATE / 2, actor_name="somebody", action="view")
    audit.link_events()

    assert audit.verify().broken_at == anchored.sequence
    with pytest.raises(errors.TrailBroken):  # and no later anchor bears witness to it
        audit.drop_anchor()


def test_an_anchor_is_written_once_a_day_and_stays():  # AUD-1
    chain_of(1)
    first = audit.drop_anchor()
    chain_of(1)

    assert audit.drop_anchor() == audit.newest_anchor() == first
    with pytest.raises(WrittenAlready):
        anchors.write_once(anchors.names()[0], b"{}")


def test_of_an_anchor_the_first_version_counts(monkeypatch):  # with object lock, a later one can be laid above it
    chain_of(1)
    first = audit.drop_anchor()
    key = {"Bucket": settings.S3_BUCKET, "Key": anchors.PREFIX + anchors.names()[0]}
    listed = [key | {"VersionId": "null"}, key | {"VersionId": "null"}]
    monkeypatch.setattr(anchors, "_pages", lambda *_: [listed[0] | {"VersionId": "of somebody else"}, listed[1]])

    assert audit.newest_anchor() == first


def test_anchors_are_no_orphans():  # STO-2
    chain_of(1)
    audit.drop_anchor()

    assert not [key for key in reconcile(grace=timedelta(0)).orphan_objects if key.startswith("anchors/")]


def test_values_are_sealed_under_the_records_key():
    record = registered()
    event = audit.record_event(actor=person("archivist"), action="change", record=record, changed=["title"], values={"title": ["旧", "新"]})

    assert "新".encode() not in bytes(event.values)
    assert audit.values_of(event, Record.objects.get(pk=record.pk)) == {"title": ["旧", "新"]}


def test_pages_of_one_sitting_are_one_view():
    record = registered()
    for _each in range(3):
        audit.record_once(actor=person("staff"), action="view", record=record)

    assert AuditEvent.objects.filter(record_id=record.pk, action="view").count() == 1


def test_an_event_carries_where_it_came_from():
    with audit.came_from("192.0.2.7"):
        event = audit.record_event(actor=person("staff"), action="search", subject="违约")

    assert event.from_address == "192.0.2.7"
