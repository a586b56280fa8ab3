"""Parties: every number that a record states is masked, revealed and found; its names are its own (SEC-5, SEC-6)."""

import pytest

from records.models import Party
from search import collecting
from tests.factories import IDENTITY_NUMBER, secret
from tests.portal.callers import Api, problem_of

pytestmark = pytest.mark.django_db
MOBILE, OTHER_MOBILE = "13812348000", "13856788000"
NUMBERS = {"identity_number": IDENTITY_NUMBER, "mobile": MOBILE}
PERSON = {"name": "陈大文", "kind": "person", "role": "party_b"}


def made(username="registrar", **values):
    response = Api(username).register(**values)
    assert response.status_code == 201, response.content
    return response.json()


def changed(record, *parties, username="registrar"):
    response = Api(username).patch(f"/records/{record['id']}/", {"parties": list(parties)})
    assert response.status_code == 200, response.content
    return response.json()["parties"]


def masked(party):
    return {each["kind"]: each["masked"] for each in party["identifiers"]}


def test_every_number_of_a_party_is_masked_revealed_and_found():  # SEC-6
    record = made(parties=[PERSON | NUMBERS])

    assert masked(record["parties"][0]) == {"identity-number": "1101**********002X", "mobile": "138****8000"}
    legal = Api("legal")
    for key, whole in (("parties.0", IDENTITY_NUMBER), ("parties.0.identity-number", IDENTITY_NUMBER), ("parties.0.mobile", MOBILE)):
        assert legal.post(f"/records/{record['id']}/reveal/", {"field": key, "reason": "核对"}).json() == {"value": whole}
    problem_of(legal.post(f"/records/{record['id']}/reveal/", {"field": "parties.0.bank-account", "reason": "核对"}), 404)
    for number in (IDENTITY_NUMBER, MOBILE):
        assert legal.get(f"/parties/?q={number}").json()["count"] == 1
    assert len(collecting.documents([record["id"]])[0].digests) >= 2


def test_a_number_that_is_added_leaves_the_others():  # SEC-6
    record = made(parties=[PERSON | {"identity_number": IDENTITY_NUMBER}])
    party = {"id": record["parties"][0]["id"], "role": "party_b"}

    assert masked(changed(record, party | {"mobile": MOBILE})[0]) == {"identity-number": "1101**********002X", "mobile": "138****8000"}
    assert masked(changed(record, party | {"mobile": OTHER_MOBILE})[0])["mobile"] == "138****8000"
    revealed = Api("legal").post(f"/records/{record['id']}/reveal/", {"field": "parties.0.mobile", "reason": "核对"})
    assert revealed.json() == {"value": OTHER_MOBILE}


def test_a_party_chosen_by_id_brings_its_numbers_along():  # SEC-6
    first = made(parties=[PERSON | NUMBERS])

    second = made(parties=[{"id": first["parties"][0]["id"], "role": "guarantor"}])

    assert masked(second["parties"][0]) == masked(first["parties"][0])
    assert second["parties"][0]["name"] == "陈大文"
    assert collecting.documents([second["id"]])[0].digests == collecting.documents([first["id"]])[0].digests


@pytest.mark.parametrize("tier", ["internal", "top-secret"])
def test_a_record_keeps_the_name_that_it_states(tier):  # SEC-5
    record = made(parties=[PERSON | NUMBERS])
    party = record["parties"][0]["id"]
    made(parties=[{"id": party, "name": "陈小文"}], **secret(tier))

    (kept,) = changed(record, {"id": party, "role": "guarantor"})

    assert (kept["name"], kept["role"]) == ("陈大文", "guarantor")
    assert changed(record, {"id": party, "name": "陈文"})[0]["name"] == "陈文"


def test_a_party_of_hidden_records_alone_is_named_in_hidden_records_alone():  # SEC-5
    hidden = made(parties=[PERSON | NUMBERS], **secret("top-secret"))
    party = {"id": hidden["parties"][0]["id"], "role": "party_b", "name": "陈大文"}

    problem_of(Api("registrar").register(parties=[party]), 404)
    open_one = made()
    problem_of(Api("registrar").patch(f"/records/{open_one['id']}/", {"parties": [party]}), 404)
    assert made(parties=[party], **secret("top-secret"))["parties"][0]["id"] == party["id"]
    assert Party.objects.filter(name="陈大文").count() == 1


def test_a_new_record_takes_the_name_that_open_records_state():  # SEC-5
    party = made(parties=[PERSON | NUMBERS])["parties"][0]["id"]
    made(parties=[{"id": party, "name": "隐名"}], **secret("top-secret"))

    assert made(parties=[{"id": party}])["parties"][0]["name"] == "陈大文"


def test_a_name_beside_an_id_has_the_same_limit():
    party = made(parties=[PERSON])["parties"][0]["id"]

    problem = problem_of(Api("registrar").register(parties=[{"id": party, "name": "长" * 201}]), 400)
    assert "parties.0.name" in problem["errors"]
