"""The workbench: what is set up is usable at once and in the trail; nobody changes their own rights."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from portal.workbench.summary import NumberCount, PageCount, PeopleCount, RecordCount
from records import registration
from records.models import AuditEvent, DutyHolder, Grant, NumberRule, RecordClass, RecordType, Tier, User
from tests.factories import Contract, filed, incoming, person, registered

pytestmark = pytest.mark.django_db

FIELD_FORM = {"fields-TOTAL_FORMS": 1, "fields-INITIAL_FORMS": 0, "fields-MIN_NUM_FORMS": 0, "fields-MAX_NUM_FORMS": 1000}


@pytest.fixture
def admin(client):
    client.force_login(person("admin"))
    return client


def as_person(client, name):
    client.force_login(person(name))
    return client


def errors_of(response):
    """What the form says is wrong."""
    return str(response.context["form"].errors)


# --- who may come in ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status"), [("admin", 200), ("archivist", 200), ("legal", 200), ("auditor", 200), ("staff", 302), ("head", 302)]
)
def test_who_opens_the_workbench(client, name, status):
    assert as_person(client, name).get("/workbench/").status_code == status


def test_the_front_page_counts_what_concerns_the_person(admin):
    registered()

    assert [type(item) for item in summary_of(admin)] == [PeopleCount, PageCount]
    assert [type(item) for item in summary_of(as_person(admin, "archivist"))] == [RecordCount, NumberCount, PageCount]
    assert summary_of(admin)[0].words(1).startswith("1 ")


def summary_of(client):
    """The items of the workbench's front page."""
    return client.get("/workbench/").context["site_summary"].summary_items


def test_the_menu_leads_to_no_register_that_is_closed(admin):
    address = reverse("record_register:index")

    assert address not in admin.get("/workbench/").content.decode()
    assert address in as_person(admin, "legal").get("/workbench/").content.decode()


def test_lists_say_yes_or_nothing(admin):
    tiers = admin.get(reverse("tier:index")).content.decode()

    assert "是" in tiers
    assert "True" not in tiers
    assert "False" not in tiers


@pytest.mark.parametrize("address", ["images/", "images/add/", "documents/", "documents/multiple/add/"])
def test_there_are_no_pictures_and_no_documents(admin, address):  # pages take none, and none would be served
    person("admin").groups.add(Group.objects.get(name="Moderators"))

    assert admin.get(f"/workbench/{address}").status_code == 404
    assert f'"/workbench/{address}"' not in admin.get(reverse("tier:index")).content.decode()


def test_there_is_one_door_and_one_profile(admin):  # SEC-7
    assert admin.get("/workbench/account/").url == reverse("accounts:profile")

    admin.post("/workbench/logout/")

    assert AuditEvent.objects.filter(action="sign-out", actor=person("admin")).exists()
    assert admin.get("/workbench/login/").url.startswith(reverse("accounts:sign-in"))


SET_UP = ["recordtype", "recordclass", "tier", "numberrule", "schedule", "department", "grant", "wagtailusers_users", "wagtailusers_groups"]


@pytest.mark.parametrize("name", SET_UP)
def test_administrators_list_and_add_and_others_do_not_add(admin, name):
    assert admin.get(reverse(f"{name}:index")).status_code == 200
    assert admin.get(reverse(f"{name}:add")).status_code == 200
    assert as_person(admin, "archivist").get(reverse(f"{name}:add")).status_code == 302


# --- set up ---------------------------------------------------------------------------------------------------------


def test_a_type_added_in_the_browser_is_usable_at_once(admin):  # CAP-4
    form = {"name": "会议纪要", "slug": "minutes", "names": "{}", "order": 9, "active": "on"}
    field = {
        "key": "held_on",
        "name": "会议日期",
        "kind": "date",
        "level": "required",
        "order": 0,
        "names": "{}",
        "choices": "",
        "help": "",
    }
    answer = admin.post(reverse("recordtype:add"), form | FIELD_FORM | {f"fields-0-{key}": value for key, value in field.items()})
    assert answer.status_code == 302, errors_of(answer)

    given = Contract({"record_type": "minutes", "fields": {"held_on": "2026-05-01"}}).particulars()
    record = registration.register(actor=person("archivist"), given=given, files=[incoming()])

    assert record.fields == {"held_on": "2026-05-01"}
    assert AuditEvent.objects.filter(action="setup:add", actor=person("admin")).exists()


def test_choices_are_typed_one_a_line_and_needed_where_the_kind_asks(admin):
    form = {"name": "甲", "slug": "a", "names": "{}", "order": 0} | FIELD_FORM
    field = {"key": "k", "name": "种类", "kind": "choice", "level": "optional", "order": 0, "names": "{}", "choices": "", "help": ""}

    refused = admin.post(reverse("recordtype:add"), form | {f"fields-0-{key}": value for key, value in field.items()})
    taken = admin.post(
        reverse("recordtype:add"), form | {f"fields-0-{key}": value for key, value in (field | {"choices": "a = 甲\nb"}).items()}
    )

    assert refused.status_code == 200
    assert taken.status_code == 302
    assert RecordType.objects.get(slug="a").fields.get().choices == [{"value": "a", "label": "甲"}, "b"]


@pytest.mark.parametrize("pattern", ["HT-{year}", "HT-{moon}-{seq}", "HT-{seq}-{item}", "{seq"])
def test_a_pattern_that_cannot_number_is_refused_with_a_sentence(admin, pattern):  # NUM-1
    answer = admin.post(reverse("numberrule:add"), {"name": "x", "pattern": pattern, "volume_pattern": ""})

    assert answer.status_code == 200
    assert "pattern" in errors_of(answer)
    assert not NumberRule.objects.filter(name="x").exists()


def test_a_hidden_tier_needs_a_prefix(admin):
    form = {"name": "核心", "slug": "core", "names": "{}", "rank": 50, "known_by": "named", "number_prefix": ""}

    assert "number_prefix" in errors_of(admin.post(reverse("tier:add"), form))
    assert not Tier.objects.filter(slug="core").exists()


def test_a_grant_goes_to_one_and_on_one(admin):
    department = person("staff2").department
    contracts = RecordClass.objects.get(code="HT")

    refused = admin.post(reverse("grant:add"), {"department": department.pk})
    taken = admin.post(reverse("grant:add"), {"department": department.pk, "record_class": contracts.pk})

    assert refused.status_code == 200
    assert taken.status_code == 302
    assert Grant.objects.filter(department=department, record_class=contracts).exists()


# --- people ---------------------------------------------------------------------------------------------------------


def form_of(user, **values):
    duties = {"duties": sorted(user.duties), "groups": [group.pk for group in user.groups.all()]}
    plain = {"username": user.username, "display_name": user.display_name, "email": user.email, "language": "", "is_active": "on"}
    return plain | duties | {"department": user.department_id, "clearance": user.clearance_id} | values


def test_a_new_person_gets_duties_and_no_password(admin):  # SEC-15
    answer = admin.post(
        reverse("wagtailusers_users:add"), {"username": "neu", "email": "neu@example.com", "duties": ["staff"], "is_active": "on"}
    )
    assert answer.status_code == 302, errors_of(answer)

    user = User.objects.get(username="neu")
    assert user.duties == {"staff"}
    assert not user.has_usable_password()


def test_nobody_changes_their_own_rights(admin):  # SEC-15
    own = person("admin")
    top = Tier.objects.get(slug="top-secret")

    wished = form_of(own, clearance=top.pk, duties=["administrator", "archivist"], department=person("staff").department_id)
    admin.post(reverse("wagtailusers_users:edit", args=[own.pk]), wished)

    assert person("admin").clearance.slug == "internal"
    assert person("admin").department.slug == "administration"
    assert set(DutyHolder.objects.filter(user=own).values_list("duty", flat=True)) == {"administrator"}


def test_a_grant_on_a_record_names_it_by_number_or_id(admin):  # SEC-4
    hidden, known = registered(), filed(record_class="GZ", tier="public")
    staff = person("staff2")

    unknown = admin.post(reverse("grant:add"), {"user": staff.pk, "record": str(hidden.pk)})
    admin.post(reverse("grant:add"), {"user": staff.pk, "record": known.number})
    admin.post(reverse("grant:add"), {"user": person("head").pk, "record": str(known.pk)})

    assert "record" in errors_of(unknown)
    assert errors_of(unknown) == errors_of(admin.post(reverse("grant:add"), {"user": staff.pk, "record": "x"}))
    granted = Grant.objects.filter(record=known)
    assert {(grant.user.username, grant.granted_by) for grant in granted} == {("staff2", person("admin")), ("head", person("admin"))}


def test_a_grant_on_a_record_may_be_turned_to_another_person(admin):
    grant = Grant.objects.create(user=person("staff2"), record=filed(record_class="GZ", tier="public"))
    page = admin.get(reverse("grant:edit", args=[grant.pk]))

    assert f'value="{grant.record.number}"' in page.content.decode()
    admin.post(reverse("grant:edit", args=[grant.pk]), {"user": person("staff").pk, "record": grant.record.number})
    assert (Grant.objects.get(pk=grant.pk).user, Grant.objects.get(pk=grant.pk).record) == (person("staff"), grant.record)


@pytest.mark.parametrize("to", ["user", "group", "department"])
def test_nobody_grants_to_themselves(admin, to):  # SEC-15
    own, contracts = person("admin"), RecordClass.objects.get(code="HT")
    own.groups.add(group := Group.objects.create(name="own"))
    receivers = {"user": own.pk, "group": group.pk, "department": own.department_id}
    before = Grant.objects.count()

    answer = admin.post(reverse("grant:add"), {to: receivers[to], "record_class": contracts.pk})

    assert "__all__" in errors_of(answer)
    assert Grant.objects.count() == before


def test_a_grant_is_not_turned_to_oneself_afterwards(admin):  # SEC-15
    grant = Grant.objects.create(user=person("staff2"), record_class=RecordClass.objects.get(code="HT"))
    form = {"user": person("admin").pk, "record_class": grant.record_class_id}

    assert "__all__" in errors_of(admin.post(reverse("grant:edit", args=[grant.pk]), form))
    assert Grant.objects.get(pk=grant.pk).user == person("staff2")


@pytest.mark.parametrize("act", ["assign_role", "set_active_state", "delete"])
def test_people_are_changed_on_their_own_page_only(admin, act):  # SEC-15: by no bulk act, past the form and the trail
    own, group = person("admin"), Group.objects.get(name="archivists")
    url = reverse("wagtail_bulk_action", args=["records", "user", act]) + f"?id={own.pk}"

    assert admin.get(url).status_code == 404
    assert admin.post(url, {"role": group.pk, "mark_as_active": "on"}).status_code == 404
    assert not own.groups.filter(pk=group.pk).exists()


def test_people_are_not_deleted(admin):
    own = person("staff")

    assert admin.post(reverse("wagtailusers_users:delete", args=[own.pk])).status_code == 302
    assert User.objects.filter(username="staff").exists()
