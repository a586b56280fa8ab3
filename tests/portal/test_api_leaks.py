"""Leaks, releases, reasons of access and unusual use through the API (SEC-4, SEC-5, SEC-10, SEC-11, AUD-3)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from records.models import AuditEvent, Leak, Release
from tests.factories import committee, filed, loan_policies, person, secret
from tests.portal.callers import Api, problem_of

pytestmark = pytest.mark.django_db
LATER = str(timezone.localdate() + timedelta(days=7))
RELEASE = {"organisation": "市审计局", "recipient": "陈科长", "purpose": "年度审计", "basis": "审计法", "form": "digital", "until": LATER}


def report(who="staff", **body):
    return Api(who).post("/leaks/", {"what": "复印件在外"} | body)


# --- leaks ----------------------------------------------------------------------------------------------------------


def test_a_report_freezes_and_closing_thaws():  # SEC-10
    loan_policies()
    record = filed(**secret("secret"))
    asked = {"record": str(record.pk), "use": "view", "purpose": "核对", "until": LATER}
    leak = report(record=str(record.pk))
    assert (leak.status_code, leak.json()["record"]) == (201, {"id": str(record.pk), "number": record.number})
    assert problem_of(Api("staff").post("/loans/", asked), 409)["code"] == "frozen"
    assert problem_of(Api("staff2").post("/loans/", asked), 404)
    officer = Api("officer")
    assert officer.get("/leaks/?state=reported").json()["count"] == 1
    path = f"/leaks/{leak.json()['id']}/"
    assert officer.post(f"{path}examine/").json()["state"] == "examined"
    assert problem_of(officer.post(f"{path}close/", {"findings": ""}), 400)["errors"]["findings"]
    closed = officer.post(f"{path}close/", {"findings": "误报"}).json()
    assert (closed["state"], closed["closed_by"], closed["findings"]) == ("closed", "officer", "误报")
    assert problem_of(officer.post(f"{path}close/", {"findings": "x"}), 409)
    assert Api("staff").post("/loans/", asked).status_code == 201


def test_hidden_and_missing_numbers_get_one_answer():  # SEC-5
    hidden, queries = filed(**secret("confidential")), []
    for number in (hidden.number, "HT-1999-0001"):
        answer = report("staff2", number=number)
        again = Api("staff2").get(f"/leaks/{answer.json()['id']}/")
        same = {key: value for key, value in again.json().items() if key not in {"id", "number", "reported_at"}}
        queries.append((answer.status_code, answer.json().keys(), same))
    assert queries[0] == queries[1]
    assert queries[0][2]["record"] is None
    seen = {row["number"]: row["record"] for row in Api("officer").get("/leaks/").json()["results"]}
    assert seen[hidden.number] == {"id": str(hidden.pk), "number": hidden.number}
    assert seen["HT-1999-0001"] is None


def test_the_reporter_learns_no_more_than_before():
    leak = report(record=str(filed().pk)).json()
    assert {"findings", "opened_by", "stopped_loans", "closed_by"} & leak.keys() == set()
    whole = Api("officer").get(f"/leaks/{leak['id']}/").json()
    assert {"findings", "opened_by", "stopped_loans", "closed_by"} <= whole.keys()
    assert Api("head").get("/leaks/").json()["count"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"number": "HT-1", "what": " "}, 400),
        ({"what": "x"}, 400),
        ({"number": "  "}, 400),
        ({"number": "9" * 201}, 400),
        ({"number": "HT-1", "what": "x" * 2001}, 400),
        ({"number": "a\0b"}, 400),
        ({"record": "nothing"}, 404),
        ({"record": "00000000-0000-4000-8000-000000000000"}, 404),
        ({"number": "HT-1", "colour": "red"}, 400),
    ],
)
def test_bad_reports(body, status):
    problem_of(report(**body), status)
    assert not Leak.objects.exists()


def test_both_a_record_and_a_number_are_refused():
    problem_of(report(record=str(filed().pk), number="HT-1"), 400)


def test_a_read_token_reports_nothing_and_learns_nothing():
    api = Api("staff2", scope="read")
    problem_of(api.post("/leaks/", {"number": "HT-1", "what": "x"}), 403)
    problem_of(api.post("/leaks/", {"record": str(filed().pk), "what": "x"}), 404)


def test_an_unknown_state_is_refused():
    problem_of(Api("officer").get("/leaks/?state=lost"), 400)
    problem_of(Api("officer").get("/releases/?state=lost"), 400)


# --- releases -------------------------------------------------------------------------------------------------------


def test_from_request_to_return():  # SEC-11
    committee()
    one, other = filed(), filed()
    asked = Api("legal2").post("/releases/", RELEASE | {"records": [str(one.pk), str(other.pk)]})
    assert asked.status_code == 201, asked.content
    row = asked.json()
    assert {each["number"] for each in row["records"]} == {one.number, other.number}
    assert (row["state"], row["until"], len(row["steps"])) == ("requested", LATER, 2)
    assert set(row["steps"][0]["waits_for"]) == {"officer", "manager", "legal"}
    path = f"/releases/{row['id']}/"
    officer = Api("officer")
    assert officer.get("/releases/?waiting_for_me=1").json()["count"] == 1
    assert officer.post(f"{path}decide/", {"decision": "approve"}).json()["state"] == "requested"
    assert problem_of(officer.post(f"{path}decide/", {"decision": "approve"}), 409)["code"] == "not-your-turn"
    assert Api("manager").post(f"{path}decide/", {"decision": "approve"}).json()["state"] == "approved"
    assert problem_of(Api("archivist").post(f"{path}return/"), 409)
    assert Api("archivist").post(f"{path}give/", {"note": "盖骑缝章"}).json()["given_by"] == "archivist"
    assert Api("archivist").post(f"{path}return/", {"note": "完好"}).json()["state"] == "returned"
    assert Api("manager").get("/releases/?organisation=审计").json()["count"] == 1
    assert Api("manager").get(f"/releases/?record={one.pk}&state=returned").json()["count"] == 1


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        (None, {}, 401),
        ("staff2", {}, 404),
        ("staff", {}, 403),
        ("legal", {"organisation": ""}, 400),
        ("legal", {"form": "fax"}, 400),
        ("legal", {"until": "2020-01-01"}, 400),
        ("legal", {"record": None}, 400),
        ("legal", {"record": "nothing"}, 404),
        ("legal", {"colour": "red"}, 400),
        ("staff", {"colour": "red"}, 403),
        ("staff2", {"colour": "red"}, 404),
    ],
)
def test_bad_requests(who, body, status):
    committee()
    problem_of(Api(who).post("/releases/", RELEASE | {"record": str(filed().pk)} | body), status)
    assert not Release.objects.exists()


# --- access and unusual use -----------------------------------------------------------------------------------------


def test_why_names_what_is_missing_and_the_way():  # SEC-4
    loan_policies()
    record = filed(**secret("confidential"))
    found = Api("staff").get(f"/records/{record.pk}/access/").json()
    assert (found["access"], found["missing"]) == ("listed", ["clearance"])
    assert {"use": "view", "steps": ["head", "manager"]} in found["ways"]
    assert found["grants"] == [{"on": "class", "code": "HT", "to": "department", "name": "sales"}]
    problem_of(Api("staff").get(f"/records/{record.pk}/access/?person=head"), 403)
    problem_of(Api("officer").get(f"/records/{record.pk}/access/?person=staff"), 404)  # hidden from the officer
    public = filed(record_class="GZ", record_type="general", tier="public", fields={}, parties=[])
    assert Api("officer").get(f"/records/{public.pk}/access/?person=staff2").json()["person"] == "staff2"
    problem_of(Api("officer").get(f"/records/{public.pk}/access/?person=nobody"), 400)


def test_unusual_use_is_shown(settings):  # AUD-3
    settings.MUNIMENT_UNUSUAL_REFUSALS = 2
    for _each in range(2):
        Api("staff2").get(f"/records/{filed().pk}/")
    (finding,) = [row for row in Api("auditor").get("/audit/unusual/").json()["results"] if row["rule"] == "refusals"]
    assert (finding["actor"], finding["limit"], finding["networks"]) == ("staff2", 2, [])
    assert AuditEvent.objects.filter(actor=person("staff2"), action="refused:look").count() == 2
