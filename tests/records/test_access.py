"""Who may know of what: the table of interface.md, asked person by person (SEC-4, SEC-5)."""

import pytest
from django.contrib.auth.models import AnonymousUser

from records import access, errors
from records.models import Grant, RecordClass, User
from tests.factories import PEOPLE, person, registered, secret, volume

pytestmark = pytest.mark.django_db

FULL, LISTED, NOTHING = "full", "listed", None
# What each of the cast sees of a contract (class HT: archivists, managers, sales, legal) by its tier.
TABLE = {
    "public": dict.fromkeys((row[0] for row in PEOPLE), FULL),
    "internal": {
        "archivist": FULL,
        "archivist2": FULL,
        "registrar": FULL,
        "staff": FULL,
        "head": FULL,
        "manager": FULL,
        "legal": FULL,
        "legal2": FULL,
    },
    "secret": {
        "archivist": FULL,
        "archivist2": FULL,
        "registrar": FULL,
        "staff": LISTED,
        "head": FULL,
        "manager": FULL,
        "legal": FULL,
        "legal2": FULL,
    },
    "confidential": {
        "archivist": FULL,
        "archivist2": FULL,
        "registrar": FULL,
        "staff": LISTED,
        "head": LISTED,
        "manager": FULL,
        "legal": FULL,
        "legal2": FULL,
    },
    "top-secret": {"registrar": FULL, "officer": FULL},
}


def seen_by(user: User | AnonymousUser, record_id: object) -> str | None:
    """`full`, `listed` or None."""
    row = access.visible_to(user).filter(pk=record_id).first()
    return row.access if row else None


@pytest.mark.parametrize("tier", TABLE)
def test_the_table_of_tiers_and_people(tier):  # SEC-2, SEC-4
    record = registered("registrar" if tier == "top-secret" else "archivist", **secret(tier))

    seen = {row[0]: seen_by(person(row[0]), record.pk) for row in PEOPLE}

    assert {name: how for name, how in seen.items() if how} == TABLE[tier]
    assert {name for name in seen if access.readable_by(person(name)).filter(pk=record.pk)} == {
        k for k, how in TABLE[tier].items() if how == FULL
    }


def test_a_person_named_on_a_top_secret_record_reads_it_and_nobody_else_is_told():
    record = registered("registrar", named=["manager", "officer"], **secret("top-secret"))

    assert seen_by(person("manager"), record.pk) == FULL
    assert seen_by(person("legal"), record.pk) is None


def test_somebody_named_without_the_clearance_reads_nothing():  # SEC-4: clearance and need to know
    record = registered("registrar", named=["staff", "officer"], **secret("top-secret"))

    assert seen_by(person("staff"), record.pk) is None


def test_nobody_and_people_who_left_see_nothing():
    record = registered(tier="public")
    gone = person("staff")
    gone.is_active = False

    assert seen_by(AnonymousUser(), record.pk) is None
    assert seen_by(gone, record.pk) is None


def test_classes_pass_their_grants_down():
    parent = RecordClass.objects.get(code="HT")
    RecordClass.objects.create(code="HT-A", name="采购", parent=parent, default_tier=parent.default_tier)
    record = registered(record_class="HT-A")

    assert seen_by(person("staff"), record.pk) == FULL
    assert seen_by(person("staff2"), record.pk) is None


def test_a_grant_on_a_record_or_its_volume_opens_just_that():
    loan = volume()
    inside, alone, other = registered(record_class="DK", volume=loan.pk), registered(), registered()
    Grant.objects.create(user=person("staff2"), volume=loan)
    Grant.objects.create(user=person("staff2"), record=alone)

    assert [seen_by(person("staff2"), row.pk) for row in (inside, alone, other)] == [FULL, FULL, None]


def test_the_index_is_told_of_single_grants_only_where_nothing_else_opens_the_record():
    loan = volume()
    beside, inside, within, alone = registered(), registered(record_class="DK", volume=loan.pk), registered(), registered()
    staff, staff2 = person("staff"), person("staff2")
    Grant.objects.create(user=staff2, volume=loan)
    Grant.objects.bulk_create(Grant(user=staff2, record=row) for row in (inside, alone))
    Grant.objects.create(user=staff, record=within)

    assert access.rights_of(staff2, search=True).records == {str(alone.pk)}
    assert access.rights_of(staff, search=True).records == frozenset()  # sales reads the class anyway
    assert seen_by(staff2, beside.pk) is None
    assert {seen_by(staff2, row.pk) for row in (inside, alone)} == {FULL} == {seen_by(staff, within.pk)}


def test_missing_hidden_and_listed_answer_differently_only_where_they_may():
    hidden = registered("registrar", **secret("top-secret"))
    listed = registered(**secret("secret"))

    with pytest.raises(errors.Unknown):
        access.get_readable(person("staff"), hidden.pk)
    with pytest.raises(errors.NotAllowed):
        access.get_readable(person("staff"), listed.pk)


def test_nobody_registers_above_their_clearance():
    with pytest.raises(errors.AboveClearance):
        registered("archivist", **secret("top-secret"))


def test_a_class_of_which_one_is_no_reader_does_not_exist():
    internal = RecordClass.objects.get(code="HT").default_tier
    RecordClass.objects.create(code="ZZ", name="秘", default_tier=internal)

    with pytest.raises(errors.Invalid) as caught:
        registered(record_class="ZZ")
    with pytest.raises(errors.Invalid) as missing:
        registered(record_class="YY")
    assert caught.value.errors == missing.value.errors


def test_readers_below_the_tier_may_not_download_but_archivists_may():
    record = registered(**secret("secret"))

    assert access.may_download(person("archivist"), record)
    assert not access.may_download(person("head"), record)


def test_background_work_is_limited_to_its_task():  # docs/architecture.md, decision 4
    from records import audit
    from records.models import Component

    component = Component.objects.get(version__record=registered())

    with access.open_as_service(audit.TEXT_SERVICE, component, task="text") as content:
        assert content.read(5) == b"%PDF-"
    with pytest.raises(errors.NotAllowed):
        access.open_as_service(audit.TEXT_SERVICE, component, task="fixity")
