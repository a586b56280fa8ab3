"""On the desk: what waits for the security officer, deputies, somebody who leaves (SEC-12, SEC-15, LND-2)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from records import entrusting, granting, standing
from records.models import Chain, Department, Deputy, LoanPolicy, Proposal, ProposalState, RecordClass, Tier
from tests import factories
from tests.factories import person
from tests.portal.test_desk_pages import desk, text_of

pytestmark = pytest.mark.django_db
WHY = "岗位调整"


def wish(username: str = "staff", **values: Any) -> list[Proposal]:
    """Asked for by the administrator."""
    who = person(username)
    return standing.change(actor=person("admin"), person=who, wished=replace(standing.of(who), **values), reason=WHY)


def address(proposal: Proposal, act: str = "decide") -> str:
    """Where a proposal is decided."""
    return reverse(f"desk:entrusted-{act}", args=[proposal.pk])


def everything() -> None:
    """A proposal of every kind."""
    tiers, group = Tier.objects, Group.objects.get(name="archivists")
    more = {"groups": frozenset({group}), "department": Department.objects.get(slug="legal"), "email": "neu@example.com"}
    wish(clearance=tiers.get(slug="secret"), duties=frozenset({"staff", "legal"}), borrows_directly=True, **more)
    wish("staff2", is_active=False)
    wish("staff2", is_active=True)
    admin, record = person("admin"), factories.registered("registrar", tier="top-secret", tier_reason="并购", named=["registrar"])
    for to in ({"department": "projects"}, {"user": "staff2"}, {"everyone": True}):
        granting.propose(actor=admin, to=to, on={"record_class": "DK"}, reason=WHY) if to != {"user": "staff2"} else None
    granting.propose(actor=person("registrar"), to={"user": "manager"}, on={"record": str(record.pk)}, reason=WHY)
    factories.loan_policies()
    chain, policy = Chain.objects.get(slug="head"), LoanPolicy.objects.get(tier__slug="secret", use="view")
    step = {"approver": "person", "committee_id": None, "person_id": str(person("legal").pk), "votes": 1, "days": 3}
    changes: list[tuple[Any, dict[str, Any]]] = [
        (tiers.get(slug="confidential"), {"rank": 15, "listed": False, "known_by": "everyone"}),
        (RecordClass.objects.get(code="HT"), {"parent_id": RecordClass.objects.get(code="GZ").pk}),
        (chain, {"steps": [step]}),
        (policy, {"chain_id": None}),
    ]
    for row, change in changes:
        entrusting.propose_set_up(actor=admin, row=row, changes=change, reason=WHY)


def test_the_officer_sees_everything_that_waits_in_words_and_accepts_it() -> None:
    """SEC-15, SEC-5: a record is named by number or id, never by title."""
    everything()
    officer = desk("officer")
    page = text_of(officer.get("/entrusted/"))
    for words in (
        "内部 → 秘密",
        "李静 · staff · staff@example.com",
        "Reads DK 贷款, HT 合同",
        "30 → 15",
        "→ GZ 规章",
        "department head of the asker → 钱律师",
    ):
        assert words in page, words
    assert "设备采购合同" not in page
    for proposal in Proposal.objects.filter(state=ProposalState.PROPOSED):
        assert officer.post(address(proposal), {"decision": "accept"}).status_code == 302, proposal
    assert not Proposal.objects.exclude(state=ProposalState.ACCEPTED).exists()
    assert RecordClass.objects.get(code="HT").parent.code == "GZ"
    assert Chain.objects.get(slug="head").steps.get().person == person("legal")
    assert "Nothing waits for you" in text_of(officer.get("/entrusted/"))


def test_the_page_asks_a_fixed_number_of_queries() -> None:
    wish(clearance=Tier.objects.get(slug="secret"))
    officer = desk("officer")
    officer.get("/entrusted/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        officer.get("/entrusted/")
    everything_but_the_first = Tier.objects.get(slug="confidential")
    for name in ("staff2", "head", "auditor"):
        wish(name, clearance=everything_but_the_first, borrows_directly=True)
    with CaptureQueriesContext(connection) as many:
        officer.get("/entrusted/")
    assert len(many) == len(few)


def test_a_rejection_without_a_reason_keeps_the_card() -> None:
    (proposal,) = wish(clearance=Tier.objects.get(slug="secret"))
    officer = desk("officer")
    answer = officer.post(address(proposal), {"decision": "reject", "reason": ""})
    assert answer.status_code == 400
    assert "Say why it is rejected." in text_of(answer)
    assert officer.post(address(proposal), {"decision": "reject", "reason": "无业务需要"}).status_code == 302
    assert "Rejected." in text_of(officer.get("/entrusted/"))


def test_two_tabs_decide_once() -> None:
    (proposal,) = wish(clearance=Tier.objects.get(slug="secret"))
    officer = desk("officer")
    assert officer.post(address(proposal), {"decision": "accept"}).status_code == 302
    second = officer.post(address(proposal), {"decision": "reject", "reason": "x"})
    assert second.status_code == 409
    assert "decided already" in text_of(second)


def test_who_proposed_sees_it_wait_and_takes_it_back() -> None:
    (proposal,) = wish(clearance=Tier.objects.get(slug="secret"))
    admin = desk("admin")
    assert "clearance: 李静" in text_of(admin.get("/entrusted/"))
    assert 'name="decision"' not in admin.get("/entrusted/").content.decode()
    assert admin.post(address(proposal), {"decision": "accept"}).status_code == 403
    assert admin.post(address(proposal, "withdraw")).status_code == 302
    assert Proposal.objects.get(pk=proposal.pk).state == ProposalState.WITHDRAWN


def test_a_badge_counts_what_waits() -> None:
    wish(clearance=Tier.objects.get(slug="secret"))
    assert "clearances, duties, grants" in text_of(desk("officer").get("/"))
    assert "clearances, duties, grants" not in text_of(desk("manager").get("/"))


# --- deputies --------------------------------------------------------------------------------------------------------


def test_a_deputy_is_named_and_ended_on_the_desk() -> None:
    """LND-2."""
    head, until = desk("head"), str(timezone.localdate() + timedelta(days=3))
    assert head.post("/deputies/", {"deputy": "legal", "from": str(timezone.localdate()), "until": until}).status_code == 302
    again = head.post("/deputies/", {"deputy": "legal", "from": until, "until": until})  # a form that is sent twice, or one more tab
    assert (again.status_code, "stands in for you" in text_of(again), Deputy.objects.count()) == (400, True, 1)
    page = text_of(head.get("/deputies/"))
    assert "钱律师" in page
    assert until in page
    deputy = Deputy.objects.get()
    assert head.post(reverse("desk:deputy-end", args=[deputy.pk])).status_code == 302
    assert "over" in text_of(head.get("/deputies/"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"deputy": "head"}, "Name another person"),
        ({"deputy": "nobody"}, "Name another person"),
        ({"from": "morgen"}, "Write a day"),
        ({"until": "2020-01-01"}, "The end is a day to come"),
    ],
)
def test_a_deputy_that_cannot_be_is_refused_at_its_field(wrong: dict[str, str], sentence: str) -> None:
    sent = {"deputy": "legal", "from": "2026-01-01", "until": str(timezone.localdate() + timedelta(days=3))} | wrong
    answer = desk("head").post("/deputies/", sent)
    assert answer.status_code == 400
    assert sentence in text_of(answer)


# --- leaving ---------------------------------------------------------------------------------------------------------


def test_somebody_leaves_by_a_page_that_says_what_happens() -> None:
    """SEC-12."""
    factories.registered("archivist")
    admin, page = desk("admin"), reverse("desk:leave", args=["archivist"])
    assert "Takes over 1 record" in text_of(admin.get(page))
    refused = admin.post(page, {"successor": "staff2", "reason": "离职"})
    assert refused.status_code == 409
    assert "may not read 1 of the records" in text_of(refused)
    assert admin.post(page, {"successor": "archivist2", "reason": ""}).status_code == 400
    assert admin.post(page, {"successor": "archivist2", "reason": "离职"}).status_code == 302
    assert "1 record was handed over" in text_of(admin.get("/"))
    assert not person("archivist").is_active
    assert (
        reverse("desk:leave", args=["staff"]) in admin.get(reverse("wagtailusers_users:edit", args=[person("staff").pk])).content.decode()
    )
