"""What a download loan gives: stamped copies, one for each loan, for exactly as long as it runs (LND-4, LND-10)."""

import io
from datetime import datetime, timedelta
from typing import Any

import pypdfium2 as pdfium
import pytest
from django.utils import timezone
from PIL import Image, ImageChops

from portal.serve.jobs import expire_loans
from records import access, audit, filing, lending, outbox, registration, renditions, review, taking
from records.errors import NotAllowed
from records.models import AuditEvent, Loan, LoanRendition, Record, User
from storage import formats, objects
from storage.models import StoredObject
from storage.reconcile import reconcile
from tests import samples
from tests.factories import Contract, incoming, loan_policies, pdf, person, registered, secret
from tests.portal.callers import Api, body_of, problem_of
from tests.portal.test_desk_pages import desk

pytestmark = pytest.mark.django_db
LATER = str(timezone.localdate() + timedelta(days=7))


@pytest.fixture(autouse=True)
def policies() -> None:
    """As shipped."""
    loan_policies()


def kept(content: bytes | None = None, name: str = "p.png") -> Record:
    """A filed secret contract of one file, a small picture."""
    file = incoming(content or samples.picture(), name)
    made = registration.register(actor=person("archivist"), given=Contract(secret("secret")).particulars(), files=[file])
    review.review(actor=person("archivist2"), record_id=made.pk, decision="accept")
    return filing.file_record(actor=person("archivist"), record_id=made.pk)


def white() -> bytes:
    """A picture that is large enough for a stamp to be read."""
    return samples.saved(Image.new("RGB", (400, 300), "white"), "PNG")


def pdf_record() -> Record:
    """The same with a PDF of two pages of text."""
    return kept(pdf(), "scan.pdf")


def lent(record: Record, use: str = "download", who: str = "staff") -> Loan:
    """A running loan."""
    loan = lending.request(actor=person(who), record_id=record.pk, use=use, purpose="核对付款条件", until=LATER)
    return lending.decide(actor=person("head"), loan_id=loan.pk, decision="approve")


def content(record: Record) -> str:
    return f"/records/{record.pk}/components/{component_of(record).pk}/content"


def component_of(record: Record) -> Any:
    return record.versions.get().components.get()


def get(record: Record, who: str = "staff", **headers: str) -> Any:
    return Api(who).get(content(record), headers={name.replace("_", "-"): value for name, value in headers.items()})


def pages_of(data: bytes) -> list[Image.Image]:
    document = pdfium.PdfDocument(data)
    return [page.render(scale=1).to_pil().convert("L") for page in document]


def darker(one: Image.Image, other: Image.Image) -> float:
    """The share of the page that differs."""
    difference = ImageChops.difference(one, other.resize(one.size)).point(lambda value: 255 if value > 24 else 0)
    return difference.histogram()[255] / (one.width * one.height)


# --- the copy ---------------------------------------------------------------------------------------------------------


def test_a_pdf_is_stamped_on_every_page_and_has_no_text_left() -> None:
    record = pdf_record()
    loan = lent(record)
    response = get(record)
    data = body_of(response)

    assert response.status_code == 200
    assert response["Content-Type"] == formats.PDF
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Disposition"] == f'attachment; filename="scan {loan.number}.pdf"'
    assert data != pdf()
    document = pdfium.PdfDocument(data)
    assert len(document) == 2
    assert [page.get_textpage().get_text_range() for page in document] == ["", ""]
    assert document[0].get_size() == pytest.approx(pdfium.PdfDocument(pdf())[0].get_size(), abs=1)
    for before, after in zip(pages_of(pdf()), pages_of(data), strict=True):
        assert darker(before, after) > 0.02  # the watermark runs over the whole page
        lower = (0, after.height * 2 // 3, after.width, after.height)
        assert darker(before.crop(lower), after.crop(lower)) > 0.01


def test_the_copy_is_an_intact_pdf(tmp_path: Any) -> None:  # by the same judgement as what comes in
    record = pdf_record()
    lent(record)
    path = tmp_path / "copy.pdf"
    path.write_bytes(body_of(get(record)))
    assert formats.recognise(path, name="copy.pdf") == formats.Format(formats.PDF, 2)


def test_two_loans_have_two_copies_and_each_only_one() -> None:
    record = kept(white(), "p.png")
    first = lent(record)
    data = body_of(get(record))
    assert body_of(get(record)) == data  # made once
    assert LoanRendition.objects.count() == 1
    lending.recall(actor=person("archivist"), loan_id=first.pk, reason="核对完毕")
    lent(record)
    assert body_of(get(record)) != data


def test_a_picture_keeps_its_format_and_its_pixels() -> None:
    png = white()
    record = kept(png, "photo.png")
    loan = lent(record)
    response = get(record)
    image = Image.open(io.BytesIO(body_of(response)))
    assert (image.format, image.size) == ("PNG", (400, 300))
    assert f"photo {loan.number}.png" in response["Content-Disposition"]
    assert darker(Image.open(io.BytesIO(png)).convert("L"), image.convert("L")) > 0.005


def test_a_tiff_becomes_a_pdf_of_its_pages_and_says_so() -> None:
    record = kept(samples.tiff(3), "scan.tif")
    loan = lent(record)
    response = get(record)
    assert len(pdfium.PdfDocument(body_of(response))) == 3
    assert f"scan.tif {loan.number}.pdf" in response["Content-Disposition"]


def test_what_has_no_pages_is_given_as_it_is_stored() -> None:
    docx = samples.docx()
    record = kept(docx, "合同.docx")
    lent(record)
    assert body_of(get(record)) == docx
    assert not LoanRendition.objects.exists()


def test_many_pages_are_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renditions, "AT_ONCE", 1)
    record = pdf_record()
    lent(record)
    for _twice in range(2):
        refused = get(record)
        assert problem_of(refused, 503)["code"] == "not-ready"
        assert refused["Retry-After"]
    assert outbox.drain(only=["stamp"]) == 1
    assert len(pdfium.PdfDocument(body_of(get(record)))) == 2


def test_the_worker_makes_nothing_for_a_loan_that_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renditions, "AT_ONCE", 1)
    record = pdf_record()
    loan = lent(record)
    get(record)
    lending.recall(actor=person("archivist"), loan_id=loan.pk, reason="泄密调查")
    outbox.drain(only=["stamp"])
    assert not LoanRendition.objects.exists()


# --- who --------------------------------------------------------------------------------------------------------------


def test_a_viewing_loan_gives_no_bytes() -> None:
    record = kept()
    lent(record, "view")
    problem_of(get(record), 403)
    assert Api("staff").get(f"/records/{record.pk}/").json()["may"] == ["view"]


def test_a_download_loan_is_said_and_shown() -> None:
    record = pdf_record()
    lent(record)
    assert Api("staff").get(f"/records/{record.pk}/").json()["may"] == ["view", "download"]
    address = f"/records/{record.pk}/components/{component_of(record).pk}/content"
    assert address in desk("staff").get(f"/records/{record.pk}/").content.decode()
    assert body_of(desk("staff").get(address))[:5] == b"%PDF-"


def test_a_reader_of_the_tier_takes_along_stamped_too_and_the_archivist_as_stored() -> None:
    record = pdf_record()
    for who in ("head", "staff"):  # the head reads secret records, and may not download them
        problem_of(get(record, who), 403)
    loan = Loan.objects.create(
        number="JY-1", record=record, borrower=person("head"), asked_by=person("head"), use="download", purpose="核对",
        state="active", until=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    stamped = body_of(get(record, "head"))
    assert (pdfium.PdfDocument(stamped)[0].get_textpage().get_text_range(), loan.renditions.count()) == ("", 1)
    assert body_of(get(record, "archivist")) == pdf()


def test_an_approved_loan_of_another_record_gives_nothing() -> None:
    record, other = kept(), kept()
    lent(record)
    problem_of(get(other), 403)
    mixed = f"/records/{record.pk}/components/{component_of(other).pk}/content"
    problem_of(Api("staff").get(mixed), 404)


def test_each_download_names_its_loan_in_the_trail() -> None:
    record = kept()
    loan = lent(record)
    body_of(get(record))
    event = AuditEvent.objects.get(action="download")
    assert (event.actor, event.subject, event.reason) == (person("staff"), str(component_of(record).pk), loan.number)


# --- ranges and tags --------------------------------------------------------------------------------------------------


def test_a_range_is_of_the_stamped_copy_and_has_its_tag() -> None:
    record = kept()
    lent(record)
    whole = get(record)
    data = body_of(whole)
    part = get(record, Range="bytes=10-19", If_Range=whole["ETag"])
    assert (part.status_code, body_of(part)) == (206, data[10:20])
    assert part["Content-Range"] == f"bytes 10-19/{len(data)}"
    assert whole["ETag"] != get(record, "archivist")["ETag"]
    assert str(component_of(record).pk) not in whole["ETag"]
    problem_of(get(record, Range="bytes=999999999-"), 416)


def test_a_tag_opens_nothing() -> None:  # never 304 without the right
    record = kept()
    loan = lent(record)
    tag = get(record)["ETag"]
    lending.recall(actor=person("archivist"), loan_id=loan.pk, reason="泄密调查")
    problem_of(get(record, If_None_Match=tag), 403)
    problem_of(get(record, Range="bytes=0-9", If_Range=tag), 403)


# --- until when -------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A hand to set the time with."""

    def at(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return at


def test_at_its_last_second_it_serves_and_a_second_later_nothing(clock: Any) -> None:
    """LND-4: a loan that ends at 17:00 serves nothing at 17:00:01, neither bytes nor pages, however warm they are."""
    record = kept()
    loan = lent(record)
    end = timezone.localtime().replace(hour=17, minute=0, second=0, microsecond=0) + timedelta(days=1)
    Loan.objects.filter(pk=loan.pk).update(until=end)
    page = content(record).replace("/content", "/pages/1.png?width=240")
    for moment, status in ((end - timedelta(seconds=1), 200), (end, 403), (end + timedelta(seconds=1), 403)):
        clock(moment)
        assert [Api("staff").get(path).status_code for path in (content(record), page)] == [status, status]
    desk_page = f"/records/{record.pk}/components/{component_of(record).pk}/pages/1.png"
    assert desk("staff").get(desk_page).status_code == 403


def test_a_page_is_kept_by_no_cache() -> None:
    record = kept()
    lent(record)
    for response in (get(record), Api("staff").get(content(record).replace("/content", "/pages/1.png"))):
        assert "no-store" in response["Cache-Control"]


def large() -> Record:
    """A picture of several segments: its stamped copy has more than one piece."""
    return kept(samples.picture(width=1100, height=1100), "large.png")


def test_a_recall_ends_a_download_in_the_middle() -> None:
    record = large()
    loan = lent(record)
    response = get(record)
    pieces = iter(response.streaming_content)
    assert next(pieces)
    lending.recall(actor=person("archivist"), loan_id=loan.pk, reason="泄密调查")
    with pytest.raises(NotAllowed):
        next(pieces)
    event = AuditEvent.objects.get(action="refused:download", actor=person("staff"), record_id=record.pk)
    assert event.from_address == "127.0.0.1"  # SEC-7: from where, also once the request is answered


def test_an_account_that_is_closed_ends_a_download_in_the_middle() -> None:  # SEC-12
    record = large()
    pieces = iter(get(record, "archivist").streaming_content)
    assert next(pieces)
    User.objects.filter(username="archivist").update(is_active=False)
    with pytest.raises(NotAllowed):
        next(pieces)


def test_what_was_read_before_in_the_same_moment_counts_for_nothing() -> None:
    record = large()
    loan = lent(record)
    with access.one_moment():
        found = taking.stream_content(person("staff"), record.pk, component_of(record).pk, span=lambda _size, _key: None)
        assert next(found.pieces)
        lending.recall(actor=person("archivist"), loan_id=loan.pk, reason="泄密调查")
        with pytest.raises(NotAllowed):
            next(found.pieces)


# --- and gone ---------------------------------------------------------------------------------------------------------


def stamped_copy() -> tuple[Loan, StoredObject]:
    record = kept()
    loan = lent(record)
    body_of(get(record))
    return loan, LoanRendition.objects.get(loan=loan).stored


def test_reconcile_knows_stamped_copies() -> None:  # STO-2
    _loan, stored = stamped_copy()
    report = reconcile(grace=timedelta(0))
    assert stored.key not in [*report.orphan_objects, *report.missing_objects]


@pytest.mark.parametrize("ending", ["recall", "return", "expire"])
def test_its_bytes_go_with_the_loan(ending: str) -> None:
    loan, stored = stamped_copy()
    if ending == "recall":
        lending.recall(actor=person("archivist"), loan_id=loan.pk, reason="泄密调查")
    elif ending == "return":
        assert Api("staff").post(f"/loans/{loan.pk}/return/").status_code == 200
    else:
        Loan.objects.filter(pk=loan.pk).update(since=timezone.now() - timedelta(days=1), until=timezone.now() - timedelta(seconds=1))
        assert expire_loans() == "1 loans ended, 1 stamped copies erased"
    outbox.drain(only=["erase-renditions"])
    stored.refresh_from_db()
    assert (stored.state, objects.exists(stored.key)) == ("erased", False)
    assert LoanRendition.objects.get(loan=loan).erased_at
    assert renditions.erase_ended() == 0  # safe to repeat


def test_a_running_loan_keeps_its_copy() -> None:
    _loan, stored = stamped_copy()
    assert renditions.erase_ended() == 0
    assert objects.exists(stored.key)


def test_a_loan_that_ends_while_it_is_stamped_gets_nothing_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    record = kept()
    loan = lent(record)
    drawn = renditions.stamping.stamped

    def slow(*given: Any, **more: Any) -> Any:
        yield from drawn(*given, **more)
        Loan.objects.filter(pk=loan.pk).update(state="recalled")

    monkeypatch.setattr(renditions.stamping, "stamped", slow)
    before = {each.key for each in objects.listing()}
    problem_of(get(record), 403)
    assert {each.key for each in objects.listing()} <= before
    assert not LoanRendition.objects.exists()


def test_only_its_own_task_opens_content_for_stamping() -> None:
    component = component_of(registered())
    with pytest.raises(NotAllowed):
        access.open_as_service(audit.STAMP_SERVICE, component, task="text")
    with pytest.raises(NotAllowed):
        access.open_as_service(audit.INDEX_SERVICE, component, task="stamp")
