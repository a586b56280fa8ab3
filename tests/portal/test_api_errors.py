"""Refusals are problems in JSON, in the contract's order: 401, 404, 403, 400, 413, 415, 416, 409, 410, 503."""

import json
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client

from records import access, reading
from storage.errors import DigestMismatch, MasterKeyUnknown, NoSuchObject, StoreUnavailable
from tests.factories import PASSWORD, filed, person, registered, secret, volume
from tests.portal.callers import BASE, Api, file, problem_of

pytestmark = pytest.mark.django_db


# --- 401 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer guess", "Bearer mun_guess", "Basic YTpi", "mun_x", "Bearer mun_钥"])
def test_nobody_is_told_anything(header):
    record = registered()
    headers = {"Authorization": header.encode().decode("latin-1")} if header else {}
    client = Client(raise_request_exception=False)

    answers = {
        client.generic(method, BASE + path, headers=headers).content
        for method, path in [
            ("GET", "/records/"),
            ("GET", f"/records/{record.pk}/"),
            ("GET", f"/records/{uuid4()}/"),
            ("POST", f"/records/{record.pk}/file/"),
            ("GET", "/nothing/"),
            ("DELETE", "/records/"),
        ]
    }

    assert len(answers) == 1
    response = client.get(BASE + "/records/", headers=headers)
    problem_of(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_bad_token_is_not_passed_over_for_the_session():
    client = Client()
    client.force_login(person("archivist"))

    assert client.get(BASE + "/records/").status_code == 200
    problem_of(client.get(BASE + "/records/", headers={"Authorization": "Bearer mun_guess"}), 401)


def test_who_left_is_nobody():
    api = Api("staff")
    assert api.get("/records/").status_code == 200

    type(person("staff")).objects.filter(username="staff").update(is_active=False)

    problem_of(api.get("/records/"), 401)


# --- the session ----------------------------------------------------------------------------------------------------


def test_a_session_changes_something_only_with_the_csrf_token():
    record = registered()
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("archivist2"))
    address = f"{BASE}/records/{record.pk}/review/"
    body = json.dumps({"decision": "accept"})

    refused = problem_of(client.post(address, body, content_type="application/json"), 403)
    assert refused["code"] == "csrf"
    client.cookies["csrftoken"] = "a" * 32
    done = client.post(address, body, content_type="application/json", headers={"X-CSRFToken": "a" * 32})
    assert done.json()["state"] == "reviewed"


def test_nobody_without_a_csrf_token_is_401_not_403():
    problem_of(Client(enforce_csrf_checks=True).post(f"{BASE}/records/{uuid4()}/file/"), 401)


def test_a_password_opens_no_api():
    client = Client()
    client.login(username="archivist", password=PASSWORD + "x")

    problem_of(client.get(BASE + "/records/"), 401)


# --- addresses and methods ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/records", "/records//", "/../etc/passwd", "/schema", "/records/x/y/z/"])
def test_unknown_addresses_are_json_too(path):
    found = problem_of(Api("archivist").get(BASE + path), 404)

    assert found == problem_of(Api("archivist").get(f"/records/{uuid4()}/"), 404)


def test_other_versions_of_the_api_are_json_too():
    problem_of(Api("archivist").get("/api/"), 404)
    problem_of(Api("archivist").get("/api/v2/records/"), 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "TRACE"])
def test_wrong_methods_are_json_and_say_which_are_right(method):
    response = Api("archivist").call(method, f"/records/{uuid4()}/")

    problem_of(response, 405)
    assert set(response["Allow"].replace(" ", "").split(",")) == {"GET", "PATCH"}


def test_head_is_a_get_without_its_body():
    api, record = Api("archivist"), registered()

    response = api.call("HEAD", f"/records/{record.pk}/")

    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == '"1"'


@pytest.mark.parametrize("bad", ["x", "0", "%00", "1" * 300, "../records", "{}", "' OR 1=1 --", "null", "００００"])
def test_an_id_that_is_none_is_404(bad):
    api, record = Api("archivist"), registered()

    for path in (f"/records/{bad}/", f"/records/{bad}/history/", f"/records/{record.pk}/components/{bad}/content"):
        problem_of(api.get(path), 404)
    problem_of(api.post(f"/records/{bad}/file/"), 404)
    problem_of(api.post(f"/tier-changes/{bad}/decide/", {}), 404)


# --- 404 before 403 before 400 --------------------------------------------------------------------------------------

WRITES = ["review", "file", "withdraw", "move", "relations", "reveal", "tier", "versions"]
BAD_BODIES = [b"{", b"[]", b'{"nonsense": 1}', b"\xff", b'{"reason": "a\\u0000b"}', b"[" * 100_000]


@pytest.mark.parametrize("verb", [*WRITES, "patch"])
def test_a_read_token_is_403_only_for_what_its_person_may_know_of(verb):
    api, hidden, known = Api("archivist", scope="read"), registered("registrar", **secret("top-secret")), registered()

    def answer(pk):
        return api.patch(f"/records/{pk}/", {}) if verb == "patch" else api.post(f"/records/{pk}/{verb}/", {"kind": "amends"})

    if verb == "relations":  # an id inside the body comes first
        body = {"kind": "amends", "record": str(registered().pk)}
        assert problem_of(api.post(f"/records/{known.pk}/relations/", body), 403)["code"] == "read-only-token"
        problem_of(api.post(f"/records/{known.pk}/relations/", body | {"record": str(hidden.pk)}), 404)
    else:
        assert problem_of(answer(known.pk), 403)["code"] == "read-only-token"
    assert problem_of(answer(hidden.pk), 404) == problem_of(answer(uuid4()), 404)


def test_a_read_token_registers_and_stages_nothing():
    api = Api("archivist", scope="read")

    assert problem_of(api.register(), 403)["code"] == "read-only-token"
    assert problem_of(api.register(volume=str(uuid4())), 404)["code"] == "unknown"
    assert problem_of(api.form("/uploads/", file=file()), 403)["code"] == "read-only-token"
    assert problem_of(api.post("/volumes/", {"title": "x", "record_class": "DK"}), 403)["code"] == "read-only-token"
    problem_of(api.post("/records/file-batch/", {"records": [str(uuid4())]}), 404)
    problem_of(api.post("/numbers/void/", {"number": "HT-1900-0001"}), 404)
    assert problem_of(api.post("/numbers/void/", {"number": filed().number}), 403)["code"] == "read-only-token"


@pytest.mark.parametrize("body", BAD_BODIES)
@pytest.mark.parametrize("verb", ["review", "withdraw", "move", "relations", "reveal", "tier"])
def test_a_bad_body_is_400_only_for_who_may(verb, body):
    record = registered()

    problem_of(Api("archivist").post(f"/records/{uuid4()}/{verb}/", body), 404)
    if verb != "relations":  # its other end is unknown, which comes first
        problem_of(Api("staff").post(f"/records/{record.pk}/{verb}/", body), 403)
        problem_of(Api("archivist").post(f"/records/{record.pk}/{verb}/", body), 400)


def test_a_hidden_id_in_a_body_comes_before_duties_and_input():
    hidden, mine = registered("registrar", **secret("top-secret")), registered()
    staff, archivist = Api("staff"), Api("archivist")

    for target in (str(hidden.pk), str(uuid4()), "none"):
        problem_of(staff.post(f"/records/{mine.pk}/relations/", {"kind": "no such kind", "record": target}), 404)
        problem_of(archivist.post(f"/records/{mine.pk}/move/", {"volume": target}), 404)
        problem_of(archivist.patch(f"/records/{mine.pk}/", {"title": "", "parties": [{"id": target}]}), 404)
        problem_of(archivist.register(title="", parties=[{"id": target}]), 404)
        problem_of(staff.register(volume=target), 404)
        problem_of(archivist.register(title="", volume=target), 404)
        problem_of(archivist.register(files=None, title="", uploads=[target]), 404)
        problem_of(archivist.post("/records/file-batch/", {"records": [str(mine.pk), target]}), 404)
        problem_of(staff.post("/records/file-batch/", {"records": [str(mine.pk), target]}), 404)


def test_duties_come_before_input():
    staff, record = Api("staff"), registered()

    for answer in (
        staff.register(title=""),
        staff.register(fields="{"),
        staff.register(files=None),
        staff.post("/volumes/", {"title": ""}),
        staff.form("/uploads/"),
        staff.post("/records/file-batch/", {"records": [str(record.pk)] * 2}),
        staff.form(f"/records/{record.pk}/versions/"),
        staff.get("/audit/events/?from=yesterday"),
    ):
        problem_of(answer, 403)


def test_input_comes_before_the_state_of_a_record():
    record = filed()
    api = Api("archivist2")

    problem_of(api.post(f"/records/{record.pk}/withdraw/", {}), 400)
    problem_of(api.post(f"/records/{record.pk}/review/", {"decision": "maybe"}), 400)


# --- 410, 413, 503, 500 ---------------------------------------------------------------------------------------------


def test_content_of_what_was_withdrawn_is_gone():
    api, record = Api("archivist"), registered()
    component = record.versions.get().components.get().pk
    api.post(f"/records/{record.pk}/withdraw/", {"reason": "重复"})

    problem_of(api.get(f"/records/{record.pk}/components/{component}/content"), 410)
    problem_of(api.get(f"/records/{record.pk}/components/{component}/pages/1.png"), 410)
    problem_of(api.get(f"/records/{record.pk}/components/{uuid4()}/content"), 404)


def test_a_body_that_is_too_large_is_413_after_404(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    api, record = Api("archivist"), registered()

    problem_of(api.patch(f"/records/{record.pk}/", {"title": "x" * 2000}), 413)
    problem_of(api.patch(f"/records/{uuid4()}/", {"title": "x" * 2000}), 404)
    problem_of(api.register(title="x" * 2000), 413)


@pytest.mark.parametrize("error", [StoreUnavailable, NoSuchObject, DigestMismatch, MasterKeyUnknown])
def test_a_store_that_is_away_or_has_lost_something_is_503_before_the_first_byte(monkeypatch, error):
    api, record = Api("archivist"), registered()
    component = record.versions.get().components.get().pk

    def away(*_arguments):
        raise error
        yield

    monkeypatch.setattr(access.objects, "read_range", away)
    response = api.get(f"/records/{record.pk}/components/{component}/content")

    problem_of(response, 503)
    assert int(response["Retry-After"]) > 0


def test_a_busy_database_is_503(monkeypatch):
    def busy(*_arguments, **_options):
        raise OperationalError("database is locked")

    monkeypatch.setattr(reading, "history", busy)
    response = Api("archivist").get(f"/records/{registered().pk}/history/")

    assert "locked" not in problem_of(response, 503)["detail"]
    assert "Retry-After" in response


def test_a_fault_is_500_in_json_and_tells_nothing(monkeypatch, caplog):
    def broken(*_arguments, **_options):
        raise RuntimeError("secret inside")

    monkeypatch.setattr(reading, "history", broken)
    response = Api("archivist").get(f"/records/{registered().pk}/history/")

    assert b"secret inside" not in response.content
    problem_of(response, 500)
    assert "secret inside" in caplog.text


# --- words ----------------------------------------------------------------------------------------------------------


def test_the_sentence_is_in_the_language_that_is_asked_for():
    api = Api("archivist")

    english = problem_of(api.get(f"/records/{uuid4()}/", headers={"Accept-Language": "en"}), 404)

    assert english["detail"] == "There is nothing here under this address."
    assert english["type"] == "urn:muniment:problem:unknown"


def test_answers_are_kept_by_no_cache():
    api, record, shelf = Api("archivist"), registered(), volume()

    for path in ("/records/", f"/records/{record.pk}/", f"/records/{uuid4()}/", "/volumes/", "/tiers/"):
        assert "no-store" in api.get(path)["Cache-Control"]
    assert shelf
