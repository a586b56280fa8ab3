"""The pages of the desk by role: what each shows, refuses and leaves in the trail."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import Organisation
from records.models import AuditEvent, FieldDefinition, Record, RecordType, RecordVersion, Schedule, TypeSchedule, Upload
from tests import factories, samples

pytestmark = pytest.mark.django_db


def desk(username: str, language: str = "en") -> Client:
    """A browser of one of the cast, without its scripts."""
    client = Client(headers={"accept-language": language})
    client.force_login(factories.person(username))
    return client


def text_of(response: Any) -> str:
    """What stands on the page, tags left out."""
    plain = re.sub(r"(?s)<(script|style|template).*?</\1>|<[^>]+>", " ", response.content.decode())
    return " ".join(plain.split())


def typed(**more: Any) -> dict[str, Any]:
    """A contract as typed into the form."""
    return {
        "record_class": "HT",
        "record_type": "contract",
        "title": "总承包合同",
        "department": "sales",
        "f.contract_number": "HY-2026-07",
        "f.signed_on": "2026-03-18",
        "f.amount": "3531000.00",
        "f.amount.currency": "CNY",
        "party_role": ["party_a"],
        "party_name": ["鸿远置业有限公司"],
        "party_id": [""],
        "party_kind": ["organisation"],
        "party_number": [""],
        **more,
    }


def upload(client: Client, content: bytes | None = None, name: str = "总包合同_扫描.pdf") -> Any:
    """One file sent as the page sends it."""
    return client.post(reverse("desk:upload"), {"file": factories_file(content, name)})


def factories_file(content: bytes | None, name: str) -> Any:
    """A file as a browser sends it."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content if content is not None else factories.pdf())


# --- home and menu ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("username", "shown", "hidden"),
    [
        ("archivist", ["Register", "Review", "File", "Numbers"], ["Audit trail"]),
        ("staff", ["Search", "Regulations"], ["Register", "Review", "File", "Tiers", "Audit trail"]),
        ("officer", ["Review", "Tiers", "Audit trail"], ["Register", "Numbers"]),
        ("auditor", ["Audit trail"], ["Register", "Review"]),
    ],
)
def test_the_menu_shows_what_the_duties_need(username: str, shown: list[str], hidden: list[str]) -> None:
    """PRT-1."""
    menu = re.search(r'(?s)<nav class="topnav".*?</nav>', desk(username).get("/").content.decode())
    assert menu is not None
    words = re.findall(r">([^<>]+?) ?<", menu[0])
    assert set(shown) <= {word.strip() for word in words}
    assert not set(hidden) & {word.strip() for word in words}


def test_the_badge_counts_what_waits_for_another_person() -> None:
    """CAP-3: the registrar's own work does not wait for the registrar."""
    factories.registered()
    assert "to review" in text_of(desk("archivist2").get("/"))
    assert 'class="badge">' in desk("archivist2").get("/").content.decode()
    assert 'class="badge">' not in desk("archivist").get("/").content.decode()


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "检索"), ("en", "Search")])
def test_the_desk_speaks_the_language_asked_for(language: str, word: str) -> None:
    """PRT-3."""
    assert word in text_of(desk("staff", language).get("/"))


def test_nobody_signed_in_is_sent_to_the_door() -> None:
    """No page without a person."""
    assert Client().get("/search/").status_code == 302


@pytest.mark.parametrize("url", ["/register/", "/review/", "/file/", "/audit/", "/tiers/", "/numbers/", "/register/returned/"])
def test_staff_may_not_open_pages_of_other_duties(url: str) -> None:
    """SEC-15: 403 with a sentence, or an empty list of one's own."""
    response = desk("staff").get(url)
    assert response.status_code == 403 or (url.endswith("returned/") and response.status_code == 200)


def test_pages_are_kept_by_no_cache() -> None:
    """What was seen is gone after signing out (lesson U5)."""
    record = factories.filed()
    assert "no-store" in desk("staff").get(reverse("desk:record", args=[record.pk]))["Cache-Control"]


# --- uploads and registration ---------------------------------------------------------------------------------------------


def test_an_upload_is_answered_with_its_row() -> None:
    """CAP-1, CAP-2: taken in, with pages and digest."""
    response = upload(desk("archivist"))
    assert response.status_code == 201
    assert "2 pages" in text_of(response)
    assert "SHA-256" in text_of(response)


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [(b"", "leer.pdf", 415), (b"<html></html>", "page.pdf", 415), (samples.encrypted_pdf(), "geheim.pdf", 415)],
)
def test_a_bad_file_is_refused_with_a_sentence_and_leaves_nothing(content: bytes, name: str, status: int) -> None:
    """CAP-2."""
    response = upload(desk("archivist"), content, name)
    assert response.status_code == status
    assert 'data-state="refused"' in response.content.decode()
    assert name in text_of(response)
    assert not Upload.objects.exists()


def test_known_bytes_are_recognised_as_far_as_the_person_may_see_them() -> None:
    """CAP-9, FND-10: the same upload says nothing about a record above the clearance."""
    hidden = factories.registered("registrar", title="绝密卷", named=["officer"], **factories.secret("top-secret"))
    assert str(hidden.pk) not in upload(desk("archivist")).content.decode()
    seen = factories.registered()
    assert str(seen.pk) in upload(desk("archivist")).content.decode()


def test_staff_may_not_upload() -> None:
    """SEC-15."""
    assert upload(desk("staff")).status_code == 403


def staged(client: Client) -> str:
    """The id of a fresh upload."""
    upload(client)
    return str(Upload.objects.latest("created_at").pk)


def test_uploads_become_a_record() -> None:
    """CAP-3: registered, with two parties' worth of form, and the form comes back empty but for class and type."""
    client = desk("archivist")
    response = client.post("/register/", typed(uploads=[staged(client)], then="next"), headers={"hx-request": "true"})
    record = Record.objects.get()
    assert response.status_code == 200
    assert (record.title, record.state, record.department.slug) == ("总承包合同", "registered", "sales")
    assert "Important and still empty" in text_of(response)
    assert '"next": true' in response["HX-Trigger-After-Swap"]
    assert 'value="总承包合同"' not in response.content.decode()
    assert client.session["register"]["record_class"] == "HT"


def test_without_scripts_the_form_takes_files_itself() -> None:
    """PRT-3: a plain form post leads to the record."""
    response = desk("archivist").post("/register/", typed(files=[factories_file(None, "a.pdf"), factories_file(None, "b.pdf")]))
    record = Record.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/records/{record.pk}/"
    assert RecordVersion.objects.get(record=record).components.count() == 2


def test_what_was_typed_stays_when_something_is_refused() -> None:
    """look.md: each error at its field, the first one has the focus, nothing typed is lost."""
    client = desk("archivist")
    answer = client.post(
        "/register/", typed(uploads=[staged(client)], **{"f.signed_on": "2026-02-30", "f.amount": "viel"}), headers={"hx-request": "true"}
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'value="2026-02-30"' in page
    assert 'value="总承包合同"' in page
    assert 'value="鸿远置业有限公司"' in page
    assert re.search(r'id="f-signed_on"[^>]*aria-invalid="true"', page)
    assert re.search(r'id="f-amount"[^>]*aria-invalid="true"', page)
    assert not Record.objects.exists()


def test_a_wrong_check_character_stands_at_its_party() -> None:
    """CAP-6 (GB 32100)."""
    client = desk("archivist")
    wrong = typed(uploads=[staged(client)], party_number=["91350100M000100Y44"])
    page = client.post("/register/", wrong, headers={"hx-request": "true"}).content.decode()
    assert re.search(r'(?s)class="party refused".*?error-line', page)


def test_another_type_asks_for_its_own_fields_and_keeps_the_title() -> None:
    """CAP-4: fields come from the type."""
    page = desk("archivist").post("/register/form/", typed(record_type="identity-document")).content.decode()
    assert 'name="f.identity_number"' in page
    assert 'name="f.contract_number"' not in page
    assert 'value="总承包合同"' in page


def test_a_secret_tier_asks_for_reason_and_term() -> None:
    """SEC-3."""
    page = desk("archivist").post("/register/form/", typed(tier="secret")).content.decode()
    assert 'name="tier_reason"' in page
    assert 'name="tier_until"' in page
    assert 'value="top-secret"' not in page, "nobody registers above their own clearance"


def test_one_record_for_each_file_and_one_bad_one_stops_no_other() -> None:
    """CAP-1."""
    client = desk("archivist")
    ids = [staged(client), staged(client)]
    answer = client.post("/register/", typed(uploads=ids, split="each"), headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert list(Record.objects.values_list("title", flat=True)) == ["总包合同_扫描", "总包合同_扫描"]


def test_parties_are_suggested_from_readable_records_only() -> None:
    """SEC-5, U3."""
    factories.registered()
    factories.registered(
        "registrar", parties=[{"name": "鸿远绝密公司", "role": "party_a"}], named=["officer"], **factories.secret("top-secret")
    )
    answer = text_of(desk("archivist").get("/register/parties/", {"party_name": "鸿远"}))
    assert "鸿远置业有限公司" in answer
    assert "鸿远绝密公司" not in answer


# --- record ---------------------------------------------------------------------------------------------------------------


def test_a_reader_sees_fields_versions_history_and_why() -> None:
    """CAP-7, SEC-7."""
    record = factories.filed(fields=factories.CONTRACT | {"project": "鸿远广场二期"})
    page = text_of(desk("staff").get(reverse("desk:record", args=[record.pk])))
    for word in (record.number, record.title, "鸿远广场二期", "Version 1", "reviewed and accepted", "You may read it because"):
        assert word in page
    assert AuditEvent.objects.filter(action="view", record_id=record.pk, actor=factories.person("staff")).count() == 1


def test_a_listed_record_shows_its_listing_and_nothing_more() -> None:
    """SEC-2: number, title, type, class, year, tier, state; not the parties, nor the fields, nor a picture."""
    record = factories.filed(**factories.secret("secret"))
    response = desk("staff").get(reverse("desk:record", args=[record.pk]))
    page = response.content.decode()
    assert response.status_code == 200
    assert record.title in page
    assert "秘密★10年" in page
    assert "Closed to you" in page
    for hidden in ("鸿远置业", "HY-2026-03", "商业秘密目录", ".png", "Download", "looked at"):
        assert hidden not in page


@pytest.mark.parametrize("path", ["", "history/", "change/", "versions/1/", "withdraw/"])
def test_a_hidden_record_answers_like_one_that_does_not_exist(path: str) -> None:
    """SEC-5."""
    hidden = factories.registered("registrar", named=["officer"], **factories.secret("top-secret"))
    client = desk("archivist")
    found = client.get(f"/records/{hidden.pk}/{path}")
    missing = client.get(f"/records/00000000-0000-4000-8000-000000000000/{path}")
    assert found.status_code == missing.status_code == 404
    assert re.sub(rb"csrf.*?>", b"", found.content) == re.sub(rb"csrf.*?>", b"", missing.content)


def test_masked_values_are_shown_by_a_reasoned_act() -> None:
    """SEC-6, SEC-7."""
    fields = {"identity_number": factories.IDENTITY_NUMBER}
    record = factories.registered(record_type="identity-document", fields=fields, department=None, parties=[])
    client = desk("archivist")
    page = client.get(reverse("desk:record", args=[record.pk])).content.decode()
    assert factories.IDENTITY_NUMBER not in page
    url = reverse("desk:reveal", args=[record.pk, "identity_number"])
    assert client.post(url, {"reason": ""}).status_code == 400
    assert factories.IDENTITY_NUMBER in client.post(url, {"reason": "核对开户"}).content.decode()
    assert AuditEvent.objects.get(action="reveal").reason == "核对开户"


def test_staff_may_not_reveal() -> None:
    """SEC-6."""
    fields = {"identity_number": factories.IDENTITY_NUMBER}
    record = factories.registered(record_type="identity-document", fields=fields, department=None, parties=[])
    url = reverse("desk:reveal", args=[record.pk, "identity_number"])
    assert desk("staff").post(url, {"reason": "因为"}).status_code == 403


# --- bytes and pages --------------------------------------------------------------------------------------------------------


def component_of(record: Record) -> Any:
    """The first file of its current version."""
    return record.versions.first().components.first()


def test_a_page_is_a_picture_that_carries_the_viewer() -> None:
    """PRT-4, SEC-2: two people see the same page with different watermarks; a public page carries none."""
    record = factories.filed()
    url = reverse("desk:page", args=[record.pk, component_of(record).pk, 1])
    mine, other = desk("staff").get(url), desk("legal").get(url)
    assert mine["Content-Type"] == "image/png"
    assert "no-store" in mine["Cache-Control"]
    assert mine.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert mine.content != other.content
    public = factories.filed(tier="public")
    url = reverse("desk:page", args=[public.pk, component_of(public).pk, 1])
    assert desk("staff").get(url).content == desk("legal").get(url).content


@pytest.mark.parametrize(("username", "status", "reason"), [("staff", 403, "not-allowed"), ("staff2", 404, "unknown")])
def test_a_refused_look_is_in_the_trail_with_its_record_and_address(username: str, status: int, reason: str) -> None:
    """SEC-7."""
    record = factories.filed(**factories.secret("secret"))
    looks = [reverse("desk:history", args=[record.pk]), reverse("desk:page", args=[record.pk, component_of(record).pk, 1])]
    for url in looks:
        assert desk(username).get(url).status_code == status
    events = AuditEvent.objects.filter(actor=factories.person(username), action="refused:look")
    assert set(events.values_list("subject", "reason", "from_address")) == {(str(record.pk), reason, "127.0.0.1")}
    assert events.count() == len(looks)


def test_a_refused_act_is_written_once() -> None:
    """SEC-7: its verb writes it, the page does not again."""
    record = factories.filed()
    assert desk("staff").post(reverse("desk:reveal", args=[record.pk, "identity_number"]), {"reason": "x"}).status_code in {403, 404}
    assert AuditEvent.objects.filter(actor=factories.person("staff"), action__startswith="refused:").count() == 1


@pytest.mark.parametrize(("username", "status"), [("staff", 403), ("staff2", 404), ("archivist", 200)])
def test_pages_words_and_bytes_ask_for_the_record_itself(username: str, status: int) -> None:
    """SEC-4: one gate for every byte stream (lesson U4)."""
    record = factories.filed(**factories.secret("secret"))
    part = component_of(record)
    for name in ("desk:page", "desk:words"):
        assert desk(username).get(reverse(name, args=[record.pk, part.pk, 1])).status_code == status
    assert desk(username).get(reverse("desk:content", args=[record.pk, part.pk])).status_code == status


def test_a_page_that_is_not_there_is_not_found() -> None:
    """CAP-2."""
    record = factories.filed()
    part = component_of(record)
    assert desk("staff").get(reverse("desk:page", args=[record.pk, part.pk, 3])).status_code == 404


def test_bytes_come_whole_in_part_or_not_at_all() -> None:
    """RFC 9110: 206 for a range, 416 beyond the end; the name is the file's own."""
    record = factories.filed()
    url = reverse("desk:content", args=[record.pk, component_of(record).pk])
    client = desk("staff")
    whole = client.get(url)
    assert b"".join(whole.streaming_content) == factories.pdf()
    assert whole["Content-Disposition"] == 'attachment; filename="scan.pdf"'
    some = client.get(url, headers={"range": "bytes=10-19"})
    assert (some.status_code, b"".join(some.streaming_content)) == (206, factories.pdf()[10:20])
    last = client.get(url, headers={"range": "bytes=-5"})
    assert b"".join(last.streaming_content) == factories.pdf()[-5:]
    beyond = client.get(url, headers={"range": f"bytes={len(factories.pdf())}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(factories.pdf())}")
    assert AuditEvent.objects.filter(action="download").count() >= 1


def test_readers_of_a_secret_record_do_not_download() -> None:
    """SEC-2: the tier lets readers look, not take along."""
    record = factories.filed(**factories.secret("secret"))
    url = reverse("desk:content", args=[record.pk, component_of(record).pk])
    assert desk("head").get(url).status_code == 403
    assert desk("head").get(reverse("desk:record", args=[record.pk])).status_code == 200


@pytest.mark.parametrize(("username", "seen"), [("admin", True), ("staff", False)])
def test_the_way_to_the_workbench_is_shown_to_those_who_may_enter(username: str, seen: bool) -> None:
    """look.md, two faces."""
    assert ('href="/workbench/"' in desk(username).get("/search/").content.decode()) is seen


@pytest.mark.parametrize("split", ["one", "each"])
def test_files_that_are_not_there_are_refused_at_the_form(split: str) -> None:
    """CAP-1: whatever stands where the number of a file should."""
    answer = desk("archivist").post("/register/", typed(uploads=["a", "b"], split=split))
    assert answer.status_code == 404
    assert not Record.objects.exists()


def test_a_refused_yes_or_no_is_marked_as_one_group_and_keeps_its_hint() -> None:
    """PRT-5: the first input that is wrong is found by its mark; error and hint are both read out."""
    contract = RecordType.objects.get(slug="contract")
    FieldDefinition.objects.create(record_type=contract, key="stamped", name="盖章", kind="yes-no", help="Look at the last page.", order=99)
    page = desk("archivist").post("/register/", typed(**{"f.stamped": "perhaps"})).content.decode()
    group = re.search(r'<div class="field[^"]*" role="radiogroup"[^>]*>', page)
    assert group is not None
    assert 'aria-invalid="true"' in group[0]
    assert 'aria-describedby="f-stamped-error f-stamped-hint"' in group[0]


def test_the_organisation_is_called_what_its_administrator_wrote() -> None:
    """PRT-1."""
    Organisation.objects.update_or_create(pk=1, defaults={"name": "Mill & Sons"})
    assert text_of(desk("staff").get("/")).count("Mill &amp; Sons") == 2
    assert "Mill &amp; Sons" in Client().get("/accounts/sign-in/").content.decode()


# --- retention -------------------------------------------------------------------------------------------------------------


def test_the_schedule_shown_is_the_one_that_counts() -> None:
    """RET-1: that of the class for the type, before the class's own."""
    record = factories.registered()
    short = Schedule.objects.create(slug="short", name="短期 3 年", years=3, trigger="signing")
    TypeSchedule.objects.create(record_class=record.record_class, record_type=record.record_type, schedule=short)
    page = text_of(desk("archivist").get(reverse("desk:record", args=[record.pk])))
    assert "短期 3 年" in page
    assert "合同 10 年" not in page


@pytest.mark.parametrize(("waiting_for", "said"), [("permanent", "Kept for good."), ("schedule", "its class has no retention schedule")])
def test_what_has_no_due_date_says_why_in_words(waiting_for: str, said: str) -> None:
    """RET-2."""
    record = factories.registered()
    Record.objects.filter(pk=record.pk).update(due=None, waiting_for=waiting_for)
    assert said in text_of(desk("archivist").get(reverse("desk:record", args=[record.pk])))
