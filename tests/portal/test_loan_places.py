"""Scanning at the counter, slips, labels, and what lies where (CUS-1, LND-5)."""

from datetime import timedelta

import pypdfium2
import pytest
from django.urls import reverse
from django.utils import timezone

from portal import paper
from records import counter, lending, places
from records.models import AuditEvent, Loan, Original, Place, Record
from tests import factories
from tests.portal.callers import Api, problem_of
from tests.portal.test_desk_pages import desk, text_of
from tests.portal.test_loan_register import words_of

pytestmark = pytest.mark.django_db
SOON = timezone.localdate() + timedelta(days=7)


@pytest.fixture(autouse=True)
def house() -> None:
    """Policies as shipped, a cabinet with a box."""
    factories.loan_policies()
    archivist = factories.person("archivist")
    places.make(actor=archivist, code="A", name="A柜", kind="cabinet")
    places.make(actor=archivist, code="B07", name="7号盒", kind="box", parent="A", capacity=50)


def approved(record: Record, use: str = "original") -> Loan:
    """What waits at the counter."""
    loan = lending.request(actor=factories.person("staff"), record_id=record.pk, use=use, purpose="核对", until=SOON)
    while loan.state == "requested":
        people = [each.username for each in _turn(loan)]
        lending.decide(actor=factories.person(people[0]), loan_id=loan.pk, decision="approve")
        loan = Loan.objects.get(pk=loan.pk)
    return loan


def _turn(loan: Loan) -> list[object]:
    from records import approvals

    turn = approvals.turn_of(loan.approval)
    assert turn
    return turn.people  # type: ignore[return-value]


def issued(record: Record) -> Loan:
    """An original in staff's hands."""
    return counter.issue(actor=factories.person("archivist2"), loan_id=approved(record).pk, copies=1, pages=9)


# --- scanning -------------------------------------------------------------------------------------------------------


def test_a_slip_leads_to_the_next_act() -> None:
    """To issue what is approved, to return what is out, by number, in small letters, or as the scanner types the whole address."""
    loan, archivist = approved(factories.filed()), desk("archivist")
    for typed in (loan.number, loan.number.lower(), paper.address_of(loan.number), f"  {loan.number}\r\n"):
        answer = archivist.get("/q/", {"code": typed}, follow=True)
        assert answer.redirect_chain[-1][0] == reverse("desk:loan-issue", args=[loan.pk])
    counter.issue(actor=factories.person("archivist2"), loan_id=loan.pk, copies=1, pages=9)
    assert archivist.get(f"/q/{loan.number}/").url == reverse("desk:loan-return", args=[loan.pk])
    counter.give_back(actor=factories.person("archivist2"), loan_id=loan.pk, copies=1, pages=9)
    back = archivist.get(f"/q/{loan.number}/")
    assert back.status_code == 409
    assert f"{loan.number}: returned." in text_of(back)


def test_a_label_leads_to_its_place() -> None:
    assert desk("archivist").get("/q/b07/").url == reverse("desk:place", args=["B07"])
    answer = desk("archivist").get("/q/", {"code": paper.address_of("B07")}, follow=True)
    assert "A柜/7号盒" in text_of(answer)


@pytest.mark.parametrize(
    ("typed", "status"), [("JY-1999-0001", 404), ("Z9", 404), ("", 400), ("  ", 400), ("a/b", 400), ("x" * 300, 400), ("<b>", 404)]
)
def test_an_unknown_code_is_said_and_the_field_stays_ready(typed: str, status: int) -> None:
    answer = desk("archivist").get("/q/", {"code": typed}, follow=True)
    assert answer.status_code == status
    page = answer.content.decode()
    assert 'id="code-error" role="alert"' in page
    assert "autofocus" in page
    assert "<b>" not in page.split('role="alert"')[1].split("</p>")[0]
    assert ("Nothing is known under" in page) == bool(typed.strip())


def test_who_scans_what() -> None:
    """SEC-5: a borrower comes to their own loans; for others there is nothing, known or not."""
    loan = approved(factories.filed())
    assert desk("staff").get(f"/q/{loan.number}/").url == "/loans/"
    for who in ("staff2", "legal", "officer"):
        assert desk(who).get(f"/q/{loan.number}/").status_code == 404
    for who in ("staff", "officer", "manager"):
        assert desk(who).get("/q/B07/").status_code == 404


def test_what_is_hidden_from_an_archivist_is_not_known_under_its_number() -> None:
    """SEC-5."""
    record = factories.filed("registrar", "officer", **factories.secret("top-secret"), named=["registrar", "officer"])
    loan = lending.request(actor=factories.person("officer"), record_id=record.pk, use="original", purpose="核对", until=SOON)
    hidden, missing = (text_of(desk("archivist2").get(f"/q/{number}/")) for number in (loan.number, "JY-1999-0001"))
    assert hidden.replace(loan.number, "") == missing.replace("JY-1999-0001", "")


# --- places ---------------------------------------------------------------------------------------------------------


def test_what_should_be_in_a_box_and_what_is_out() -> None:
    """CUS-1, SEC-5."""
    there, away = (factories.filed(original={"pages": 9, "place": "B07"}) for _each in range(2))
    secret = factories.filed(
        "registrar", "officer", original={"pages": 3, "place": "B07"}, named=["registrar", "officer"], **factories.secret("top-secret")
    )
    loan = issued(away)
    page = text_of(desk("archivist2").get("/places/B07/"))
    assert "2 belong here, 1 of them are out." in page
    assert there.title in page
    assert f"{factories.person('staff')} {loan.number}" in page
    assert secret.title not in page
    assert "2 / 50" in text_of(desk("archivist2").get("/places/"))
    assert there.title in text_of(desk("archivist2").get("/places/A/"))
    assert desk("archivist").get("/places/Z9/").status_code == 404


def test_the_counter_proposes_the_place_that_it_came_from() -> None:
    """LND-5: a return puts it back, or ties it to the place that was scanned."""
    record = factories.filed(original={"pages": 9, "place": "B07"})
    loan, archivist = issued(record), desk("archivist")
    form = archivist.get(reverse("desk:loan-return", args=[loan.pk])).content.decode()
    assert 'name="place" value="B07"' in form
    archivist.post(reverse("desk:loan-return", args=[loan.pk]), {"copies": "1", "pages": "9", "condition": "完好", "place": "a"})
    assert Original.objects.get(record=record).at == places.by_code("A")


def test_places_by_api() -> None:
    archivist = Api("archivist")
    made = archivist.post("/places/", {"code": "B08", "name": "8号盒", "kind": "box", "parent": "A", "capacity": 20})
    assert made.status_code == 201
    shape = {"code": "B08", "name": "8号盒", "kind": "box", "parent": "A", "path": "A柜/8号盒", "capacity": 20}
    assert made.json() == shape
    assert shape | {"tier": None, "tier_mark": None} in archivist.get("/places/").json()["results"]
    assert problem_of(archivist.post("/places/", {"code": "B 9", "name": "9", "kind": "box"}), 400)["errors"]["code"]
    assert problem_of(archivist.post("/places/", {"code": "B08", "name": "9", "kind": "box"}), 409)


def test_places_in_the_workbench() -> None:
    """Archivists set them up; a new name reaches what lies in it; what would lie in a narrower one is refused; the act is in the trail."""
    archivist = desk("archivist")
    cabinet, box = places.by_code("A"), places.by_code("B07")
    assert cabinet
    assert box
    given = {"code": "C1", "name": "C柜", "kind": "cabinet", "parent": "", "capacity": ""}
    assert archivist.post(reverse("place:add"), given).status_code == 302
    assert places.by_code("C1")
    assert AuditEvent.objects.filter(action="setup:add", subject__startswith="place").exists()
    archivist.post(reverse("place:edit", args=[cabinet.pk]), given | {"code": "X", "name": "一号柜"})
    assert Place.objects.get(pk=box.pk).path == "一号柜/7号盒"
    assert places.by_code("A")
    refused = archivist.post(reverse("place:add"), given | {"code": "C2", "parent": str(box.pk)})
    assert refused.status_code == 200
    assert "parent" in refused.context["form"].errors
    assert desk("staff").get(reverse("place:index")).status_code == 302
    assert desk("manager").get(reverse("place:add")).status_code == 302


# --- paper ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tier", "titled"), [("internal", True), ("secret", False), ("confidential", False)])
def test_a_slip_names_no_title_above_internal(tier: str, titled: bool) -> None:
    """LND-5, SEC-5."""
    loan = approved(factories.filed(title="鸿远并购协议", **factories.secret(tier)))
    answer = desk("archivist").get(reverse("desk:slip", args=[loan.pk]))
    words = words_of(answer.content)
    assert answer["Content-Type"] == "application/pdf"
    assert loan.number in words
    assert str(loan.record.number) in words
    assert "李静" in words
    assert ("鸿远并购协议" in words) == titled


def test_words_of_paper_are_not_those_of_pages() -> None:
    """In Chinese the slip's line for the return said 上一页, as the button of a list does (LND-5)."""
    loan = approved(factories.filed())
    words = words_of(desk("archivist").get(reverse("desk:slip", args=[loan.pk]), headers={"accept-language": "zh-CN"}).content)
    assert "归还" in words
    assert "上一页" not in words


def test_who_prints_slips_and_of_what() -> None:
    loan, screen = approved(factories.filed()), approved(factories.filed(**factories.secret("secret")), "view")
    assert desk("staff").get(reverse("desk:slip", args=[loan.pk])).status_code == 200
    assert desk("manager").get(reverse("desk:slip", args=[loan.pk])).status_code == 403
    assert desk("staff2").get(reverse("desk:slip", args=[loan.pk])).status_code == 404
    assert desk("archivist").get(reverse("desk:slip", args=[screen.pk])).status_code == 409


def test_labels_of_a_cabinet_with_all_that_lies_in_it() -> None:
    """CUS-1: twelve to a sheet."""
    for number in range(14):
        places.make(actor=factories.person("archivist"), code=f"D{number:02}", name=f"{number}号盒", kind="box", parent="A")
    made = desk("archivist").get("/places/A/labels/").content
    words = words_of(made)
    assert len(pypdfium2.PdfDocument(made)) == 2
    assert all(f"D{number:02}" in words for number in range(14))
    assert "B07" in words
