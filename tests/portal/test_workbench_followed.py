"""What is changed of the set-up in the browser: codes stay, kinds stay, and the index follows."""

import pytest
from django.urls import reverse

from records import entrusting
from records.models import AuditEvent, Department, FieldDefinition, OutboxRow, RecordClass, RecordType, Tier
from tests.factories import person, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(person("admin"))
    return client


def row_form(row, names, **values):
    """What the browser sends for a row, with some values replaced."""
    plain = {name: getattr(row, f"{name}_id", None) or getattr(row, name) for name in names}
    return {name: value for name, value in (plain | {"names": "{}"} | values).items() if value is not None and value is not False}


def type_form(record_type, *added, **changed):
    """What the browser sends for a type with its fields; `changed` by key: values, or None for taken away; `added` are new fields."""
    rows = list(record_type.fields.all())
    form = row_form(record_type, ["name", "slug", "own_date", "order", "active", "needs_department", "needs_party"])
    form |= {"fields-TOTAL_FORMS": len(rows) + len(added), "fields-INITIAL_FORMS": len(rows)}
    for place, row in enumerate(rows):
        wished = changed.get(row.key, {})
        one = (
            row_form(row, ["id", "key", "name", "kind", "level", "help"])
            | {"order": place, "choices": ""}
            | ({"DELETE": "on"} if wished is None else wished)
        )
        form |= {f"fields-{place}-{name}": value for name, value in one.items()}
    for place, values in enumerate(added, start=len(rows)):
        one = {"name": "新", "kind": "text", "level": "optional", "names": "{}", "choices": "", "help": "", "order": place} | values
        form |= {f"fields-{place}-{name}": value for name, value in one.items()}
    return form


def change_type(admin, *added, **changed):
    record_type = RecordType.objects.get(slug="contract")
    return admin.post(reverse("recordtype:edit", args=[record_type.pk]), type_form(record_type, *added, **changed))


def waiting_for_index():
    """Ids of the records that wait for the index."""
    return set(OutboxRow.objects.filter(topic="index", done_at__isnull=True).values_list("key", flat=True))


@pytest.fixture
def record():
    made = registered()
    OutboxRow.objects.all().delete()
    return made


# --- dates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("own_date", ["amount", "sined_on"])
def test_the_own_date_of_a_type_is_one_of_its_dates(admin, own_date):
    record_type = RecordType.objects.get(slug="contract")
    address = reverse("recordtype:edit", args=[record_type.pk])

    refused = admin.post(address, type_form(record_type) | {"own_date": own_date})
    taken = admin.post(address, type_form(record_type, {"key": "sealed_on", "kind": "date"}) | {"own_date": "sealed_on"})

    assert (refused.status_code, taken.status_code) == (200, 302)
    assert refused.context["form"].errors.keys() == {"own_date"}
    assert RecordType.objects.get(slug="contract").own_date == "sealed_on"


def test_a_field_that_starts_terms_is_a_date(admin):  # RET-1
    refused, taken = (change_type(admin, {"key": "closed_on", "kind": kind}) for kind in ("text", "date"))

    assert (refused.status_code, taken.status_code) == (200, 302)
    assert FieldDefinition.objects.get(key="closed_on").kind == "date"


# --- codes ----------------------------------------------------------------------------------------------------------


def test_the_code_of_a_tier_stays_and_its_records_stay_found(admin):  # FND-2: the index names a tier by its code
    tier = Tier.objects.get(slug="secret")
    names = ["name", "slug", "rank", "known_by", "listed", "number_prefix", "watermark", "needs_reason", "longest_years", "falls_to"]

    answer = admin.post(reverse("tier:edit", args=[tier.pk]), row_form(tier, names, slug="geheim", name="秘密级"))

    assert answer.status_code == 302
    assert (Tier.objects.get(pk=tier.pk).slug, Tier.objects.get(pk=tier.pk).name) == ("secret", "秘密级")


def test_the_code_of_a_class_and_of_a_department_stays(admin):
    contracts, sales = RecordClass.objects.get(code="HT"), Department.objects.get(slug="sales")

    change_class(admin, contracts, code="XX", name="合同类")
    admin.post(reverse("department:edit", args=[sales.pk]), row_form(sales, ["name", "slug"], slug="other", name="销售部"))

    assert RecordClass.objects.get(name="合同类").code == "HT"
    assert Department.objects.get(name="销售部").slug == "sales"


def test_the_key_of_a_field_stays(admin):
    assert change_type(admin, project={"key": "other", "name": "工程"}).status_code == 302

    assert FieldDefinition.objects.get(name="工程").key == "project"


# --- kinds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["identity-number", "date", "money"])
def test_a_field_is_not_given_a_kind_that_keeps_values_otherwise(admin, kind):  # SEC-6: what is kept would be shown whole
    answer = change_type(admin, project={"kind": kind})

    assert "kind" in str(answer.context["form"].formsets["fields"].errors)
    assert FieldDefinition.objects.get(record_type__slug="contract", key="project").kind == "text"


def test_a_field_of_words_may_become_one_of_more_words(admin, record):
    assert change_type(admin, project={"kind": "long-text"}).status_code == 302

    assert FieldDefinition.objects.get(record_type__slug="contract", key="project").kind == "long-text"
    assert waiting_for_index() == {str(record.pk)}


def test_the_key_of_a_field_taken_away_is_not_given_again(admin):  # SEC-6
    again = {"key": "project", "kind": "identity-number"}

    at_once = change_type(admin, again, project=None)
    taken = change_type(admin, project=None)
    later = change_type(admin, again)
    other = change_type(admin, again | {"key": "project_owner"})

    assert [answer.status_code for answer in (at_once, taken, later, other)] == [200, 302, 200, 302]
    assert not FieldDefinition.objects.filter(record_type__slug="contract", key="project").exists()
    assert AuditEvent.objects.filter(action="setup:delete", subject="fielddefinition contract.project").exists()


# --- the index follows ----------------------------------------------------------------------------------------------


def change_class(admin, row, **values):
    names = ["code", "name", "parent", "default_tier", "number_rule", "schedule", "active"]
    form = {"type_schedules-TOTAL_FORMS": 0, "type_schedules-INITIAL_FORMS": 0}
    return admin.post(reverse("recordclass:edit", args=[row.pk]), form | row_form(row, names, **values))


def test_a_class_that_is_moved_takes_its_records_along_in_the_index(admin, record):  # FND-3: filters by class
    contracts, rules = RecordClass.objects.get(code="HT"), RecordClass.objects.get(code="GZ")
    above = RecordClass.objects.create(code="A", name="上级", default_tier=contracts.default_tier)
    RecordClass.objects.filter(pk=contracts.pk).update(parent=above)

    assert change_class(admin, above, parent=rules.pk, reason="并入规章").status_code == 302
    assert waiting_for_index() == set()  # grants are passed down: the security officer confirms it first (SEC-15)

    (proposal,) = entrusting.waiting_for(person("officer"))
    entrusting.decide(actor=person("officer"), proposal_id=proposal.pk, decision="accept")

    assert RecordClass.objects.get(code="A").parent == rules
    assert waiting_for_index() == {str(record.pk)}
    assert OutboxRow.objects.filter(topic="due").exists()


def test_a_class_that_is_only_renamed_leaves_the_index_alone(admin, record):
    assert change_class(admin, RecordClass.objects.get(code="HT"), name="合同类").status_code == 302

    assert waiting_for_index() == set()


def test_a_class_is_not_below_itself(admin):
    contracts = RecordClass.objects.get(code="HT")
    below = RecordClass.objects.create(code="B", name="下级", default_tier=contracts.default_tier, parent=contracts)

    assert change_class(admin, contracts, parent=below.pk, reason="调整").status_code == 200
    assert RecordClass.objects.get(code="HT").parent is None


def test_a_department_that_is_renamed_is_found_by_its_new_name(admin, record):
    sales = Department.objects.get(slug="sales")

    admin.post(reverse("department:edit", args=[sales.pk]), row_form(sales, ["name", "slug"], name="销售部"))

    assert waiting_for_index() == {str(record.pk)}


def test_fields_that_come_and_go_reach_the_index_and_a_new_title_does_not(admin, record):
    change_type(admin, project={"name": "工程"})
    assert waiting_for_index() == set()

    change_type(admin, project=None)
    assert waiting_for_index() == {str(record.pk)}
