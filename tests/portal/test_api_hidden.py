"""What one may not know of answers like what does not exist, byte for byte, headers too; and changes nothing else (SEC-5, FND-10)."""

import json
import re
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from records import filing, review
from records.models import AuditEvent, Volume
from search import collecting
from search.engines import engine
from tests.factories import IDENTITY_NUMBER, person, registered, secret, volume
from tests.portal.callers import Api, body_of, file
from tests.portal.test_api_matrix import operations

pytestmark = pytest.mark.django_db
TITLE = "绝密并购协议"
STRANGERS = ["archivist", "staff2", "auditor"]  # reads the class; reads nothing of it; reads the trail


def hidden_record(**values):
    """A top-secret record with a party and a volume that nobody else has, and its number."""
    shelf = volume(title="绝密卷", actor="registrar")
    record = registered(
        "registrar",
        title=TITLE,
        record_class="DK",
        volume=shelf.pk,
        named=["manager"],
        parties=[{"name": "隐名有限公司", "kind": "person", "identity_number": IDENTITY_NUMBER}],
        **secret("top-secret") | values,
    )
    review.review(actor=person("officer"), record_id=record.pk, decision="accept")
    filing.file_record(actor=person("registrar"), record_id=record.pk)
    record.refresh_from_db()
    engine().write(collecting.documents([record.pk]))
    return record


@pytest.fixture
def hidden():
    return hidden_record()


def seen(response):
    """Everything that an answer says."""
    return response.status_code, sorted(response.items()), body_of(response)


# --- addresses ------------------------------------------------------------------------------------------------------

BENEATH = [path for path in operations() if "{record_id}" in path]
ONE = UUID("0b9f8f5e-6a68-4f0e-8a49-2f6f2a0c3a11")


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("path", BENEATH)
def test_every_address_beneath_it_answers_as_beneath_nothing(hidden, path, who):
    api, component = Api(who), hidden.versions.get().components.get().pk

    def answers(record, part):
        address = path.format(record_id=record, component_id=part, number=1, page=1)
        bodies = [None, {}, {"decision": "accept", "reason": "x", "kind": "amends", "record": str(ONE)}, b"{"]
        told = [api.get(address), api.call("HEAD", address), api.get(address, headers={"Range": "bytes=0-1", "If-None-Match": "*"})]
        told += [api.call(method, address, body) for method in operations()[path] - {"GET"} for body in bodies]
        return [seen(response) for response in told]

    assert answers(hidden.pk, component) == answers(uuid4(), uuid4())


@pytest.mark.parametrize("who", ["archivist", "staff"])
def test_sending_files_to_it_is_like_sending_them_to_nothing(hidden, who):
    def answer(pk):
        return seen(Api(who).form(f"/records/{pk}/versions/", reason="补扫", files=[file(b"broken")]))

    assert answer(hidden.pk) == answer(uuid4())


@pytest.mark.parametrize("who", STRANGERS)
def test_its_proposed_tier_is_nothing(hidden, who):
    made = Api("registrar").post(f"/records/{hidden.pk}/tier/", {"tier": "confidential", "reason": "降密"}).json()

    def answer(pk):
        return seen(Api(who).post(f"/tier-changes/{pk}/decide/", {"decision": "accept"}))

    assert answer(made["id"]) == answer(uuid4())


# --- ids and values in bodies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["archivist", "staff"])
def test_naming_it_in_a_body_is_like_naming_nothing(hidden, who):
    api, mine = Api(who), registered()
    party, shelf = hidden.party_rows.get().party_id, Volume.objects.get(title="绝密卷").pk
    address = f"/records/{mine.pk}/"

    def answers(record, party, shelf, number):
        return [
            seen(api.post(address + "relations/", {"kind": "amends", "record": str(record)})),
            seen(api.post("/records/file-batch/", {"records": [str(mine.pk), str(record)]})),
            seen(api.patch(address, {"parties": [{"id": str(party)}]})),
            seen(api.register(parties=[{"id": str(party)}])),
            seen(api.post(address + "move/", {"volume": str(shelf), "reason": "x"})),
            seen(api.register(volume=str(shelf))),
            seen(api.post("/numbers/void/", {"number": number, "reason": "x"})),
            seen(api.get(f"/search/?party={party}")),
        ]

    told = answers(hidden.pk, party, shelf, hidden.number)
    nothing = answers(uuid4(), uuid4(), uuid4(), "没有这个号")
    for one, other in zip(told[:-1], nothing[:-1], strict=True):
        assert one == other
    assert _plain(told[-1][2]) == _plain(nothing[-1][2])


# --- what it must not change ----------------------------------------------------------------------------------------

LISTS = [
    "/records/",
    "/records/?queue=review",
    "/records/?queue=file",
    "/volumes/",
    "/parties/",
    "/parties/?q=隐名",
    f"/parties/?q={IDENTITY_NUMBER}",
    "/numbers/",
    "/tier-changes/",
    "/record-classes/",
    "/search/",
    "/search/?q=并购",
    "/search/?q=绝密",
    "/search/?tier=top-secret",
    "/search/suggest/?q=绝",
    "/search/suggest/?q=DK",
]


@pytest.mark.parametrize("who", STRANGERS)
def test_no_list_count_facet_or_suggestion_changes(who):
    engine().write(collecting.documents([registered().pk]))
    api = Api(who)

    before = {path: _plain(body_of(api.get(path))) for path in LISTS}
    hidden_record()
    after = {path: _plain(body_of(api.get(path))) for path in LISTS}

    assert after == before


def test_an_upload_of_the_same_bytes_says_nothing(hidden):
    api = Api("archivist")

    assert api.form("/uploads/", file=file()).json()["duplicates"] == []
    assert api.register().json()["duplicates"] == []
    assert Api("registrar").register().json()["duplicates"] != []


def test_its_number_takes_no_place_among_others():  # NUM-2
    def next_number():
        with transaction.atomic():
            record = registered(title="普通", record_class="DK", volume=shelf.pk)
            review.review(actor=person("archivist2"), record_id=record.pk, decision="accept")
            number = filing.file_record(actor=person("archivist"), record_id=record.pk).number
            transaction.set_rollback(True)
        return number

    shelf = volume(title="普通卷")
    before = next_number()
    hidden_record()

    assert next_number() == before


def test_the_same_person_in_a_visible_record_is_told_nothing_of_it(hidden):
    party = {"name": "明名", "kind": "person", "identity_number": IDENTITY_NUMBER}

    made = Api("archivist").register(parties=[party]).json()

    assert made["parties"][0]["name"] == "明名"
    rows = Api("archivist").get(f"/parties/?q={IDENTITY_NUMBER}").json()["results"]
    assert [(row["name"], row["identifiers"]) for row in rows] == [("明名", ["1101**********002X"])]
    assert Api("archivist").get("/parties/?q=隐名").json()["count"] == 0


def test_the_trail_names_it_by_number_and_id_only(hidden):  # AUD-2
    body = body_of(Api("auditor").get("/audit/events/?page_size=200")).decode()

    assert hidden.number in body
    assert TITLE not in body
    assert "隐名" not in body
    assert AuditEvent.objects.filter(record_id=hidden.pk).exists()


def _plain(body):
    """Without how long it took."""
    return re.sub(rb'"took_ms":\d+', b"", body), json.loads(body).get("results")
