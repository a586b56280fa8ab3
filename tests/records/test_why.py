"""Why somebody can or cannot see a record: the truth about what they may know of, and nothing about the rest (SEC-4, SEC-5, LND-2)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from records import lending, why
from records.errors import Invalid, NotAllowed, Unknown
from records.models import Grant, RecordClass, User
from tests.factories import filed, loan_policies, person, secret

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def policies():
    """As shipped."""
    loan_policies()


def explain(record, who, username=""):
    return why.explain(actor=person(who), record_id=record.pk, username=username)


def test_a_reader_reads_by_class_and_clearance():
    found = explain(filed(), "staff")
    assert (found.access, found.cleared, found.missing) == ("full", True, [])
    assert [(grant.on, grant.code, grant.to, grant.name) for grant in found.grants] == [("class", "HT", "department", "sales")]
    assert {way.use: way.steps for way in found.ways} == {"copy": ["archivist"], "original": ["archivist"]}


def test_a_listed_record_lacks_clearance_and_names_the_chain():
    found = explain(filed(**secret("confidential")), "staff")
    assert (found.access, found.missing) == ("listed", ["clearance"])
    assert {way.use: way.steps for way in found.ways}["view"] == ["head", "manager"]


def test_a_grant_on_a_class_above_and_on_the_record_itself():
    record = filed()
    above = RecordClass.objects.create(code="YW", name="业务", default_tier=record.tier)
    RecordClass.objects.filter(pk=record.record_class_id).update(parent=above)
    Grant.objects.create(record_class=above, user=person("staff2"))
    Grant.objects.create(record=record, everyone=True)
    found = explain(record, "staff2")
    assert {(grant.on, grant.code, grant.to) for grant in found.grants} == {("class", "YW", "person"), ("record", "", "everyone")}


def test_a_running_loan_stands_in():
    record = filed(**secret("secret"))
    until = str(timezone.localdate() + timedelta(days=3))
    loan = lending.request(actor=person("staff"), record_id=record.pk, use="view", purpose="核对", until=until)
    lending.decide(actor=person("head"), loan_id=loan.pk, decision="approve")
    found = explain(record, "staff")
    assert (found.access, found.cleared, [each.number for each in found.loans], found.missing) == ("full", False, [loan.number], [])


def test_named_people_know_that_they_are():
    record = filed("registrar", "officer", **secret("top-secret"), named=["officer", "registrar"])
    found = explain(record, "officer")
    assert (found.access, found.named, found.known_by) == ("full", True, "named")
    other = explain(record, "officer", "manager")
    assert (other.access, other.missing, other.ways) == ("none", ["named"], [])
    assert explain(record, "officer", "staff").missing == ["clearance", "named"]


def test_only_the_officer_asks_about_others():
    record = filed()
    Grant.objects.create(record=record, user=person("officer"))
    found = explain(record, "officer", "staff2")
    assert (found.access, found.missing) == ("none", ["grant"])
    assert explain(record, "manager", "manager").access == "full"
    for who in ("manager", "archivist", "staff"):
        with pytest.raises(NotAllowed):
            explain(record, who, "staff2")
    with pytest.raises(Invalid):
        explain(record, "officer", "nobody")


def test_of_what_is_hidden_nothing_is_explained():  # SEC-5
    record = filed()
    for who, username in (("staff2", ""), ("officer", ""), ("officer", "staff"), ("auditor", "staff")):
        with pytest.raises(Unknown):
            explain(record, who, username)


def test_who_has_left_has_nothing():
    record = filed()
    Grant.objects.create(record=record, user=person("officer"))
    User.objects.filter(username="staff").update(is_active=False)
    found = explain(record, "officer", "staff")
    assert (found.access, found.missing) == ("none", ["active"])
