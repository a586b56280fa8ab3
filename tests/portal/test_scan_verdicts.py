"""A scan is judged when it comes in; the verdict is shown beside it and kept (CAP-14, DA/T 31)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from records.models import Component
from tests import factories, samples
from tests.portal.callers import Api, file
from tests.portal.test_desk_pages import desk, text_of

pytestmark = pytest.mark.django_db
LOW = "have less than 200 dpi"


def scan() -> bytes:
    """Two pages at 150 dpi, the second one askew."""
    return samples.scanned_pdf([samples.page_image(samples.CLAUSE * 5), samples.page_image("附件清单" * 90, title="附件", angle=4)])


def warned(verdict: dict) -> dict[str, list[int]]:
    """Pages by what is wrong with them."""
    return {warning["code"]: warning["pages"] for warning in verdict["warnings"]}


def test_the_verdict_comes_with_the_upload_and_stays_with_the_file() -> None:
    """By the API: staged, and then kept with the record's component."""
    api = Api("archivist")
    staged = api.form("/uploads/", file=file(scan())).json()
    assert warned(staged["verdict"]) == {"low-resolution": [1, 2], "skew": [2]}
    made = api.register(files=None, uploads=[staged["id"]]).json()
    (version,) = api.get(f"/records/{made['id']}/versions/").json()["results"]
    (component,) = version["components"]
    assert component["verdict"] == staged["verdict"] == Component.objects.get().verdict


def test_files_that_come_with_the_registration_are_judged_too() -> None:
    record = factories.registered(content=scan())
    assert warned(Component.objects.get(version__record=record).verdict) == {"low-resolution": [1, 2], "skew": [2]}


def test_what_was_never_scanned_has_nothing_to_be_judged() -> None:
    record = factories.registered()
    assert Component.objects.get(version__record=record).verdict == {"pages": [], "warnings": []}
    assert "dpi" not in text_of(desk("archivist2").get(reverse("desk:review", args=[record.pk])))


def test_the_verdict_stands_beside_upload_review_and_record() -> None:
    """For archivists, who can scan it again; readers are not told."""
    archivist = desk("archivist")
    row = archivist.post("/register/upload/", {"file": SimpleUploadedFile("扫描.pdf", scan(), "application/pdf")})
    assert LOW in text_of(row)
    assert LOW in text_of(archivist.get("/register/"))
    record = factories.registered(content=scan())
    assert LOW in text_of(desk("archivist2").get(reverse("desk:review", args=[record.pk])))
    assert LOW in text_of(archivist.get(reverse("desk:record", args=[record.pk])))
    assert LOW not in text_of(desk("staff").get(reverse("desk:record", args=[record.pk])))


def test_pages_that_the_paper_has_and_the_scan_has_not_are_said() -> None:
    short, whole = (factories.registered(original={"pages": pages, "place": "A柜"}) for pages in (3, 2))
    reviewer = desk("archivist2")
    assert "The file has 2 pages, 3 were declared" in text_of(reviewer.get(reverse("desk:review", args=[short.pk])))
    assert "were declared" not in text_of(reviewer.get(reverse("desk:review", args=[whole.pk])))
