"""Borrowing on the desk: from the record's page to the decision, over the counter and back (LND-1, LND-2, LND-5, LND-7, LND-8, LND-11)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from records import lending, outbox
from records.models import Loan, LoanState, Record
from tests import factories
from tests.portal.test_desk_pages import component_of, desk, text_of

pytestmark = pytest.mark.django_db
WEEK = timezone.localdate() + timedelta(days=7)


@pytest.fixture(autouse=True)
def policies() -> None:
    """As shipped."""
    factories.loan_policies()


def secret() -> Record:
    """A filed secret contract: staff know of it, and may not open it."""
    return factories.filed(**factories.secret("secret"))


def page_of(record: Record) -> str:
    """The picture of the first page."""
    return reverse("desk:page", args=[record.pk, component_of(record).pk, 1])


def asked(record: Record, who: str = "staff", use: str = "view", **more: Any) -> Loan:
    """A request through the page."""
    sent = {"use": use, "purpose": "核对付款条件", "until": str(WEEK)} | more
    answer = desk(who).post(reverse("desk:borrow", args=[record.pk]), sent)
    assert answer.status_code == 302, text_of(answer)
    return Loan.objects.latest("asked_at")


def act(name: str, loan: Loan) -> str:
    """The address of an act on a loan."""
    return reverse(f"desk:loan-{name}", args=[loan.pk])


def approved_original(record: Record, who: str = "staff") -> Loan:
    """An original that waits at the counter."""
    loan = asked(record, who, "original")
    assert desk("archivist").post(act("decide", loan), {"decision": "approve"}).status_code == 302
    return loan


def out(record: Record) -> Loan:
    """An original that was issued."""
    loan = approved_original(record)
    assert desk("archivist2").post(act("issue", loan), {"copies": "1", "pages": "9", "condition": "完好"}).status_code == 302
    return loan


# --- asking ---------------------------------------------------------------------------------------------------------


def test_the_page_says_by_which_loan_it_is_open_and_until_when() -> None:
    """LND-4: it said that the class was open to the borrower and their clearance enough, which was not so."""
    record = secret()
    loan = asked(record)
    desk("head").post(act("decide", loan), {"decision": "approve"})
    page = text_of(desk("staff").get(reverse("desk:record", args=[record.pk])))
    assert f"Loan {loan.number} opens it until {WEEK}." in page
    assert "You may read it because" not in page
    assert "You may read it because" in text_of(desk("head").get(reverse("desk:record", args=[record.pk])))


def test_a_form_that_is_sent_twice_asks_once():  # two tabs, the back button, a double click
    record = secret()
    loan = asked(record)
    again = desk("staff").post(reverse("desk:borrow", args=[record.pk]), {"use": "view", "purpose": "核对付款条件", "until": str(WEEK)})
    assert (again.status_code, loan.number in again.content.decode()) == (409, True)
    assert Loan.objects.count() == 1
    assert "核对付款条件" in again.content.decode()
    asked(record, use="download")
    assert desk("staff").post(act("cancel", loan), {}).status_code == 302
    asked(record)


def test_from_the_closed_record_to_its_page_and_back() -> None:
    """LND-1, LND-2, LND-4: asked for, approved by the head, open, closed by giving it back."""
    record, staff, head = secret(), desk("staff"), desk("head")
    borrow = reverse("desk:borrow", args=[record.pk])
    assert borrow in staff.get(reverse("desk:record", args=[record.pk])).content.decode()
    assert staff.get(page_of(record)).status_code == 403
    loan = asked(record)
    assert f"You asked for it: {loan.number}" in text_of(staff.get(reverse("desk:record", args=[record.pk])))
    mine = text_of(staff.get("/loans/"))
    assert f"waits for {factories.person('head')}" in mine
    assert "requests for loans" in text_of(head.get("/"))
    assert 'class="badge">' in head.get("/loans/").content.decode()
    card = text_of(head.get("/loans/waiting/"))
    assert record.number in card
    assert "核对付款条件" in card
    head.post(act("decide", loan), {"decision": "approve"})
    assert 'class="badge">' not in head.get("/loans/").content.decode()
    assert staff.get(page_of(record)).status_code == 200
    assert staff.post(act("return", loan)).status_code == 302
    assert staff.get(page_of(record)).status_code == 403
    assert "returned" in text_of(staff.get("/loans/"))


def test_what_one_can_open_is_not_offered() -> None:
    """A reader of an internal record needs a loan for paper only; nothing is offered before filing."""
    page = desk("staff").get(reverse("desk:borrow", args=[factories.filed().pk])).content.decode()
    assert 'value="original"' in page
    assert 'value="view"' not in page
    assert 'value="download"' not in page
    assert 'name="borrower"' not in page
    unfiled = factories.registered()
    assert (
        reverse("desk:borrow", args=[unfiled.pk]) not in desk("archivist").get(reverse("desk:record", args=[unfiled.pk])).content.decode()
    )
    assert desk("archivist").get(reverse("desk:borrow", args=[unfiled.pk])).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"purpose": "  "}, "Say what it is needed for."),
        ({"until": "morgen"}, "The end is a day to come"),
        ({"until": "2020-01-01"}, "The end is a day to come"),
        ({"use": "copy", "copies": "many"}, "Say how many copies"),
    ],
)
def test_bad_input_keeps_what_was_typed(wrong: dict[str, str], sentence: str) -> None:
    """The sentence stands at its field."""
    sent = {"use": "original", "purpose": "核对付款条件", "until": str(WEEK)} | wrong
    answer = desk("staff").post(reverse("desk:borrow", args=[factories.filed().pk]), sent)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert 'aria-invalid="true"' in page
    assert sentence in text_of(answer)
    assert f'value="{sent["until"]}"' in page
    assert sent["purpose"] in page
    assert f'value="{sent["use"]}" selected' in page
    assert not Loan.objects.exists()


def test_a_conflict_is_said_in_its_sentence() -> None:
    """Who may read it needs no loan for viewing."""
    sent = {"use": "view", "purpose": "核对付款条件", "until": str(WEEK)}
    answer = desk("staff").post(reverse("desk:borrow", args=[factories.filed().pk]), sent)
    assert answer.status_code == 409
    assert "no loan is needed" in text_of(answer)
    assert "核对付款条件" in answer.content.decode()


def test_an_archivist_asks_for_somebody_else_and_sees_it() -> None:
    """LND-3; an unknown name is refused at its field."""
    record = secret()
    loan = asked(record, "archivist", borrower="staff")
    assert loan.borrower == factories.person("staff")
    assert loan.number in text_of(desk("archivist").get("/loans/"))
    refused = {"use": "view", "purpose": "x", "until": str(WEEK), "borrower": "nobody"}
    assert "nobody of this name" in text_of(desk("archivist").post(reverse("desk:borrow", args=[record.pk]), refused))


def test_a_request_is_taken_back() -> None:
    """It waits for nobody any more."""
    loan = asked(secret())
    assert act("cancel", loan) in desk("staff").get("/loans/").content.decode()
    assert desk("staff").post(act("cancel", loan)).status_code == 302
    assert loan.number not in text_of(desk("head").get("/loans/waiting/"))


def test_prolonging_is_a_new_request() -> None:
    """LND-8, LND-11."""
    loan = asked(secret())
    desk("head").post(act("decide", loan), {"decision": "approve"})
    staff = desk("staff")
    assert act("extend", loan) in staff.get("/loans/").content.decode()
    refused = staff.post(act("extend", loan), {"until": "2020-01-01", "reason": "还未核完"})
    assert refused.status_code == 400
    assert "还未核完" in refused.content.decode()
    assert staff.post(act("extend", loan), {"until": str(WEEK + timedelta(days=7)), "reason": "还未核完"}).status_code == 302
    assert Loan.objects.get(extends=loan).state == LoanState.REQUESTED
    assert loan.number in text_of(desk("head").get("/loans/waiting/"))


# --- deciding -------------------------------------------------------------------------------------------------------


def test_rejecting_needs_a_reason_which_the_borrower_sees() -> None:
    """LND-2: the sentence stands at the card."""
    loan, head = asked(secret()), desk("head")
    refused = head.post(act("decide", loan), {"decision": "reject"})
    assert refused.status_code == 400
    assert f'aria-describedby="error-{loan.pk}"' in refused.content.decode()
    assert head.post(act("decide", loan), {"decision": "reject", "reason": "与工作无关"}).status_code == 302
    assert "与工作无关" in text_of(desk("staff").get("/loans/"))


def test_a_second_decision_is_refused_in_words() -> None:
    """Somebody was first."""
    loan = asked(secret())
    desk("head").post(act("decide", loan), {"decision": "approve"})
    late = desk("head").post(act("decide", loan), {"decision": "approve"})
    assert late.status_code == 409
    assert "decided already" in text_of(late)


def test_many_are_decided_at_once_and_what_is_refused_stays() -> None:
    """Each for itself; nothing chosen, or a rejection without a reason, says so."""
    loans, head = [asked(secret()) for _ in range(3)], desk("head")
    many = reverse("desk:loans-decide")
    assert head.post(many, {"decision": "approve"}).status_code == 400
    chosen = [str(loan.pk) for loan in loans]
    refused = head.post(many, {"decision": "reject", "loan": chosen[:1]})
    assert refused.status_code == 409
    assert f'aria-describedby="error-{chosen[0]}"' in refused.content.decode()
    desk("staff").post(act("cancel", loans[0]))
    answer = head.post(many, {"decision": "approve", "loan": chosen})
    assert answer.status_code == 409
    assert "does not wait for you any more" in text_of(answer)
    assert [Loan.objects.get(pk=pk).state for pk in chosen] == [LoanState.CANCELLED, LoanState.ACTIVE, LoanState.ACTIVE]
    for who, pk in (("staff2", chosen[1]), ("head", "x")):
        assert "does not wait for you any more" in text_of(desk(who).post(many, {"decision": "approve", "loan": [pk]}))


def test_a_closed_result_offers_the_way_to_a_loan() -> None:
    """LND-1: from the search result."""
    record = secret()
    outbox.drain()
    page = desk("staff").get(reverse("desk:search"), {"q": record.number}).content.decode()
    assert reverse("desk:borrow", args=[record.pk]) in page
    assert (
        reverse("desk:borrow", args=[record.pk]) not in desk("archivist").get(reverse("desk:search"), {"q": record.number}).content.decode()
    )


def test_a_loan_of_others_is_not_there() -> None:
    """SEC-5: neither in lists nor under its addresses."""
    loan = asked(secret())
    for who in ("staff2", "legal"):
        assert loan.number not in text_of(desk(who).get("/loans/"))
        assert loan.number not in text_of(desk(who).get("/loans/waiting/"))
        for name in ("cancel", "extend", "return", "report-loss", "issue", "recall"):
            assert desk(who).get(act(name, loan)).status_code == 404
        for name in ("decide", "confirm", "cancel"):
            assert desk(who).post(act(name, loan), {"decision": "approve"}).status_code == 404


def test_a_record_that_went_out_of_sight_is_named_without_a_link() -> None:
    """SEC-5: the borrower knows number and title from the request, the page is not there any more."""
    record = secret()
    loan = asked(record)
    record.record_class.grants.all().delete()
    page = desk("staff").get("/loans/").content.decode()
    assert loan.number in page
    assert reverse("desk:record", args=[record.pk]) not in page


# --- the counter ----------------------------------------------------------------------------------------------------


def test_over_the_counter_and_back() -> None:
    """LND-5, LND-11: issued and counted, confirmed, fewer back only with a word on it, then in its place."""
    record = factories.filed()
    loan, archivist, staff = approved_original(record), desk("archivist2"), desk("staff")
    assert act("issue", loan) in archivist.get("/loans/counter/").content.decode()
    bad = archivist.post(act("issue", loan), {"copies": "1", "pages": "neun", "condition": "完好"})
    assert bad.status_code == 400
    assert 'value="neun"' in bad.content.decode()
    assert 'value="完好"' in bad.content.decode()
    archivist.post(act("issue", loan), {"copies": "1", "pages": "9", "condition": "完好"})
    assert "count not confirmed yet" in text_of(archivist.get("/loans/counter/"))
    assert act("confirm", loan) in staff.get("/loans/").content.decode()
    assert staff.post(act("confirm", loan)).status_code == 302
    assert act("confirm", loan) not in staff.get("/loans/").content.decode()
    fewer = archivist.post(act("return", loan), {"copies": "1", "pages": "8", "place": "A-3"})
    assert fewer.status_code == 409
    assert "Say what happened" in text_of(fewer)
    assert 'value="A-3"' in fewer.content.decode()
    archivist.post(act("return", loan), {"copies": "1", "pages": "8", "place": "A-3", "damage": "缺一页"})
    loan.refresh_from_db()
    assert (loan.state, loan.incident, loan.place) == (LoanState.RETURNED, True, "A-3")
    assert "Out 0" in text_of(archivist.get("/loans/counter/"))
    assert act("confirm", loan) in staff.get("/loans/").content.decode()


def test_the_queue_of_one_original_is_shown_and_kept() -> None:
    """LND-11: who waits cannot be served before it is back."""
    record = factories.filed()
    out(record)
    second = approved_original(record, "legal")
    page = desk("archivist2").get("/loans/counter/")
    assert "1 before" in text_of(page)
    assert act("issue", second) not in page.content.decode()
    assert desk("archivist2").post(act("issue", second), {"copies": "1", "pages": "9"}).status_code == 409


def test_what_is_overdue_is_marked_recalled_and_reported_lost() -> None:
    """LND-7, LND-8."""
    loan, archivist = out(factories.filed()), desk("archivist2")
    ended = timezone.now() - timedelta(days=1)
    Loan.objects.filter(pk=loan.pk).update(since=ended - timedelta(days=7), until=ended)
    assert "overdue" in text_of(archivist.get("/loans/counter/"))
    assert "overdue" in text_of(desk("staff").get("/loans/"))
    assert archivist.post(act("recall", loan)).status_code == 400
    assert archivist.post(act("recall", loan), {"reason": "审计要用"}).status_code == 302
    assert "审计要用" in text_of(desk("staff").get("/loans/"))
    assert desk("staff").post(act("report-loss", loan), {"reason": "找不到了"}).status_code == 302
    loan.refresh_from_db()
    assert (loan.state, loan.incident) == (LoanState.LOST, True)


def test_staff_do_nothing_at_the_counter() -> None:
    """SEC-15: of their own loan neither."""
    loan = approved_original(factories.filed())
    for name in ("issue", "return", "recall"):
        assert desk("staff").get(act(name, loan)).status_code == 403
        assert desk("staff").post(act(name, loan), {"copies": "1", "pages": "9", "reason": "x"}).status_code == 403


# --- queries --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "url"), [("staff", "/loans/"), ("archivist", "/loans/waiting/"), ("archivist2", "/loans/counter/")])
def test_lists_take_a_fixed_number_of_queries(who: str, url: str) -> None:
    """However many there are."""
    client, counted = desk(who), []
    for more in (1, 2):
        for _each in range(more):
            out(factories.filed())
            approved_original(factories.filed())
            asked(factories.filed(), use="original")
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_queue_positions_of_many_are_those_of_each() -> None:
    """One rule for both."""
    record = factories.filed()
    loans = [out(record), *(approved_original(record, who) for who in ("legal", "head"))]
    fresh = [Loan.objects.get(pk=loan.pk) for loan in loans]
    assert [lending.queue_positions(fresh)[loan.pk] for loan in loans] == [0, 1, 2]
    assert [lending.queue_position(loan) for loan in fresh] == [0, 1, 2]
