"""FND-10 over HTTP: for every person all that API and desk answer is the same whether a record hidden from them exists or not.

Organisations, clearances, grants, deputies, records and their loans are random. What search tells by itself is shown in
`tests/search/test_hidden.py`; here stands what people are sent. What may differ between two answers in one world is named, with its
reason, in `tests/portal/worlds.py`. Left out: the trail, for auditor and security officer (the stated exception to SEC-5), and numbers
of listed tiers (no secret: NUM-2), so hidden records are given numbers only where they are of a tier that is not listed.
"""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from portal.accounts.tokens import issue_token
from records import access, approvals, lending
from records.models import Chain, Component, Deputy, Grant, Loan, Record, RecordClass, RecordVersion, Tier, User, Volume
from search import engines
from tests.factories import loan_policies, person, volume
from tests.portal.worlds import another_world, differences, told
from tests.search.people import index, row

pytestmark = pytest.mark.django_db
PEOPLE = ["archivist", "staff", "head", "legal", "manager", "registrar"]
LENT = [("view", "requested"), ("view", "active"), ("original", "approved"), ("original", "active"), ("copy", "returned")]
TITLES, NAMES = ["采购合同", "租赁违约", "补充协议"], ["宏远公司", "中信公司"]
API = [
    "/records/",
    "/records/?queue=review",
    "/records/?queue=file",
    "/volumes/",
    "/parties/",
    "/parties/?q=宏",
    "/record-classes/",
    "/tier-changes/",
]
API += [
    "/search/",
    "/search/?q=合同",
    "/search/?q=违约&sort=date",
    "/search/?party={party}",
    "/search/?project=滨江",
    "/search/suggest/?q=采",
    "/numbers/",
    "/loans/",
    "/loans/?mine=1",
    "/loans/?waiting_for_me=1",
    "/deputies/",
    "/notices/",
    "/copies/",
    "/releases/",
    "/leaks/",
    "/loans/report/",
]
DESK = [
    "/",
    "/search/",
    "/search/?q=合同",
    "/review/",
    "/file/",
    "/tiers/",
    "/tiers/ending/",
    "/register/?record_class=HT",
    "/register/parties/?party_name=宏",
    "/numbers/",
    "/loans/",
    "/loans/waiting/",
    "/loans/counter/",
    "/loans/register/",
    "/loans/register/?export=csv",
    "/loans/report/",
    "/notices/",
    "/copies/",
    "/releases/",
    "/leaks/",
]


@st.composite
def organisations(draw: st.DrawFn) -> dict[str, Any]:
    """Who is cleared for what, which tiers are listed, and who has a need to know of which class."""
    tiers = st.sampled_from(["public", "internal", "secret", "confidential", "top-secret"])
    return {
        "clearances": draw(st.dictionaries(st.sampled_from(PEOPLE), tiers, max_size=3)),
        "listed": draw(st.sets(st.sampled_from(["secret", "confidential"]))),
        "grants": draw(st.lists(st.tuples(st.sampled_from(["HT", "DK", "GZ"]), st.sampled_from(PEOPLE)), max_size=3)),
        "deputies": draw(st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)), max_size=2)),
        "without": draw(st.sets(st.sampled_from(["HT", "DK"]), max_size=1)),  # classes whose departments and groups lose their grants
    }


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """One record."""
    tier = draw(st.sampled_from(["public", "internal", "secret", "confidential", "top-secret"]))
    return {
        "title": draw(st.sampled_from(TITLES)),
        "tier": tier,
        "record_class": draw(st.sampled_from(["HT", "DK", "GZ"])),
        "state": draw(st.sampled_from(["registered", "reviewed"])),
        "parties": tuple(draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True))),
        "named": tuple(draw(st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True))),
        "fields": draw(st.sampled_from([{}, {"project": "滨江"}, {"project": "云海"}])),
        "pages": ("甲方违约的，应当承担责任。合同一式两份。",),
        "numbered": tier == "top-secret" and draw(st.booleans()),
        "in_volume": draw(st.booleans()),
        "lent": draw(st.sampled_from([None, *LENT])),
        "ends_soon": draw(st.booleans()),
    }


def found(organisation: dict[str, Any]) -> None:
    """Make it so, on top of the cast."""
    for name, tier in organisation["clearances"].items():
        User.objects.filter(username=name).update(clearance=Tier.objects.get(slug=tier))
    Tier.objects.filter(slug__in=["secret", "confidential"]).update(listed=False)
    Tier.objects.filter(slug__in=organisation["listed"]).update(listed=True)
    Grant.objects.filter(record_class__code__in=organisation["without"]).delete()
    for code, name in organisation["grants"]:
        Grant.objects.create(record_class=RecordClass.objects.get(code=code), user=person(name))
    now = timezone.now()
    for name, other in organisation["deputies"]:
        if name != other:
            Deputy.objects.create(person=person(name), deputy=person(other), since=now - timedelta(days=1), until=now + timedelta(days=1))


def make(plan: dict[str, Any], shelves: dict[str, Volume]) -> Record:
    """The record, its text read and in the index."""
    values = {name: value for name, value in plan.items() if name not in ("numbered", "in_volume", "state", "lent", "ends_soon")}
    made = row(number=f"绝{uuid.uuid4().hex[:6]}" if plan["numbered"] else None, **values)
    changes: dict[str, Any] = {"volume": shelves[plan["record_class"]]} if plan["in_volume"] else {}
    if plan["state"] == "reviewed" and not plan["numbered"]:
        changes |= {"state": "reviewed", "reviewer": person("archivist2")}
    if plan["ends_soon"] and made.tier.needs_reason:
        changes |= {"tier_from": timezone.localdate(), "tier_until": timezone.localdate() + timedelta(days=40)}
    Record.objects.filter(pk=made.pk).update(**changes or {"title": made.title})
    lend(made, plan["lent"])
    index(made)
    return made


def lend(record: Record, wish: tuple[str, str] | None) -> None:
    """A loan of it by the last of those who may know of it, as far as the wish says."""
    borrower = next((person(name) for name in reversed(PEOPLE) if access.visible_to(person(name)).filter(pk=record.pk).exists()), None)
    if wish is None or borrower is None:
        return
    use, state = wish
    approval = (
        approvals.begin(chain=Chain.objects.get(slug="head-manager"), asker=borrower, record=record) if state == "requested" else None
    )
    until = timezone.now() + timedelta(days=7)
    given = {"use": use, "purpose": "核对", "until": until, "state": state, "approval": approval, "copies": 1}
    Loan.objects.create(number=f"JY-{uuid.uuid4().hex[:6]}", record=record, borrower=borrower, asked_by=borrower, **given)


def addresses(record: Any, component: Any) -> list[str]:
    """What lies beneath one record."""
    beneath = ["", "history/", "versions/", "versions/1/", f"components/{component}/content", f"components/{component}/pages/1.png"]
    on_desk = ["", "history/", "change/", f"components/{component}/pages/1/words/", f"components/{component}/content"]
    beneath += [f"components/{component}/print"]
    on_desk += [f"components/{component}/print"]
    return [f"/api/v1/records/{record}/{end}" for end in beneath] + [f"/records/{record}/{end}" for end in on_desk]


def everything(username: str, visible: list[Record], party: Any) -> dict[str, Any]:
    """All that this person is told: lists, search, the records that they may know of; by token and with a browser."""
    browser = Client(raise_request_exception=False, headers={"accept-language": "en"})
    browser.force_login(person(username))
    bearer = {"Authorization": f"Bearer {issue_token(user=person(username), scope='write')[1]}"}
    asked = ["/api/v1" + path.format(party=party) for path in API]
    asked += [f"/api/v1/records/{record.pk}/" for record in visible] + [f"/records/{record.pk}/" for record in visible[:1]]
    answers = {path: told(browser.get(path, headers=bearer if path.startswith("/api") else {})) for path in asked + DESK}
    for path in ("/api/v1/records/file-batch/", "/api/v1/numbers/void/"):
        answers[path] = told(browser.post(path, {"records": [], "number": "绝无此号"}, content_type="application/json", headers=bearer))
    return answers


def beneath(username: str, record: Any, component: Any) -> list[Any]:
    """All that lies beneath one id, as this person gets it."""
    browser = Client(raise_request_exception=False, headers={"accept-language": "en"})
    browser.force_login(person(username))
    return [told(browser.get(path)) for path in addresses(record, component)]


def strangers_of(record: Record) -> list[str]:
    """Who may not know of it: neither by rights, nor because a request for it waits for them."""
    known = {name for name in PEOPLE if access.visible_to(person(name)).filter(pk=record.pk).exists()}
    asked = {name for name in PEOPLE if lending.known_to(person(name)).filter(record=record).exists()}
    return [name for name in PEOPLE if name not in known | asked]


@settings(max_examples=10, derandomize=True, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(organisation=organisations(), others=st.lists(records(), min_size=1, max_size=3), hidden=records(), turn=st.integers(0, 2))
def test_all_that_is_told_is_the_same_without_the_hidden_record(organisation, others, hidden, turn):
    with another_world():
        loan_policies()
        found(organisation)
        shelves = {code: volume(title=f"{code} 卷", record_class=code) for code in ("HT", "DK", "GZ")}
        visible = [make(plan, shelves) for plan in others]
        with another_world():
            newcomer = make(hidden, shelves)
            strangers, party = strangers_of(newcomer)[turn:][:1], getattr(newcomer.party_rows.first(), "party_id", uuid.uuid4())
            assume(strangers)
            with_it = {name: everything(name, visible, party) for name in strangers}
            component = Component.objects.get(version=RecordVersion.objects.get(record=newcomer))
            for name in strangers[:1]:
                missing = uuid.uuid4(), uuid.uuid4()
                assert beneath(name, newcomer.pk, component.pk) == beneath(name, *missing)
        engines.engine().write((), [str(newcomer.pk)])
        without = {name: everything(name, visible, party) for name in strangers}
        for name in strangers:
            for path, answer in without[name].items():
                assert (name, path, differences(answer, with_it[name][path])) == (name, path, [])
        engines.engine().write((), [str(record.pk) for record in visible])
