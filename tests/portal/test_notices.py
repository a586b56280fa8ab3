"""Notices on the desk, by API and by mail: in the person's language, at once or once a day, numbers only (PRT-8, SEC-5)."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation

from portal.notices import kinds
from portal.serve.schedule import registered
from portal.serve.worker import LANES
from records import counter, lending, mailing, notices, outbox
from records.models import Grant, Loan, Notice, OutboxRow, Record, User
from tests import factories
from tests.factories import person
from tests.portal.callers import Api, problem_of
from tests.portal.test_desk_pages import desk, text_of

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
LANE = next(lane for lane in LANES if notices.TOPIC in lane.wanted())
TITLE = "鸿远并购意向书"


def told_kinds() -> Iterator[str]:
    """The kinds in every call of `tell` of the source; a kind stands there as a text, or as a choice of texts."""
    for floor in ("records", "retention", "search", "portal"):
        for path in sorted((ROOT / floor).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
                if name in ("tell", "_tell") and len(node.args) > 1:
                    yield from _texts(node.args[1])


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return _texts(node.body) + _texts(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) else []


def tell(username: str = "staff", kind: str = "loan-approved", **more: Any) -> Notice:
    """One notice, as a verb tells it."""
    notices.tell([person(username)], kind, **{"subject": "JY-2026-0001", **more})
    return Notice.objects.latest("created_at")


def work() -> None:
    """What the worker of the lane does, retries included."""
    OutboxRow.objects.filter(done_at=None).update(available_at=timezone.now())
    outbox.drain(only=LANE.wanted())


def choose(username: str, **values: str) -> None:
    """A person's language or pace."""
    User.objects.filter(username=username).update(**values)


class Away(EmailBackend):
    """A mail server that is down."""

    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError("the mail server is away")


@pytest.fixture
def server_away(settings: Any) -> Any:
    """Until the test sets it right."""
    settings.EMAIL_BACKEND = f"{__name__}.Away"
    return settings


# --- words ----------------------------------------------------------------------------------------------------------


def test_the_source_is_read_as_meant() -> None:
    assert {"loan-waits", "loan-queued", "loan-approved", "loan-ends", "tier-accepted", "review-returned"} <= set(told_kinds())


@pytest.mark.parametrize("kind", sorted({*told_kinds()}))
def test_every_kind_that_is_told_has_words(kind: str) -> None:
    assert kind in kinds.KINDS


@pytest.mark.parametrize("kind", sorted(kinds.KINDS))
def test_every_kind_is_a_sentence_and_leads_somewhere(kind: str) -> None:
    notice = Notice(kind=kind, subject="JY-2026-0001", key="0", details={"days": 3, "day": "2026-11-24"})
    with translation.override("en"):
        said = kinds.sentence(notice)
    assert said.endswith(".")
    assert "%" not in said
    try:
        assert kinds.target(notice, {}).startswith("/")
    except NoReverseMatch:
        assert kinds.KINDS[kind].by == "key"


def test_a_kind_without_words_is_no_fault() -> None:
    notice = tell(kind="of-another-release")
    assert desk("staff").get("/notices/").status_code == 200
    assert desk("staff").get(kinds.path(notice))["Location"] == "/"


# --- the desk -------------------------------------------------------------------------------------------------------


def test_the_bell_counts_and_opening_a_notice_reads_it() -> None:
    first = tell()
    tell(kind="loan-issued", subject="JY-2026-0002")
    client = desk("staff")
    assert "Notices, 2 of them new" in client.get("/").content.decode()
    answer = client.get(kinds.path(first))
    assert answer["Location"] == "/loans/"
    assert "Notices, 1 of them new" in client.get("/").content.decode()
    page = text_of(client.get("/notices/"))
    assert page.index("JY-2026-0002") < page.index("JY-2026-0001"), "what is new stands first"


def test_all_are_read_at_once_and_only_ones_own() -> None:
    tell()
    tell()
    tell("head")
    assert desk("staff").post(reverse("desk:notices-read")).status_code == 302
    assert not notices.unread(person("staff")).exists()
    assert notices.unread(person("head")).count() == 1


def test_unread_ones_stand_first_over_all_pages() -> None:
    for _each in range(60):
        tell()
    oldest = Notice.objects.earliest("created_at")
    Notice.objects.exclude(pk=oldest.pk).update(read_at=timezone.now())
    client = desk("staff")
    assert kinds.path(oldest) in client.get("/notices/").content.decode()
    assert client.get("/notices/?page=2").content.decode().count("data-row") == 10


def test_the_list_says_what_would_stand_there() -> None:
    assert "No notices yet" in text_of(desk("staff").get("/notices/"))


def test_a_record_is_named_only_to_those_who_may_know_of_it_now() -> None:
    """SEC-5."""
    record = factories.registered(title=TITLE)
    notice = tell("staff", "loan-lost", record=record)
    assert TITLE in text_of(desk("staff").get("/notices/"))
    assert desk("staff").get(kinds.path(notice))["Location"] == reverse("desk:record", args=[record.pk])
    Grant.objects.filter(department__slug="sales").delete()
    page = desk("staff").get("/notices/").content.decode()
    assert TITLE not in page
    assert str(record.pk) not in page
    assert desk("staff").get(kinds.path(notice))["Location"] == "/notices/"


@pytest.mark.parametrize("url", ["/notices/", "/loans/"])
def test_pages_take_a_fixed_number_of_queries(url: str) -> None:
    client, counted = desk("staff"), []
    for _round in range(2):
        for record in [factories.registered(content=b"Text.") for _each in range(2)]:
            tell(record=record)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counted.append(len(queries))
        assert sum("records_notice" in each["sql"] and "COUNT(" in each["sql"] and "read_at" in each["sql"] for each in queries) == 1
    assert counted[0] == counted[1]


# --- the API --------------------------------------------------------------------------------------------------------


def test_the_api_lists_and_reads() -> None:
    first, second = tell(), tell(kind="loan-due", details_day="x", day="2026-11-24")
    api = Api("staff")
    found = api.get("/notices/").json()
    assert [row["id"] for row in found["results"]] == [str(second.pk), str(first.pk)]
    assert found["results"][0] == {
        "id": str(second.pk),
        "kind": "loan-due",
        "sentence": "JY-2026-0001 is due on 2026-11-24. Please bring it back in time.",
        "url": f"{settings.MUNIMENT_BASE_URL}/notices/{second.pk}/",
        "record": None,
        "subject": "JY-2026-0001",
        "at": timezone.localtime(second.created_at).isoformat(),
        "read": False,
    }
    for _again in range(2):
        assert api.post(f"/notices/{second.pk}/read/").json()["read"] is True
    assert [row["id"] for row in api.get("/notices/?unread=1").json()["results"]] == [str(first.pk)]
    assert api.get("/notices/").json()["count"] == 2


def test_the_api_names_records_to_those_who_may_know() -> None:
    """SEC-5."""
    record = factories.registered(title=TITLE)
    notices.tell([person("staff"), person("staff2")], "loan-lost", record=record)
    assert Api("staff").get("/notices/").json()["results"][0]["record"] == {"id": str(record.pk), "number": None, "title": TITLE}
    hidden = Api("staff2").get("/notices/")
    assert hidden.json()["results"][0]["record"] is None
    assert str(record.pk) not in hidden.content.decode()


@pytest.mark.parametrize("path", ["/notices/x/read/", "/notices/00000000-0000-0000-0000-000000000000/read/"])
def test_a_notice_that_is_none_is_404(path: str) -> None:
    problem_of(Api("staff").post(path), 404)


def test_bad_pages_and_bodies_are_refused() -> None:
    problem_of(Api("staff").get("/notices/?page=0"), 400)
    notice = tell()
    problem_of(Api("staff").post(f"/notices/{notice.pk}/read/", {"read": True}), 400)
    problem_of(Api("head").post(f"/notices/{notice.pk}/read/", {"read": True}), 404)
    assert Notice.objects.get().read_at is None


# --- mail -----------------------------------------------------------------------------------------------------------


def asked(**values: Any) -> tuple[Record, Loan]:
    """A request for a secret record, by its verb."""
    factories.loan_policies()
    record = factories.filed(title=TITLE, **factories.secret("secret"))
    until = timezone.localdate() + timedelta(days=3)
    given = {"use": "view", "purpose": "核对并购价格", "until": until, **values}
    return record, lending.request(actor=person("staff"), record_id=record.pk, **given)


def test_a_step_is_mailed_at_once_and_holds_no_title() -> None:
    """PRT-8, SEC-5."""
    record, loan = asked()
    choose("head", language="en")
    assert not mail.outbox
    work()
    sent = mail.outbox[0]
    assert sent.to == ["head@example.com"]
    assert f"A request waits for your decision: {loan.number}." in sent.body
    assert f"{settings.MUNIMENT_BASE_URL}/notices/{Notice.objects.get().pk}/" in sent.body
    for kept in (TITLE, record.number, str(record.pk), loan.purpose, str(loan.pk)):
        assert kept not in sent.subject + sent.body
    work()
    assert len(mail.outbox) == 1


def test_what_called_for_an_act_is_read_once_the_act_is_done() -> None:
    """PRT-8: an approver is not led to what waits no more, and whoever did it (LND-2, LND-11)."""
    record, loan = asked(use="original")
    assert [notice.kind for notice in notices.unread(person("head"))] == ["loan-waits"]
    lending.decide(actor=person("head"), loan_id=loan.pk, decision="approve")
    assert not notices.unread(person("head"))
    assert [notice.kind for notice in notices.unread(person("staff"))] == ["loan-approved"]
    counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=2)
    assert [notice.kind for notice in notices.unread(person("staff"))] == ["loan-issued"]
    counter.confirm(actor=person("staff"), loan_id=loan.pk)
    assert not notices.unread(person("staff"))
    counter.give_back(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=2)
    assert [notice.kind for notice in notices.unread(person("staff"))] == ["loan-returned"]
    until = timezone.localdate() + timedelta(days=3)
    other = lending.request(actor=person("staff"), record_id=record.pk, use="view", purpose="核对并购价格", until=until)
    assert [notice.kind for notice in notices.unread(person("head"))] == ["loan-waits"]
    lending.cancel(actor=person("staff"), loan_id=other.pk)
    assert not notices.unread(person("head"))


@pytest.mark.parametrize(("language", "greeting"), [("en", "王部长,"), ("zh-hans", "王部长，您好："), ("", "王部长，您好：")])
def test_mail_speaks_the_persons_language(language: str, greeting: str) -> None:
    """PRT-3, PRT-8: whatever the language of who caused it."""
    choose("head", language=language)
    notice = tell("head")
    with translation.override("en" if language != "en" else "zh-hans"):
        work()
    assert mail.outbox[0].body.startswith(greeting)
    with translation.override(language or settings.LANGUAGE_CODE):
        assert kinds.sentence(notice) in mail.outbox[0].body


def test_a_mail_that_was_taken_is_not_sent_again() -> None:
    """A worker that died after the mail, before its row was done."""
    notice = tell()
    work()
    OutboxRow.objects.update(done_at=None)
    work()
    assert len(mail.outbox) == 1
    notice.refresh_from_db()
    assert notice.mailed_at


def test_a_mail_server_that_is_away_loses_nothing(server_away: Any) -> None:
    notice = tell()
    for _try in range(outbox.ATTEMPTS):
        work()
    assert OutboxRow.objects.get(topic=notices.TOPIC).failed_at
    assert not Notice.objects.get().mailed_at
    server_away.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    registered()["mail_again"].work()
    work()
    assert [sent.extra_headers["Message-ID"] for sent in mail.outbox] == [f"<{notice.pk}@127.0.0.1>"]


@pytest.mark.parametrize("values", [{"email": ""}, {"mail_pace": "none"}, {"is_active": False}])
def test_who_gets_no_mail_is_no_error(values: dict[str, Any]) -> None:
    tell()
    choose("staff", **values)
    work()
    registered()["mail_digests"].work()
    work()
    assert not mail.outbox
    assert not OutboxRow.objects.filter(done_at=None).exists()
    assert notices.unread(person("staff")).count() == 1


def test_one_digest_a_day_holds_what_was_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """PRT-8."""
    choose("staff", mail_pace="daily", language="en")
    read = tell(subject="JY-2026-0001")
    tell(subject="JY-2026-0002")
    tell(kind="loan-issued", subject="JY-2026-0003")
    notices.mark_read(person("staff"), read.pk)
    work()
    assert not mail.outbox
    for _twice in range(2):
        registered()["mail_digests"].work()
        work()
    assert len(mail.outbox) == 1
    assert "2 notices" in mail.outbox[0].subject
    assert ["JY-2026-0001" in mail.outbox[0].body, "JY-2026-0002" in mail.outbox[0].body] == [False, True]
    tell(subject="JY-2026-0004")
    registered()["mail_digests"].work()
    work()
    assert len(mail.outbox) == 1, "one a day"
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    registered()["mail_digests"].work()
    work()
    assert ["JY-2026-0003" in mail.outbox[1].body, "JY-2026-0004" in mail.outbox[1].body] == [False, True]


def test_mails_are_written_into_the_folder_that_was_named() -> None:
    """interface.md, Settings: `filemail:///folder` is an absolute one."""
    asked = "from tests import settings; print(settings.EMAIL_FILE_PATH)"
    environment = os.environ | {"EMAIL_URL": "filemail:///folder/mails"}
    found = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "/folder/mails"


def test_a_digest_is_tried_again_too(server_away: Any) -> None:
    choose("staff", mail_pace="daily")
    tell()
    registered()["mail_digests"].work()
    for _try in range(outbox.ATTEMPTS):
        work()
    server_away.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mailing.try_again() == 1
    work()
    assert len(mail.outbox) == 1


def test_years_of_notices_are_not_mailed_when_somebody_chooses_a_digest() -> None:
    tell()
    Notice.objects.update(created_at=timezone.now() - mailing.STALE)
    choose("staff", mail_pace="daily")
    assert mailing.enqueue_digests() == 0


# --- the person's choice --------------------------------------------------------------------------------------------


def test_the_pace_is_chosen_in_the_account() -> None:
    client = desk("staff")
    assert "one mail a day" in text_of(client.get("/accounts/profile/"))
    client.post("/accounts/mail-pace/", {"mail_pace": "daily"})
    assert person("staff").mail_pace == "daily"
    tell()
    work()
    assert not mail.outbox
    client.post("/accounts/mail-pace/", {"mail_pace": "at-once"})
    work()
    assert len(mail.outbox) == 1, "what was kept for the digest is not lost"


def test_a_pace_that_is_none_changes_nothing() -> None:
    answer = desk("staff").post("/accounts/mail-pace/", {"mail_pace": "hourly"}, follow=True)
    assert "Choose at once, once a day, or never." in text_of(answer)
    assert person("staff").mail_pace == "at-once"
