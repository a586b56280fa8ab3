"""The loan register, its exports, and the month's report as page, PDF, XLSX and mail (LND-7, LND-9, AUD-2, PRT-7)."""

import hashlib
import io
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pypdfium2
import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal import loan_report as printed
from portal import sheets
from portal.serve.jobs import NeedsPerson
from portal.serve.schedule import registered
from records import counter, lending, outbox
from records.models import AuditEvent, Loan, LoanReport, Record, RecordNamed, User
from tests import factories
from tests.portal.callers import Api, problem_of
from tests.portal.test_desk_pages import desk, text_of

pytestmark = pytest.mark.django_db
SOON = timezone.localdate() + timedelta(days=7)


@pytest.fixture(autouse=True)
def policies() -> None:
    """As shipped."""
    factories.loan_policies()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the time on the clocks here."""

    def put(*parts: int) -> None:
        moment = datetime(*parts, tzinfo=timezone.get_current_timezone())  # type: ignore[arg-type,misc]
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return put


def out(record: Record, who: str = "staff", pages: int = 9) -> Loan:
    """An original in somebody's hands."""
    loan = lending.request(actor=factories.person(who), record_id=record.pk, use="original", purpose="核对", until=SOON)
    lending.decide(actor=factories.person("archivist2"), loan_id=loan.pk, decision="approve")
    return counter.issue(actor=factories.person("archivist"), loan_id=loan.pk, copies=1, pages=pages)


def hidden() -> Loan:
    """An original of a top-secret record, whose name only two people know, in the officer's hands."""
    record = factories.filed("registrar", "officer", **factories.secret("top-secret"), named=["registrar", "officer"])
    RecordNamed.objects.filter(record=record).exclude(user__username__in=["registrar", "officer"]).delete()
    loan = lending.request(actor=factories.person("officer"), record_id=record.pk, use="original", purpose="核对", until=SOON)
    Loan.objects.filter(pk=loan.pk).update(state="approved")
    return counter.issue(actor=factories.person("registrar"), loan_id=loan.pk, copies=1, pages=3)


def sheet_of(content: bytes) -> list[tuple[Any, ...]]:
    """The rows of a workbook."""
    return list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))


def words_of(content: bytes) -> str:
    """The text of a PDF, without breaks."""
    pages = pypdfium2.PdfDocument(content)
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in pages)


# --- the register ---------------------------------------------------------------------------------------------------


def test_the_register_by_reader() -> None:
    """LND-7, SEC-5, AUD-2: titles for who may know them, numbers for the auditor, nothing of what is hidden."""
    plain, secret = out(factories.filed()), hidden()
    archivist = text_of(desk("archivist2").get("/loans/register/"))
    assert plain.number in archivist
    assert plain.record.title in archivist
    assert secret.number not in archivist
    officer = text_of(desk("officer").get("/loans/register/"))
    assert secret.record.title in officer
    auditor = text_of(desk("auditor").get("/loans/register/"))
    assert str(plain.record.number) in auditor
    assert str(secret.record.number) in auditor
    assert plain.record.title not in auditor
    assert secret.record.title not in auditor


def test_filters_and_views() -> None:
    """Each narrows; what cannot be understood stands at its field, and nothing typed is lost."""
    loan, page = out(factories.filed()), desk("archivist")
    assert loan.number in text_of(page.get("/loans/register/?state=out"))
    assert "No loan matches" in text_of(page.get("/loans/register/?state=overdue"))
    Loan.objects.update(since=timezone.now() - timedelta(days=9), until=timezone.now() - timedelta(days=2))
    assert loan.number in text_of(page.get("/loans/register/?state=overdue&borrower=staff&department=sales&use=original"))
    assert loan.number in text_of(page.get(f"/loans/register/?record={loan.record.number}&from=2020-01-01&to=2099-01-01"))
    assert loan.number not in text_of(page.get("/loans/register/?borrower=head"))
    wrong = page.get("/loans/register/?from=gestern&borrower=staff%00")
    assert wrong.status_code == 400
    assert "Write a date" in text_of(wrong)
    assert 'value="staff"' in wrong.content.decode()
    assert page.get("/loans/register/?state=away").status_code == 400
    assert page.get("/loans/register/?from=0001-01-01").status_code == 400
    assert AuditEvent.objects.filter(action="search", subject__startswith="register=loans state=out").exists()


def test_a_queue_stands_by_record_in_its_order() -> None:
    """LND-11."""
    record = factories.filed()
    out(record, "manager")
    for who in ("staff", "head"):
        loan = lending.request(actor=factories.person(who), record_id=record.pk, use="original", purpose="核对", until=SOON)
        lending.decide(actor=factories.person("archivist2"), loan_id=loan.pk, decision="approve")
    page = text_of(desk("archivist").get("/loans/register/?state=queue"))
    table = page[page.index("Over the counter") :]
    assert table.index("1 before") < table.index("2 before")
    assert table.index("李静") < table.index("王部长")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_has_what_the_page_has(kind: str) -> None:
    """PRT-7, SEC-7: all pages, the filters, no formula, in the trail; no titles for the auditor."""
    record = factories.filed(title="=cmd|' /C calc'!A0")
    loan, secret = out(record), hidden()
    answer = desk("archivist2").get(f"/loans/register/?state=out&export={kind}")
    if kind == "csv":
        text = answer.content.decode("utf-8-sig")
        assert "'=cmd" in text
        assert loan.number in text
        assert secret.number not in text
    else:
        heading, *lines = sheet_of(answer.content)
        assert dict(zip(heading, lines[0], strict=True)) | {"Title": "'=cmd|' /C calc'!A0", "Loan number": loan.number} == dict(
            zip(heading, lines[0], strict=True)
        )
        assert len(lines) == 1
    assert AuditEvent.objects.filter(action="export", subject="register=loans state=out", reason="1").exists()
    audited = desk("auditor").get(f"/loans/register/?export={kind}").content
    whole = audited.decode("utf-8-sig") if kind == "csv" else str(sheet_of(audited))
    assert secret.number in whole
    assert "cmd" not in whole
    assert desk("staff").get(f"/loans/register/?export={kind}").status_code == 403


def test_the_register_asks_the_database_as_often_for_many_as_for_one() -> None:
    """Each list has a fixed cost."""
    page, costs = desk("archivist"), []
    page.get("/loans/register/")
    for more in (1, 4):
        for _each in range(more):
            out(factories.filed())
        with CaptureQueriesContext(connection) as asked:
            page.get("/loans/register/")
        costs.append(len(asked))
    assert costs[0] == costs[1]


# --- the report -----------------------------------------------------------------------------------------------------


def test_the_report_as_page_pdf_and_xlsx() -> None:
    """LND-9: the page names titles to who may know them, what leaves the house none."""
    plain, secret = out(factories.filed()), hidden()
    manager = desk("manager")
    page = text_of(manager.get("/loans/report/"))
    assert plain.record.title in page
    assert secret.number in page
    assert secret.record.title not in page
    pdf = manager.get("/loans/report/?format=pdf")
    assert pdf["Content-Type"] == "application/pdf"
    words = words_of(pdf.content)
    for expected in (plain.number, secret.number, plain.record.number, "李静", "绝密"):
        assert expected in words
    assert plain.record.title.replace(" ", "") not in words
    _heading, *lines = sheet_of(manager.get("/loans/report/?format=xlsx").content)
    assert {line[0] for line in lines} == {plain.number, secret.number}
    assert plain.record.title not in str(lines)
    assert secret.number not in text_of(desk("archivist2").get("/loans/report/"))
    assert AuditEvent.objects.filter(action="export", subject__startswith="report=loans").count() == 2


def test_what_is_lost_is_called_lost_in_the_report() -> None:
    """LND-8, LND-9."""
    gone, other = out(factories.filed()), out(factories.filed())
    lending.report_loss(actor=factories.person("archivist"), loan_id=gone.pk, reason="搬迁时遗失")
    manager = desk("manager")
    assert text_of(manager.get("/loans/report/")).split().count("lost") == 1
    uses = {line[0]: line[5] for line in sheet_of(manager.get("/loans/report/?format=xlsx").content)[1:]}
    assert uses == {gone.number: "the original · lost", other.number: "the original"}


def test_the_report_by_api() -> None:
    """The contract's shape; by number alone where the reader may not know more."""
    plain, secret = out(factories.filed()), hidden()
    body = Api("manager").get("/loans/report/").json()
    rows = {row["number"]: row for row in body["results"]}
    assert body["month"] == f"{timezone.localdate():%Y-%m}"
    assert rows[plain.number]["record"]["title"] == plain.record.title
    assert rows[secret.number]["record"] == {"id": None, "number": secret.record.number, "title": None}
    assert {row["record"]["title"] for row in Api("auditor").get("/loans/report/").json()["results"]} == {None}
    assert [row["number"] for row in Api("archivist2").get("/loans/report/").json()["results"]] == [plain.number]


@pytest.mark.parametrize("month", ["2026-13", "november", "9999-12", "2026-1", "%00"])
def test_a_month_that_is_none_is_refused(month: str) -> None:
    assert problem_of(Api("manager").get(f"/loans/report/?month={month}"), 400)["errors"]["month"]
    assert desk("manager").get(f"/loans/report/?month={month}").status_code == 400


def test_pages_of_a_report_go_on() -> None:
    """A long one takes more sheets, each with its headings."""
    report = printed.loan_report.of_month(factories.person("manager"), printed.loan_report.month_of(""))
    line = printed.loan_report.Line(out(factories.filed()), titled=False, last_day=SOON, days_over=3)
    made = printed.pdf(printed.Report(report.month, report.at, [line] * 120))
    assert len(pypdfium2.PdfDocument(made)) > 2
    assert words_of(made).count(line.loan.number) == 120


# --- by itself ------------------------------------------------------------------------------------------------------


def job() -> str:
    """What the scheduler runs every morning."""
    return registered()["send_loan_report"].work()


def test_last_months_report_is_in_the_mail_once(clock: Any) -> None:
    """LND-9: on the 1st, however often the job runs; PDF and XLSX attached, no title in any of them; the PDF's digest is kept."""
    loan, secret = out(factories.filed()), hidden()
    year = timezone.localdate().year
    clock(year + 1, 1, 1, 5, 30)
    assert "goes to 1 people" in job()
    assert job() == job() == "nothing to send"
    outbox.drain(only=["loan-report"])
    outbox.drain(only=["loan-report"])
    (sent,) = mail.outbox
    assert sent.to == ["manager@example.com"]
    assert [name for name, _content, _kind in sent.attachments] == [f"loans-{year}-12.pdf", f"loans-{year}-12.xlsx"]
    pdf, sheet = (content for _name, content, _kind in sent.attachments)
    whole = sent.subject + sent.body + words_of(pdf) + str(sheet_of(sheet))
    assert loan.number in words_of(pdf)
    assert secret.number in str(sheet_of(sheet))
    for record in (loan.record, secret.record):
        assert record.title not in whole
        assert record.title.replace(" ", "") not in whole
    assert LoanReport.objects.get().sha256 == hashlib.sha256(pdf).hexdigest()
    assert f"{year + 1}-01-01" in text_of(desk("manager").get(f"/loans/report/?month={year}-12"))


@pytest.mark.parametrize(
    ("days", "months"),
    [
        ([(2, 28), (3, 1), (3, 2)], ["2027-01", "2027-02"]),  # month ends; the first run of all catches January up
        ([(5, 5), (5, 31)], ["2027-04"]),  # off from the 1st on, back on the 5th, a holiday
        ([(10, 9), (11, 5)], ["2027-09", "2027-10"]),  # back after the 5th: late, and not left out
    ],
)
def test_whatever_days_the_portal_runs_each_month_is_sent_once(clock: Any, days: list[tuple[int, int]], months: list[str]) -> None:
    for month, day in days:
        clock(2027, month, day, 5, 30)
        job()
        job()
    outbox.drain(only=["loan-report"])
    assert sorted(str(row) for row in LoanReport.objects.all()) == months
    assert len(mail.outbox) == len(months)


def test_without_a_reader_it_waits_for_a_person_and_goes_out_later() -> None:
    """Nothing is lost while no general manager can be mailed."""
    User.objects.filter(username="manager").update(email="")
    with pytest.raises(NeedsPerson, match="no general manager"):
        job()
    assert not LoanReport.objects.exists()
    User.objects.filter(username="manager").update(email="manager@example.com")
    assert "goes to 1 people" in job()


def test_who_left_before_the_mail_went_out_gets_none() -> None:
    job()
    User.objects.filter(username="manager").update(is_active=False)
    outbox.drain(only=["loan-report"])
    assert mail.outbox == []


@pytest.mark.parametrize("path", ["/loans/register/?export={kind}", "/audit/export/?as={kind}"])
def test_a_file_takes_so_many_rows_and_no_more(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PRT-7: it is made in memory; whoever wants more narrows it by days."""
    loans = [out(factories.filed()) for _each in range(2)]
    monkeypatch.setattr(sheets, "MOST", 1)
    for kind in ("csv", "xlsx"):
        refused = desk("auditor").get(path.format(kind=kind))
        assert (refused.status_code, "one file takes 1" in text_of(refused)) == (409, True)
    wanted = f"&record={loans[0].record.number}" if "loans" in path else "&action=confirm-issue"
    counter.confirm(actor=factories.person("staff"), loan_id=loans[0].pk)
    assert desk("auditor").get(path.format(kind="csv") + wanted).status_code == 200
