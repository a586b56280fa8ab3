"""Records over HTTP: shapes to the letter, the whole way from a file to a number (interface.md, Records)."""

import json

import pytest

from records.models import AuditEvent, Record
from tests.factories import CONTRACT, IDENTITY_NUMBER, filed, person, registered, reviewed, secret
from tests.portal.callers import Api, body_of, file, ids, problem_of

pytestmark = pytest.mark.django_db
RECORD = {
    "id revision number title record_type record_class year date tier tier_mark tier_until tier_reason state returned owner department "
    "fields missing_important parties volume original purpose basis duplicates relations access may version retention created_at "
    "registrar filed_at"
}


@pytest.fixture
def api():
    return Api("archivist")


def test_a_registration_answers_with_the_record(api):
    response = api.register()

    assert response.status_code == 201, response.content
    body = response.json()
    assert set(body) == set(" ".join(RECORD).split())
    assert response["Location"] == f"/api/v1/records/{body['id']}/"
    assert (body["state"], body["number"], body["revision"], body["access"]) == ("registered", None, 1, "full")
    assert (body["record_type"], body["record_class"], body["tier"]) == ("contract", "HT", "internal")
    assert (body["owner"], body["department"], body["returned"]) == ("archivist", "sales", False)
    assert body["fields"] == CONTRACT
    assert body["missing_important"] == ["valid_from", "valid_to", "project"]
    assert body["parties"][0] | {"id": ""} == {
        "id": "",
        "name": "鸿远置业有限公司",
        "role": "party_a",
        "kind": "organisation",
        "identifier": None,
    }
    assert body["retention"] == {"due": None, "schedule": "contracts", "waiting_for": "end-of-validity", "holds": 0}
    component = body["version"]["components"][0]
    assert (body["version"]["number"], body["version"]["reviewed"], body["version"]["created_by"]) == (1, False, "archivist")
    assert (component["name"], component["media_type"], component["pages"]) == ("scan.pdf", "application/pdf", 2)
    assert component["text"] == {"state": "pending", "source": None, "progress": 0.0, "error": None}
