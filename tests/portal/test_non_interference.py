"""FND-10 over HTTP and by mail: for every person all that API and desk answer, and every mail, is the same whether a record hidden from
them exists or not.

Organisations, clearances, grants, deputies, records, their loans, and how people want their mail are random; what mails of itself
(reminders, digests, the month's report) is the real jobs' work, after something was done with the hidden record. What search tells by
itself is shown in `tests/search/test_hidden.py`; here stands what people are sent. What may differ between two answers in one world is
named, with its reason, in `tests/portal/worlds.py`. Left out: the trail, for auditor and security officer (the stated exception to
SEC-5), and numbers of listed tiers (no secret: NUM-2), so hidden records have numbers only where they are of a tier that is not listed.
"""

import io
import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

import openpyxl
import pypdfium2
import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from portal.accounts.tokens import issue_token
from portal.serve.schedule import registered
from records import access, approvals, leaks, lending, loan_report, mailing, notices, outbox, places, secrecy
from records.errors import RecordsError
from records.models import (
    ApprovalStep,
    Chain,
    Component,
    Deputy,
    Duty,
    DutyHolder,
    Grant,
    Loan,
    Original,
    OutboxRow,
    Record,
    RecordClass,
    RecordVersion,
    Tier,
    User,
    Volume,
)
from search import engines
from tests.factories import loan_policies, person, volume
from tests.portal.worlds import another_world, differences, told
from tests.search.people import index, row

pytestmark = pytest.mark.django_db
POST = {notices.TOPIC, mailing.DIGESTS, loan_report.TOPIC}  # what the worker mails
PEOPLE = ["archivist", "staff", "head", "legal", "manager", "registrar"]
LENT = [("view", "requested"), ("view", "active"), ("original", "approved"), ("original", "active"), ("copy", "returned")]
TITLES, NAMES = ["采购合同", "租赁违约", "补充协议"], ["宏远公司", "中信公司"]
BOX = "B07"
API = [
    "/records/",
    "/records/?queue=review",
    "/records/?queue=file",
    "/volumes/",
    "/places/",
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
    "/loans/report/?month={month}",
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
    "/places/",
    f"/places/{BOX}/",
    f"/places/{BOX}/labels/",
]
JOBS = ["retention_run", "remind"]  # what tells people by the clock
MAIL_JOBS = ["send_loan_report", "mail_digests"]


@st.composite
def organisations(draw: st.DrawFn) -> dict[str, Any]:
    """Who is cleared for what, which tiers are listed, and who has a need to know of which class."""
    tiers = st.sampled_from(["public", "internal", "secret", "confidential", "top-secret"])
    return {
        "clearances": draw(st.dictionaries(st.sampled_from(PEOPLE), tiers, max_size=3)),
        "listed": draw(st.sets(st.sampled_from(["secret", "confidential"]))),
        "grants": draw(st.lists(st.tuples(st.sampled_from(["HT", "DK", "GZ"]), st.sampled_from(PEOPLE)), max_size=3)),
        "deputies": draw(st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)), max_size=2)),
        "paces": draw(st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(["daily", "none"]), max_size=3)),
        "managers": draw(st.sets(st.sampled_from(["head", "legal"]), max_size=1)),  # who get the month's report beside the manager
        "without": draw(st.sets(st.sampled_from(["HT", "DK"]), max_size=1)),  # classes whose departments and groups lose their grants
    }


@st.composite
def records(draw: st.DrawFn, *, talked_of: bool = False) -> dict[str, Any]:
    """One record. `talked_of`: named people know of it, it is lent, and its term ends soon, so that there is much to tell."""
    tier = draw(st.sampled_from(["public", "internal", "secret", "confidential", "top-secret"]))
    return {
        "title": draw(st.sampled_from(TITLES)),
        "tier": tier,
        "record_class": draw(st.sampled_from(["HT", "DK", "GZ"])),
        "state": draw(st.sampled_from(["registered", "reviewed"])),
        "parties": tuple(draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True))),
        "named": tuple(draw(st.lists(st.sampled_from(PEOPLE), min_size=int(talked_of), max_size=2, unique=True))),
        "fields": draw(st.sampled_from([{}, {"project": "滨江"}, {"project": "云海"}])),
        "pages": ("甲方违约的，应当承担责任。合同一式两份。",),
        "numbered": tier == "top-secret" and draw(st.booleans()),
        "in_volume": draw(st.booleans()),
        "in_box": draw(st.booleans()),
        "lent": draw(st.sampled_from(LENT if talked_of else [None, *LENT])),
        "due_in": draw(st.sampled_from([-9, 1, 7])),  # days
        "ends_soon": talked_of or draw(st.booleans()),
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
    for name, pace in organisation["paces"].items():
        User.objects.filter(username=name).update(mail_pace=pace)
    DutyHolder.objects.bulk_create(DutyHolder(user=person(name), duty=Duty.MANAGER) for name in organisation["managers"])
    now = timezone.now()
    for name, other in organisation["deputies"]:
        if name != other:
            Deputy.objects.create(person=person(name), deputy=person(other), since=now - timedelta(days=1), until=now + timedelta(days=1))


def make(plan: dict[str, Any], shelves: dict[str, Volume]) -> Record:
    """The record, its text read and in the index."""
    values = {
        name: value
        for name, value in plan.items()
        if name not in ("numbered", "in_volume", "in_box", "state", "lent", "due_in", "ends_soon")
    }
    made = row(number=f"绝{uuid.uuid4().hex[:6]}" if plan["numbered"] else None, **values)
    changes: dict[str, Any] = {"volume": shelves[plan["record_class"]]} if plan["in_volume"] else {}
    if plan["state"] == "reviewed" and not plan["numbered"]:
        changes |= {"state": "reviewed", "reviewer": person("archivist2")}
    if plan["ends_soon"] and made.tier.needs_reason:
        changes |= {"tier_from": timezone.localdate(), "tier_until": timezone.localdate() + timedelta(days=40)}
    Record.objects.filter(pk=made.pk).update(**changes or {"title": made.title})
    if plan["in_box"]:
        Original.objects.create(record=made, pages=2, place=BOX, at=places.by_code(BOX))
    lend(made, plan["lent"], plan["due_in"])
    index(made)
    return made


def lend(record: Record, wish: tuple[str, str] | None, due_in: int) -> None:
    """A loan of it by the last of those who may know of it, as far as the wish says; paper was issued before this month began."""
    borrower = next((person(name) for name in reversed(PEOPLE) if knows(name, record)), None)
    if wish is None or borrower is None:
        return
    (use, state), now = wish, timezone.now()
    approval = None
    if state == "requested":
        approval = approvals.begin(chain=Chain.objects.get(slug="head-manager"), asker=borrower, record=record)
        ApprovalStep.objects.filter(approval=approval, waiting_since__isnull=False).update(waiting_since=now - timedelta(days=30))
    given = {"use": use, "purpose": "核对", "state": state, "approval": approval, "copies": 1, "borrower": borrower, "asked_by": borrower}
    since, until = now - timedelta(days=50), now + timedelta(days=due_in)
    issued = now - timedelta(days=40) if use in ("original", "copy") and state in ("active", "returned") else None
    back = now - timedelta(hours=1) if state == "returned" else None
    number = f"JY-{uuid.uuid4().hex[:6]}"
    Loan.objects.create(number=number, record=record, since=since, until=until, issued_at=issued, returned_at=back, **given)


def knows(name: str, record: Record) -> bool:
    """Whether this person may know of it."""
    return access.visible_to(person(name)).filter(pk=record.pk).exists()


def stir(record: Record, deed: str | None) -> None:
    """Somebody who may does something with it that others are told of."""
    for name in (name for name in PEOPLE if deed and knows(name, record)):
        with suppress(RecordsError):
            if deed == "leak":
                leaks.report(actor=person(name), record_id=record.pk, what="复印件在外")
            else:
                secrecy.propose_tier(actor=person(name), record_id=record.pk, tier="confidential", reason="涉密")
            return


def addresses(record: Any, component: Any) -> list[str]:
    """What lies beneath one record."""
    beneath = ["", "history/", "versions/", "versions/1/", f"components/{component}/content", f"components/{component}/pages/1.png"]
    on_desk = ["", "history/", "change/", f"components/{component}/pages/1/words/", f"components/{component}/content"]
    beneath += [f"components/{component}/print"]
    on_desk += [f"components/{component}/print"]
    return [f"/api/v1/records/{record}/{end}" for end in beneath] + [f"/records/{record}/{end}" for end in on_desk]


def everything(username: str, visible: list[Record], shelves: dict[str, Volume], party: Any) -> dict[str, Any]:
    """All that this person is told: lists, search, volumes, the records that they may know of; by token and with a browser."""
    browser = Client(raise_request_exception=False, headers={"accept-language": "en"})
    browser.force_login(person(username))
    bearer = {"Authorization": f"Bearer {issue_token(user=person(username), scope='write')[1]}"}
    month = f"{loan_report.before(timezone.localdate()):%Y-%m}"
    asked = ["/api/v1" + path.format(party=party, month=month) for path in API]
    asked += [f"/api/v1/records/{record.pk}/" for record in visible] + [f"/records/{record.pk}/" for record in visible[:1]]
    asked += [f"/volumes/{shelf.pk}/{end}" for shelf in shelves.values() for end in ("", "label/", "borrow/")]
    answers = {path: told(browser.get(path, headers=bearer if path.startswith("/api") else {})) for path in asked + DESK}
    for path in ("/api/v1/records/file-batch/", "/api/v1/numbers/void/"):
        answers[path] = told(browser.post(path, {"records": [], "number": "绝无此号"}, content_type="application/json", headers=bearer))
    return answers


def work(jobs: list[str]) -> None:
    """What the scheduler does."""
    for job in jobs:
        registered()[job].work()


def mails(people: list[str]) -> dict[str, list[Any]]:
    """What the post brings to each of them today, by the jobs and the worker."""
    mail.outbox.clear()
    work(JOBS + MAIL_JOBS)
    outbox.drain(only=POST)
    assert not OutboxRow.objects.filter(topic__in=POST).exclude(error="").exists()
    return {name: [said(each) for each in mail.outbox if each.to == [f"{name}@example.com"]] for name in people}


def said(message: Any) -> tuple[Any, ...]:
    """All that a mail says, with what is attached."""
    attached = [(each.filename, each.mimetype, readable(each)) for each in message.attachments]
    return message.subject, message.body, message.from_email, message.cc, message.bcc, message.extra_headers, attached


def readable(attached: Any) -> Any:
    """The words of an attachment: its bytes hold the moment at which it was made."""
    if attached.filename.endswith(".pdf"):
        return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(attached.content)]
    return list(openpyxl.load_workbook(io.BytesIO(attached.content)).active.values)


def beneath(username: str, record: Any, component: Any) -> list[Any]:
    """All that lies beneath one id, as this person gets it."""
    browser = Client(raise_request_exception=False, headers={"accept-language": "en"})
    browser.force_login(person(username))
    return [told(browser.get(path)) for path in addresses(record, component)]


def strangers_of(record: Record) -> list[str]:
    """Who may not know of it: neither by rights, nor because a request for it waits for them."""
    known = {name for name in PEOPLE if knows(name, record)}
    asked = {name for name in PEOPLE if lending.known_to(person(name)).filter(record=record).exists()}
    return [name for name in PEOPLE if name not in known | asked]


DEEDS = st.sampled_from(["leak", "tier", None])
SHELVED = ("HT", "DK", "GZ")


def quick(examples: int) -> settings:
    """The same examples in each run."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def build(organisation: dict[str, Any], others: list[dict[str, Any]]) -> tuple[dict[str, Volume], list[Record]]:
    """The world without the hidden record: its volumes and records. What tells of them by the clock has told: the same in both worlds."""
    loan_policies()
    found(organisation)
    places.make(actor=person("archivist"), code=BOX, name="7号盒", kind="box")
    shelves = {code: volume(title=f"{code} 卷", record_class=code) for code in SHELVED}
    visible = [make(plan, shelves) for plan in others]
    work(JOBS)
    return shelves, visible


@quick(10)
@given(
    organisation=organisations(), others=st.lists(records(), min_size=1, max_size=3), hidden=records(), deed=DEEDS, turn=st.integers(0, 2)
)
def test_all_that_is_told_is_the_same_without_the_hidden_record(organisation, others, hidden, deed, turn):
    with another_world():
        shelves, visible = build(organisation, others)
        with another_world():
            newcomer = make(hidden, shelves)
            strangers, party = strangers_of(newcomer)[turn:][:1], getattr(newcomer.party_rows.first(), "party_id", uuid.uuid4())
            assume(strangers)
            stir(newcomer, deed)
            work(JOBS)
            with_it = {name: everything(name, visible, shelves, party) for name in strangers}
            component = Component.objects.get(version=RecordVersion.objects.get(record=newcomer))
            for name in strangers[:1]:
                missing = uuid.uuid4(), uuid.uuid4()
                assert beneath(name, newcomer.pk, component.pk) == beneath(name, *missing)
        engines.engine().write((), [str(newcomer.pk)])
        without = {name: everything(name, visible, shelves, party) for name in strangers}
        for name in strangers:
            for path, answer in without[name].items():
                assert (name, path, differences(answer, with_it[name][path])) == (name, path, [])
        engines.engine().write((), [str(record.pk) for record in visible])


@quick(25)
@given(organisation=organisations(), others=st.lists(records(), max_size=1), hidden=records(talked_of=True), deed=DEEDS)
def test_the_post_brings_the_same_without_the_hidden_record(organisation, others, hidden, deed):
    """PRT-8, LND-9, SEC-5: number of mails, subjects, words, attachments."""
    with another_world():
        shelves, _visible = build(organisation, others)
        with another_world():
            newcomer = make(hidden, shelves)
            strangers = strangers_of(newcomer)
            assume(0 < len(strangers) < len(PEOPLE))  # where nobody knows of it nothing happens to it
            stir(newcomer, deed)
            with_it = mails(strangers)
        with another_world():
            assert mails(strangers) == with_it
