"""Loans through the API: shapes, order of errors, the digital journey from request to page image (interface.md, "Loans")."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from records.models import AuditEvent, Loan, User
from tests.factories import filed, loan_policies, person, secret
from tests.portal.callers import Api, problem_of
from tests.portal.test_desk_pages import desk, text_of

pytestmark = pytest.mark.django_db
LATER = str(timezone.localdate() + timedelta(days=7))
SHAPE = {
    "id", "number", "record", "borrower", "use", "purpose", "from", "until", "state", "overdue", "steps", "copies", "pages",
    "queue_position", "extends", "issued_at", "returned_at", "condition", "incident",
}  # fmt: skip


@pytest.fixture(autouse=True)
def policies():
    """As shipped."""
    loan_policies()


def wanted(record, **values):
    return {"record": str(record.pk), "use": "view", "purpose": "核对付款条件", "until": LATER} | values


def asked(record, who="staff", **values):
    answer = Api(who).post("/loans/", wanted(record, **values))
    assert answer.status_code == 201, answer.content
    return answer.json()


def component_of(record):
    return record.versions.get().components.get().pk


def test_from_request_to_page_and_back():  # LND-1, LND-2, LND-4
    record = filed(**secret("secret"))
    page = f"/records/{record.pk}/components/{component_of(record)}/pages/1.png"
    staff, head = Api("staff"), Api("head")
    assert staff.get(page).status_code == 403
    loan = asked(record)
    assert set(loan) == SHAPE
    assert (loan["state"], loan["steps"][0]["duty"], loan["steps"][0]["waits_for"]) == ("requested", "head", ["head"])
    assert head.get("/loans/?waiting_for_me=1").json()["count"] == 1
    decided = head.post(f"/loans/{loan['id']}/decide/", {"decision": "approve"}).json()
    assert (decided["state"], decided["steps"][0]["decided_by"]) == ("active", "head")
    assert head.get("/loans/?waiting_for_me=1").json()["count"] == 0
    assert staff.get(page).status_code == 200
    assert staff.get(f"/records/{record.pk}/").json()["may"] == ["view"]
    assert staff.get(f"/records/{record.pk}/components/{component_of(record)}/content").status_code == 403
    assert staff.post(f"/loans/{loan['id']}/return/").json()["state"] == "returned"
    assert staff.get(page).status_code == 403


def test_a_day_as_end_counts_whole_in_the_portals_zone():
    loan = asked(filed(**secret("secret")))
    assert loan["until"].startswith(str(timezone.localdate() + timedelta(days=8)))
    assert "T00:00:00" in loan["until"]


def test_it_serves_nothing_a_second_after_its_end():  # LND-4
    record = filed(**secret("secret"))
    loan = asked(record)
    Api("head").post(f"/loans/{loan['id']}/decide/", {"decision": "approve"})
    Loan.objects.update(since=timezone.now() - timedelta(days=1), until=timezone.now() - timedelta(seconds=1))
    staff = Api("staff")
    assert staff.get(f"/records/{record.pk}/components/{component_of(record)}/pages/1.png").status_code == 403
    assert staff.get(f"/loans/{loan['id']}/").json()["state"] == "expired"
    assert staff.get("/loans/?state=expired&mine=1").json()["count"] == 1


def test_several_records_are_asked_for_at_once_all_or_none():
    one, other = filed(**secret("secret")), filed(**secret("secret"))
    body = wanted(one) | {"record": None, "records": [str(one.pk), str(other.pk)]}
    assert len(Api("staff").post("/loans/", body).json()["results"]) == 2
    Loan.objects.all().delete()
    mixed = body | {"records": [str(one.pk), str(filed().pk)]}  # the second one can be opened anyway
    assert Api("staff").post("/loans/", mixed).status_code == 409
    assert not Loan.objects.exists()
    assert AuditEvent.objects.filter(action="refused:request_loan", actor=person("staff")).count() == 1  # SEC-7


@pytest.mark.parametrize(
    ("who", "change", "status"),
    [
        (None, {}, 401),
        ("staff2", {}, 404),  # may not know of it
        ("staff", {"record": "nothing"}, 404),
        ("staff", {"borrower": "head"}, 403),
        ("staff", {"purpose": ""}, 400),
        ("staff", {"until": "2020-01-01"}, 400),
        ("staff", {"use": "eat"}, 400),
        ("staff", {"record": None}, 400),
        ("staff", {"colour": "red"}, 400),
        ("manager", {}, 409),  # reads it anyway
    ],
)
def test_what_is_refused_and_how(who, change, status):
    record = filed(**secret("secret"))
    answer = Api(who).post("/loans/", wanted(record) | change)
    assert answer.status_code == status, answer.content
    problem_of(answer, status)
    assert not Loan.objects.exists()


def test_a_read_token_asks_for_nothing():
    assert Api("staff", scope="read").post("/loans/", wanted(filed(**secret("secret")))).status_code == 403


def test_one_original_over_the_counter():  # LND-5, LND-11
    record = filed()
    loan = asked(record, use="original")
    archivist = Api("archivist2")
    archivist.post(f"/loans/{loan['id']}/decide/", {"decision": "approve"})
    assert Api("staff").post(f"/loans/{loan['id']}/issue/", {"copies": 1, "pages": 9}).status_code == 403
    issued = archivist.post(f"/loans/{loan['id']}/issue/", {"copies": 1, "pages": 9, "condition": "完好"}).json()
    assert (issued["state"], issued["pages"], issued["condition"]) == ("active", 9, "完好")
    assert Api("staff").post(f"/loans/{loan['id']}/confirm/").status_code == 200
    assert archivist.post(f"/loans/{loan['id']}/return/", {"copies": 1, "pages": 8}).status_code == 409
    back = archivist.post(f"/loans/{loan['id']}/return/", {"copies": 1, "pages": 8, "damage": "缺一页"}).json()
    assert (back["state"], back["incident"]) == ("returned", True)


def test_out_of_turn_and_ones_own_is_409():
    loan = asked(filed(**secret("confidential")), "head")
    for who in ("head", "manager"):
        first = Api(who).post(f"/loans/{loan['id']}/decide/", {"decision": "approve"})
        assert first.status_code == (409 if who == "head" else 200)
    assert Api("manager").post(f"/loans/{loan['id']}/decide/", {"decision": "approve"}).status_code == 409


def test_a_deputy_is_named_and_acts():
    head = Api("head")
    body = {"deputy": "legal", "from": str(timezone.localdate()), "until": LATER}
    assert head.post("/deputies/", body).status_code == 201
    assert head.post("/deputies/", body | {"deputy": "head"}).status_code == 400
    assert head.post("/deputies/", body | {"until": "2020-01-01"}).status_code == 400
    assert Api("legal").get("/deputies/").json()["results"][0]["person"] == "head"
    loan = asked(filed(**secret("secret")))
    done = Api("legal").post(f"/loans/{loan['id']}/decide/", {"decision": "approve"}).json()
    assert (done["steps"][0]["decided_by"], done["steps"][0]["on_behalf_of"]) == ("legal", "head")


def test_a_loan_of_others_is_not_there():  # SEC-5
    loan = asked(filed(**secret("secret")))
    for who in ("staff2", "legal", "admin"):
        assert Api(who).get(f"/loans/{loan['id']}/").status_code == 404
        assert Api(who).get("/loans/").json()["count"] == 0
        assert Api(who).post(f"/loans/{loan['id']}/decide/", {"decision": "approve"}).status_code == 404


def test_the_list_takes_a_fixed_number_of_queries(django_assert_max_num_queries):
    record = filed(**secret("secret"))
    for _each in range(6):
        asked(record)
    staff = Api("staff")
    staff.get("/loans/")
    with django_assert_max_num_queries(24):
        assert staff.get("/loans/").json()["count"] == 6


def test_an_original_is_back_the_same_day_unless_the_approval_says_otherwise():  # LND-5
    record = filed(**secret("secret"))
    today = asked(record, use="original", until="")
    assert parse_datetime(today["until"]) - timezone.now() <= timedelta(days=1)
    longer = asked(record, use="original")
    cards = text_of(desk("head").get("/loans/waiting/"))
    assert "on the premises, back the same day" in cards
    assert "taken along" in cards
    assert not Loan.objects.get(pk=today["id"]).taken_along
    assert Loan.objects.get(pk=longer["id"]).taken_along
    assert "until" in problem_of(Api("staff").post("/loans/", wanted(record, until="")), 400)["errors"]


# --- requests that are sent again -----------------------------------------------------------------------------------


def test_a_repeat_gives_the_first_loan_again():  # interface.md, Idempotency-Key
    record, staff, key = filed(**secret("secret")), Api("staff"), {"Idempotency-Key": "one"}
    first = staff.post("/loans/", wanted(record), headers=key)
    Api("head").post(f"/loans/{first.json()['id']}/decide/", {"decision": "approve"})
    again = staff.post("/loans/", wanted(record), headers=key)
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert Loan.objects.count() == 1
    assert problem_of(staff.post("/loans/", wanted(record, purpose="别的"), headers=key), 409)["code"] == "idempotency-key-used"


def test_a_repeat_for_several_is_all_of_them_again_and_a_refused_one_keeps_nothing():
    records = [filed(**secret("secret")) for _ in range(2)]
    body = {"records": [str(record.pk) for record in records], "use": "view", "purpose": "核对", "until": LATER}
    staff, key = Api("staff"), {"Idempotency-Key": "two"}
    problem_of(staff.post("/loans/", body | {"purpose": ""}, headers=key), 400)
    answers = [staff.post("/loans/", body, headers=key) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert len(answers[0].json()["results"]) == Loan.objects.count() == 2


def test_who_may_no_longer_know_of_the_record_is_not_given_the_answer_again():  # SEC-5
    record, staff, key = filed(**secret("secret")), Api("staff"), {"Idempotency-Key": "three"}
    staff.post("/loans/", wanted(record), headers=key)
    User.objects.filter(username="staff").update(department=None)
    problem_of(staff.post("/loans/", wanted(record), headers=key), 404)


@pytest.mark.parametrize("use", ["original", "view"])
def test_a_list_asks_the_database_as_often_for_ten_as_for_one(use):
    archivist = Api("archivist")
    archivist.get("/loans/")
    costs = []
    for more in (1, 9):
        for _each in range(more):
            asked(filed(**secret("secret")), use=use)
        with CaptureQueriesContext(connection) as asked_for:
            assert archivist.get("/loans/").status_code == 200
        costs.append(len(asked_for))
    assert costs[0] == costs[1]
