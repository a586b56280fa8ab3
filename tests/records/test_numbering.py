"""Numbers: given once, gapless, void with a reason."""

import pytest
from django.db import transaction

from records import errors, filing, guards, numbering, reading, registration, review
from records.models import NumberEntry, NumberRule, Record, RecordClass
from tests.factories import filed, incoming, person, reviewed, secret, volume

pytestmark = pytest.mark.django_db


def test_numbers_run_by_class_and_year():  # NUM-1
    first, second = filed(), filed()

    assert (first.number, second.number) == ("HT-2026-0001", "HT-2026-0002") or first.number.endswith("0001")
    assert first.number[:8] == second.number[:8]


def test_a_record_that_is_filed_again_is_refused_and_keeps_its_number():
    record = filed()

    with pytest.raises(errors.StateConflict):
        filing.file_record(actor=person("archivist"), record_id=record.pk)

    assert Record.objects.get(pk=record.pk).number == record.number


def test_a_batch_is_numbered_in_the_order_given():  # NUM-4
    records = [reviewed() for _each in range(3)]
    wanted = [records[2], records[0], records[1]]
    shown = numbering.preview(wanted)

    done = filing.file_batch(actor=person("archivist"), record_ids=[row.pk for row in wanted])

    assert [row.number for row in done] == shown
    assert [row.number[-4:] for row in done] == ["0001", "0002", "0003"]


def test_a_batch_with_one_that_cannot_be_filed_files_none_and_leaves_no_gap():  # NUM-2
    good, bad = reviewed(), filed()

    with pytest.raises(errors.StateConflict) as caught:
        filing.file_batch(actor=person("archivist"), record_ids=[good.pk, bad.pk])

    assert caught.value.details["record"] == str(bad.pk)
    assert not NumberEntry.objects.filter(record=good).exists()
    assert filing.file_record(actor=person("archivist"), record_id=good.pk).number[-4:] == "0002"


def test_items_of_a_file_carry_its_number():  # NUM-3
    loan = volume()
    first = filed(record_class="DK", volume=loan.pk)
    second = filed(record_class="DK", volume=loan.pk)

    assert (first.number, second.number) == ("鸿借字第001号-01", "鸿借字第001号-02")


def test_filing_into_a_class_of_volumes_needs_one():
    with pytest.raises(errors.NeedsVolume):
        filed(record_class="DK")


def test_a_class_without_rule_takes_that_of_its_parent():
    parent = RecordClass.objects.get(code="HT")
    RecordClass.objects.create(code="HT1", name="采购", parent=parent, default_tier=parent.default_tier)

    assert filed(record_class="HT1").number.startswith("HT1-") or filed(record_class="HT1").number.startswith("HT-")


def test_a_hidden_tier_numbers_apart_and_leaves_no_gap_among_the_others():  # NUM-2
    first = filed()
    hidden = filed("registrar", "officer", **secret("top-secret"))
    second = filed()

    assert hidden.number.startswith("绝HT-")
    assert int(second.number[-4:]) == int(first.number[-4:]) + 1
    assert not any(row.key.startswith("绝") for row in numbering.report(person("archivist")))
    assert any(row.key.startswith("绝") for row in numbering.report(person("registrar")))


def test_a_void_number_stays_in_the_register_and_is_never_given_again():  # NUM-2
    record = filed()

    entry = numbering.void_number(actor=person("archivist"), number=record.number, reason="误编")

    assert entry.void
    again = filing.file_record(actor=person("archivist"), record_id=record.pk)
    assert again.number != record.number
    (row,) = [row for row in numbering.report(person("archivist")) if row.key.startswith("HT")]
    assert (row.given, row.voided, row.missing) == (2, [record.number], [])  # NUM-6


def test_a_void_number_takes_its_date_along_and_what_nobody_checked_is_checked_before_it_is_filed_again():  # NUM-2, CAP-3
    record = filed(record_type="general", fields={})
    registration.add_version(actor=person("archivist"), record_id=record.pk, reason="新", files=[incoming()])

    numbering.void_number(actor=person("archivist"), number=record.number, reason="误编")

    record = Record.objects.get(pk=record.pk)
    assert (record.state, record.reviewer, record.returned, record.date) == ("registered", None, False, None)
    assert list(reading.to_review(person("archivist2"))) == [record]
    with pytest.raises(errors.StateConflict):
        filing.file_record(actor=person("archivist"), record_id=record.pk)
    review.review(actor=person("archivist2"), record_id=record.pk, decision="accept")
    assert filing.file_record(actor=person("archivist"), record_id=record.pk).state == "filed"


def test_a_guard_can_keep_a_number_from_being_voided(monkeypatch):
    def held(record, _actor):
        raise errors.Conflict

    record = filed()
    monkeypatch.setitem(guards._guards, "void", {"test": held})

    with pytest.raises(errors.Conflict):
        numbering.void_number(actor=person("archivist"), number=record.number, reason="误编")

    assert not NumberEntry.objects.get(number=record.number).void


def test_two_rules_that_render_the_same_numbers_count_together():  # NUM-2
    rule = NumberRule.objects.create(name="by sequence", pattern="{volume}-{seq:02}", volume_pattern="鸿借字第{seq:03}号")
    loans = RecordClass.objects.get(code="DK")
    RecordClass.objects.create(code="DK1", name="续贷", parent=loans, default_tier=loans.default_tier, number_rule=rule)
    shelf = volume()
    first = filed(record_class="DK", volume=shelf.pk)
    second = reviewed(record_class="DK", volume=shelf.pk)
    Record.objects.filter(pk=second.pk).update(record_class=RecordClass.objects.get(code="DK1"))

    numbers = [first.number, filing.file_record(actor=person("archivist"), record_id=second.pk).number]

    assert numbers == ["鸿借字第001号-01", "鸿借字第001号-02"]


def test_new_volumes_of_one_batch_are_shown_the_numbers_that_they_get():  # NUM-4
    one, other = volume("甲"), volume("乙")
    records = [reviewed(record_class="DK", volume=place.pk) for place in (other, one, other)]

    shown = numbering.preview(records)
    done = filing.file_batch(actor=person("archivist"), record_ids=[row.pk for row in records])

    assert shown == [row.number for row in done] == ["鸿借字第001号-01", "鸿借字第002号-01", "鸿借字第001号-02"]


def test_voiding_needs_a_reason_and_a_number_that_one_may_know_of():
    hidden = filed("registrar", "officer", **secret("top-secret"))

    with pytest.raises(errors.ReasonMissing):
        numbering.void_number(actor=person("archivist"), number=filed().number, reason=" ")
    with pytest.raises(errors.Unknown):
        numbering.void_number(actor=person("archivist"), number=hidden.number, reason="x")


def test_a_number_cannot_be_deleted_from_the_register():
    filed()

    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        NumberEntry.objects.all().delete()


def test_a_class_without_schedule_takes_no_filing():  # RET-12
    RecordClass.objects.create(
        code="XX", name="无", default_tier=RecordClass.objects.get(code="HT").default_tier, number_rule=NumberRule.objects.get(name="HT")
    )
    from tests.factories import grant

    grant(RecordClass.objects.get(code="XX"), "archivists")

    with pytest.raises(errors.NoSchedule):
        filed(record_class="XX")
