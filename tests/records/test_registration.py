"""Registration, review, change: two people, every bad input named, nothing half done (CAP-3 to CAP-9)."""

from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from records import access, changing, errors, intake, outbox, parties, reading, registration, review, taking
from records.models import AuditEvent, Component, OutboxRow, Party, PartyIdentifier, Record, RecordVersion, SealedField, Upload
from storage import objects
from storage.errors import StoreUnavailable
from storage.models import StoredObject
from tests.factories import CONTRACT, IDENTITY_NUMBER, Contract, filed, incoming, pdf, person, registered, reviewed, secret

pytestmark = pytest.mark.django_db


def refused(**values):
    """The sentences by field that a registration with these values gets."""
    with pytest.raises(errors.Invalid) as caught:
        registered(**values)
    assert not Record.objects.exists()
    return caught.value.errors


# --- register -------------------------------------------------------------------------------------------------------


def test_a_registered_record_is_there_whole_with_its_first_version():
    record = registered()

    component = Component.objects.get(version__record=record)
    assert (record.state, record.current_version, component.pages) == ("registered", 1, 2)
    with access.open_for_viewing(person("staff"), record.pk, component.pk)[2] as content:
        assert content.read() == pdf()
    assert set(OutboxRow.objects.values_list("topic", flat=True)) == {"index", "text"}


def test_content_lies_sealed_in_the_store():  # SEC-8
    record = registered()

    stored = Component.objects.get(version__record=record).stored
    assert str(record.pk) in stored.associated
    assert stored.sealed_sha256 != stored.sha256


def test_staff_may_not_register():
    with pytest.raises(errors.NotAllowed):
        registered("staff")


def test_every_missing_required_field_is_named_at_once():  # CAP-5
    assert set(refused(fields={}, title=" ", department=None, parties=[])) == {
        "title",
        "department",
        "parties",
        "fields.contract_number",
        "fields.signed_on",
        "fields.amount",
    }


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"record_type": "spell"}, "record_type"),
        ({"record_class": "ZZ"}, "record_class"),
        ({"tier": "cosmic"}, "tier"),
        ({"title": "长" * 301}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"department": "moon"}, "department"),
        ({"owner": "nobody"}, "owner"),
        ({"fields": CONTRACT | {"signed_on": "2026-02-30"}}, "fields.signed_on"),
        ({"fields": CONTRACT | {"amount": {"value": "NaN", "currency": "CNY"}}}, "fields.amount"),
        ({"fields": CONTRACT | {"amount": {"value": "1.00", "currency": "XXQ"}}}, "fields.amount"),
        ({"fields": CONTRACT | {"contract_number": "长" * 5000}}, "fields.contract_number"),
        ({"fields": CONTRACT | {"contract_number": "a\0b"}}, "fields.contract_number"),
        ({"fields": CONTRACT | {"colour": "red"}}, "fields.colour"),
        ({"parties": [{"name": "陈某", "identity_number": "110105194912310021"}]}, "parties.0.identity_number"),
        ({"parties": [{"name": "某公司", "credit_code": "91350100M000100Y44"}]}, "parties.0.credit_code"),
        ({"parties": [{"name": ""}]}, "parties.0.name"),
        ({"parties": [{"name": "某公司", "role": "king"}]}, "parties.0.role"),
        ({"original": {"pages": -1}}, "original"),
        ({"tier": "secret"}, "tier_reason"),
        ({"tier": "secret", "tier_reason": "x", "tier_until": "P99Y"}, "tier_until"),
        ({"tier": "secret", "tier_reason": "x", "tier_until": "2020-01-01"}, "tier_until"),
        ({"tier": "secret", "tier_reason": "x", "tier_until": "soon"}, "tier_until"),
    ],
)
def test_bad_input_is_named_at_its_field(values, field):
    assert field in refused(**values)


def test_important_fields_that_are_missing_are_named_together():  # CAP-5
    detail = reading.show(person("archivist"), access.get_readable(person("archivist"), registered().pk))

    assert detail.missing_important == ["valid_from", "valid_to", "project"]


def test_one_bad_file_among_good_ones_and_nothing_is_stored():  # CAP-2
    before = StoredObject.objects.count(), len(list(objects.listing()))

    with pytest.raises(errors.FilesRefused) as caught:
        registration.register(
            actor=person("archivist"),
            given=Contract().particulars(),
            files=[incoming(), incoming(b"", "leer.pdf"), incoming(b"<svg onload='x'/>", "bild.pdf")],
        )

    assert set(caught.value.errors) == {"leer.pdf", "bild.pdf"}
    assert not Record.objects.exists()
    assert (StoredObject.objects.count(), len(list(objects.listing()))) == before


def test_bytes_are_dropped_when_the_transaction_fails(monkeypatch):  # STO-2
    before = len(list(objects.listing()))
    monkeypatch.setattr(outbox, "enqueue_all", lambda *_a, **_k: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        registered()

    assert len(list(objects.listing())) == before


@contextmanager
def committed_and_then(error):
    """A transaction that is committed, whatever its caller is told."""
    with transaction.atomic():
        yield
    raise error


@pytest.mark.parametrize("error", [OperationalError("server closed the connection unexpectedly"), SystemExit(), KeyboardInterrupt()])
@pytest.mark.parametrize("act", ["register", "add_version", "upload"])
def test_bytes_stay_when_the_commit_took_place_though_its_caller_is_told_otherwise(monkeypatch, act, error):  # STO-2
    record = registered()
    acts = {
        "register": (registration, registered),
        "add_version": (
            registration,
            lambda: registration.add_version(actor=person("archivist"), record_id=record.pk, reason="新", files=[incoming()]),
        ),
        "upload": (intake, lambda: intake.upload(actor=person("archivist"), file=incoming())),
    }
    module, work = acts[act]
    monkeypatch.setattr(module, "transaction", SimpleNamespace(atomic=lambda: committed_and_then(error)))

    with pytest.raises(type(error)):
        work()

    keys = set(StoredObject.objects.values_list("key", flat=True))
    assert len(keys) == 2
    assert keys <= {row.key for row in objects.listing()}


def test_bytes_stay_for_reconcile_while_the_database_cannot_be_asked_for_their_row(monkeypatch):  # STO-2
    def away(**_how):
        raise OperationalError("connection refused")

    before = len(list(objects.listing()))
    monkeypatch.setattr(outbox, "enqueue_all", lambda *_a, **_k: 1 / 0)
    monkeypatch.setattr(StoredObject.objects, "filter", away)

    with pytest.raises(ZeroDivisionError):
        registered()

    assert len(list(objects.listing())) == before + 1


def test_a_store_that_went_away_hides_neither_the_first_error_nor_keeps_other_bytes_from_being_dropped(monkeypatch):  # STO-2
    asked = []

    def away(key):
        asked.append(key)
        raise StoreUnavailable

    monkeypatch.setattr(outbox, "enqueue_all", lambda *_a, **_k: 1 / 0)
    monkeypatch.setattr(objects, "discard", away)

    with pytest.raises(ZeroDivisionError):
        registration.register(actor=person("archivist"), given=Contract().particulars(), files=[incoming(), incoming()])

    assert len(asked) == 2


def test_sensitive_fields_are_masked_and_sealed_and_shown_only_by_a_logged_act():  # SEC-6
    record = registered(record_type="identity-document", fields={"identity_number": IDENTITY_NUMBER})

    assert record.fields["identity_number"] == "1101**********002X"
    assert IDENTITY_NUMBER.encode() not in bytes(SealedField.objects.get(record=record).sealed)
    assert changing.reveal(actor=person("legal"), record_id=record.pk, field="identity_number", reason="核对") == IDENTITY_NUMBER
    assert AuditEvent.objects.filter(record_id=record.pk, action="reveal", reason="核对").exists()
    with pytest.raises(errors.NotAllowed):
        changing.reveal(actor=person("staff"), record_id=record.pk, field="identity_number", reason="x")
    with pytest.raises(errors.ReasonMissing):
        changing.reveal(actor=person("legal"), record_id=record.pk, field="identity_number", reason="")


def test_one_person_is_one_party_found_again_by_the_exact_number():  # CAP-4, SEC-6
    first = registered(parties=[{"name": "陈大文", "kind": "person", "identity_number": IDENTITY_NUMBER}])
    second = registered(parties=[{"name": "陈大文", "kind": "person", "identity_number": IDENTITY_NUMBER.lower()}])

    assert first.party_rows.get().party == second.party_rows.get().party
    assert Party.objects.count() == 1
    assert IDENTITY_NUMBER.encode() not in bytes(PartyIdentifier.objects.get().sealed)


@pytest.mark.parametrize("typed", ["13800138000", "+86 138-0013-8000", "0086 13800138000"])
def test_a_party_is_found_by_its_telephone_however_it_is_typed(typed):  # SEC-6
    record = registered(parties=[{"name": "陈大文", "kind": "person", "mobile": "+86 138 0013 8000"}])

    assert list(parties.find(person("archivist"), typed)) == [record.party_rows.get()]


def test_a_known_number_does_not_tell_the_name_that_a_hidden_record_gave():  # FND-10
    registered("registrar", parties=[{"name": "隐名", "kind": "person", "identity_number": IDENTITY_NUMBER}], **secret("top-secret"))

    record = registered(parties=[{"name": "明名", "kind": "person", "identity_number": IDENTITY_NUMBER}])

    assert record.party_rows.get().name == "明名"


def test_the_same_bytes_are_recognised_as_far_as_one_may_see_them():  # CAP-9
    seen, hidden = registered(), registered("registrar", **secret("top-secret"))

    again = registered()

    duplicates = reading.detail(person("archivist"), again.pk).duplicates
    assert [row.pk for row in duplicates] == [seen.pk]
    assert hidden.pk not in {row.pk for row in duplicates}


def test_a_record_whose_bytes_were_erased_is_no_duplicate():  # CAP-9
    withdrawn, kept = registered(), registered()
    digest = Component.objects.filter(version__record=kept).values_list("sha256", flat=True).get()

    changing.withdraw(actor=person("archivist"), record_id=withdrawn.pk, reason="重复登记")

    assert intake.duplicates_of(person("archivist"), [digest]) == [kept]
    assert intake.holding(person("archivist"), [digest, "0" * 64]) == {digest: [kept]}


def test_a_staged_upload_becomes_a_component_and_cannot_be_used_twice():
    staged = intake.upload(actor=person("archivist"), file=incoming())

    record = registration.register(actor=person("archivist"), given=Contract().particulars(), uploads=[staged.pk])

    assert Component.objects.get(version__record=record).sha256 == staged.sha256
    with pytest.raises(errors.Invalid):
        registration.register(actor=person("archivist"), given=Contract().particulars(), uploads=[staged.pk])
    with pytest.raises(errors.Unknown):
        registration.register(actor=person("archivist2"), given=Contract().particulars(), uploads=[staged.pk])


def test_used_uploads_are_erased():
    staged = intake.upload(actor=person("archivist"), file=incoming())
    registration.register(actor=person("archivist"), given=Contract().particulars(), uploads=[staged.pk])

    assert intake.erase_uploads() == 1
    assert not Upload.objects.exists()
    assert not [row for row in objects.listing() if row.key == staged.stored.key]


def test_an_upload_whose_time_is_over_is_not_taken_up_while_it_is_erased(monkeypatch):
    staged = intake.upload(actor=person("archivist"), file=incoming())
    Upload.objects.update(created_at=timezone.now() - intake.UNUSED_FOR - timedelta(minutes=1))
    erase, refusals = objects.erase, []

    def with_a_registration_beside(*stored):
        erase(*stored)
        with pytest.raises(errors.Invalid) as caught:
            registration.register(actor=person("archivist"), given=Contract().particulars(), uploads=[staged.pk])
        refusals.append(caught.value.errors)

    monkeypatch.setattr(objects, "erase", with_a_registration_beside)

    assert intake.erase_uploads() == 1
    assert [list(each) for each in refusals] == [["uploads"]]


def test_an_upload_that_is_erased_while_it_is_read_is_asked_for_again(monkeypatch):
    staged = intake.upload(actor=person("archivist"), file=incoming())
    Upload.objects.update(created_at=timezone.now() - intake.UNUSED_FOR - timedelta(minutes=1))
    check = registration.check_draft
    monkeypatch.setattr(registration, "check_draft", lambda **given: (intake.erase_uploads(), check(**given))[1])

    with pytest.raises(errors.Invalid) as caught:
        registration.register(actor=person("archivist"), given=Contract().particulars(), uploads=[staged.pk])

    assert list(caught.value.errors) == ["uploads"]
    assert not Record.objects.exists()


# --- versions -------------------------------------------------------------------------------------------------------


def test_a_new_version_leaves_the_former_as_it_was():  # CAP-7
    record = registered()
    first = Component.objects.get(version__record=record)

    registration.add_version(actor=person("archivist2"), record_id=record.pk, reason="补扫第 2 页", files=[incoming(name="neu.pdf")])

    versions = reading.versions(person("staff"), record.pk)
    assert [(row.number, row.reason, row.created_by.username) for row in versions] == [
        (2, "补扫第 2 页", "archivist2"),
        (1, "", "archivist"),
    ]
    assert Component.objects.get(pk=first.pk).sha256 == first.sha256
    with taking.open_content(person("archivist"), record.pk, first.pk)[1] as content:
        assert content.read() == pdf()


def test_a_version_before_filing_asks_for_review_again_and_one_after_it_is_current_unreviewed():
    before = reviewed()
    after = filed()

    for record in (before, after):
        registration.add_version(actor=person("archivist"), record_id=record.pk, reason="新", files=[incoming()])

    assert Record.objects.get(pk=before.pk).state == "registered"
    assert Record.objects.get(pk=after.pk).state == "filed"
    assert RecordVersion.objects.get(record=after, number=2).reviewed_by is None
    review.review(actor=person("archivist2"), record_id=after.pk, decision="accept")
    assert RecordVersion.objects.get(record=after, number=2).reviewed_by.username == "archivist2"
    with pytest.raises(errors.StateConflict):
        review.review(actor=person("archivist2"), record_id=after.pk, decision="accept")


def test_a_version_that_a_newer_one_overtook_is_not_waited_for():  # CAP-3
    record = filed()
    for _each in range(2):
        registration.add_version(actor=person("archivist"), record_id=record.pk, reason="新", files=[incoming()])
    assert list(reading.to_review(person("archivist2"))) == [record]

    review.review(actor=person("archivist2"), record_id=record.pk, decision="accept")

    assert not reading.to_review(person("archivist2")).exists()
    assert reading.counts(person("archivist2"))["review"] == 0


def test_a_version_of_a_withdrawn_record_is_refused_for_its_state_once_its_files_are_judged():
    record = registered()
    changing.withdraw(actor=person("archivist"), record_id=record.pk, reason="重复登记")
    outbox.drain(only=["erase"])

    for files, refusal in (([incoming(b"", "leer.pdf")], errors.FilesRefused), ([incoming()], errors.StateConflict)):
        with pytest.raises(refusal):
            registration.add_version(actor=person("archivist"), record_id=record.pk, reason="新", files=files)


# --- review ---------------------------------------------------------------------------------------------------------


def test_the_reviewer_is_somebody_who_neither_registered_nor_changed_it():  # CAP-3
    record = registered()
    changing.change(actor=person("archivist2"), record_id=record.pk, title="改")

    for name in ("archivist", "archivist2"):
        with pytest.raises(errors.DutiesApart):
            review.review(actor=person(name), record_id=record.pk, decision="accept")
    assert review.review(actor=person("registrar"), record_id=record.pk, decision="accept").state == "reviewed"


def test_a_second_review_is_refused():
    with pytest.raises(errors.StateConflict):
        review.review(actor=person("registrar"), record_id=reviewed().pk, decision="accept")


def test_returning_needs_a_reason_and_leaves_it_registered():
    record = registered()
    with pytest.raises(errors.ReasonMissing):
        review.review(actor=person("archivist2"), record_id=record.pk, decision="return")

    returned = review.review(actor=person("archivist2"), record_id=record.pk, decision="return", reason="金额不符")

    assert (returned.state, returned.returned) == ("registered", True)
    assert list(reading.returned_to(person("archivist"))) == [returned]


def test_a_top_secret_record_always_has_somebody_who_can_review_it():
    record = registered("registrar", named=["manager"], **secret("top-secret"))

    assert review.review(actor=person("officer"), record_id=record.pk, decision="accept").state == "reviewed"


# --- change, withdraw, relate ---------------------------------------------------------------------------------------


def test_two_people_changing_one_record_lose_nothing():
    record = registered()
    changing.change(actor=person("archivist"), record_id=record.pk, title="第一", revision=1)

    with pytest.raises(errors.StaleRevision):
        changing.change(actor=person("archivist2"), record_id=record.pk, title="第二", revision=1)

    assert Record.objects.get(pk=record.pk).title == "第一"


def test_a_change_after_filing_needs_a_reason_and_keeps_number_and_state():
    record = filed()
    with pytest.raises(errors.ReasonMissing):
        changing.change(actor=person("archivist"), record_id=record.pk, title="改")

    changed = changing.change(actor=person("archivist"), record_id=record.pk, new_fields={"valid_to": "2026-12-31"}, reason="补录")

    assert (changed.state, changed.number) == ("filed", record.number)
    assert Record.objects.get(pk=record.pk).due.isoformat() == "2037-01-01"  # RET-2


def test_what_was_not_named_stays_and_a_masked_value_sent_back_changes_nothing():
    record = registered(record_type="identity-document", fields={"identity_number": IDENTITY_NUMBER, "mobile": "13800138000"})

    changing.change(actor=person("archivist"), record_id=record.pk, new_fields={"identity_number": "1101**********002X", "mobile": None})

    assert changing.reveal(actor=person("archivist"), record_id=record.pk, field="identity_number", reason="x") == IDENTITY_NUMBER
    assert "mobile" not in Record.objects.get(pk=record.pk).fields
    assert SealedField.objects.filter(record=record).count() == 1


def test_withdrawing_erases_the_bytes_and_keeps_the_row():
    record = registered()
    component = Component.objects.get(version__record=record)

    changing.withdraw(actor=person("archivist"), record_id=record.pk, reason="重复登记")
    outbox.drain(only=["erase"])

    assert Record.objects.get(pk=record.pk).state == "withdrawn"
    assert component.stored.key not in {row.key for row in objects.listing()}
    with pytest.raises(errors.Gone):
        taking.open_content(person("archivist"), record.pk, component.pk)


def test_a_filed_record_cannot_be_withdrawn():
    with pytest.raises(errors.StateConflict):
        changing.withdraw(actor=person("archivist"), record_id=filed().pk, reason="x")


def test_a_relation_shows_on_both_ends_as_far_as_one_may_know():  # CAP-8
    contract, amendment, hidden = registered(), registered(), registered("registrar", **secret("top-secret"))
    changing.relate(actor=person("archivist"), record_id=amendment.pk, kind="amends", other_id=contract.pk)
    changing.relate(actor=person("registrar"), record_id=hidden.pk, kind="supplements", other_id=contract.pk)

    seen = reading.detail(person("staff"), contract.pk).relations

    assert [(row.kind, row.inverse, row.record.pk) for row in seen] == [("amends", True, amendment.pk)]
    with pytest.raises(errors.Conflict):
        changing.relate(actor=person("archivist"), record_id=amendment.pk, kind="amends", other_id=contract.pk)
    with pytest.raises(errors.Unknown):
        changing.relate(actor=person("archivist"), record_id=amendment.pk, kind="amends", other_id=hidden.pk)


def test_a_moved_record_keeps_its_number():  # NUM-5
    record = filed()

    moved = changing.move(actor=person("archivist"), record_id=record.pk, record_class="GZ", reason="归错类")

    assert (moved.number, moved.record_class.code) == (record.number, "GZ")
    assert OutboxRow.objects.filter(key=record.pk, narrowing=True).exists()
