"""Printing: what a tier lets its readers print, the act and its trail, the sheets with their stamp (SEC-2, SEC-7)."""

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pypdfium2 as pdfium
import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image

from portal.shipped import loading
from records import access, entrusting, filing, leaks, lending, printing, registration, review, set_up, stamps, unusual
from records.errors import NotAllowed
from records.models import AuditEvent, Grant, Loan, Proposal, Record, Tier, User
from storage import formats
from tests import samples
from tests.factories import Contract, incoming, loan_policies, pdf, person, registered, secret
from tests.portal.callers import Api, body_of, problem_of
from tests.portal.test_desk_pages import component_of, desk, text_of
from tests.portal.test_stamped_downloads import darker, pages_of
from tests.portal.test_workbench import tier_form

pytestmark = pytest.mark.django_db


def of_tier(slug: str, content: bytes | None = None, name: str = "scan.pdf") -> Record:
    """A filed contract of one file: two pages of text, or what is given."""
    given = Contract(secret(slug)).particulars()
    made = registration.register(actor=person("archivist"), given=given, files=[incoming(content, name)])
    review.review(actor=person("archivist2"), record_id=made.pk, decision="accept")
    return filing.file_record(actor=person("archivist"), record_id=made.pk)


def small(slug: str = "internal") -> Record:
    """One of a single small page."""
    return of_tier(slug, samples.picture(), "p.png")


def sheets(record: Record) -> str:
    return f"/records/{record.pk}/components/{component_of(record).pk}/print"


def printed(record: Record, who: str = "staff", **headers: str) -> Any:
    return Api(who).get(sheets(record), headers={name.replace("_", "-"): value for name, value in headers.items()})


def lent(record: Record, use: str) -> Loan:
    """A running loan of `staff`."""
    until = str(timezone.localdate() + timedelta(days=7))
    loan = lending.request(actor=person("staff"), record_id=record.pk, use=use, purpose="核对付款条件", until=until)
    return lending.decide(actor=person("head"), loan_id=loan.pk, decision="approve")


def may(record: Record, who: str) -> list[str]:
    return Api(who).get(f"/records/{record.pk}/").json()["may"][:3]


# --- who --------------------------------------------------------------------------------------------------------------


def test_the_tier_says_who_prints() -> None:
    """SEC-2: readers where the tier lets them, archivists for their work; who only knows the listing, or nothing, does not."""
    expected = {
        "public": {"staff": 200, "staff2": 200, "archivist": 200},
        "internal": {"staff": 200, "head": 200, "staff2": 404, "archivist": 200},
        "secret": {"staff": 403, "head": 403, "staff2": 404, "archivist": 200},
        "confidential": {"staff": 403, "legal": 403, "archivist": 200},
    }
    found = {slug: {who: printed(record, who).status_code for who in expected[slug]} for slug in expected if (record := small(slug))}
    assert found == expected
    problem_of(Api(None).get(sheets(small())), 401)


def test_what_one_may_is_said() -> None:
    internal, closed = small(), small("secret")
    assert may(internal, "staff") == ["view", "download", "print"]
    assert may(closed, "head") == ["view"]
    assert may(closed, "archivist") == ["view", "download", "print"]
    assert may(closed, "staff") == []


def test_a_tier_that_is_set_so_lets_its_readers_print_or_not() -> None:
    internal, closed = small(), small("secret")
    Tier.objects.filter(slug="secret").update(readers_print=True)
    Tier.objects.filter(slug="internal").update(readers_print=False)
    assert [printed(closed, who).status_code for who in ("head", "staff")] == [200, 403]
    assert [printed(internal, who).status_code for who in ("staff", "archivist")] == [403, 200]


@pytest.mark.parametrize("use", ["view", "download"])
def test_by_a_loan_alone_nothing_is_printed(use: str) -> None:
    """SEC-2: also where the tier lets its readers; a loan for download hands out a stamped copy of its own."""
    loan_policies()
    record = small("secret")
    Tier.objects.filter(slug="secret").update(readers_print=True)
    lent(record, use)
    problem_of(printed(record), 403)
    assert "print" not in may(record, "staff")
    assert sheets(record) not in desk("staff").get(reverse("desk:record", args=[record.pk])).content.decode()


def test_a_file_of_another_record_or_none_is_not_there() -> None:
    record, other = small(), small("secret")
    for component in (component_of(other).pk, uuid4(), "nothing", "%00"):
        problem_of(Api("staff").get(f"/records/{record.pk}/components/{component}/print"), 404)
    problem_of(Api("staff").get(f"/records/nothing/components/{component_of(record).pk}/print"), 404)


# --- the sheets -------------------------------------------------------------------------------------------------------


def test_every_page_is_drawn_anew_and_stamped() -> None:
    """SEC-2: pictures of pages under the watermark, no text, kept by no cache; each printer has a stamp of their own."""
    record = of_tier("internal")
    response = printed(record)
    data = body_of(response)
    assert (response["Content-Type"], response["Cache-Control"]) == (formats.PDF, "no-store")
    assert response["Content-Disposition"] == 'inline; filename="scan.pdf"'
    document = pdfium.PdfDocument(data)
    assert [page.get_textpage().get_text_range() for page in document] == ["", ""]
    for before, after in zip(pages_of(pdf()), pages_of(data), strict=True):
        assert darker(before, after) > 0.02
    assert body_of(printed(record, "head")) != data


def test_a_tier_without_watermark_prints_its_pages_as_they_are() -> None:
    white = samples.saved(Image.new("RGB", (1200, 900), "white"), "PNG")
    page = {slug: pages_of(body_of(printed(of_tier(slug, white, "p.png"))))[0] for slug in ("public", "internal")}
    assert page["public"].getextrema() == (255, 255)
    assert darker(page["public"], page["internal"]) > 0.005


def test_the_stamp_names_who_when_and_that_it_was_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 23, 8, 5, tzinfo=UTC))
    with translation.override("en"), timezone.override("Asia/Shanghai"):
        assert stamps.of_print(person("staff")) == ["李静 staff 2026-11-23 16:05 printed"]


def test_a_file_of_an_older_version_is_printed_too() -> None:
    record = small()
    former = sheets(record)
    registration.add_version(actor=person("archivist"), record_id=record.pk, files=[incoming()], reason="补扫")
    assert len(pdfium.PdfDocument(body_of(Api("staff").get(former)))) == 1


def test_a_format_without_pages_is_refused_with_a_sentence() -> None:
    record = of_tier("internal", samples.docx(), "合同.docx")
    with translation.override("en"):
        refused = problem_of(printed(record, accept_language="en"), 409)
    assert "no pages" in refused["detail"]
    assert not AuditEvent.objects.filter(action="print").exists()
    problem_of(printed(of_tier("secret", samples.docx(), "合同.docx"), "head"), 403)


@pytest.mark.parametrize("state", ["withdrawn", "destroyed", "transferred"])
def test_content_that_is_gone_is_not_printed(state: str) -> None:
    record = registered() if state == "withdrawn" else small()
    Record.objects.filter(pk=record.pk).update(state=state)
    problem_of(printed(record), 410)
    Tier.objects.filter(slug="internal").update(readers_print=False)
    problem_of(printed(record), 403)  # who may not is not told that there is nothing


# --- until when -------------------------------------------------------------------------------------------------------


def begun(record: Record, who: str = "staff") -> Iterator[bytes]:
    """The pieces after the first page of two."""
    pieces = iter(printed(record, who).streaming_content)
    assert next(pieces)
    assert next(pieces)
    return pieces


def no_more_printing(_record: Record) -> None:
    Tier.objects.filter(slug="internal").update(readers_print=False)


def closed_account(_record: Record) -> None:
    User.objects.filter(username="staff").update(is_active=False)


def no_grant(_record: Record) -> None:
    Grant.objects.filter(department__slug="sales").delete()


def other_tier(record: Record) -> None:
    """One that everybody prints, and that has no watermark: what was stamped for the former one is not mixed with it."""
    Record.objects.filter(pk=record.pk).update(tier=Tier.objects.get(slug="public"))


def erased(record: Record) -> None:
    Record.objects.filter(pk=record.pk).update(state="destroyed")


@pytest.mark.parametrize("end", [no_more_printing, closed_account, no_grant, other_tier, erased])
def test_a_right_that_is_lost_ends_the_drawing(end: Any) -> None:
    """SEC-2, SEC-7: no further page, and the refusal stands in the trail with the address that asked."""
    record = of_tier("internal")
    pieces = begun(record)
    end(record)
    with pytest.raises(NotAllowed):
        list(pieces)
    event = AuditEvent.objects.get(action="refused:print")
    assert (event.actor, event.record_id, event.subject) == (person("staff"), record.pk, str(component_of(record).pk))
    assert (event.reason, event.from_address) == ("not-allowed", "127.0.0.1")


def test_while_the_right_stands_all_pages_come() -> None:
    assert b"%%EOF" in b"".join(begun(of_tier("internal")))


def test_a_right_that_is_lost_before_the_first_page_is_one_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    record, drawn = small(), printing.stamping.leaves

    def slow(*given: Any, **more: Any) -> Any:
        for leaf in drawn(*given, **more):
            no_more_printing(record)
            yield leaf

    monkeypatch.setattr(printing.stamping, "leaves", slow)
    problem_of(printed(record), 403)
    assert list(AuditEvent.objects.filter(action__startswith="refused:").values_list("action", flat=True)) == ["refused:print"]


# --- the trail --------------------------------------------------------------------------------------------------------


def test_each_printing_says_who_when_why_and_from_where() -> None:
    """SEC-7."""
    record = small()
    for _twice in range(2):
        printed(record, x_purpose="audit 2026")
    events = AuditEvent.objects.filter(action="print")
    assert len(events) == 2  # each is paper of its own
    for event in events:
        assert (event.actor, event.record_id, event.subject) == (person("staff"), record.pk, str(component_of(record).pk))
        assert (event.reason, event.from_address) == ("audit 2026", "127.0.0.1")
    assert timezone.now() - events[0].at < timedelta(minutes=5)


def test_a_refused_try_stands_in_the_trail_once() -> None:
    """SEC-7: of a record that the person may know of with the file, of another one by the id that was asked for."""
    listed, hidden = small("secret"), small()
    problem_of(printed(listed, "head"), 403)
    problem_of(printed(listed, "staff"), 403)
    problem_of(printed(hidden, "staff2"), 404)
    tries = AuditEvent.objects.filter(action__startswith="refused:").order_by("at")
    part = str(component_of(listed).pk)
    assert [(event.actor_name, event.action, event.record_id, event.subject, event.reason) for event in tries] == [
        ("head", "refused:print", listed.pk, part, "not-allowed"),
        ("staff", "refused:print", listed.pk, part, "not-allowed"),
        ("staff2", "refused:print", None, str(hidden.pk), "unknown"),
    ]


def test_the_auditor_reads_it_in_words() -> None:
    record = small()
    printed(record)
    with translation.override("en"):
        page = text_of(desk("auditor").get("/audit/", {"action": "print"}))
    assert "printed" in page[page.index("When Who What") :]


def test_printing_counts_as_opening(settings: Any) -> None:
    """AUD-3, SEC-10: it is unusual like downloading, and whoever printed is named to who examines a leak."""
    settings.MUNIMENT_UNUSUAL_RECORDS = 2
    records = [small(), small()]
    for record in records:
        printed(record)
    since = timezone.now() - timedelta(hours=1)
    assert ("many-records", "staff") in [(finding.rule, finding.name) for finding in unusual.found_since(since)]
    leak = leaks.report(actor=person("head"), record_id=records[0].pk, what="复印件在外")
    assert [(row.username, row.action) for row in leaks.opened_by(leak)] == [("staff", "print")]


# --- the desk ---------------------------------------------------------------------------------------------------------


def on_desk(record: Record) -> str:
    return reverse("desk:print", args=[record.pk, component_of(record).pk])


def page_of(record: Record, who: str) -> str:
    return desk(who).get(reverse("desk:record", args=[record.pk])).content.decode()


def test_the_record_page_offers_it_where_it_is_allowed() -> None:
    internal, closed, text = small(), small("secret"), of_tier("internal", samples.docx(), "合同.docx")
    assert on_desk(internal) in page_of(internal, "staff")
    assert body_of(desk("staff").get(on_desk(internal)))[:5] == b"%PDF-"
    assert on_desk(closed) in page_of(closed, "archivist")
    for record, who in ((closed, "head"), (closed, "staff"), (text, "staff")):
        assert on_desk(record) not in page_of(record, who)
    assert [desk(who).get(on_desk(closed)).status_code for who in ("head", "staff", "staff2")] == [403, 403, 404]
    assert desk("staff").get(on_desk(text)).status_code == 409


def test_a_purpose_is_asked_first_and_stands_with_the_printing() -> None:
    """LND-12, SEC-7."""
    Tier.objects.filter(slug="secret").update(asks_purpose=True)
    record = small("secret")
    client = desk("archivist")
    assert on_desk(record) not in page_of(record, "archivist")
    refused = client.get(on_desk(record))
    assert refused.status_code == 403
    assert "opened for a purpose" in text_of(refused)
    assert not AuditEvent.objects.filter(action="print").exists()
    for purpose in ("核对付款条件", "庭审"):
        client.post(reverse("desk:open", args=[record.pk]), {"purpose": purpose})
    assert client.get(on_desk(record)).status_code == 200
    assert AuditEvent.objects.get(action="print").reason == "庭审"  # what was stated last in this sitting


# --- set up -----------------------------------------------------------------------------------------------------------


def test_public_and_internal_ship_printable() -> None:
    assert [row["slug"] for row in loading.rows("tiers") if row["readers_print"]] == ["public", "internal"]


def test_a_house_that_stands_already_gets_what_ships_and_nothing_is_opened() -> None:
    migration = importlib.import_module("records.migrations.0017_printing")
    Tier.objects.update(readers_print=False)
    Tier.objects.filter(slug="public").update(readers_download=False)  # this house took it away
    migration.as_shipped(apps, None)
    assert list(Tier.objects.filter(readers_print=True).values_list("slug", flat=True)) == ["internal"]


def test_an_administrator_lets_nobody_print_alone() -> None:
    """SEC-15."""
    assert "readers_print" in set_up.WAITING["tier"][1]
    record, tier, why = small("secret"), Tier.objects.get(slug="secret"), {"reason": "年度审计"}
    page = desk("admin").get(reverse("tier:edit", args=[tier.pk])).content.decode()
    assert 'name="readers_print"' in page
    assert desk("admin").post(reverse("tier:edit", args=[tier.pk]), tier_form(tier, readers_print="on") | why).status_code == 302
    proposal = Proposal.objects.get()
    assert proposal.payload["changes"] == {"readers_print": True}
    assert not access.may_print(person("head"), record)
    entrusting.decide(actor=person("officer"), proposal_id=proposal.pk, decision="accept")
    assert access.may_print(person("head"), Record.objects.get(pk=record.pk))
