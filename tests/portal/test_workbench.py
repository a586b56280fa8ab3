"""The workbench: what is set up is usable at once and in the trail; nobody changes their own rights."""

import re

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from portal.workbench.summary import NumberCount, PageCount, PeopleCount, RecordCount
from records import entrusting, registration
from records.models import AuditEvent, Chain, ChainStep, DutyHolder, Grant, LoanPolicy, NumberRule, RecordClass, RecordType, Tier, User
from tests.factories import Contract, filed, incoming, loan_policies, person, registered

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


SET_UP = [
    "recordtype",
    "recordclass",
    "tier",
    "numberrule",
    "schedule",
    "department",
    "grant",
    "chain",
    "loanpolicy",
    "wagtailusers_users",
    "wagtailusers_groups",
]


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
    taken = admin.post(reverse("grant:add"), {"department": department.pk, "record_class": contracts.pk} | WHY)

    assert refused.status_code == 200
    assert taken.status_code == 302
    assert not Grant.objects.filter(department=department, record_class=contracts).exists()
    confirm()
    assert Grant.objects.filter(department=department, record_class=contracts).exists()


WHY = {"reason": "岗位调整"}


def confirm():
    """The security officer accepts what waits (SEC-15)."""
    for proposal in entrusting.waiting_for(person("officer")):
        entrusting.decide(actor=person("officer"), proposal_id=proposal.pk, decision="accept")


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


def test_what_a_person_is_entrusted_with_waits_and_the_rest_does_not(admin):  # SEC-15
    staff, top = person("staff"), Tier.objects.get(slug="top-secret")
    form = form_of(staff, clearance=top.pk, duties=["staff", "archivist"], display_name="李静静", borrows_directly="on")
    address = reverse("wagtailusers_users:edit", args=[staff.pk])

    assert "reason" in errors_of(admin.post(address, form))
    assert admin.post(address, form | WHY, follow=True).status_code == 200

    staff = person("staff")
    assert (staff.display_name, staff.clearance.slug, staff.duties, staff.borrows_directly) == ("李静静", "internal", {"staff"}, False)
    event = AuditEvent.objects.filter(action="setup:change").first()
    assert event.changed == ["display_name"]
    confirm()
    staff = person("staff")
    assert (staff.clearance.slug, staff.duties, staff.borrows_directly) == ("top-secret", {"staff", "archivist"}, True)


def test_a_new_person_gets_what_is_above_internal_when_it_is_confirmed(admin):  # SEC-15
    form = {"username": "neu", "email": "neu@example.com", "duties": ["legal"], "clearance": Tier.objects.get(slug="secret").pk}
    assert admin.post(reverse("wagtailusers_users:add"), form | {"is_active": "on"} | WHY).status_code == 302

    assert (person("neu").clearance, person("neu").duties) == (None, frozenset())
    confirm()
    assert (person("neu").clearance.slug, person("neu").duties) == ("secret", {"legal"})


def test_the_only_officer_stays(admin):  # SEC-15
    officer = person("officer")

    answer = admin.post(reverse("wagtailusers_users:edit", args=[officer.pk]), form_of(officer, duties=[]) | WHY)

    assert "__all__" in errors_of(answer)
    assert person("officer").has_duty("officer")


# --- tiers, classes, chains, loan policies ---------------------------------------------------------------------------


def tier_form(tier, **values):
    names = ["name", "slug", "rank", "known_by", "listed", "number_prefix", "watermark", "needs_reason", "longest_years", "falls_to_id"]
    plain = {name.removesuffix("_id"): getattr(tier, name) for name in names} | {"names": "{}"} | values
    return {name: value for name, value in plain.items() if value not in (None, False)}


def test_the_policy_of_a_tier_waits(admin):  # SEC-15
    tier, address = Tier.objects.get(slug="confidential"), "tier:edit"
    eased = tier_form(tier, known_by="everyone", rank=15, name="机密级")

    assert "reason" in errors_of(admin.post(reverse(address, args=[tier.pk]), eased))
    assert admin.post(reverse(address, args=[tier.pk]), eased | WHY).status_code == 302

    tier.refresh_from_db()
    assert (tier.known_by, tier.rank, tier.name) == ("readers", 30, "机密级")
    confirm()
    tier.refresh_from_db()
    assert (tier.known_by, tier.rank) == ("everyone", 15)


def test_the_default_tier_of_a_class_waits(admin):  # SEC-15
    contracts, public = RecordClass.objects.get(code="HT"), Tier.objects.get(slug="public")
    form = {"code": "HT", "name": "合同", "names": "{}", "default_tier": public.pk, "active": "on", "schedule": contracts.schedule_id}
    form |= {"type_schedules-TOTAL_FORMS": 0, "type_schedules-INITIAL_FORMS": 0, "number_rule": contracts.number_rule_id}

    assert admin.post(reverse("recordclass:edit", args=[contracts.pk]), form | WHY).status_code == 302
    assert RecordClass.objects.get(code="HT").default_tier.slug == "internal"
    confirm()
    assert RecordClass.objects.get(code="HT").default_tier.slug == "public"


def chain_form(name, *steps, chain=None):
    """A chain as the browser sends it: of one that is there all former steps go."""
    former = list(chain.steps.all()) if chain else []
    form = {"name": name, "slug": name, "names": "{}"}
    form |= {"steps-TOTAL_FORMS": len(former) + len(steps), "steps-INITIAL_FORMS": len(former)}
    for place, step in enumerate(former):
        gone = {"id": step.pk, "order": step.order, "approver": step.approver, "votes": 1, "days": 3, "DELETE": "on"}
        form |= {f"steps-{place}-{key}": value for key, value in gone.items()}
    for place, step in enumerate(steps, start=len(former)):
        form |= {f"steps-{place}-{key}": value for key, value in ({"order": place, "votes": 1, "days": 3} | step).items()}
    return form


def test_a_chain_is_made_with_its_steps_and_changed_by_two(admin):  # LND-2, SEC-15
    committee = Group.objects.create(name="保密委员会")
    steps = [{"approver": "head"}, {"approver": "committee", "committee": committee.pk, "votes": 2}]

    assert admin.post(reverse("chain:add"), chain_form("two", *steps)).status_code == 302
    chain = Chain.objects.get(slug="two")
    assert [(step.order, step.approver, step.votes) for step in chain.steps.all()] == [(0, "head", 1), (1, "committee", 2)]

    shorter = chain_form("two", {"approver": "person", "person": str(person("legal").pk)}, chain=chain)
    assert "reason" in errors_of(admin.post(reverse("chain:edit", args=[chain.pk]), shorter))
    assert admin.post(reverse("chain:edit", args=[chain.pk]), shorter | WHY).status_code == 302
    assert ChainStep.objects.filter(chain=chain).count() == 2
    confirm()
    assert [(step.order, step.person) for step in ChainStep.objects.filter(chain=chain)] == [(0, person("legal"))]


@pytest.mark.parametrize(
    ("step", "field"),
    [
        ({"approver": "committee"}, "committee"),
        ({"approver": "person"}, "person"),
        ({"approver": "head", "votes": 2}, "votes"),
        ({"approver": "head", "votes": 0}, "votes"),
        (None, "__all__"),
    ],
)
def test_a_chain_that_nobody_could_take_is_refused(admin, step, field):
    answer = admin.post(reverse("chain:add"), chain_form("bad", *([step] if step else [])))

    assert answer.status_code == 200
    form = answer.context["form"]
    assert field in (str(form.formsets["steps"].errors) if step else str(form.errors))
    assert not Chain.objects.filter(slug="bad").exists()


def test_what_a_tier_asks_for_before_a_loan_waits(admin):  # LND-2, SEC-15
    loan_policies()
    policy = LoanPolicy.objects.get(tier__slug="confidential", use="view")
    form = {"tier": policy.tier_id, "use": "view"}

    listed = admin.get(reverse("loanpolicy:index")).content.decode()
    assert not re.search(r">\s*method\s*<", listed, re.IGNORECASE)  # what Wagtail calls a column without a name
    assert "reason" in errors_of(admin.post(reverse("loanpolicy:edit", args=[policy.pk]), form))
    assert admin.post(reverse("loanpolicy:edit", args=[policy.pk]), form | WHY).status_code == 302
    assert LoanPolicy.objects.get(pk=policy.pk).chain.slug == "head-manager"
    confirm()
    assert LoanPolicy.objects.get(pk=policy.pk).chain is None

    assert admin.post(reverse("loanpolicy:delete", args=[policy.pk])).status_code == 302  # not lent any more: at once
    assert admin.post(reverse("loanpolicy:add"), form | WHY).status_code == 302
    assert not LoanPolicy.objects.filter(tier=policy.tier, use="view").exists()
    confirm()
    assert LoanPolicy.objects.filter(tier=policy.tier, use="view").exists()


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
    admin.post(reverse("grant:add"), {"user": staff.pk, "record": known.number} | WHY)
    admin.post(reverse("grant:add"), {"user": person("head").pk, "record": str(known.pk)} | WHY)
    confirm()

    assert "record" in errors_of(unknown)
    assert errors_of(unknown) == errors_of(admin.post(reverse("grant:add"), {"user": staff.pk, "record": "x"}))
    granted = Grant.objects.filter(record=known)
    assert {(grant.user.username, grant.granted_by) for grant in granted} == {("staff2", person("admin")), ("head", person("admin"))}


def test_a_grant_is_taken_away_at_once_and_never_turned_to_another(admin):  # SEC-15
    grant = Grant.objects.create(user=person("staff2"), record=filed(record_class="GZ", tier="public"))

    answer = admin.post(reverse("grant:edit", args=[grant.pk]), {"user": person("staff").pk, "record": grant.record.number} | WHY)
    assert answer.status_code == 302
    assert Grant.objects.get(pk=grant.pk).user == person("staff2")
    admin.post(reverse("grant:delete", args=[grant.pk]))

    assert not Grant.objects.filter(pk=grant.pk).exists()
    assert AuditEvent.objects.filter(action="revoke-grant", record_id=grant.record_id).exists()


@pytest.mark.parametrize("to", ["user", "group", "department"])
def test_nobody_grants_to_themselves(admin, to):  # SEC-15
    own, contracts = person("admin"), RecordClass.objects.get(code="HT")
    own.groups.add(group := Group.objects.create(name="own"))
    receivers = {"user": own.pk, "group": group.pk, "department": own.department_id}
    before = Grant.objects.count()

    answer = admin.post(reverse("grant:add"), {to: receivers[to], "record_class": contracts.pk} | WHY)

    assert "__all__" in errors_of(answer)
    assert Grant.objects.count() == before


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
