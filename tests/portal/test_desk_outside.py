"""Leaks, releases to outside, the auditor's pages and reasons of access on the desk (SEC-4, SEC-10, SEC-11, AUD-2, AUD-3)."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from records import audit, leaks
from records.models import AuditEvent, Leak, Record, Release, ReleaseState, User
from tests import factories
from tests.portal.test_desk_pages import desk, text_of

pytestmark = pytest.mark.django_db
ASKED = {"organisation": "市审计局", "recipient": "陈科长", "purpose": "年度审计", "basis": "审计法", "form": "paper", "until": ""}


def at(name: str, row: Any) -> str:
    """The address of a page about this record, report or release."""
    return reverse(f"desk:{name}", args=[row.pk])


# --- leaks ----------------------------------------------------------------------------------------------------------


def test_from_the_record_to_the_closed_report() -> None:
    """SEC-10: who knows of the record reports; it is frozen; the officer examines and closes."""
    factories.loan_policies()
    record = factories.filed(**factories.secret("secret"))
    staff, officer = desk("staff"), desk("officer")
    page = staff.get(at("record", record)).content.decode()
    assert at("report-leak", record) in page
    assert at("borrow", record) in page
    assert staff.post(at("report-leak", record), {"what": "复印件在外"}).status_code == 302
    frozen = staff.get(at("record", record))
    assert "A leak was reported." in text_of(frozen)
    assert at("borrow", record) not in frozen.content.decode()
    leak = Leak.objects.get()
    assert "leak reports" in text_of(officer.get("/"))
    assert record.number in text_of(officer.get("/leaks/"))
    assert "Who had it open" in text_of(officer.get(at("leak", leak)))
    assert officer.post(at("leak-examine", leak)).status_code == 302
    refused = officer.post(at("leak-close", leak), {"findings": " "})
    assert (refused.status_code, "Say what was found" in text_of(refused)) == (400, True)
    assert officer.post(at("leak-close", leak), {"findings": "误报"}).status_code == 302
    assert officer.post(at("leak-close", leak), {"findings": "误报"}).status_code == 409
    assert at("borrow", record) in staff.get(at("record", record)).content.decode()


def test_who_has_only_a_paper_learns_nothing_by_reporting() -> None:
    """SEC-5: hidden or missing, what follows looks the same."""
    hidden, pages = factories.filed(title="不可外传的题名"), []
    for number in (hidden.number, "HT-1999-0001"):
        client = desk("staff2")
        answer = client.post(reverse("desk:leak-report"), {"number": number, "what": "复印件在外"}, follow=True)
        leak = Leak.objects.latest("reported_at")
        pages.append([text_of(page).replace(number, "?") for page in (answer, client.get(at("leak", leak)))])
        leak.delete()
    assert pages[0] == pages[1]


def test_a_report_without_number_or_story_keeps_what_was_typed() -> None:
    answer = desk("staff").post(reverse("desk:leak-report"), {"number": "", "what": "在群里看到"})
    assert answer.status_code == 400
    assert "在群里看到" in answer.content.decode()
    assert "Write the number" in text_of(answer)
    assert not Leak.objects.exists()


def test_the_officers_page_names_no_title_of_what_is_closed_to_him() -> None:
    """AUD-2: by id and number."""
    record = factories.filed(title="不可外传的题名")
    leak = leaks.report(actor=factories.person("staff"), record_id=record.pk, what="x")
    page = text_of(desk("officer").get(at("leak", leak))) + text_of(desk("officer").get("/leaks/"))
    assert record.number in page
    assert "不可外传" not in page


# --- releases -------------------------------------------------------------------------------------------------------


def asked(record: Record, **more: str) -> Release:
    """A request through the page."""
    answer = desk("legal2").post(at("ask-release", record), ASKED | more)
    assert answer.status_code == 302, text_of(answer)
    return Release.objects.latest("asked_at")


def test_from_the_record_to_the_register() -> None:
    """SEC-11: asked for, two votes, given, returned."""
    factories.committee()
    record, other = factories.filed(), factories.filed()
    assert at("ask-release", record) in desk("legal2").get(at("record", record)).content.decode()
    assert at("ask-release", record) not in desk("staff").get(at("record", record)).content.decode()
    release = asked(record, others=f"{other.number}\n")
    assert release.records.count() == 2
    for who in ("officer", "manager"):
        client = desk(who)
        assert "releases to outside" in text_of(client.get("/"))
        assert "wait for your vote: 1" in text_of(client.get("/loans/waiting/"))
        assert release.number in text_of(client.get("/releases/"))
        assert client.post(at("release-act", release), {"act": "approve"}).status_code == 302
    archivist = desk("archivist")
    assert archivist.post(at("release-act", release), {"act": "return"}).status_code == 409
    assert archivist.post(at("release-act", release), {"act": "give", "text": "盖骑缝章"}).status_code == 302
    assert archivist.post(at("release-act", release), {"act": "return", "text": "完好"}).status_code == 302
    assert Release.objects.get().state == ReleaseState.RETURNED
    register = text_of(archivist.get("/releases/", {"state": "returned", "organisation": "审计", "number": record.number}))
    assert release.number in register
    assert release.number not in text_of(archivist.get("/releases/", {"organisation": "法院"}))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"organisation": " "}, "This field is required."),
        ({"until": "2020-01-01"}, "The last day is today or one to come"),
        ({"others": "HT-1999-0001"}, "There is no record with this number."),
    ],
)
def test_bad_requests_keep_what_was_typed(wrong: dict[str, str], sentence: str) -> None:
    factories.committee()
    answer = desk("legal2").post(at("ask-release", factories.filed()), ASKED | wrong)
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    assert "陈科长" in answer.content.decode()
    assert not Release.objects.exists()


@pytest.mark.parametrize(("act", "status"), [({"act": "reject"}, 400), ({"act": "eat"}, 400), ({}, 400), ({"act": "give"}, 403)])
def test_bad_acts(act: dict[str, str], status: int) -> None:
    factories.committee()
    release = asked(factories.filed())
    assert desk("officer").post(at("release-act", release), act).status_code == status
    assert Release.objects.get().state == ReleaseState.REQUESTED


# --- the trail ------------------------------------------------------------------------------------------------------


def test_days_of_the_trail_are_found_by_its_index() -> None:
    """A trail of ten years is not read to show one day of it."""
    with CaptureQueriesContext(connection) as asked:
        desk("auditor").get("/audit/", {"from": "2026-11-21", "to": "2026-11-22"})
    assert not [each["sql"] for each in asked if "records_auditevent" in each["sql"] and "date_cast" in each["sql"].lower()]
    listed = next(each["sql"] for each in asked if 'ORDER BY "records_auditevent"."at" DESC' in each["sql"])
    assert '"records_auditevent"."at" >= ' in listed


def test_the_trail_by_record_person_and_day() -> None:
    """AUD-2."""
    record, other = factories.filed(title="不可外传的题名"), factories.filed()
    auditor = desk("auditor")
    for wanted in (record.number, str(record.pk)):
        page = text_of(auditor.get("/audit/", {"record": wanted}))
        assert record.number in page
        assert other.number not in page
        assert "不可外传" not in page
    assert "No events" in text_of(auditor.get("/audit/", {"actor": "staff"}))
    assert "No events" in text_of(auditor.get("/audit/", {"to": "2020-01-01"}))
    wrong = auditor.get("/audit/", {"from": "gestern"})
    assert (wrong.status_code, "Write a day" in text_of(wrong)) == (400, True)
    assert AuditEvent.objects.filter(action="search", actor__username="auditor", subject__startswith="register=audit record=").count() == 2


def test_the_trail_is_taken_along_and_that_is_an_event() -> None:
    """AUD-2, SEC-7: everything about access, nothing of the content."""
    record = factories.filed(title="不可外传的题名")
    audit.record_event(actor=factories.person("staff"), action="search", subject="=1+1")
    auditor = desk("auditor")
    text = auditor.get("/audit/export/", {"as": "csv"}).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert len(lines) == AuditEvent.objects.exclude(action="export").count() + 1
    assert record.number in text
    assert "不可外传" not in text
    assert "'=1+1" in text  # no formula
    sheet = load_workbook(io.BytesIO(auditor.get("/audit/export/", {"as": "xlsx", "record": record.number}).content)).active
    assert {row[4] for row in sheet.iter_rows(min_row=2, values_only=True)} == {record.number}
    assert AuditEvent.objects.filter(action="export", actor__username="auditor").count() == 2


@pytest.mark.parametrize("query", [{"as": "pdf"}, {"as": "csv", "from": "gestern"}])
def test_bad_exports(query: dict[str, str]) -> None:
    assert desk("auditor").get("/audit/export/", query).status_code == 400
    assert not AuditEvent.objects.filter(action="export").exists()


def test_unusual_use_is_a_page(settings: Any) -> None:
    """AUD-3."""
    settings.MUNIMENT_UNUSUAL_REFUSALS = 2
    hidden = factories.registered()
    User.objects.filter(username="staff2").update(username="staff+2")
    assert "Nothing unusual" in text_of(desk("officer").get("/audit/unusual/"))
    for _each in range(2):
        desk("staff+2").get(at("record", hidden))
    page = desk("auditor").get("/audit/unusual/")
    assert "refused 2 times or more within 60 minutes" in text_of(page)
    assert "/audit/?actor=staff%2B2" in page.content.decode()


def test_a_look_at_a_listing_is_in_the_trail() -> None:
    """SEC-7: once for a sitting, and apart from looks at the content."""
    record = factories.filed(**factories.secret("secret"))
    for _each in range(2):
        desk("staff").get(at("record", record))
    seen = AuditEvent.objects.filter(record_id=record.pk, actor=factories.person("staff"))
    assert [event.action for event in seen] == ["view-listing"]


# --- why ------------------------------------------------------------------------------------------------------------


def test_why_not_and_the_way_in() -> None:
    """SEC-4, LND-2."""
    factories.loan_policies()
    record = factories.filed(**factories.secret("confidential"))
    assert at("access", record) in desk("staff").get(at("record", record)).content.decode()
    page = text_of(desk("staff").get(at("access", record)))
    assert "Not cleared for" in page
    assert "class HT is open to department sales" in page
    assert "department head of the asker → general manager" in page
    assert desk("staff").get(at("access", record), {"person": "head"}).status_code == 403


def test_the_officer_asks_about_others() -> None:
    record = factories.filed(record_class="GZ", record_type="general", fields={}, parties=[])
    officer = desk("officer")
    assert "About another person" in text_of(officer.get(at("access", record)))
    assert f"Why can or can&#x27;t {factories.person('staff2')} see this?" in officer.get(
        at("access", record), {"person": "staff2"}
    ).content.decode().replace("'", "&#x27;")
    assert officer.get(at("access", record), {"person": "nobody"}).status_code == 400
