"""Records over HTTP: shapes to the letter, the whole way from a file to a number (interface.md, Records)."""

from uuid import uuid4

import pytest

from records import audit, outbox
from records.models import AuditEvent, Grant, Record, RecordClass
from storage import objects
from tests.factories import CONTRACT, IDENTITY_NUMBER, Contract, filed, person, registered, reviewed, secret, volume
from tests.portal.callers import Api, file, ids, problem_of

pytestmark = pytest.mark.django_db
LISTING = {"id", "number", "title", "record_type", "record_class", "year", "tier", "tier_mark", "state", "access", "may"}
RECORD = LISTING | {
    "revision",
    "date",
    "tier_until",
    "tier_event",
    "tier_reason",
    "declassified_on",
    "returned",
    "owner",
    "department",
    "fields",
    "missing_important",
    "parties",
    "volume",
    "original",
    "purpose",
    "basis",
    "duplicates",
    "relations",
    "version",
    "retention",
    "created_at",
    "registrar",
    "filed_at",
}


@pytest.fixture
def api():
    return Api("archivist")


@pytest.fixture
def second():
    return Api("archivist2")


# --- registering ----------------------------------------------------------------------------------------------------


def test_a_registration_answers_with_the_record(api):
    response = api.register()

    assert response.status_code == 201, response.content
    body = response.json()
    assert set(body) == RECORD
    assert response["Location"] == f"/api/v1/records/{body['id']}/"
    assert (body["state"], body["number"], body["revision"], body["access"]) == ("registered", None, 1, "full")
    assert (body["record_type"], body["record_class"], body["tier"]) == ("contract", "HT", "internal")
    assert (body["owner"], body["department"], body["returned"]) == ("archivist", "sales", False)
    assert body["fields"] == CONTRACT
    assert body["missing_important"] == ["valid_from", "valid_to", "project"]
    party = body["parties"][0]
    assert (party["name"], party["role"], party["kind"], party["identifier"]) == ("鸿远置业有限公司", "party_a", "organisation", None)
    assert body["retention"] == {"due": None, "schedule": "contracts", "waiting_for": "end-of-validity", "holds": 0}
    component = body["version"]["components"][0]
    assert (body["version"]["number"], body["version"]["reviewed"], body["version"]["created_by"]) == (1, False, "archivist")
    assert (component["name"], component["media_type"], component["pages"]) == ("scan.pdf", "application/pdf", 2)
    assert component["text"] == {"state": "pending", "source": None, "progress": 0.0, "error": None}


def test_what_was_answered_is_what_is_shown(api):
    made = api.register().json()

    assert api.get(f"/records/{made['id']}/").json() == made


def test_every_part_of_a_registration_arrives(api):
    response = api.register(
        tier="secret",
        tier_reason="商业秘密目录 3.2",
        tier_until="P5Y",
        named=["legal"],
        owner="head",
        original={"pages": 12, "place": "B-3"},
        purpose="履行合同",
        basis="contract",
        parties=[{"name": "陈大文", "kind": "person", "role": "party_b", "identity_number": IDENTITY_NUMBER}],
        fields=CONTRACT | {"valid_to": "2026-12-31"},
    )

    body = response.json()
    assert (body["tier"], body["tier_mark"], body["owner"]) == ("secret", "秘密★5年", "head")
    assert body["original"] == {"pages": 12, "place": "B-3"}
    assert (body["purpose"], body["basis"]) == ("履行合同", "contract")
    assert body["parties"][0]["identifier"] == "1101**********002X"
    assert body["retention"]["due"] == "2037-01-01"  # valid to the last day of 2026, ten years


def test_a_class_gives_its_tier_and_a_volume_holds_its_records(api):
    shelf = volume()

    body = api.register(record_class="DK", volume=str(shelf.pk)).json()

    assert body["volume"] == {"id": str(shelf.pk), "number": None, "title": shelf.title, "record_class": "DK"}
    assert body["tier"] == "internal"


def test_the_same_bytes_again_are_named_as_duplicates(api):  # CAP-9
    first = api.register().json()

    body = api.register(title="又一份").json()

    assert body["duplicates"] == [{"id": first["id"], "number": None, "title": first["title"]}]


def test_staged_uploads_become_a_record(api):
    staged = api.form("/uploads/", file=file(name="合同.pdf"))
    assert staged.status_code == 201, staged.content
    upload = staged.json()
    assert set(upload) == {"id", "name", "media_type", "size", "pages", "sha256", "duplicates", "verdict"}
    assert (upload["name"], upload["pages"], upload["duplicates"]) == ("合同.pdf", 2, [])

    body = api.register(files=None, uploads=[upload["id"]]).json()

    assert body["version"]["components"][0]["sha256"] == upload["sha256"]
    again = problem_of(api.register(files=None, uploads=[upload["id"]]), 400)
    assert "uploads" in again["errors"]


def test_a_registration_may_be_json_when_the_files_are_staged(api):
    upload = api.form("/uploads/", file=file()).json()
    parts = Contract().particulars()
    values = {"record_type": "contract", "title": parts.title, "record_class": "HT", "department": "sales"}

    response = api.post("/records/", values | {"fields": CONTRACT, "parties": list(parts.parties), "uploads": [upload["id"]]})

    assert response.status_code == 201, response.content


def test_somebody_elses_upload_does_not_exist(api, second):
    upload = second.form("/uploads/", file=file()).json()

    hidden = api.register(files=None, uploads=[upload["id"]])

    assert problem_of(hidden, 404) == problem_of(api.register(files=None, uploads=[str(uuid4())]), 404)


def test_nobody_registers_above_their_own_clearance(api):
    found = problem_of(api.register(tier="top-secret", tier_reason="x"), 403)

    assert found["code"] == "above-clearance"
    assert not Record.objects.exists()


# --- the way of a record --------------------------------------------------------------------------------------------


def test_from_a_file_to_a_number(api, second):
    made = api.register().json()

    accepted = second.post(f"/records/{made['id']}/review/", {"decision": "accept"})
    assert (accepted.status_code, accepted.json()["state"]) == (200, "reviewed")
    assert accepted.json()["version"]["reviewed"] is True
    done = api.post(f"/records/{made['id']}/file/")
    assert (done.status_code, done.json()["state"], done.json()["number"]) == (
        200,
        "filed",
        f"HT-{Record.objects.get().filed_at.year}-0001",
    )
    assert problem_of(api.post(f"/records/{made['id']}/file/"), 409)["code"] == "state-conflict"


def test_returned_is_registered_with_a_mark_and_needs_a_reason(second):
    record = registered()

    assert "reason" in problem_of(second.post(f"/records/{record.pk}/review/", {"decision": "return"}), 400)["errors"]
    body = second.post(f"/records/{record.pk}/review/", {"decision": "return", "reason": "第 2 页缺失"}).json()
    assert (body["state"], body["returned"]) == ("registered", True)


def test_the_registrar_does_not_review(api):  # CAP-3
    record = registered()

    assert problem_of(api.post(f"/records/{record.pk}/review/", {"decision": "accept"}), 409)["code"] == "duties-apart"


def test_a_second_review_is_refused(second):
    record = reviewed()

    assert problem_of(second.post(f"/records/{record.pk}/review/", {"decision": "accept"}), 409)["code"] == "state-conflict"


def test_a_batch_is_numbered_in_its_order_or_not_at_all(api):  # NUM-4
    first, later, raw = reviewed(), reviewed(), registered()

    refused = problem_of(api.post("/records/file-batch/", {"records": [str(later.pk), str(raw.pk)]}), 409)
    assert refused["record"] == str(raw.pk)
    assert not Record.objects.filter(number__isnull=False).exists()
    done = api.post("/records/file-batch/", {"records": [str(later.pk), str(first.pk)]}).json()["results"]
    assert ids(done) == [str(later.pk), str(first.pk)]
    assert [row["number"][-4:] for row in done] == ["0001", "0002"]


def test_withdrawn_before_filing_only(api):
    record, done = registered(), filed()

    assert "reason" in problem_of(api.post(f"/records/{record.pk}/withdraw/", {}), 400)["errors"]
    assert api.post(f"/records/{record.pk}/withdraw/", {"reason": "重复登记"}).json()["state"] == "withdrawn"
    problem_of(api.post(f"/records/{done.pk}/withdraw/", {"reason": "x"}), 409)


def test_a_moved_record_keeps_its_number(api):  # NUM-5
    record, shelf = filed(), volume()

    body = api.post(f"/records/{record.pk}/move/", {"record_class": "DK", "volume": str(shelf.pk), "reason": "归入贷款卷"}).json()

    assert (body["record_class"], body["volume"]["id"], body["number"]) == ("DK", str(shelf.pk), record.number)


def test_a_filed_record_is_not_moved_to_where_it_could_not_be_filed(api):  # RET-12
    record, tier = filed(), RecordClass.objects.get(code="HT").default_tier
    bare = RecordClass.objects.create(code="WU", name="无期限", default_tier=tier)
    Grant.objects.create(record_class=bare, everyone=True)

    assert problem_of(api.post(f"/records/{record.pk}/move/", {"record_class": "WU", "reason": "x"}), 409)["type"].endswith("no-schedule")
    assert problem_of(api.post(f"/records/{record.pk}/move/", {"record_class": "DK", "reason": "x"}), 409)["type"].endswith("needs-volume")
    body = api.get(f"/records/{record.pk}/").json()
    assert (body["record_class"], body["revision"]) == ("HT", record.revision)
    waiting = registered()
    assert api.post(f"/records/{waiting.pk}/move/", {"record_class": "WU", "reason": "x"}).status_code == 200


def test_a_move_before_filing_asks_for_another_review_by_somebody_else(api):  # CAP-3
    record = reviewed(reviewer="officer", tier="public")

    body = Api("archivist2").post(f"/records/{record.pk}/move/", {"record_class": "GZ", "reason": "归错类"}).json()

    assert body["state"] == "registered"
    problem_of(api.post(f"/records/{record.pk}/file/"), 409)
    for username in ("archivist", "archivist2"):  # one registered it, the other moved it
        again = Api(username).post(f"/records/{record.pk}/review/", {"decision": "accept"})
        assert problem_of(again, 409)["type"].endswith("duties-apart")


def test_what_was_withdrawn_is_related_to_nothing_and_due_never(api):  # RET-2
    record, other = registered(fields=CONTRACT | {"valid_to": "2026-12-31"}), registered()
    assert api.get(f"/records/{record.pk}/").json()["retention"]["due"] == "2037-01-01"

    body = api.post(f"/records/{record.pk}/withdraw/", {"reason": "重复登记"}).json()

    assert body["retention"]["due"] is None
    relate = {"kind": "amends", "record": str(other.pk)}
    assert problem_of(api.post(f"/records/{record.pk}/relations/", relate), 409)["type"].endswith("state-conflict")
    assert api.get(f"/records/{other.pk}/").json()["relations"] == []


def test_a_relation_shows_on_both_ends(api):  # CAP-8
    amendment, contract = registered(), filed()

    response = api.post(f"/records/{amendment.pk}/relations/", {"kind": "amends", "record": str(contract.pk)})

    assert response.status_code == 201
    assert response.json()["relations"][0] | {"label": ""} == {
        "kind": "amends",
        "label": "",
        "inverse": False,
        "record": {"id": str(contract.pk), "number": contract.number, "title": contract.title},
    }
    other = api.get(f"/records/{contract.pk}/").json()["relations"][0]
    assert (other["kind"], other["inverse"], other["record"]["id"]) == ("amends", True, str(amendment.pk))
    again = api.post(f"/records/{amendment.pk}/relations/", {"kind": "amends", "record": str(contract.pk)})
    problem_of(again, 409)


def test_a_number_is_voided_with_a_reason_and_never_given_again(api):  # NUM-2
    record = filed()

    assert "reason" in problem_of(api.post("/numbers/void/", {"number": record.number}), 400)["errors"]
    body = api.post("/numbers/void/", {"number": record.number, "reason": "编错"}).json()
    assert body == {"number": record.number, "void": True, "reason": "编错", "record": str(record.pk)}
    assert api.post(f"/records/{record.pk}/file/").json()["number"].endswith("0002")
    rows = api.get("/numbers/").json()["results"]
    assert [(row["given"], row["voided"], row["next"], row["missing"]) for row in rows] == [(2, [record.number], 3, [])]


# --- changing -------------------------------------------------------------------------------------------------------


def test_a_masked_value_that_changes_is_in_the_trail_sealed(api):  # SEC-6, SEC-7
    numbers = {"identity_number": IDENTITY_NUMBER, "mobile": "13812348000"}
    record = registered(record_type="identity-document", fields=numbers, purpose="x", basis="law", parties=[])

    for mobile in ("13856788000", "13856788000", None):
        api.patch(f"/records/{record.pk}/", {"fields": {"mobile": mobile}})

    events = AuditEvent.objects.filter(record_id=record.pk, action="change").order_by("at")
    assert [audit.values_of(event, record) for event in events] == [
        {"mobile": ["13812348000", "13856788000"]},
        {},
        {"mobile": ["13856788000", ""]},
    ]
    history = api.get(f"/records/{record.pk}/history/")
    assert [row["changed"] for row in history.json()["results"] if row["action"] == "change"] == [["mobile"], [], ["mobile"]]
    assert b"8000" not in history.content


def test_what_was_withdrawn_and_erased_is_not_changed(api):
    numbers = {"identity_number": IDENTITY_NUMBER, "mobile": "13812348000"}
    record = registered(record_type="identity-document", fields=numbers, purpose="x", basis="law", parties=[])
    api.post(f"/records/{record.pk}/withdraw/", {"reason": "重复登记"})
    outbox.drain(only=["erase"])

    problem_of(api.patch(f"/records/{record.pk}/", {"fields": {"mobile": "13856788000"}}), 409)


def test_parties_that_change_are_in_the_trail_as_they_were(api):  # SEC-7
    record = registered(parties=[{"name": "陈大文", "kind": "person", "role": "party_b", "identity_number": IDENTITY_NUMBER}])
    party = {"id": str(record.party_rows.get().party_id)}

    for role in ("party_b", "guarantor"):
        api.patch(f"/records/{record.pk}/", {"parties": [party | {"role": role}]})

    same, changed = AuditEvent.objects.filter(record_id=record.pk, action="change").order_by("at")
    assert (same.changed, changed.changed) == ([], ["parties"])
    stated = party | {"name": "陈大文", "identity-number": IDENTITY_NUMBER}
    assert audit.values_of(changed, record) == {"parties": [[stated | {"role": "party_b"}], [stated | {"role": "guarantor"}]]}
    assert IDENTITY_NUMBER.encode() not in api.get(f"/records/{record.pk}/history/").content


def test_what_is_named_changes_and_the_rest_stays(api):
    record = reviewed()

    body = api.patch(f"/records/{record.pk}/", {"title": "新名", "fields": {"project": "滨江"}}).json()

    assert (body["title"], body["fields"]["project"], body["fields"]["contract_number"]) == ("新名", "滨江", "HY-2026-03")
    assert (body["state"], body["revision"]) == ("registered", record.revision + 1)  # it waits for review again


def test_a_filed_record_is_changed_with_a_reason(api):
    record = filed()

    assert "reason" in problem_of(api.patch(f"/records/{record.pk}/", {"title": "新名"}), 400)["errors"]
    assert api.patch(f"/records/{record.pk}/", {"title": "新名", "reason": "更正"}).json()["state"] == "filed"


@pytest.mark.parametrize("by", ["body", "header", "weak header"])
def test_two_people_changing_one_record_lose_nothing(api, second, by):
    record = registered()
    seen = api.get(f"/records/{record.pk}/")
    assert seen["ETag"] == f'"{record.revision}"'
    second.patch(f"/records/{record.pk}/", {"fields": {"remarks": "第二人"}})

    body, headers = {"title": "第一人"}, {}
    if by == "body":
        body["revision"] = record.revision
    else:
        headers["If-Match"] = ("W/" if by.startswith("weak") else "") + seen["ETag"]
    refused = problem_of(api.patch(f"/records/{record.pk}/", body, headers=headers), 409)

    assert refused["code"] == "stale-revision"
    assert (refused["record"]["revision"], refused["record"]["fields"]["remarks"]) == (record.revision + 1, "第二人")
    assert Record.objects.get(pk=record.pk).title == record.title
    body["revision"] = refused["record"]["revision"]
    assert api.patch(f"/records/{record.pk}/", body).json()["fields"]["remarks"] == "第二人"


def test_parties_are_replaced_and_known_ones_named_by_id(api):
    first = registered()
    known = api.get(f"/records/{first.pk}/").json()["parties"][0]
    record = registered(parties=[{"name": "另一家有限公司", "role": "party_b"}])

    body = api.patch(f"/records/{record.pk}/", {"parties": [{"id": known["id"], "role": "guarantor"}]}).json()

    assert [(party["id"], party["role"], party["name"]) for party in body["parties"]] == [(known["id"], "guarantor", "鸿远置业有限公司")]


# --- versions -------------------------------------------------------------------------------------------------------


def test_a_new_set_of_files_is_a_new_version(api, second):  # CAP-7
    record = filed()

    response = api.form(f"/records/{record.pk}/versions/", reason="补扫第 3 页", files=[file(), file(name="附件.pdf")])

    assert response.status_code == 201, response.content
    body = response.json()
    assert (body["version"]["number"], body["version"]["reviewed"], body["state"]) == (2, False, "filed")
    assert [part["name"] for part in body["version"]["components"]] == ["scan.pdf", "附件.pdf"]
    versions = api.get(f"/records/{record.pk}/versions/").json()
    assert [row["number"] for row in versions["results"]] == [2, 1]
    assert api.get(f"/records/{record.pk}/versions/1/").json() == versions["results"][1]
    assert second.post(f"/records/{record.pk}/review/", {"decision": "accept"}).json()["version"]["reviewed"] is True


def test_a_version_needs_a_reason_and_a_file(api):
    record = registered()

    assert "reason" in problem_of(api.form(f"/records/{record.pk}/versions/", files=[file()]), 400)["errors"]
    assert "files" in problem_of(api.form(f"/records/{record.pk}/versions/", reason="x"), 400)["errors"]


@pytest.mark.parametrize("number", ["3", "0", "-1", "x", "１", "9" * 40, "01"])
def test_a_version_that_is_none(api, number):
    problem_of(api.get(f"/records/{registered().pk}/versions/{number}/"), 404)


# --- secrecy --------------------------------------------------------------------------------------------------------


def test_a_listed_record_shows_its_listing_and_nothing_beneath_it():
    record = filed("registrar", "archivist2", **secret("secret"))
    staff = Api("staff")  # sales reads HT, but staff is not cleared for secret
    component = record.versions.get().components.get().pk

    assert set(staff.get(f"/records/{record.pk}/").json()) == LISTING
    assert staff.get(f"/records/{record.pk}/").json()["access"] == "listed"
    assert "ETag" not in staff.get(f"/records/{record.pk}/")
    for path in (
        "history/",
        "versions/",
        "versions/1/",
        "versions/77/",
        f"components/{component}/content",
        f"components/{uuid4()}/content",
    ):
        problem_of(staff.get(f"/records/{record.pk}/{path}"), 403)
    for path in (f"components/{component}/pages/1.png", f"components/{uuid4()}/pages/1.png", f"components/{component}/pages/99.png"):
        problem_of(staff.get(f"/records/{record.pk}/{path}"), 403)
    for path in ("review/", "file/", "withdraw/", "move/", "tier/", "reveal/"):
        problem_of(staff.post(f"/records/{record.pk}/{path}", {}), 403)
    problem_of(staff.patch(f"/records/{record.pk}/", {"nonsense": 1}), 403)


def test_a_tier_changes_when_a_second_person_agrees(api, second):  # SEC-14
    record = filed()

    proposed = api.post(f"/records/{record.pk}/tier/", {"tier": "secret", "reason": "涉密", "until": "P10Y"})
    assert proposed.status_code == 202
    change = proposed.json()
    assert {"id", "state", "record", "tier", "until", "reason", "proposed_by"} <= change.keys()
    assert (change["state"], change["record"], change["tier"], change["proposed_by"]) == ("proposed", str(record.pk), "secret", "archivist")
    problem_of(api.post(f"/tier-changes/{change['id']}/decide/", {"decision": "accept"}), 409)
    assert ids(second.get("/tier-changes/").json()["results"]) == [change["id"]]
    assert "reason" in problem_of(second.post(f"/tier-changes/{change['id']}/decide/", {"decision": "reject"}), 400)["errors"]
    decided = second.post(f"/tier-changes/{change['id']}/decide/", {"decision": "accept"})
    assert (decided.status_code, decided.json()["state"]) == (200, "accepted")
    body = api.get(f"/records/{record.pk}/").json()
    assert (body["tier"], body["tier_mark"]) == ("secret", "秘密★10年")
    problem_of(second.post(f"/tier-changes/{change['id']}/decide/", {"decision": "accept"}), 409)


def test_masked_everywhere_and_shown_by_an_explicit_act():  # SEC-6
    record = registered(record_type="identity-document", fields={"identity_number": IDENTITY_NUMBER}, parties=[])
    legal = Api("legal")

    assert legal.get(f"/records/{record.pk}/").json()["fields"]["identity_number"] == "1101**********002X"
    assert "reason" in problem_of(legal.post(f"/records/{record.pk}/reveal/", {"field": "identity_number"}), 400)["errors"]
    assert legal.post(f"/records/{record.pk}/reveal/", {"field": "identity_number", "reason": "核对"}).json() == {"value": IDENTITY_NUMBER}
    problem_of(legal.post(f"/records/{record.pk}/reveal/", {"field": "title", "reason": "核对"}), 404)
    problem_of(Api("staff").post(f"/records/{record.pk}/reveal/", {"field": "identity_number", "reason": "x"}), 403)


# --- the trail ------------------------------------------------------------------------------------------------------


def test_looks_and_refused_tries_are_in_the_trail(api):  # SEC-7
    record = registered("registrar", **secret("top-secret"))

    problem_of(api.get(f"/records/{record.pk}/"), 404)
    Api("registrar").get(f"/records/{record.pk}/")

    assert AuditEvent.objects.filter(actor=person("archivist"), action="refused:look", subject=str(record.pk)).count() == 1
    event = AuditEvent.objects.get(actor=person("registrar"), action="view", record_id=record.pk)
    assert event.from_address == "127.0.0.1"


def test_a_verbs_refusal_is_written_once():
    record = registered()

    problem_of(Api("staff").post(f"/records/{record.pk}/file/"), 403)

    assert AuditEvent.objects.filter(actor=person("staff"), action__startswith="refused").count() == 1


def test_history_names_acts_newest_first(api):
    record = filed()

    rows = api.get(f"/records/{record.pk}/history/").json()["results"]

    assert [row["action"] for row in rows] == ["file", "review-accept", "register"]
    assert set(rows[0]) >= {"id", "at", "actor", "action", "record", "reason", "from_address", "changed"}
    assert (rows[0]["actor"], rows[0]["record"]) == ("archivist", {"id": str(record.pk), "number": record.number})


# --- nothing half done ----------------------------------------------------------------------------------------------


def test_a_good_file_among_bad_ones(api):  # CAP-2
    before = len(list(objects.listing()))

    found = problem_of(api.register(files=[file(), file(b"", "leer.pdf"), file(b"<svg onload='x'/>", "bild.pdf")]), 415)

    assert set(found["errors"]) == {"leer.pdf", "bild.pdf"}
    assert not Record.objects.exists()
    assert len(list(objects.listing())) == before


def test_a_file_over_a_limit_is_413_even_among_others(api, settings):
    settings.MUNIMENT_MAX_PAGES = 1

    found = problem_of(api.register(files=[file(), file(b"", "leer.pdf")]), 413)

    assert "1" in found["errors"]["scan.pdf"][0]
    assert not Record.objects.exists()


def test_uploads_name_what_is_wrong_with_the_file(api):
    assert "empty" in problem_of(api.form("/uploads/", file=file(b"")), 415)["detail"]
    assert "file" in problem_of(api.form("/uploads/"), 400)["errors"]
