"""Bytes and page images: whole and in part, to those who may, kept by no cache (interface.md; lessons U4, U5, U19)."""

import hashlib
import io
from uuid import uuid4

import pytest
from PIL import Image

from portal.content import wanted
from records import changing
from records.models import AuditEvent
from storage.errors import BadRange
from tests import samples
from tests.factories import filed, pdf, person, registered, secret
from tests.portal.callers import Api, body_of, file, problem_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def record():
    return filed()


def component_of(record):
    return record.versions.get(number=1).components.get()


def content(record, part=None):
    return f"/records/{record.pk}/components/{part or component_of(record).pk}/content"


def ask(username, record, **headers):
    return Api(username).get(content(record), headers={name.replace("_", "-"): value for name, value in headers.items()})


# --- whole ----------------------------------------------------------------------------------------------------------


def test_the_bytes_come_as_they_were_sent(record):
    response = ask("staff", record)

    assert response.status_code == 200
    assert response.streaming
    assert body_of(response) == pdf()
    assert response["Content-Length"] == str(len(pdf()))
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == 'attachment; filename="scan.pdf"'


def test_a_chinese_name_travels_as_rfc_5987_says():
    made = Api("archivist").register(files=[file(name="采购合同 “终稿”.pdf")]).json()

    response = Api("archivist").get(f"/records/{made['id']}/components/{made['version']['components'][0]['id']}/content")

    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E9%87%87")
    assert body_of(response)


def test_a_tag_tells_nothing_of_the_content(record):
    tag = ask("staff", record)["ETag"]

    assert component_of(record).sha256 not in tag
    assert hashlib.md5(pdf()).hexdigest() not in tag
    same_bytes = filed()
    assert ask("staff", same_bytes)["ETag"] != tag


def test_each_download_is_in_the_trail(record):
    body_of(ask("staff", record))

    event = AuditEvent.objects.get(action="download")
    assert (event.actor, event.record_id, event.subject) == (person("staff"), record.pk, str(component_of(record).pk))


def test_the_auditor_is_told_no_file_names(record):  # AUD-2: they are titles
    body_of(ask("staff", record))

    assert b"scan.pdf" not in Api("auditor").get("/audit/events/").content


def test_what_is_taken_of_each_component_is_in_the_trail(record):  # SEC-7
    parts = [component_of(record), *newest(record, "补扫")]
    for part in [*parts, *parts]:
        body_of(Api("staff").get(content(record, part.pk), headers={"Range": "bytes=0-"}))

    events = AuditEvent.objects.filter(action="download", record_id=record.pk)
    assert sorted(events.values_list("subject", flat=True)) == sorted(str(part.pk) for part in parts)


def test_what_is_looked_into_is_in_the_trail_beside_the_record(record):  # SEC-7
    staff = Api("staff")
    staff.get(f"/records/{record.pk}/")
    for _twice in range(2):
        staff.get(f"/records/{record.pk}/components/{component_of(record).pk}/pages/1.png?width=300")

    events = AuditEvent.objects.filter(action="view", record_id=record.pk, actor=person("staff"))
    assert sorted(events.values_list("subject", flat=True)) == ["", str(component_of(record).pk)]


def newest(record, reason):
    """The components of a version that is added."""
    Api("archivist").form(f"/records/{record.pk}/versions/", reason=reason, files=[file(samples.text_pdf((reason,)))])
    return record.versions.get(number=2).components.all()


# --- in part --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-0", 0, 1), ("bytes=0-99", 0, 100), ("bytes=100-", 100, None), ("bytes=-10", -10, None), ("bytes=5-999999999", 5, None)],
)
def test_a_range_is_206(record, asked, start, end):
    response = ask("staff", record, Range=asked)

    assert response.status_code == 206
    part = pdf()[start:end]
    assert body_of(response) == part
    assert response["Content-Length"] == str(len(part))
    first = start % len(pdf())
    assert response["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(pdf())}"


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=-0", f"bytes={10**17}-"])
def test_a_range_beyond_the_end_is_416(record, asked):
    response = ask("staff", record, Range=asked)

    problem_of(response, 416)
    assert response["Content-Range"] == f"bytes */{len(pdf())}"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=9-1", "bytes=x-", "lines=1-2", "bytes=-", "", "bytes=" + "9" * 30 + "-"])
def test_a_range_that_means_nothing_is_the_whole(record, asked):
    response = ask("staff", record, Range=asked)

    assert (response.status_code, response["Content-Length"]) == (200, str(len(pdf())))


def test_a_range_of_something_else_is_the_whole(record):
    tag = ask("staff", record)["ETag"]

    assert ask("staff", record, Range="bytes=0-9", If_Range=tag).status_code == 206
    assert ask("staff", record, Range="bytes=0-9", If_Range='"other"').status_code == 200


def test_a_range_over_several_segments_is_exact():  # segments have 1 MiB
    png = samples.picture(width=1100, height=1100)
    assert len(png) > 2**20
    record = registered(content=png)

    response = ask("staff", record, Range=f"bytes={2**20 - 3}-{2**20 + 9}")

    assert body_of(response) == png[2**20 - 3 : 2**20 + 10]


def test_ranges_of_an_empty_content(rf):
    request = rf.get("/", headers={"Range": "bytes=-5"})

    with pytest.raises(BadRange):
        wanted(request, 0, '"x"')


def test_a_head_has_the_headers_only(record):
    response = Api("staff").call("HEAD", content(record))

    assert (response["Content-Length"], response.content) == (str(len(pdf())), b"")


# --- who may --------------------------------------------------------------------------------------------------------


def test_reading_is_not_downloading():
    record = registered(**secret("secret"))

    for path in (content(record), content(record) + "?x"):
        problem_of(Api("head").get(path), 403)
    assert ask("archivist", record).status_code == 200  # cleared archivists download for their work
    assert "download" not in Api("head").get(f"/records/{record.pk}/").json()["may"]
    assert "view" in Api("head").get(f"/records/{record.pk}/").json()["may"]


def test_a_range_of_what_may_not_be_downloaded_tells_no_size():
    record = registered(**secret("secret"))

    assert problem_of(ask("head", record, Range="bytes=999999999-"), 403)


def test_of_erased_content_the_right_is_asked_first_and_the_range_too():  # interface.md: 404, 403, 400, 416, 410
    record = registered(**secret("secret"))
    changing.withdraw(actor=person("archivist"), record_id=record.pk, reason="重复登记")

    problem_of(ask("head", record), 403)
    problem_of(ask("archivist", record), 410)
    problem_of(ask("archivist", record, Range="bytes=999999999-"), 416)
    problem_of(page("head", record, 1, "?width=x"), 400)
    problem_of(page("head", record), 410)


def test_a_component_of_another_record_is_not_there(record):
    other = filed()

    problem_of(Api("staff").get(content(record, component_of(other).pk)), 404)
    problem_of(Api("staff").get(content(record, uuid4())), 404)


def test_earlier_versions_stay_readable(record):
    api = Api("archivist")
    first = component_of(record).pk
    api.form(f"/records/{record.pk}/versions/", reason="补扫", files=[file(samples.text_pdf(("一",)))])

    assert body_of(api.get(content(record, first))) == pdf()


# --- pages ----------------------------------------------------------------------------------------------------------


def page(username, record, number=1, width=""):
    return Api(username).get(f"/records/{record.pk}/components/{component_of(record).pk}/pages/{number}.png{width}")


def test_a_page_is_a_picture_that_no_cache_keeps(record):
    response = page("staff", record, 2, "?width=300")

    assert response["Content-Type"] == "image/png"
    assert "no-store" in response["Cache-Control"]
    assert Image.open(io.BytesIO(response.content)).width == 300


@pytest.mark.parametrize("number", [0, 3, -1, "x", "９", 10**12])
def test_a_page_that_is_not_there(record, number):
    problem_of(page("staff", record, number), 404)


@pytest.mark.parametrize("width", ["0", "-1", "x", "4001", "1e3"])
def test_a_width_that_cannot_be(record, width):
    assert "width" in problem_of(page("staff", record, 1, f"?width={width}"), 400)["errors"]
    problem_of(Api("staff").get(f"/records/{uuid4()}/components/{uuid4()}/pages/1.png?width={width}"), 404)


def test_formats_without_pages_have_none():
    record = registered(content="合同正文".encode())

    assert component_of(record).pages is None
    problem_of(page("staff", record), 404)


def test_above_public_each_page_names_its_viewer():  # SEC-2
    internal, public = registered(), registered(tier="public")

    assert page("staff", internal).content != page("head", internal).content
    assert page("staff", public).content == page("head", public).content


def test_who_may_only_read_sees_pages():
    record = registered(**secret("secret"))

    assert page("head", record).status_code == 200
    problem_of(page("staff", record), 403)
