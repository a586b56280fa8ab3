"""Bad input, each refused by its own sentence at its own field, with nothing stored (CAP-2, CAP-6; house habit 10)."""

import io
import struct
from pathlib import Path

import pytest

from portal import uploads
from records.models import Record
from storage.models import StoredObject
from tests import samples
from tests.factories import CONTRACT, filed, registered, reviewed
from tests.portal.callers import BASE, Api, file, problem_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def api():
    return Api("archivist")


def refused(api, status=400, **values):
    """The problem that a registration with these values is; nothing may be left of it."""
    found = problem_of(api.register(**values), status)
    assert not Record.objects.exists()
    assert not StoredObject.objects.exists()
    return found["errors"]


def with_fields(**values):
    return {"fields": CONTRACT | values}


def with_party(**values):
    return {"parties": [{"name": "陈大文"} | values]}


# --- values ---------------------------------------------------------------------------------------------------------

VALUES = {
    "no such type": ({"record_type": "spell"}, "record_type"),
    "no such class": ({"record_class": "ZZ"}, "record_class"),
    "a class one does not read": ({"record_class": "QZ"}, "record_class"),
    "no such tier": ({"tier": "cosmic"}, "tier"),
    "no such department": ({"department": "moon"}, "department"),
    "no such owner": ({"owner": "nobody"}, "owner"),
    "no such person named": ({"named": ["nobody"]}, "named"),
    "no title": ({"title": " "}, "title"),
    "a title that is missing": ({"title": None}, "title"),
    "a title over its length": ({"title": "长" * 301}, "title"),
    "an identity number in a title": ({"title": "张三 110105 19491231 002X.pdf"}, "title"),
    "a bank card in a title": ({"title": "卡4111111111111111复印件"}, "title"),
    "NUL in a title": ({"title": "a\0b"}, "title"),
    "NUL in a class": ({"record_class": "H\0T"}, "record_class"),
    "NUL in an owner": ({"owner": "a\0b"}, "owner"),
    "NUL in a name of a field": ({"a\0b": "x"}, "a\0b"),
    "a key that is no field of a registration": ({"colour": "red"}, "colour"),
    "a reason over its length": ({"tier": "secret", "tier_reason": "长" * 501}, "tier_reason"),
    "a secret without a reason": ({"tier": "secret"}, "tier_reason"),
    "a term beyond the longest": ({"tier": "secret", "tier_reason": "x", "tier_until": "P99Y"}, "tier_until"),
    "a term that is over": ({"tier": "secret", "tier_reason": "x", "tier_until": "2020-01-01"}, "tier_until"),
    "a term that is none": ({"tier": "secret", "tier_reason": "x", "tier_until": "soon"}, "tier_until"),
    "a term beyond all years": ({"tier": "secret", "tier_reason": "x", "tier_until": "P999Y9999M"}, "tier_until"),
    "fields that are no JSON": ({"fields": "{"}, "fields"),
    "fields that are a list": ({"fields": "[]"}, "fields"),
    "fields as deep as the sea": ({"fields": "[" * 50_000 + "]" * 50_000}, "fields"),
    "a number that is none": ({"fields": '{"amount": NaN}'}, "fields"),
    "half a character": ({"fields": r'{"remarks": "\ud800"}'}, "fields"),
    "NUL in a field": (with_fields(remarks="a\0b"), "fields.remarks"),
    "an unknown field": (with_fields(colour="red"), "fields.colour"),
    "a day that does not exist": (with_fields(signed_on="2026-02-30"), "fields.signed_on"),
    "a month that does not exist": (with_fields(signed_on="2026-13-01"), "fields.signed_on"),
    "a day that is a number": (with_fields(signed_on=20260101), "fields.signed_on"),
    "a year before all records": (with_fields(signed_on="0001-01-01"), "fields.signed_on"),
    "an amount that is no number": (with_fields(amount={"value": "NaN", "currency": "CNY"}), "fields.amount"),
    "an endless amount": (with_fields(amount={"value": "1e400", "currency": "CNY"}), "fields.amount"),
    "an amount with a thousandth": (with_fields(amount={"value": "1.001", "currency": "CNY"}), "fields.amount"),
    "an amount without currency": (with_fields(amount={"value": "1.00"}), "fields.amount"),
    "a currency that does not exist": (with_fields(amount={"value": "1.00", "currency": "XXQ"}), "fields.amount"),
    "an amount beyond all money": (with_fields(amount={"value": "9" * 40, "currency": "CNY"}), "fields.amount"),
    "a text over its length": (with_fields(contract_number="长" * 5000), "fields.contract_number"),
    "a text that is an object": (with_fields(contract_number={"a": 1}), "fields.contract_number"),
    "a wrong check character of an identity number": (with_party(identity_number="110105194912310021"), "parties.0.identity_number"),
    "an identity number with an impossible birthday": (with_party(identity_number="11010519491331002X"), "parties.0.identity_number"),
    "a short identity number": (with_party(identity_number="1101051949"), "parties.0.identity_number"),
    "a wrong check character of a credit code": (with_party(credit_code="91350100M000100Y44"), "parties.0.credit_code"),
    "a party without a name": ({"parties": [{"name": ""}]}, "parties.0.name"),
    "a party's name over its length": (with_party(name="长" * 201), "parties.0.name"),
    "a role that does not exist": (with_party(role="king"), "parties.0.role"),
    "a kind of party that does not exist": (with_party(kind="ghost"), "parties.0.kind"),
    "parties that are no list": ({"parties": {"name": "x"}}, "parties"),
    "parties that are no objects": ({"parties": ["x"]}, "parties"),
    "no party at all": ({"parties": []}, "parties"),
    "named that is no list": ({"named": '"archivist"'}, "named"),
    "named that are numbers": ({"named": [1]}, "named"),
    "an original without pages": ({"original": {"place": "B-3"}}, "original"),
    "an original of no pages": ({"original": {"pages": 0}}, "original"),
    "an original of half a page": ({"original": {"pages": 1.5}}, "original"),
    "a place over its length": ({"original": {"pages": 1, "place": "长" * 201}}, "original.place"),
    "no file": ({"files": None}, "files"),
    "uploads that are no ids": ({"files": None, "uploads": "[1]"}, "uploads"),
}


@pytest.mark.parametrize("case", VALUES)
def test_a_registration_names_what_is_wrong(api, case):
    values, field = VALUES[case]

    errors = refused(api, **values)

    assert field in errors, errors
    assert all(sentence.endswith((".", "。", ":", ")")) for sentence in errors[field]), errors


def test_all_that_is_wrong_is_named_at_once(api):
    errors = refused(api, title="", fields={}, parties=[], department=None, tier="secret")

    assert set(errors) >= {"title", "fields.contract_number", "fields.signed_on", "fields.amount", "parties", "department", "tier_reason"}


# --- files ----------------------------------------------------------------------------------------------------------

FILES = {
    "zero bytes": (lambda: b"", 415),
    "a truncated PDF": (lambda: samples.text_pdf()[:2000], 415),
    "an encrypted PDF": (samples.encrypted_pdf, 415),
    "a PDF with rights taken away": (lambda: samples.encrypted_pdf(user=""), 415),
    "a program": (lambda: samples.WINDOWS_PROGRAM, 415),
    "another program": (lambda: samples.LINUX_PROGRAM, 415),
    "a script": (lambda: samples.SCRIPT, 415),
    "HTML": (lambda: samples.HTML, 415),
    "SVG": (lambda: samples.SVG, 415),
    "a broken TIFF": (lambda: samples.tiff()[:300], 415),
    "an archive": (samples.plain_zip, 415),
    "an old Word file": (lambda: samples.OLD_WORD, 415),
    "an encrypted Office file": (lambda: samples.ENCRYPTED_OFFICE, 415),
    "a Word file with macros": (samples.macro_docx, 415),
    "a PNG bomb": (samples.pixel_bomb_png, 413),
    "a PDF pixel bomb": (samples.pixel_bomb_pdf, 413),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_named_pdf_is_what_its_content_says(api, case):
    make, status = FILES[case]

    errors = refused(api, status, files=[file(make(), "合同.pdf")])

    assert set(errors) == {"合同.pdf"}
    assert len(errors["合同.pdf"][0]) > 20  # a sentence that says what to do


def test_a_bomb_in_a_word_file_is_refused(api, settings):
    settings.MUNIMENT_MAX_UNPACKED_MB = 5

    refused(api, 413, files=[file(samples.bomb_docx(megabytes=8), "x.docx")])


def test_a_pdf_beyond_the_page_limit_is_refused(api, settings):
    settings.MUNIMENT_MAX_PAGES = 3

    errors = refused(api, 413, files=[file(samples.blank_pdf(4))])

    assert "MUNIMENT_MAX_PAGES" in errors["scan.pdf"][0]


def test_a_file_over_the_size_limit_is_refused(api, settings):
    settings.MUNIMENT_MAX_FILE_MB = 1

    errors = refused(api, 413, files=[file(b"%PDF-1.7" + bytes(1024 * 1024))])

    assert "MUNIMENT_MAX_FILE_MB" in errors["scan.pdf"][0]


def test_no_more_of_a_file_is_spooled_than_shows_that_it_is_too_large(settings, rf):
    settings.MUNIMENT_MAX_FILE_MB = 1

    kept = rf.post("/", {"files": file(bytes(5 * 1024 * 1024))}).FILES["files"]

    assert Path(kept.temporary_file_path()).stat().st_size <= 1024 * 1024 + 2 * 64 * 1024


def test_a_request_that_the_disk_has_no_room_for_is_503(api, monkeypatch):
    monkeypatch.setattr(uploads, "KEEP_FREE", 2**60)

    assert "Retry-After" in api.register()
    assert not Record.objects.exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\x\\y.pdf", "a\u202eb.pdf", "名" * 300 + ".pdf"])
def test_a_files_name_is_only_a_name(api, name):
    body = api.register(files=[file(name=name)]).json()

    kept = body["version"]["components"][0]["name"]
    assert "/" not in kept
    assert "\\" not in kept
    assert kept.isprintable()
    assert len(kept) <= 255


def test_a_file_under_another_name_is_refused(api):
    parts = {"record_type": "contract", "title": "x", "record_class": "HT", "files": file(), "attachment": file()}

    assert "attachment" in problem_of(api.form("/records/", **parts), 400)["errors"]


# --- what cannot be read at all -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data; name=title\r\n\r\nx"),
        ("text/plain", b"x"),
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/json", b'{"title": 1, "record_type": "contract", "record_class": "HT"}'),
        ("", b""),
    ],
)
def test_a_registration_that_cannot_be_read_is_400(api, content_type, body):
    response = api.client.generic("POST", BASE + "/records/", body, content_type=content_type, headers=api.headers)

    problem_of(response, 400)


def test_a_body_that_is_no_text(api):
    body = io.BytesIO(struct.pack("<10I", *range(10))).getvalue()

    problem_of(api.patch(f"/records/{registered().pk}/", body), 400)


# --- verbs ----------------------------------------------------------------------------------------------------------

BODIES = {
    "a decision that is none": ("review", {"decision": "maybe"}, "decision"),
    "a decision that is a number": ("review", {"decision": 1}, "decision"),
    "a reason over its length": ("withdraw", {"reason": "长" * 501}, "reason"),
    "NUL in a reason": ("withdraw", {"reason": "a\0b"}, "reason"),
    "a reason of blanks": ("withdraw", {"reason": "  "}, "reason"),
    "a key that does not exist": ("withdraw", {"reason": "x", "because": "y"}, "because"),
    "moved nowhere": ("move", {"reason": "x"}, "record_class"),
    "moved to no class": ("move", {"record_class": "ZZ", "reason": "x"}, "record_class"),
    "moved without a reason": ("move", {"record_class": "DK"}, "reason"),
    "no such tier": ("tier", {"tier": "cosmic", "reason": "x"}, "tier"),
    "no tier": ("tier", {"reason": "x"}, "tier"),
    "a tier without a reason": ("tier", {"tier": "secret"}, "reason"),
    "a tier for no time": ("tier", {"tier": "secret", "reason": "x", "until": "soon"}, "tier_until"),
    "a field that is not named": ("reveal", {"reason": "x"}, "field"),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_verb_names_what_is_wrong(case):
    verb, body, field = BODIES[case]
    record = registered()

    found = problem_of(Api("archivist2").post(f"/records/{record.pk}/{verb}/", body), 400)

    assert field in found["errors"], found
    record.refresh_from_db()
    assert (record.state, record.revision) == ("registered", 1)


CHANGES = {
    "no title": ({"title": ""}, "title"),
    "a title over its length": ({"title": "长" * 301}, "title"),
    "a title that is a number": ({"title": 1}, "title"),
    "a required field emptied": ({"fields": {"amount": None}}, "fields.amount"),
    "an impossible day": ({"fields": {"signed_on": "2026-02-30"}}, "fields.signed_on"),
    "an unknown field": ({"fields": {"colour": "red"}}, "fields.colour"),
    "fields that are a list": ({"fields": []}, "fields"),
    "no party left": ({"parties": []}, "parties"),
    "a party without a name": ({"parties": [{}]}, "parties.0.name"),
    "a revision that is a text": ({"title": "x", "revision": "1"}, "revision"),
    "a revision that is half": ({"title": "x", "revision": 1.5}, "revision"),
    "what is not changed here": ({"tier": "public"}, "tier"),
    "no such department": ({"department": "moon"}, "department"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_names_what_is_wrong(api, case):
    body, field = CHANGES[case]
    record = registered()

    found = problem_of(api.patch(f"/records/{record.pk}/", body), 400)

    assert field in found["errors"], found
    record.refresh_from_db()
    assert record.revision == 1


@pytest.mark.parametrize("text", ["x", '"x"', "1.5", '"-1"', "9" * 30])
def test_an_if_match_that_is_no_revision(api, text):
    problem_of(api.patch(f"/records/{registered().pk}/", {"title": "x"}, headers={"If-Match": text}), 400)


@pytest.mark.parametrize("records", [None, [], [1], "x", {}])
def test_a_batch_that_is_none(api, records):
    (field,) = problem_of(api.post("/records/file-batch/", {"records": records}), 400)["errors"]
    assert field.startswith("records")


def test_a_batch_names_each_record_once_and_not_too_many(api):
    record = reviewed()

    problem_of(api.post("/records/file-batch/", {"records": [str(record.pk)] * 2}), 400)
    problem_of(api.post("/records/file-batch/", {"records": [str(record.pk)] * 501}), 400)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": "", "record_class": "DK"}, "title"),
        ({"title": "长" * 301, "record_class": "DK"}, "title"),
        ({"title": "a\0b", "record_class": "DK"}, "title"),
        ({"title": "x", "record_class": "ZZ"}, "record_class"),
        ({"title": "x"}, "record_class"),
        ({"title": "x", "record_class": "DK", "number": "1"}, "number"),
    ],
)
def test_a_volume_that_cannot_be(api, body, field):
    assert field in problem_of(api.post("/volumes/", body), 400)["errors"]


# --- filing ---------------------------------------------------------------------------------------------------------


def test_only_what_was_reviewed_is_filed(api):
    assert problem_of(api.post(f"/records/{registered().pk}/file/"), 409)["code"] == "state-conflict"


def test_filing_twice_is_refused(api):
    record = filed()

    problem_of(api.post(f"/records/{record.pk}/file/"), 409)
    assert Record.objects.get(pk=record.pk).number == record.number


def test_a_class_with_volumes_files_nothing_without_one(api):
    record = reviewed(record_class="DK")

    assert problem_of(api.post(f"/records/{record.pk}/file/"), 409)["code"] == "needs-volume"


# --- questions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["page=0", "page=-1", "page=x", "page=1.5", "page_size=0", "page_size=201", "page_size=x", "page=１"])
@pytest.mark.parametrize("path", ["/records/", "/volumes/", "/parties/", "/record-types/", "/tiers/", "/search/"])
def test_a_page_that_cannot_be(api, path, question):
    name = question.split("=")[0]

    assert name in problem_of(api.get(f"{path}?{question}"), 400)["errors"]


@pytest.mark.parametrize(
    "path", ["/parties/?q=%00", "/search/?q=%00", "/search/suggest/?q=%00", "/search/?tier=%00", "/records/?queue=%00"]
)
def test_nul_in_a_question(api, path):
    problem_of(api.get(path), 400)


def test_a_queue_that_does_not_exist(api):
    assert "queue" in problem_of(api.get("/records/?queue=all"), 400)["errors"]


@pytest.mark.parametrize("question", ["from=yesterday", "to=2026-02-30", "record=x", "from=9999-99-99", "from=0001-01-01", "to=9999-12-31"])
def test_a_question_to_the_trail_that_cannot_be(question):
    assert question.split("=")[0] in problem_of(Api("auditor").get(f"/audit/events/?{question}"), 400)["errors"]


@pytest.mark.parametrize("question", ["date_from=x", "date_to=2026-02-30", "sort=chaos"])
def test_a_search_that_cannot_be(api, question):
    problem_of(api.get(f"/search/?{question}"), 400)
