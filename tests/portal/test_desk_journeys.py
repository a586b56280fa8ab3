"""Review, filing, acts, search and trail on the desk: each journey by the people who walk it."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from records import outbox, reading, review, secrecy
from records.models import NumberEntry, Record, State
from tests import factories
from tests.portal.test_desk_pages import desk, text_of

pytestmark = pytest.mark.django_db


def at(name: str, record: Record, *more: Any) -> str:
    """An address about a record."""
    return reverse(f"desk:{name}", args=[record.pk, *more])


# --- review ---------------------------------------------------------------------------------------------------------------


def test_the_reviewer_accepts_and_comes_to_the_next() -> None:
    """CAP-3."""
    first, second = factories.registered(), factories.registered()
    client = desk("archivist2")
    page = text_of(client.get(at("review", first)))
    assert "Does it agree with the scan?" in page
    assert "HY-2026-03" in page
    answer = client.post(at("review", first), {"decision": "accept"})
    assert answer["Location"] == at("review", second)
    first.refresh_from_db()
    assert (first.state, first.reviewer) == (State.REVIEWED, factories.person("archivist2"))


def test_returning_needs_a_reason_and_reaches_the_registrar_with_it() -> None:
    """CAP-3: it waits in the registrar's own list."""
    record = factories.registered()
    client = desk("archivist2")
    refused = client.post(at("review", record), {"decision": "return"})
    assert refused.status_code == 400
    assert re.search(r'id="reason"[^>]*aria-invalid="true"', refused.content.decode())
    client.post(at("review", record), {"decision": "return", "reason": "第 2 页缺失"})
    mine = desk("archivist")
    assert record.title in text_of(mine.get("/register/returned/"))
    assert "第 2 页缺失" in text_of(mine.get(at("record", record)))


def test_nobody_reviews_what_they_registered() -> None:
    """CAP-3, SEC-15: 409, with the rule in words."""
    record = factories.registered()
    answer = desk("archivist").post(at("review", record), {"decision": "accept"})
    assert answer.status_code == 409
    assert "second person" in text_of(answer)


def test_a_second_review_is_refused() -> None:
    """Compare-and-set: somebody was first."""
    record = factories.reviewed()
    assert desk("registrar").post(at("review", record), {"decision": "accept"}).status_code == 409


# --- filing ---------------------------------------------------------------------------------------------------------------


def test_numbers_are_shown_before_they_are_given_and_in_the_order_chosen() -> None:
    """NUM-4: what the preview shows is what the filing gives."""
    first, second = factories.reviewed(), factories.reviewed()
    order = [str(second.pk), str(first.pk)]
    client = desk("archivist")
    shown = re.findall(r"data-number>(HT-[0-9-]+)<", client.post("/file/", {"do": "preview", "records": order}).content.decode())
    assert len(shown) == 2
    assert not NumberEntry.objects.exists(), "a preview takes nothing"
    assert client.post("/file/", {"do": "file", "records": order}).status_code == 302
    assert [Record.objects.get(pk=pk).number for pk in order] == shown


def test_one_that_cannot_be_filed_keeps_all_from_filing_and_is_named() -> None:
    """NUM-4: all or nothing."""
    good = factories.reviewed()
    late = factories.reviewed()
    client = desk("archivist")
    desk("registrar").post("/file/", {"do": "file", "records": [str(late.pk)]})
    answer = client.post("/file/", {"do": "file", "records": [str(good.pk), str(late.pk)]})
    assert answer.status_code == 409
    good.refresh_from_db()
    assert good.number is None


def test_filing_names_important_fields_once_more() -> None:
    """CAP-5."""
    record = factories.reviewed()
    assert "Important fields are still empty" in text_of(
        desk("archivist").post("/file/", {"do": "file", "records": [str(record.pk)]}, follow=True)
    )


def test_the_report_of_numbers_proves_that_none_is_missing() -> None:
    """NUM-6."""
    record = factories.filed()
    page = text_of(desk("archivist").get("/numbers/"))
    assert "none missing" in page
    assert record.number[:7] in page


# --- acts -----------------------------------------------------------------------------------------------------------------


def test_a_change_keeps_what_two_people_typed_apart() -> None:
    """409 for the second, with everything still in the form, and a way to look at the record as it is now."""
    record = factories.registered()
    sent = {"title": "甲改的题名", "revision": record.revision}
    assert desk("archivist").post(at("change", record), sent).status_code == 302
    late = desk("archivist2").post(at("change", record), sent | {"title": "乙改的题名"})
    assert late.status_code == 409
    assert 'value="乙改的题名"' in late.content.decode()
    record.refresh_from_db()
    assert record.title == "甲改的题名"


def test_a_filed_record_is_changed_with_a_reason() -> None:
    """The refusal stands at the field."""
    record = factories.filed()
    client = desk("archivist")
    answer = client.post(at("change", record), {"title": "新题名"})
    assert answer.status_code == 400
    assert re.search(r'id="reason"[^>]*aria-invalid="true"', answer.content.decode())
    assert client.post(at("change", record), {"title": "新题名", "reason": "笔误"}).status_code == 302
    record.refresh_from_db()
    assert record.title == "新题名"


def test_the_parties_stay_when_the_form_did_not_touch_them() -> None:
    """A person's number, which the form does not show, is not lost by another change."""
    parties = [{"name": "陈某", "role": "party_a", "kind": "person", "identity_number": factories.IDENTITY_NUMBER}]
    record = factories.registered(parties=parties)
    client = desk("archivist")
    page = client.get(at("change", record)).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(parties_were|revision)" value="([^"]*)"', page))
    row = {f"party_{key}": re.findall(rf'name="party_{key}" value="([^"]*)"', page)[:1] for key in ("name", "id", "number")}
    sent = {"title": "新题名", "party_role": ["party_a"], "party_kind": ["person"], **hidden, **row}
    assert client.post(at("change", record), sent).status_code == 302
    detail = reading.detail(factories.person("archivist"), record.pk)
    assert detail.parties[0].identifiers.get()


def test_what_cannot_be_undone_takes_two_steps_and_a_reason() -> None:
    """look.md: the page names its object; nothing happens before the second step."""
    record = factories.registered(title="滨江苑监理合同")
    client = desk("archivist")
    page = text_of(client.get(at("withdraw", record)))
    assert "滨江苑监理合同" in page
    assert "erased for good" in page
    assert client.post(at("withdraw", record), {"reason": ""}).status_code == 400
    record.refresh_from_db()
    assert record.state == State.REGISTERED
    assert client.post(at("withdraw", record), {"reason": "重复登记"}).status_code == 302
    record.refresh_from_db()
    assert record.state == State.WITHDRAWN


def test_a_number_is_voided_and_stays_in_the_register() -> None:
    """NUM-2."""
    record = factories.filed()
    number = record.number
    assert number in text_of(desk("archivist").get(at("void", record)))
    desk("archivist").post(at("void", record), {"reason": "归错类目"})
    entry = NumberEntry.objects.get(number=number)
    assert (entry.void, entry.void_reason) == (True, "归错类目")


def test_records_are_related_by_number_and_shown_on_both_ends() -> None:
    """CAP-8; a number that is hidden is no number (SEC-5)."""
    one, other = factories.filed(title="主合同"), factories.filed(title="补充协议")
    client = desk("archivist")
    assert client.post(at("relate", other), {"kind": "amends", "other": "HT-9999-0001"}).status_code == 400
    assert client.post(at("relate", other), {"kind": "amends", "other": one.number}).status_code == 302
    assert "is amended by" in text_of(client.get(at("record", one)))
    assert "amends" in text_of(client.get(at("record", other)))


def test_a_new_version_stands_beside_the_old_one() -> None:
    """CAP-7: earlier versions stay readable."""
    record = factories.filed()
    client = desk("archivist")
    from tests.portal.test_desk_pages import factories_file

    assert client.post(at("add-version", record), {"reason": "补扫"}).status_code == 400
    assert client.post(at("add-version", record), {"reason": "补扫", "files": factories_file(None, "neu.pdf")}).status_code == 302
    page = text_of(client.get(at("record", record)))
    assert "Version 2" in page
    assert "not reviewed yet" in page
    assert "not the current one" in text_of(client.get(at("version", record, 1)))


def test_a_change_of_tier_waits_for_a_second_person() -> None:
    """SEC-14."""
    record = factories.filed()
    desk("archivist").post(at("propose-tier", record), {"tier": "secret", "until": "P10Y", "reason": "含交割价格"})
    assert "含交割价格" not in text_of(desk("archivist").get("/tiers/"))
    client = desk("archivist2")
    assert "含交割价格" in text_of(client.get("/tiers/"))
    change = secrecy.waiting_for(factories.person("archivist2"))[0]
    url = reverse("desk:tier-decide", args=[change.pk])
    assert client.post(url, {"decision": "reject"}).status_code == 400
    assert client.post(url, {"decision": "accept"}).status_code == 302
    record.refresh_from_db()
    assert record.tier.slug == "secret"


# --- search ---------------------------------------------------------------------------------------------------------------


def found_by(username: str, **query: Any) -> Any:
    """The page of results, after everything that waits was worked."""
    outbox.drain(only={"text", "index"})
    return desk(username).get("/search/", query)


def test_two_characters_of_the_text_find_the_record_with_its_page() -> None:
    """FND-1, FND-3, FND-9: the passage, its page, and an address that opens it there."""
    record = factories.filed()
    answer = found_by("staff", q="违约")
    page = answer.content.decode()
    assert "<mark>违约</mark>" in page
    assert "p. 1" in text_of(answer)
    address = re.search(rf'href="(/records/{record.pk}/\?q=[^"]*#p1)"', page)
    assert address is not None
    opened = desk("staff").get(address[1].replace("&amp;", "&")).content.decode()
    assert re.search(r'data-page="1" data-hits="[1-9]', opened)


def test_the_words_of_a_page_come_with_the_boxes_of_the_hits() -> None:
    """FND-9."""
    record = factories.filed()
    outbox.drain(only={"text", "index"})
    part = record.versions.first().components.first()
    words = desk("staff").get(at("words", record, part.pk, 1), {"q": "违约"}).json()
    assert words["words"]
    assert words["hits"]
    assert all(0 <= edge <= 1 for hit in words["hits"] for box in hit for edge in box)
    assert "违约金" in words["text"].replace("\n", "")


def test_where_copying_is_closed_there_is_no_text_to_select() -> None:
    """LND-4, SEC-2: hits are marked all the same."""
    record = factories.filed(**factories.secret("secret"))
    outbox.drain(only={"text", "index"})
    part = record.versions.first().components.first()
    words = desk("head").get(at("words", record, part.pk, 1), {"q": "违约"}).json()
    assert (words["words"], words["text"]) == ([], "")
    assert words["hits"]
    assert 'data-do="text"' not in desk("head").get(at("record", record)).content.decode()
    open_one = factories.filed()
    outbox.drain(only={"text", "index"})
    assert 'data-do="text"' in desk("head").get(at("record", open_one)).content.decode()


def test_a_closed_record_is_found_by_its_title_and_says_that_it_is_closed() -> None:
    """SEC-2, SEC-5: not by its content."""
    factories.filed(title="股权转让框架协议", **factories.secret("secret"))
    answer = found_by("staff", q="股权转让")
    assert "takes a clearance" in text_of(answer)
    assert "0 records" in text_of(found_by("staff", q="违约金"))


def test_filters_stand_in_the_address_and_can_be_taken_away() -> None:
    """look.md: chips that remember."""
    factories.filed(title="甲合同")
    factories.filed(title="乙制度", record_class="GZ", record_type="regulation", fields={}, parties=[], tier="public", department=None)
    both = found_by("staff", q="违约")
    assert "2 records" in text_of(both)
    assert "?q=%E8%BF%9D%E7%BA%A6&amp;record_class=GZ" in both.content.decode()
    one = found_by("staff", q="违约", record_class="GZ")
    assert "1 record" in text_of(one)
    assert "乙制度" in text_of(one)
    assert "Remove filter" in one.content.decode()


def test_pages_view_shows_pictures_of_readable_pages_only() -> None:
    """look.md: only what may be read has a picture."""
    record = factories.filed(title="违约处理合同")
    closed = factories.filed(title="违约秘密合同", **factories.secret("secret"))
    page = found_by("staff", q="违约", view="pages").content.decode()
    assert re.search(rf"/records/{record.pk}/components/[^/]+/pages/1\.png", page)
    assert f"/records/{closed.pk}/components" not in page
    assert '<rect class="hit"' in page


def test_what_cannot_be_asked_is_refused_with_a_sentence() -> None:
    """FND-1."""
    answer = desk("staff").get("/search/", {"date_from": "gestern"})
    assert answer.status_code == 400
    assert "2026-11-23" in text_of(answer)


def test_while_the_engine_is_away_search_says_so(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    """FND-8: 503 with Retry-After, and the rest of the desk works."""
    settings.MUNIMENT_DATA = tmp_path
    (tmp_path / "index").write_text("no index")
    answer = desk("staff").get("/search/", {"q": "违约"})
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "nothing will be missing" in text_of(answer)
    assert desk("staff").get("/").status_code == 200


def test_suggestions_are_what_the_person_may_know_of() -> None:
    """FND-10, U3."""
    factories.filed(title="股权转让协议")
    factories.filed("registrar", "officer", title="股权绝密协议", named=["officer"], **factories.secret("top-secret"))
    outbox.drain(only={"index"})
    answer = text_of(desk("staff").get("/search/suggest/", {"q": "股权"}))
    assert "股权转让协议" in answer
    assert "绝密" not in answer


def test_a_number_typed_into_a_title_or_name_is_masked_where_it_is_found() -> None:
    """SEC-6: in lines, pages and suggestions."""
    parties = [{"name": f"李四{factories.IDENTITY_NUMBER}", "role": "party_b"}]
    record = factories.filed(parties=parties)
    Record.objects.filter(pk=record.pk).update(title=f"张三{factories.IDENTITY_NUMBER}.pdf")  # as it was before titles were checked
    outbox.drain(only={"index"})
    for page in (found_by("staff", q="张三"), found_by("staff", view="pages"), desk("staff").get("/search/suggest/", {"q": "张三"})):
        assert "1101**********002X" in page.content.decode()
        assert factories.IDENTITY_NUMBER not in page.content.decode()


# --- trail ----------------------------------------------------------------------------------------------------------------


def test_the_auditor_reads_acts_by_number_never_by_title() -> None:
    """AUD-2."""
    record = factories.filed(title="不可见题名")
    desk("staff").get(at("record", record))
    page = text_of(desk("auditor").get("/audit/", {"action": "view"}))
    assert record.number in page
    assert "李静" in page
    assert "不可见题名" not in page


# --- size -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["/", "/review/", "/file/"])
def test_lists_ask_the_database_as_often_for_many_rows_as_for_one(url: str) -> None:
    """Habit of the house: a fixed number of queries per page (U9)."""
    factories.registered("archivist2")
    factories.reviewed("archivist2", "registrar")
    few = _queries(url)
    for _number in range(3):
        factories.registered("archivist2")
        factories.reviewed("archivist2", "registrar")
    assert _queries(url) == few


def test_results_ask_the_database_as_often_for_many_rows_as_for_one() -> None:
    """The same for search, in both views."""
    factories.filed()
    counted = {view: _search_queries(view) for view in ("lines", "pages")}
    for _number in range(3):
        factories.filed()
    assert counted == {view: _search_queries(view) for view in ("lines", "pages")}


def _queries(url: str) -> int:
    client = desk("archivist")
    client.get(url)
    with CaptureQueriesContext(connection) as caught:
        client.get(url)
    return len(caught)


def _search_queries(view: str) -> int:
    outbox.drain(only={"text", "index"})
    return _queries(f"/search/?q=违约&view={view}")


def test_a_review_by_the_next_person_is_open_after_a_change() -> None:
    """CAP-3: who changed a record does not review it; the registrar still does not."""
    record = factories.registered()
    review.review(actor=factories.person("archivist2"), record_id=record.pk, decision="accept")
    desk("archivist2").post(at("change", record), {"title": "改过的题名"})
    assert desk("archivist2").post(at("review", record), {"decision": "accept"}).status_code == 409
    assert desk("registrar").post(at("review", record), {"decision": "accept"}).status_code == 302


def test_the_administrator_sees_how_the_regular_jobs_went() -> None:
    """PRT-1."""
    from portal.models import Job

    Job.objects.update_or_create(name="backup-probe", defaults={"due": timezone.now(), "failed": True, "result": "away"})
    page = text_of(desk("admin").get("/"))
    assert "backup-probe" in page
    assert "failed" in page
    assert "backup-probe" not in text_of(desk("staff").get("/"))


def test_a_preview_keeps_the_filter_of_its_class() -> None:
    """look.md: filters stand in the address."""
    contract = factories.reviewed(title="甲合同")
    factories.reviewed(title="乙制度", record_class="GZ", record_type="regulation", fields={}, parties=[], tier="public", department=None)
    answer = desk("archivist").post("/file/?class=HT", {"do": "preview", "records": [str(contract.pk)]})
    assert "甲合同" in text_of(answer)
    assert "乙制度" not in text_of(answer)
    assert 'action="/file/?class=HT"' in answer.content.decode()
