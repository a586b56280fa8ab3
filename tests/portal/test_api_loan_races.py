"""Borrowing at the same moment, each caller with a connection of its own: one step is taken, and the other is told so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from records.models import AuditEvent, Deputy, Loan
from tests.factories import filed, loan_policies, person, secret
from tests.portal.callers import Api
from tests.portal.test_api_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("real_database", "store")]
COUNTED = {"copies": 1, "pages": 9}


@pytest.fixture(autouse=True)
def policies(real_database):
    """As shipped."""
    loan_policies()


def asked(record, who, use):
    until = str(timezone.localdate() + timedelta(days=7))
    body = {"record": str(record.pk), "use": use, "purpose": "核对付款条件", "until": until}
    return Api(who).post("/loans/", body).json()["id"]


def approved(record, who, use="original", by="archivist"):
    loan = asked(record, who, use)
    assert Api(by).post(f"/loans/{loan}/decide/", {"decision": "approve"}).status_code == 200
    return loan


def statuses(calls):
    return sorted(answer.status_code for answer in at_once(calls))


def test_an_approval_and_its_taking_back():  # LND-2
    loan = asked(filed(**secret("secret")), "staff", "view")
    head, staff = Api("head"), Api("staff")

    answers = at_once(
        [lambda: head.post(f"/loans/{loan}/decide/", {"decision": "approve"}), lambda: staff.post(f"/loans/{loan}/cancel/", {})]
    )

    codes = [answer.status_code for answer in answers]
    state = Loan.objects.get(pk=loan).state
    assert (codes, state) in [([200, 409], "active"), ([409, 200], "cancelled"), ([404, 200], "cancelled")]


def test_an_approval_and_a_recall_of_what_it_opened():  # LND-8, LND-10
    record = filed(**secret("secret"))
    loan = approved(record, "staff", "view", by="head")
    calls = [Api(who) for who in ("archivist", "archivist2", "registrar")]

    codes = statuses([lambda api=api: api.post(f"/loans/{loan}/recall/", {"reason": "合同进入审计"}) for api in calls])

    assert codes == [200, 409, 409]
    component = record.versions.get().components.get().pk
    assert Api("staff").get(f"/records/{record.pk}/components/{component}/pages/1.png").status_code == 403
    assert AuditEvent.objects.filter(action="recall-loan").count() == 1


def test_a_head_and_a_deputy_take_one_step_once():  # LND-2
    now = timezone.now()
    Deputy.objects.create(person=person("head"), deputy=person("legal"), since=now - timedelta(days=1), until=now + timedelta(days=1))
    loan = asked(filed(**secret("secret")), "staff", "view")
    calls = [(Api("head"), "approve"), (Api("legal"), "reject")]

    answers = at_once(
        [lambda api=api, said=said: api.post(f"/loans/{loan}/decide/", {"decision": said, "reason": "核对"}) for api, said in calls]
    )

    codes = [answer.status_code for answer in answers]
    state = Loan.objects.get(pk=loan).state
    assert codes.count(200) == 1
    assert set(codes) <= {200, 404, 409}, codes  # the slower one is told so, or is not asked any more
    assert state == ("active" if codes[0] == 200 else "rejected")


def test_two_archivists_issue_one_original():  # LND-11
    record = filed()
    first = approved(record, "staff")
    loans = [first, approved(record, "legal", by="archivist2")]
    callers = [Api("archivist"), Api("archivist2"), Api("registrar")]
    calls = [(callers[0], first), (callers[1], first), (callers[2], loans[1])]

    codes = statuses([lambda api=api, pk=pk: api.post(f"/loans/{pk}/issue/", COUNTED) for api, pk in calls])

    assert codes == [200, 409, 409]
    assert Loan.objects.filter(record=record, state="active").count() == 1


def test_requests_for_several_records_in_any_order_wait_for_each_other():
    """A volume's records, named one way and the other, and one of them alone: all are asked for, and no number is given twice."""
    records = [filed(**secret("secret")) for _each in range(3)]
    until = str(timezone.localdate() + timedelta(days=7))
    orders = [[str(row.pk) for row in rows] for rows in (records, records[::-1], records[1:2])]
    callers = [Api("staff"), Api("archivist"), Api("archivist2")]
    bodies = [{"records": ids, "use": "original", "purpose": "核对", "until": until} for ids in orders]

    codes = statuses([lambda api=api, body=body: api.post("/loans/", body) for api, body in zip(callers, bodies, strict=True)])

    assert codes == [201, 201, 201]
    assert sorted(Loan.objects.values_list("number", flat=True)) == [f"JY-{timezone.localdate().year}-{place:04}" for place in range(1, 8)]


def test_a_return_and_a_report_of_loss():  # LND-8
    loan = approved(filed(), "staff")
    assert Api("archivist").post(f"/loans/{loan}/issue/", COUNTED).status_code == 200
    archivist, staff = Api("archivist"), Api("staff")

    codes = statuses(
        [lambda: archivist.post(f"/loans/{loan}/return/", COUNTED), lambda: staff.post(f"/loans/{loan}/report-loss/", {"reason": "遗失"})]
    )

    state = Loan.objects.get(pk=loan).state
    assert (codes, state) in [([200, 200], "returned"), ([200, 409], "returned"), ([200, 409], "lost")]


def test_an_issue_and_a_report_of_a_leak():  # SEC-10, LND-10
    record = filed()
    loan = approved(record, "staff")
    archivist, legal = Api("archivist"), Api("legal")

    at_once(
        [
            lambda: archivist.post(f"/loans/{loan}/issue/", COUNTED),
            lambda: legal.post("/leaks/", {"record": str(record.pk), "what": "复印件在外"}),
        ]
    )

    assert Loan.objects.get(pk=loan).state in ("cancelled", "recalled")  # whoever was first, it is not lent


def test_an_approval_and_a_report_of_a_leak():  # SEC-10, LND-10
    record = filed(**secret("secret"))
    loan = asked(record, "staff", "view")
    head, legal = Api("head"), Api("legal")

    at_once(
        [
            lambda: head.post(f"/loans/{loan}/decide/", {"decision": "approve"}),
            lambda: legal.post("/leaks/", {"record": str(record.pk), "what": "截图外传"}),
        ]
    )

    component = record.versions.get().components.get().pk
    assert Loan.objects.get(pk=loan).state in ("cancelled", "recalled")
    assert Api("staff").get(f"/records/{record.pk}/components/{component}/pages/1.png").status_code == 403
