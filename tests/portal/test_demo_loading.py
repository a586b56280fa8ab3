"""Shipped data and the demo organisation in a database: loaded through the verbs, once, and never over what people changed."""

import io
from typing import Any

import pytest
from django.core.management import call_command

from portal import shipped
from portal.demo import items, loading, organisation
from records import registration
from records.errors import Invalid
from records.models import (
    Department,
    FieldDefinition,
    Grant,
    NumberRule,
    Record,
    RecordClass,
    RecordType,
    Schedule,
    State,
    Tier,
    User,
    Volume,
)
from records.models.records import RecordVersion

pytestmark = pytest.mark.django_db

KEYS = ("top-0", "complaint.zh-00", "customer_card.en-00", "general-04", "regulation-00")


@pytest.fixture
def empty_archive() -> None:
    """Nothing and nobody, as after the first migration."""
    Tier.objects.update(falls_to=None)
    for model in (Grant, RecordClass, RecordType, NumberRule, Schedule, User, Department, Tier):
        model.objects.all().delete()


def some_items() -> list[items.Item]:
    """One loan file, a contract with its amendment, a few single papers, and each state that is not filed."""
    plan = items.records()
    amendment = next(item for item in plan if item.key.startswith("amends-") and item.files[0].form == "pdf")
    loan = [item for item in plan if item.key.startswith("loan-1")]
    wanted = {amendment.key, amendment.relations[0][1], *KEYS, *(item.key for item in loan)}
    wanted |= {
        next(item.key for item in plan if item.state == state and item.key not in wanted) for state in ("reviewed", "returned", "withdrawn")
    }
    chosen = [item for item in plan if item.key in wanted]
    for item in chosen:
        if item.key in (amendment.key, amendment.relations[0][1], "top-0"):
            item.state = items.FILED
    next(item for item in chosen if item.key == amendment.relations[0][1]).versions = ("更正附件",)
    return chosen


def by_key(plan: list[items.Item], key: str) -> Record:
    item = next(item for item in plan if item.key == key)
    return Record.objects.get(title=item.given["title"])


def test_shipped_data_is_what_the_interface_says(empty_archive: None):
    """interface.md: thirteen types; a contract's fields with their levels; classes with rules and schedules."""
    shipped.load()
    assert RecordType.objects.count() == 13
    levels: dict[str, set[str]] = {}
    for key, level in FieldDefinition.objects.filter(record_type__slug="contract").values_list("key", "level"):
        levels.setdefault(level, set()).add(key)
    assert levels["required"] == {"contract_number", "signed_on", "amount"}
    assert levels["important"] == {"valid_from", "valid_to", "project"}
    assert levels["optional"] >= {"payment_terms", "remarks"}
    contract = RecordType.objects.get(slug="contract")
    assert contract.needs_department
    assert contract.needs_party
    assert not FieldDefinition.objects.filter(record_type__slug__in=["general", "regulation"], level="required").exists()
    assert set(RecordClass.objects.values_list("code", flat=True)) >= {"HT", "DK", "QZ", "SF", "KH", "GZ"}
    assert not RecordClass.objects.filter(schedule__isnull=True).exists()  # RET-12
    assert RecordClass.objects.get(code="QZ").needs_volume


def test_shipped_fields_are_of_known_kinds_and_named_in_three_languages(empty_archive: None):
    from records import kinds

    shipped.load()
    for definition in FieldDefinition.objects.all():
        kinds.check_choices(definition.kind, definition.choices)
        assert definition.names.keys() == {"zh-hans", "zh-hant", "en"}


def test_loading_shipped_data_again_changes_nothing_that_an_administrator_changed(empty_archive: None):
    shipped.load()
    Tier.objects.filter(slug="secret").update(longest_years=5)
    FieldDefinition.objects.get(record_type__slug="contract", key="remarks").delete()
    assert not any(shipped.load().values())
    assert Tier.objects.get(slug="secret").longest_years == 5
    assert not FieldDefinition.objects.filter(record_type__slug="contract", key="remarks").exists()


def test_people_have_the_duties_departments_and_clearances_of_the_interface(empty_archive: None):
    shipped.load()
    assert organisation.load_people() == 12
    rows = {
        user.username: (user.department.slug, user.clearance.slug, sorted(user.duties))
        for user in User.objects.select_related("department", "clearance")
    }
    assert rows["archivist"] == rows["archivist2"] == ("administration", "confidential", ["archivist"])
    assert rows["registrar"] == ("administration", "top-secret", ["archivist"])
    assert rows["staff"] == ("sales", "internal", ["staff"])
    assert rows["staff2"] == ("projects", "internal", ["staff"])
    assert rows["head"] == ("sales", "secret", ["head", "staff"])
    assert rows["manager"] == ("administration", "top-secret", ["manager"])
    assert rows["officer"] == ("administration", "top-secret", ["officer"])
    assert all(user.check_password("muniment") for user in User.objects.all())
    assert organisation.load_people() == 0


def test_every_item_is_accepted_by_the_form(empty_archive: None):
    """All several hundred, every field of them, as `register` checks it; only the files are left out."""
    shipped.load()
    organisation.load_people()
    organisation.load_grants()
    people = {user.username: user for user in User.objects.all()}
    for item in items.records():
        given = registration.Particulars(**item.given)
        try:
            registration.check_draft(actor=people[item.registrar], given=given)
        except Invalid as refused:
            pytest.fail(f"{item.key}: {refused.errors}")


@pytest.fixture
def loaded(empty_archive: None) -> list[items.Item]:
    plan = some_items()
    loading.load(plan=plan)
    return plan


def test_a_loaded_demo_stands_in_every_state_with_numbers_relations_and_versions(loaded: list[items.Item]):
    for item in loaded:
        record = Record.objects.get(title=item.given["title"])
        expected = {"returned": State.REGISTERED}.get(item.state, item.state)
        assert (item.key, record.state, record.returned) == (item.key, expected, item.state == "returned")
        assert bool(record.number) == (item.state == "filed")
        assert record.reviewer_id != record.registrar_id  # CAP-3
    assert by_key(loaded, "top-0").named.count() == 3
    assert by_key(loaded, "regulation-00").number.startswith("GZ-")
    assert RecordVersion.objects.filter(number=2).count() == 1
    related = [item for item in loaded if item.relations]
    assert {relation.kind for item in related for relation in Record.objects.get(title=item.given["title"]).relations_out.all()} >= {
        "amends",
        "secures",
        "is-part-of",
    }


def test_the_items_of_a_loan_file_carry_its_number_titles_too(loaded: list[items.Item]):
    """NUM-3: one volume, one number, items in order."""
    volume = Volume.objects.get()
    numbers = sorted(volume.records.values_list("number", flat=True))
    assert volume.number == "鸿借字第001号"
    assert numbers == [f"鸿借字第001号-{place:02}" for place in range(1, len(numbers) + 1)]
    assert set(volume.records.values_list("record_class__code", flat=True)) == {"DK", "QZ"}


def test_loading_again_does_nothing_and_the_command_says_so(loaded: list[items.Item]):
    before = list(Record.objects.order_by("pk").values())
    out = io.StringIO()
    call_command("demo", stdout=out)
    assert "loaded already" in out.getvalue()
    assert list(Record.objects.order_by("pk").values()) == before


def test_an_interrupted_load_goes_on_where_it_stopped(empty_archive: None, monkeypatch: pytest.MonkeyPatch):
    plan = [item for item in some_items() if item.key.startswith(("loan", "regulation"))]
    real = registration.register
    calls: list[Any] = []

    def fails_at_the_third(**arguments: Any) -> Record:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(**arguments)

    monkeypatch.setattr(registration, "register", fails_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        loading.load(plan=plan)
    assert not loading.is_loaded()
    assert loading.load(plan=plan) == len(plan) - 2
    assert loading.is_loaded()
    assert Record.objects.filter(state=State.FILED).count() == len(plan)
    assert Volume.objects.count() == 1
