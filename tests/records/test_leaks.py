"""What a hidden record must not do to others: to the parties, volumes, numbers and histories that they know (SEC-5, FND-10, NUM-2).

Each test asks the same of two worlds: one without the hidden record, and one with it.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from records import access, changing, filing, intake, numbering, parties, reading, review, volumes
from records.errors import Conflict, NumberReserved
from records.models import NumberRule, NumberScope, Record, RecordClass, Volume
from tests.factories import CONTRACT, IDENTITY_NUMBER, filed, person, registered, reviewed, secret, volume

pytestmark = pytest.mark.django_db
CODES = ["91440300708461136T", "914403001922038216"]  # two organisations that there are
TXT = "甲方将设备交付乙方。".encode()


def without_and_with(hidden: Callable[[], Any], told: Callable[[], Any]) -> tuple[Any, Any]:
    """What is told in a world without the hidden thing, and in the same world with it; both are rolled back."""
    answers = []
    for act in (lambda: None, hidden):
        with transaction.atomic():
            act()
            answers.append(told())
            transaction.set_rollback(True)
    return answers[0], answers[1]


def hidden_record(**values: Any) -> Record:
    """A top-secret record that only `registrar` and `manager` know of."""
    return registered("registrar", content=TXT, **{"named": ["manager"]} | secret("top-secret") | values)


def hidden_and_filed(**values: Any) -> Record:
    """The same, with a number."""
    record = hidden_record(**{"named": ["manager", "officer"]} | values)
    review.review(actor=person("officer"), record_id=record.pk, decision="accept")
    return filing.file_record(actor=person("registrar"), record_id=record.pk)


def test_the_cast_is_as_these_tests_think():
    record = hidden_record()

    assert not access.visible_to(person("archivist")).filter(pk=record.pk).exists()
    assert access.readable_by(person("registrar")).filter(pk=record.pk).exists()


# --- parties --------------------------------------------------------------------------------------------------------


def who(**party: Any) -> str:
    """The id of the party of a record that `archivist` registers with it."""
    return str(registered(content=TXT, parties=[party]).party_rows.get().party_id)


def is_one(*given: dict[str, Any]) -> list[int]:
    """Which of the parties, each given in a record of its own, are one and the same."""
    ids = [who(**party) for party in given]
    return [ids.index(each) for each in ids]


COMPANY = {"name": "鸿远置业有限公司", "kind": "organisation"}


@pytest.mark.parametrize(
    ("of_hidden", "asked"),
    [
        # a code that a hidden record gave to a name
        (COMPANY | {"credit_code": CODES[0]}, [COMPANY, COMPANY | {"credit_code": CODES[1]}]),
        # a code that a hidden record gave to another name
        ({"name": "隐名有限公司", "credit_code": CODES[0]}, [COMPANY, COMPANY | {"credit_code": CODES[0]}]),
        # a person whose number a hidden record has
        (
            {"name": "隐名", "kind": "person", "identity_number": IDENTITY_NUMBER},
            [{"name": "明名", "kind": "person"}, {"name": "明名", "kind": "person", "identity_number": IDENTITY_NUMBER}],
        ),
        (COMPANY, [COMPANY, COMPANY]),
    ],
)
def test_which_parties_are_one_does_not_depend_on_a_hidden_record(of_hidden, asked):
    without, with_hidden = without_and_with(lambda: hidden_record(parties=[of_hidden]), lambda: is_one(*asked))

    assert with_hidden == without


def test_a_hidden_record_gives_nothing_to_a_party_that_is_known():
    def told() -> list[int]:
        known = registered(content=TXT, parties=[COMPANY]).party_rows.get().party_id
        if with_it:
            hidden_record(parties=[COMPANY | {"credit_code": CODES[0]}])
        return [who(**COMPANY | {"credit_code": CODES[1]}) == str(known)]

    with_it = False
    without, _same = without_and_with(lambda: None, told)
    with_it = True
    with_hidden, _same = without_and_with(lambda: None, told)

    assert with_hidden == without == [True]


def test_the_kind_of_a_party_is_what_was_given():
    def told() -> str:
        record = registered(content=TXT, parties=[{"name": "甲", "kind": "organisation", "credit_code": CODES[0]}])
        return reading.parties_of(record)[0].party.kind

    hidden = {"name": "甲", "kind": "person", "credit_code": CODES[0]}
    without, with_hidden = without_and_with(lambda: hidden_record(parties=[hidden]), told)

    assert with_hidden == without == "organisation"


def test_the_same_party_is_found_again():  # CAP-3: one person or company once
    assert is_one(COMPANY, {"name": "鸿远置业 有限公司", "kind": "organisation"}) == [0, 0]
    assert is_one(COMPANY | {"credit_code": CODES[0]}, {"name": "别名", "credit_code": CODES[0]}) == [0, 0]
    assert is_one(*[{"name": "王伟", "kind": "person"}] * 2) == [0, 1]
    named_twice = registered(content=TXT, parties=[COMPANY, COMPANY | {"role": "guarantor"}])
    assert len(set(named_twice.party_rows.values_list("party_id", flat=True))) == 1


def test_a_party_stays_the_same_when_a_record_is_changed():
    record = registered(content=TXT, parties=[{"name": "独家有限公司", "credit_code": CODES[0]}])
    party = record.party_rows.get()
    stated = party.identifiers.get()

    changing.change(actor=person("archivist"), record_id=record.pk, new_parties=[{"name": "独家有限公司"}])
    assert record.party_rows.get().party_id == party.party_id
    changing.change(actor=person("archivist"), record_id=record.pk, new_parties=[{"id": str(party.party_id), "role": "guarantor"}])
    assert record.party_rows.get().identifiers.get() == stated


def test_names_are_completed_and_listed_as_visible_records_state_them():
    hidden_record(parties=[{"name": "隐名", "kind": "person", "identity_number": IDENTITY_NUMBER}])
    registered(content=TXT, parties=[{"name": "明名", "kind": "person", "identity_number": IDENTITY_NUMBER}])
    archivist = person("archivist")

    assert parties.beginning(archivist, "隐", most=8) == []
    assert [party.name for party in parties.beginning(archivist, "明", most=8)] == ["明名"]
    assert [party.stated for party in parties.stated_to(archivist)] == ["明名"]


# --- volumes and numbers --------------------------------------------------------------------------------------------


def test_an_empty_volume_does_not_vanish_with_its_first_hidden_record():  # SEC-13
    shelf = volume()

    def known() -> dict[str, bool]:
        return {name: volumes.known_to(person(name)).filter(pk=shelf.pk).exists() for name in ("archivist", "archivist2", "staff", "legal")}

    def hide_one_in_it() -> None:
        record = hidden_record(record_class="DK")
        Record.objects.filter(pk=record.pk).update(volume=shelf)

    without, with_hidden = without_and_with(hide_one_in_it, known)

    assert with_hidden == without
    assert known()["archivist"], "who made it puts records into it"


def test_a_hidden_record_takes_no_number_from_a_volume_that_others_know():  # NUM-2, NUM-3
    shelf, visible = volume(), reviewed(content=TXT, record_class="DK")
    Record.objects.filter(pk=visible.pk).update(volume=shelf)

    def number() -> list[Any]:
        shown = numbering.preview([Record.objects.get(pk=visible.pk)])
        filed_one = filing.file_record(actor=person("archivist"), record_id=visible.pk)
        entries = numbering.entries_known_to(person("archivist")).values_list("number", flat=True)
        return [shown, filed_one.number, Volume.objects.get(pk=shelf.pk).number, sorted(entries)]

    for place in (shelf, volume(actor="registrar")):
        Record.objects.filter(pk=registered("registrar", content=TXT, record_class="DK").pk).update(volume=place)  # the registrar knows it
        without, with_hidden = without_and_with(lambda place=place: hidden_and_filed(record_class="DK", volume=place.pk), number)
        assert with_hidden == without


def test_items_of_a_hidden_volume_carry_its_number():  # NUM-3
    shelf = volume(actor="registrar")
    first = hidden_and_filed(record_class="DK", volume=shelf.pk)
    second = hidden_and_filed(record_class="DK", volume=shelf.pk)
    other = hidden_and_filed(record_class="DK", volume=volume(actor="registrar").pk)

    assert [row.number for row in (first, second, other)] == ["绝鸿借字第001号-01", "绝鸿借字第001号-02", "绝鸿借字第002号-01"]
    seen = set(numbering.entries_known_to(person("registrar")).values_list("number", flat=True))
    assert {"绝鸿借字第001号", "绝鸿借字第001号-01"} <= seen


@pytest.mark.parametrize(
    ("pattern", "values"),
    [("{project}-{seq:03}", {"fields": CONTRACT | {"project": "绝甲"}}), ("{volume}-{item:02}", {"volume": "绝甲"})],
)
def test_no_name_makes_a_number_of_a_hidden_tier(pattern, values):
    """A project or a volume named like a hidden tier's numbers begin would count on in their scope, and so count them."""
    rule = NumberRule.objects.create(name="by name", pattern=pattern)
    RecordClass.objects.filter(code="HT").update(number_rule=rule)
    if "volume" in values:
        values = {"volume": volume(title=values["volume"], record_class="HT").pk}
    visible = reviewed(content=TXT, **values)

    def told() -> list[Any]:
        shown = numbering.preview([Record.objects.get(pk=visible.pk)])
        with pytest.raises(NumberReserved), transaction.atomic():
            filing.file_record(actor=person("archivist"), record_id=visible.pk)
        return shown

    def hide_some() -> None:
        key = {"{project}-{seq:03}": "绝甲-{seq}", "{volume}-{item:02}": "绝甲-{seq}"}[pattern]
        given = filed("registrar", "archivist", content=TXT, record_class="GZ")
        scope = given.number_entries.get().scope
        NumberScope.objects.create(rule=rule, key=key, hidden_tier=hidden_record().tier, next=7)
        assert scope.key != key

    without, with_hidden = without_and_with(hide_some, told)

    assert with_hidden == without


def test_scopes_are_known_to_those_who_know_an_entry():  # NUM-6
    filed(content=TXT)
    hidden_and_filed()

    def keys(name: str) -> list[str]:
        return [row.key[0] for row in numbering.report(person(name))]

    assert keys("archivist") == ["H"]
    assert keys("staff2") == []
    assert keys("auditor") == ["H"]
    assert sorted(keys("registrar")) == ["H", "绝"]
    assert [scope.key[0] for scope in numbering.scopes_known_to(person("archivist"))] == ["H"]


# --- histories ------------------------------------------------------------------------------------------------------


def test_a_history_does_not_name_a_hidden_record_that_is_related():  # CAP-8
    visible, hidden = registered("registrar", content=TXT), hidden_record()

    def told() -> list[Any]:
        return [(row.action, row.subject) for row in reading.history(person("archivist"), visible.pk)]

    def relate() -> None:
        changing.relate(actor=person("registrar"), record_id=visible.pk, kind="amends", other_id=hidden.pk)
        changing.relate(actor=person("registrar"), record_id=hidden.pk, kind="supplements", other_id=visible.pk)
        with pytest.raises(Conflict):
            changing.relate(actor=person("registrar"), record_id=visible.pk, kind="amends", other_id=hidden.pk)

    without, with_hidden = without_and_with(relate, told)
    assert with_hidden == without

    relate()
    seen = [row.subject for row in reading.history(person("registrar"), visible.pk) if row.action == "relate"]
    assert seen == [f"supplements {hidden.pk}", f"amends {hidden.pk}"]


# --- uploads --------------------------------------------------------------------------------------------------------


def test_the_same_bytes_elsewhere_cost_no_look_at_rights():  # CAP-9, FND-10: time tells too
    def queries() -> int:
        archivist = person("archivist")
        with CaptureQueriesContext(connection) as asked:
            assert intake.duplicates_of(archivist, ["0" * 63 + "1", Record.objects.count() and digest]) == []
        return len(asked)

    import hashlib

    digest = hashlib.sha256(TXT).hexdigest()
    without, with_hidden = without_and_with(hidden_record, queries)

    assert with_hidden == without
