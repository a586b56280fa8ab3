"""An administrator cannot read confidential and top-secret content: every way that the product has is tried (SEC-15; docs/security.md)."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from portal.accounts import mails
from portal.accounts.models import ApiToken
from portal.api.api import api as the_api
from records import access, lending, secrecy
from records.errors import NotAllowed, Unknown
from records.models import Chain, Duty, Grant, LoanPolicy, OutboxRow, Proposal, Record, RecordClass, Tier, User
from tests.factories import filed, loan_policies, person, registered
from tests.portal.callers import Api, body_of, problem_of
from tests.portal.test_desk_pages import component_of, desk
from tests.portal.test_workbench import chain_form, form_of, tier_form

pytestmark = pytest.mark.django_db
TITLE, WORD = "并购标的估值备忘", "昆仑计划"
WHY = {"reason": "系统维护"}


@pytest.fixture
def it() -> SimpleNamespace:
    """A confidential and a top-secret record, of which administrators may not know; a browser and a token of the administrator."""
    loan_policies()
    given = {"title": TITLE, "fields": {"contract_number": "BG-7", "signed_on": "2026-03-18", "amount": {"value": "1", "currency": "CNY"}}}
    confidential = filed(**given, tier="confidential", tier_reason=WORD)
    top = registered("registrar", **given, tier="top-secret", tier_reason=WORD, named=["registrar", "manager"])
    return SimpleNamespace(confidential=confidential, top=top, both=[confidential, top], browser=desk("admin"), api=Api("admin"))


def reads(who: str = "admin") -> bool:
    """Whether this person reads either record."""
    return access.readable_by(person(who)).filter(tier__slug__in=["confidential", "top-secret"]).exists()


def secrets_of(records: list[Record]) -> set[str]:
    """What no answer to an administrator may hold: titles, reasons, ids, numbers."""
    return {TITLE, WORD} | {str(record.pk) for record in records} | {record.number for record in records if record.number}


# --- looking ---------------------------------------------------------------------------------------------------------


def pages() -> list[str]:
    """Every address of desk, workbench and door that takes no argument."""
    found: list[str] = []

    def walk(patterns: list[Any], namespaces: list[str]) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, [*namespaces, pattern.namespace] if pattern.namespace else namespaces)
            elif isinstance(pattern, URLPattern) and pattern.name:
                try:
                    found.append(reverse(":".join([*namespaces, pattern.name])))
                except NoReverseMatch:
                    continue

    walk(get_resolver().url_patterns, [])
    apart = ("/sign-out/", "/logout/", "/failwhale/")  # the last is Wagtail's own, which only raises
    return sorted({url for url in found if not url.endswith(apart) and not url.startswith("/api/")})


def test_no_page_shows_them(it: SimpleNamespace) -> None:
    """Desk, workbench with registers, history and exports, pages, profile."""
    hidden, seen = secrets_of(it.both), 0
    addresses = pages()
    assert {"/entrusted/", reverse("record_register:index"), reverse("tier:index")} <= set(addresses)
    for address in addresses:
        for question in ("", f"?q={WORD}", "?export=csv"):
            answer = it.browser.get(address + question)
            body = body_of(answer).decode(errors="ignore").replace(f"?q={WORD}", "")
            seen += answer.status_code == 200
            shown = {each for each in hidden if each in body} - ({WORD} if question == f"?q={WORD}" else set())
            assert not shown, (address, question)
    assert seen > 40


def test_no_call_of_the_api_shows_them(it: SimpleNamespace) -> None:
    """Every GET; ids of hidden records answer as if there were none."""
    hidden, tried = secrets_of(it.both), 0
    for router in the_api._get_bound_routers():
        for path, view in router.path_operations.items():
            if not any("GET" in operation.methods for operation in view.operations):
                continue
            for record in it.both:
                ids = {"record_id": record.pk, "component_id": component_of(record).pk, "number": 1, "page": 1}
                others = dict.fromkeys(re.findall(r"{(\w+)}", path), record.pk) | {"grant_id": 1, "name": "registrar"}
                answer = it.api.get(path.format(**others | ids))
                tried += 1
                assert not {each for each in hidden if each in body_of(answer).decode(errors="ignore")}, path
                if "{record_id}" in path:
                    assert answer.status_code == 404, path
    assert tried > 20


def test_search_counts_nothing_of_them(it: SimpleNamespace) -> None:
    """FND-10, SEC-5: neither by words nor by number, in no count."""
    for question in (WORD, TITLE, it.confidential.number, "BG-7"):
        found = it.api.get(f"/search/?q={question}").json()
        assert (found["count"], found["results"]) == (0, []), question
        assert it.api.get(f"/search/suggest/?q={question}").json()["results"] == []


def test_bytes_pages_text_and_history_are_not_there(it: SimpleNamespace) -> None:
    for record in it.both:
        component = component_of(record)
        for name, arguments in (
            ("record", [record.pk]),
            ("history", [record.pk]),
            ("content", [record.pk, component.pk]),
            ("print", [record.pk, component.pk]),
            ("page", [record.pk, component.pk, 1]),
            ("words", [record.pk, component.pk, 1]),
            ("borrow", [record.pk]),
        ):
            assert it.browser.get(reverse(f"desk:{name}", args=arguments)).status_code == 404, name


def test_the_trail_is_the_auditors(it: SimpleNamespace) -> None:
    problem_of(it.api.get("/audit/events/"), 403)
    assert it.browser.get("/audit/").status_code == 403
    assert it.browser.get("/workbench/reports/site-history/").status_code == 404


# --- becoming somebody who may ---------------------------------------------------------------------------------------


def edit(it: SimpleNamespace, username: str, **values: Any) -> Any:
    """The administrator sends a person's page with some values replaced."""
    row = person(username)
    return it.browser.post(reverse("wagtailusers_users:edit", args=[row.pk]), form_of(row, **values) | WHY)


def test_entrusting_oneself_changes_nothing(it: SimpleNamespace) -> None:
    top, archivists = Tier.objects.get(slug="top-secret"), Group.objects.get(name="archivists")
    edit(it, "admin", clearance=top.pk, duties=["administrator", "archivist", "officer"], groups=[archivists.pk])
    problem_of(it.api.patch("/users/admin/", {"clearance": "top-secret", "duties": ["archivist"]} | WHY), 409)
    for to in ({"user": "admin"}, {"department": "administration"}):
        problem_of(it.api.post("/grants/", to | {"record_class": "HT"} | WHY), 409)
    assert not Proposal.objects.exists()
    assert (person("admin").clearance.slug, person("admin").duties) == ("internal", {"administrator"})


def test_another_administrator_gives_nothing_that_the_officer_did_not_confirm(it: SimpleNamespace) -> None:
    """Two administrators together are still none."""
    User.objects.create_user("admin2", "muniment").duty_rows.create(duty=Duty.ADMINISTRATOR)
    second = Api("admin2")
    changed = second.patch("/users/admin/", {"clearance": "top-secret", "duties": ["administrator", "archivist", "officer"]} | WHY)
    assert len(changed.json()["proposals"]) == 3
    assert second.post("/grants/", {"user": "admin", "record_class": "HT"} | WHY).status_code == 202
    problem_of(second.post("/grants/", {"user": "admin", "record": str(it.confidential.pk)} | WHY), 404)
    for caller in (it.api, second):
        for proposal in Proposal.objects.all():
            assert caller.post(f"/proposals/{proposal.pk}/decide/", {"decision": "accept"}).status_code in {403, 404}
    assert not reads()
    assert person("admin").duties == {"administrator"}


def test_joining_a_group_that_reads_waits(it: SimpleNamespace) -> None:
    puppet = User.objects.create_user("puppet", "muniment")
    archivists = Group.objects.get(name="archivists")
    edit(it, "puppet", groups=[archivists.pk], clearance=Tier.objects.get(slug="confidential").pk, department=puppet.department_id or "")
    url = reverse("wagtail_bulk_action", args=["records", "user", "assign_role"]) + f"?id={puppet.pk}"
    assert it.browser.post(url, {"role": archivists.pk}).status_code == 404
    assert not puppet.groups.exists()
    assert not reads("puppet")


def test_a_new_person_gets_no_clearance_and_no_readers_department(it: SimpleNamespace) -> None:
    form = {"username": "neu", "email": "admin@example.com", "is_active": "on", "duties": ["archivist"]}
    form |= {"clearance": Tier.objects.get(slug="top-secret").pk, "department": person("legal").department_id}
    assert (
        it.browser.post(reverse("wagtailusers_users:add"), form | {"groups": [Group.objects.get(name="archivists").pk]} | WHY).status_code
        == 302
    )
    made = person("neu")
    assert (made.clearance, made.department, made.duties, made.groups.count()) == (None, None, frozenset(), 0)
    assert not reads("neu")


def test_the_officer_cannot_be_taken_away_or_replaced(it: SimpleNamespace) -> None:
    edit(it, "officer", duties=[], is_active="")
    problem_of(it.api.post("/users/officer/leave/", {"successor": "manager"} | WHY), 409)
    edit(it, "staff2", duties=["staff", "officer"])
    assert person("officer").has_duty("officer")
    assert not person("staff2").has_duty("officer")


# --- becoming somebody else ------------------------------------------------------------------------------------------


def test_another_persons_mail_address_waits_so_that_no_password_is_caught(it: SimpleNamespace) -> None:
    edit(it, "archivist", email="admin@example.com")
    problem = it.api.patch("/users/archivist/", {"email": "admin@example.com"} | WHY)  # waits already
    assert problem.status_code == 409
    assert person("archivist").email == "archivist@example.com"
    it.browser.post(reverse("wagtailusers_users:mail", args=[person("archivist").pk]))
    mails._work(list(OutboxRow.objects.filter(topic=mails.TOPIC)))
    assert [message.to for message in mail.outbox] == [["archivist@example.com"]]


def test_the_link_of_a_mail_is_on_no_page(it: SimpleNamespace) -> None:
    it.browser.post(reverse("wagtailusers_users:mail", args=[person("archivist").pk]))
    link = mails.link_for(person("archivist"))
    path = link.removeprefix(settings.MUNIMENT_BASE_URL.rstrip("/"))
    for address in pages():
        assert path.rsplit("/", 2)[-2] not in body_of(it.browser.get(address)).decode(errors="ignore"), address


def test_no_form_takes_a_password_for_another(it: SimpleNamespace) -> None:
    former = person("archivist").password
    edit(it, "archivist", password="x", password1="Neu-2026-lang", password2="Neu-2026-lang")
    assert person("archivist").password == former
    assert "password" not in it.browser.get(reverse("wagtailusers_users:add")).context["form"].fields
    problem_of(it.api.patch("/users/archivist/", {"password": "Neu-2026-lang"} | WHY), 400)


def test_tokens_are_made_for_oneself_only(it: SimpleNamespace) -> None:
    """`issue_token` is a command for root on the machine."""
    it.browser.post(reverse("accounts:tokens"), {"label": "x", "scope": "write", "days": 30, "user": str(person("archivist").pk)})
    assert {token.user.username for token in ApiToken.objects.filter(label="x")} == {"admin"}


def test_nobody_is_impersonated(it: SimpleNamespace) -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert not [name for name in names if "impersonat" in name or "hijack" in name or name == "su"]
    for header in ("X-Remote-User", "Remote-User", "X-Forwarded-User"):
        assert Client(headers={header: "archivist"}).get("/").status_code == 302


def test_a_deputy_decides_and_never_reads(it: SimpleNamespace) -> None:
    until = str(timezone.localdate() + timedelta(days=5))
    assert Api("head").post("/deputies/", {"deputy": "admin", "from": "2026-01-01", "until": until}).status_code == 201
    assert not reads()


# --- changing the rules ----------------------------------------------------------------------------------------------


def test_the_policy_of_a_tier_is_not_eased_alone(it: SimpleNamespace) -> None:
    for slug in ("confidential", "top-secret"):
        tier = Tier.objects.get(slug=slug)
        eased = tier_form(tier, rank=5 if slug == "confidential" else 6, known_by="everyone", readers_download="on")
        it.browser.post(reverse("tier:edit", args=[tier.pk]), eased | WHY)
    assert not reads()
    assert {row.known_by for row in Tier.objects.filter(slug__in=["confidential", "top-secret"])} == {"readers", "named"}


def test_a_class_is_not_opened_by_moving_it_or_by_its_default_tier(it: SimpleNamespace) -> None:
    """Classes pass their grants down: below the regulations everybody would read."""
    contracts, rules = RecordClass.objects.get(code="HT"), RecordClass.objects.get(code="GZ")
    form = {"code": "HT", "name": "合同", "names": "{}", "active": "on", "schedule": contracts.schedule_id, "parent": rules.pk}
    form |= {"type_schedules-TOTAL_FORMS": 0, "type_schedules-INITIAL_FORMS": 0, "number_rule": contracts.number_rule_id}
    form |= {"default_tier": Tier.objects.get(slug="public").pk}
    it.browser.post(reverse("recordclass:edit", args=[contracts.pk]), form | WHY)
    contracts.refresh_from_db()
    assert (contracts.parent, contracts.default_tier.slug) == (None, "internal")
    assert not access.visible_to(person("admin")).filter(record_class=contracts).exists()


def test_approvals_are_not_eased_alone_and_nothing_hidden_is_borrowed(it: SimpleNamespace) -> None:
    policy, chain = LoanPolicy.objects.get(tier__slug="confidential", use="view"), Chain.objects.get(slug="head-manager")
    it.browser.post(reverse("loanpolicy:edit", args=[policy.pk]), {"tier": policy.tier_id, "use": "view"} | WHY)
    me = {"approver": "person", "person": str(person("admin").pk)}
    it.browser.post(reverse("chain:edit", args=[chain.pk]), chain_form("head-manager", me, chain=chain) | WHY)
    policy.refresh_from_db()
    assert policy.chain == chain
    assert [step.approver for step in Chain.objects.get(pk=chain.pk).steps.all()] == ["head", "manager"]
    for record in it.both:
        with pytest.raises(Unknown):
            lending.request(actor=person("admin"), record_id=record.pk, use="view", purpose="维护", until="2099-01-01")


def test_a_tier_is_not_lowered_and_nothing_is_inherited(it: SimpleNamespace) -> None:
    for record in it.both:
        with pytest.raises((Unknown, NotAllowed)):
            secrecy.propose_tier(actor=person("admin"), record_id=record.pk, tier="public", reason="维护")
    problem_of(it.api.post("/users/archivist/leave/", {"successor": "admin"} | WHY), 400)
    assert not Record.objects.filter(owner=person("admin")).exists()
    assert not reads()


def test_what_was_tried_left_nothing_granted(it: SimpleNamespace) -> None:
    before = Grant.objects.count()
    it.browser.post(reverse("grant:add"), {"everyone": "on", "record_class": RecordClass.objects.get(code="HT").pk} | WHY)
    it.browser.post(reverse("grant:add"), {"user": person("admin").pk, "record": str(it.confidential.pk)} | WHY)
    assert Grant.objects.count() == before
    assert not reads()
