"""Grants, proposals, people's standing and leaving by API (SEC-12, SEC-15)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from records import access, lending
from records.models import ApprovalState, Deputy, DutyHolder, Grant, LoanState, Proposal, ProposalState, Record, RecordNamed, User
from tests.factories import filed, loan_policies, person, registered, secret
from tests.portal.callers import Api, problem_of
from tests.portal.test_desk_pages import component_of, desk

pytestmark = pytest.mark.django_db
WEEK = str(timezone.localdate() + timedelta(days=7))
WHY = {"reason": "岗位调整"}


# --- grants and proposals --------------------------------------------------------------------------------------------


def test_a_grant_is_proposed_confirmed_and_taken_away():
    record, staff2 = filed(), Api("staff2")
    proposed = Api("admin").post("/grants/", {"department": "projects", "record_class": "HT"} | WHY)
    assert proposed.status_code == 202
    assert staff2.get(f"/records/{record.pk}/").status_code == 404

    (waiting,) = Api("officer").get("/proposals/?waiting_for_me=1").json()["results"]
    assert waiting == proposed.json()
    done = Api("officer").post(f"/proposals/{waiting['id']}/decide/", {"decision": "accept"})
    assert (done.json()["state"], done.json()["decided_by"]) == ("accepted", "officer")
    assert staff2.get(f"/records/{record.pk}/").status_code == 200

    newest = Api("admin").get("/grants/").json()["results"][0]
    assert (newest["department"], newest["record_class"], newest["granted_by"]) == ("projects", "HT", "admin")
    assert Api("admin").post(f"/grants/{newest['id']}/revoke/").status_code == 200
    assert staff2.get(f"/records/{record.pk}/").status_code == 404


def test_self_approval_and_ones_own_are_refused():
    DutyHolder.objects.create(user=person("admin"), duty="officer")
    proposed = Api("admin").post("/grants/", {"user": "staff2", "record_class": "HT"} | WHY).json()
    decide = f"/proposals/{proposed['id']}/decide/"

    assert problem_of(Api("admin").post(decide, {"decision": "accept"}), 409)["code"] == "duties-apart"
    assert problem_of(Api("admin").post("/grants/", {"user": "admin", "record_class": "HT"} | WHY), 409)["code"] == "duties-apart"
    assert problem_of(Api("admin").patch("/users/admin/", {"clearance": "secret"} | WHY), 409)["code"] == "duties-apart"
    problem_of(Api("officer").post(decide, {"decision": "reject"}), 400)
    problem_of(Api("officer").post(decide, {"decision": "yes"}), 400)


def test_a_persons_standing_narrows_at_once_and_widens_by_two():
    changed = Api("admin").patch("/users/head/", {"clearance": "top-secret", "duties": ["staff"]} | WHY).json()
    assert (changed["person"]["clearance"], changed["person"]["duties"]) == ("secret", ["staff"])
    assert [each["kind"] for each in changed["proposals"]] == ["clearance"]
    assert Api("officer").get("/users/head/").json() == changed["person"]
    assert Api("admin").patch("/users/head/", {"clearance": None}).json()["person"]["clearance"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"clearance": "cosmic"}, "clearance"),
        ({"department": "none"}, "department"),
        ({"duties": ["king"]}, "duties"),
        ({"groups": ["none"]}, "groups"),
        ({"clearance": "secret", "reason": " "}, "reason"),
        ({"password": "x"}, "password"),  # nobody sets a password for another
    ],
)
def test_what_cannot_be_is_said_at_its_field(body, field):
    assert field in problem_of(Api("admin").patch("/users/staff/", WHY | body), 400)["errors"]


def test_unknown_people_and_proposals_are_nothing():
    problem_of(Api("admin").patch("/users/nobody/", WHY), 404)
    problem_of(Api("admin").post("/users/nobody/leave/", WHY), 404)
    problem_of(Api("officer").post("/proposals/x/decide/", {"decision": "accept"}), 404)
    problem_of(Api("admin").post("/grants/999999/revoke/"), 404)
    problem_of(Api("admin").get("/proposals/?state=lost"), 400)


def test_who_proposed_takes_back_by_api():
    proposed = Api("admin").post("/grants/", {"user": "staff2", "record_class": "HT"} | WHY).json()
    problem_of(Api("officer").post(f"/proposals/{proposed['id']}/withdraw/"), 403)
    assert Api("admin").post(f"/proposals/{proposed['id']}/withdraw/").json()["state"] == "withdrawn"


# --- leaving ---------------------------------------------------------------------------------------------------------


def leave(username, successor="", actor="admin", **values):
    return Api(actor).post(f"/users/{username}/leave/", {"successor": successor, "reason": "离职"} | values)


def test_one_act_ends_everything_of_who_leaves():
    """SEC-12: token, session, running view, requests, deputies, memberships, duties, clearance."""
    loan_policies()
    open_one, other, paper = filed(**secret("secret")), filed(**secret("secret")), filed()
    borrow = {"purpose": "核对", "until": WEEK}
    view = lending.request(actor=person("staff"), record_id=open_one.pk, use="view", **borrow)
    lending.decide(actor=person("head"), loan_id=view.pk, decision="approve")
    asked = lending.request(actor=person("staff"), record_id=other.pk, use="view", **borrow)
    original = lending.request(actor=person("staff"), record_id=paper.pk, use="original", **borrow)
    now = timezone.now()
    Deputy.objects.create(person=person("head"), deputy=person("staff"), since=now - timedelta(days=1), until=now + timedelta(days=9))
    Grant.objects.create(user=person("staff"), record_class=paper.record_class)
    waiting = Api("admin").patch("/users/staff/", {"clearance": "secret"} | WHY).json()["proposals"][0]
    browser, api = desk("staff"), Api("staff")
    page = f"/records/{open_one.pk}/components/{component_of(open_one).pk}/pages/1.png"
    assert browser.get(page).status_code == 200

    done = leave("staff")

    assert done.json() == {"username": "staff", "is_active": False, "successor": None, "records": 0, "loans": 3}
    assert browser.get(page).status_code == 302  # to the door
    problem_of(api.get("/records/"), 401)
    for loan, state in ((view, LoanState.RECALLED), (asked, LoanState.CANCELLED), (original, LoanState.CANCELLED)):
        loan.refresh_from_db()
        assert loan.state == state
    asked.approval.refresh_from_db()
    assert asked.approval.state == ApprovalState.WITHDRAWN
    staff = person("staff")
    assert (staff.duties, staff.clearance, staff.groups.count(), staff.has_usable_password()) == (frozenset(), None, 0, False)
    assert not Deputy.objects.filter(until__gt=timezone.now()).exists()
    assert not Grant.objects.filter(user=staff).exists()
    assert Proposal.objects.get(pk=waiting["id"]).state == ProposalState.WITHDRAWN
    problem_of(leave("staff"), 409)
    User.objects.filter(pk=staff.pk).update(is_active=True)  # nothing comes to life again with the account
    problem_of(api.get("/records/"), 401)
    assert browser.get("/").status_code == 302


def test_records_go_to_a_successor_who_may_read_them():
    """SEC-12: a successor without the need to know is refused, with how many and not which."""
    plain, closed = registered("archivist"), registered("archivist", **secret("confidential"))
    refused = problem_of(leave("archivist", "head"), 409)  # reads HT up to secret
    assert "1" in refused["detail"]
    assert str(closed.pk) not in str(refused)
    assert person("archivist").is_active
    assert Record.objects.get(pk=plain.pk).owner.username == "archivist"

    assert leave("archivist", "archivist2").json()["records"] == 2
    assert {record.owner.username for record in Record.objects.filter(pk__in=[plain.pk, closed.pk])} == {"archivist2"}
    history = Api("archivist2").get(f"/audit/events/?record={plain.pk}&action=hand-over")
    assert history.status_code == 403
    assert Api("auditor").get(f"/audit/events/?record={plain.pk}&action=hand-over").json()["count"] == 1


def test_named_records_are_handed_to_the_named_and_the_leaver_is_named_no_more():
    record = registered("registrar", tier="top-secret", tier_reason="并购", named=["registrar", "manager"])
    problem_of(leave("registrar", "archivist", "admin"), 409)
    assert leave("registrar", "manager").status_code == 200
    assert not RecordNamed.objects.filter(record=record, user=person("registrar")).exists()
    assert access.readable_by(person("manager")).filter(pk=record.pk).exists()


@pytest.mark.parametrize(
    ("username", "successor", "status"),
    [
        ("archivist", "", 400),  # has records
        ("archivist", "archivist", 400),
        ("archivist", "nobody", 400),
        ("archivist", "admin", 400),  # who carries it out
        ("archivist", "legal2", 400),  # left already
        ("admin", "", 409),
        ("officer", "", 409),  # the only one
    ],
)
def test_leaving_is_refused_whole(username, successor, status):
    record = registered("archivist")
    User.objects.filter(username="legal2").update(is_active=False)
    problem_of(leave(username, successor), status)
    assert person(username).is_active
    assert Record.objects.get(pk=record.pk).owner.username == "archivist"


def test_leaving_needs_a_reason_and_who_may():
    assert "reason" in problem_of(leave("staff", reason=" "), 400)["errors"]
    for who in ("staff2", "archivist", "manager", "auditor"):
        problem_of(leave("staff", actor=who), 403)
    assert leave("staff", actor="officer").status_code == 200


# --- deputies --------------------------------------------------------------------------------------------------------


def test_a_deputys_period_ends_early():
    made = Api("head").post("/deputies/", {"deputy": "legal", "from": "2026-01-01", "until": WEEK}).json()
    problem_of(Api("staff").post(f"/deputies/{made['id']}/end/"), 404)
    assert Api("head").post(f"/deputies/{made['id']}/end/").status_code == 200
    problem_of(Api("head").post(f"/deputies/{made['id']}/end/"), 409)
