"""Copies on paper on the desk and through the API: lists, acts, the printed sheets (LND-6, LND-12)."""

from datetime import timedelta
from typing import Any

import pypdfium2 as pdfium
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.content import printed
from records import counter, lending
from records.errors import NotAllowed
from records.models import AuditEvent, Loan, LoanCopy, Record, User
from tests import factories
from tests.factories import filed, pdf, person
from tests.portal.callers import Api, body_of, problem_of
from tests.portal.test_desk_pages import desk, text_of
from tests.portal.test_stamped_downloads import darker, pages_of

pytestmark = pytest.mark.django_db
LATER = str(timezone.localdate() + timedelta(days=7))
SHAPE = {
    "id", "number", "loan", "record", "holder", "purpose", "due", "state", "overdue", "issued_at", "returned_at", "destroyed_at",
    "destroyed_by", "witness", "reason", "may",
}  # fmt: skip


@pytest.fixture(autouse=True)
def policies() -> None:
    """As shipped."""
    factories.loan_policies()


def issued(record: Record, number: int = 1, who: str = "staff") -> list[LoanCopy]:
    loan = lending.request(actor=person(who), record_id=record.pk, use="copy", purpose="诉讼证据", until=LATER, copies=number)
    lending.decide(actor=person("registrar"), loan_id=loan.pk, decision="approve")
    counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=number, pages=2)
    return list(loan.issued_copies.order_by("number"))


def act(name: str, copy: LoanCopy) -> str:
    return reverse(f"desk:copy-{name}", args=[copy.pk])


# --- API --------------------------------------------------------------------------------------------------------------


def test_the_list_is_asked_by_state_and_holder() -> None:
    first, second = issued(filed(), 2)
    archivist = Api("archivist")
    found = archivist.get("/copies/?state=out&holder=staff").json()
    assert found["count"] == 2
    assert set(found["results"][0]) == SHAPE
    assert found["results"][0]["may"] == ["print", "return", "destroy", "report_loss"]
    archivist.post(f"/copies/{first.pk}/return/")
    assert [row["number"] for row in archivist.get("/copies/?state=out").json()["results"]] == [second.number]
    assert archivist.get("/copies/?holder=head").json()["count"] == 0
    mine = {row["number"]: row["may"] for row in Api("staff").get("/copies/").json()["results"]}
    assert mine == {first.number: [], second.number: ["report_loss"]}
    assert Api("legal").get("/copies/").json()["count"] == 0


def test_from_issue_to_the_witness() -> None:
    """Two steps under two accounts; the loan is over when none of its copies is out."""
    first, second = issued(filed(), 2)
    done = Api("archivist").post(f"/copies/{first.pk}/destroy/", {"reason": "用毕"}).json()
    assert (done["state"], done["destroyed_by"], done["witness"]) == ("destroying", "archivist", None)
    problem_of(Api("archivist").post(f"/copies/{first.pk}/witness/"), 409)
    done = Api("legal").post(f"/copies/{first.pk}/witness/").json()
    assert (done["state"], done["witness"]) == ("destroyed", "legal")
    assert Api("staff").get(f"/loans/{first.loan_id}/").json()["state"] == "active"
    Api("archivist").post(f"/copies/{second.pk}/return/")
    assert Api("staff").get(f"/loans/{first.loan_id}/").json()["state"] == "returned"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("destroy", {}, 400),
        ("destroy", {"reason": " "}, 400),
        ("destroy", {"reason": "用毕", "witness": "legal"}, 400),
        ("report-loss", {"reason": ""}, 400),
        ("return", {"reason": "x" * 501}, 400),
        ("witness", {}, 409),
        ("witness", {"reason": "x"}, 400),
    ],
)
def test_bad_input(path: str, body: dict[str, str], status: int) -> None:
    [copy] = issued(filed())
    problem_of(Api("archivist").post(f"/copies/{copy.pk}/{path}/", body), status)
    problem_of(Api("archivist").post(f"/copies/nothing/{path}/", body), 404)
    copy.refresh_from_db()
    assert copy.state == "out"


@pytest.mark.parametrize("question", ["state=eaten", "loan=nothing", "page=0"])
def test_bad_questions(question: str) -> None:
    problem_of(Api("archivist").get(f"/copies/?{question}"), 404 if "loan" in question else 400)


def test_a_read_token_ends_no_copy() -> None:
    [copy] = issued(filed())
    problem_of(Api("archivist", scope="read").post(f"/copies/{copy.pk}/return/"), 403)


# --- sheets -----------------------------------------------------------------------------------------------------------


def test_every_sheet_names_purpose_number_and_holder() -> None:
    """LND-12: pictures of pages, stamped, no text; the printing is in the trail."""
    first, second = issued(filed(), 2)
    response = Api("archivist").get(f"/copies/{first.pk}/print")
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/pdf", "no-store")
    data = body_of(response)
    document = pdfium.PdfDocument(data)
    assert (len(document), document[0].get_textpage().get_text_range()) == (2, "")
    for before, after in zip(pages_of(pdf()), pages_of(data), strict=True):
        assert darker(before, after) > 0.02
    assert body_of(Api("archivist").get(f"/copies/{second.pk}/print")) != data  # each has its own number
    event = AuditEvent.objects.filter(action="print-copy").earliest("at")
    assert (event.actor, event.subject, event.reason) == (person("archivist"), first.number, "诉讼证据")


def test_only_what_is_out_is_printed_and_not_by_its_holder() -> None:
    [copy] = issued(filed(), who="archivist2")
    problem_of(Api("archivist2").get(f"/copies/{copy.pk}/print"), 409)
    Api("archivist").post(f"/copies/{copy.pk}/return/")
    problem_of(Api("archivist").get(f"/copies/{copy.pk}/print"), 409)


def test_an_account_that_is_closed_prints_no_further_page() -> None:
    [copy] = issued(filed())
    pieces = iter(printed(person("archivist"), copy.pk).streaming_content)
    assert next(pieces)
    assert next(pieces)
    User.objects.filter(username="archivist").update(is_active=False)
    with pytest.raises(NotAllowed):
        list(pieces)
    assert AuditEvent.objects.get(action="refused:print_copy").subject == copy.number  # SEC-7


# --- desk -------------------------------------------------------------------------------------------------------------


def test_the_holder_sees_what_to_bring_back_and_reports_a_loss() -> None:
    [copy] = issued(filed())
    page = desk("staff").get("/loans/")
    assert copy.number in text_of(page)
    assert act("report-loss", copy) in page.content.decode()
    assert act("return", copy) not in page.content.decode()
    refused = desk("staff").post(act("report-loss", copy), {"reason": " "})
    assert refused.status_code == 400
    assert desk("staff").post(act("report-loss", copy), {"reason": "找不到了"}).status_code == 302
    copy.refresh_from_db()
    assert copy.state == "lost"
    assert Loan.objects.get(pk=copy.loan_id).state == "lost"


def test_an_archivist_takes_in_and_destroys_and_a_second_person_confirms() -> None:
    first, second = issued(filed(), 2)
    archivist, other = desk("archivist"), desk("legal")
    page = archivist.get("/copies/").content.decode()
    for name in ("return", "destroy", "print", "report-loss"):
        assert act(name, first) in page
    assert archivist.post(act("return", first)).status_code == 302
    assert archivist.post(act("destroy", second), {"reason": "用毕"}).status_code == 302
    assert act("witness", second) not in archivist.get("/copies/").content.decode()
    tabs = other.get("/loans/").content.decode()
    assert reverse("desk:copies") in tabs
    listed = other.get("/copies/")
    assert act("witness", second) in listed.content.decode()
    assert "用毕" in text_of(other.get(act("witness", second)))
    assert archivist.post(act("witness", second)).status_code == 409
    assert other.post(act("witness", second)).status_code == 302
    assert "witness" in text_of(archivist.get("/copies/?all=1"))
    assert first.number not in text_of(archivist.get("/copies/"))
    assert archivist.get(act("print", first)).status_code == 409  # it is back


def test_a_copy_of_others_is_not_there() -> None:
    """SEC-5."""
    [copy] = issued(filed())
    for who in ("staff2", "legal", "admin"):
        assert copy.number not in text_of(desk(who).get("/copies/?all=1"))
        for name in ("return", "destroy", "witness", "report-loss", "print"):
            assert desk(who).get(act(name, copy)).status_code == 404


def test_the_lists_take_a_fixed_number_of_queries() -> None:
    """However many copies there are."""

    def counted(client: Any, url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    record = filed()
    issued(record, 2)
    clients = {"/loans/": desk("staff"), "/copies/": desk("archivist")}
    few = {url: counted(client, url) for url, client in clients.items()}
    issued(record, 5)
    Loan.objects.exclude(pk=Loan.objects.earliest("asked_at").pk).update(borrower=person("head"))
    assert {url: counted(client, url) for url, client in clients.items()} == few
