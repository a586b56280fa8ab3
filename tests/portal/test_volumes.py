"""Volumes and boxes as one: their mark on page, label, list and export, and borrowing all of a volume in one act (SEC-13, CUS-1)."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal import paper
from records import counter, leaks, lending, places, releases
from records.models import Loan, Notice, Volume
from tests import factories
from tests.factories import filed, person, registered, secret
from tests.portal.callers import Api, problem_of
from tests.portal.test_desk_pages import desk, text_of
from tests.portal.test_loan_register import out, words_of
from tests.portal.walked import RELEASE

pytestmark = pytest.mark.django_db
SOON = timezone.localdate() + timedelta(days=7)
WISH = {"use": "view", "purpose": "贷后检查", "until": SOON.isoformat()}


@pytest.fixture(autouse=True)
def policies() -> None:
    """Chains as shipped."""
    factories.loan_policies()


def binder() -> Volume:
    """A numbered volume with an internal and a secret item."""
    held = factories.volume()
    filed(record_class="DK", volume=held.pk)
    filed(record_class="DK", volume=held.pk, **secret("secret"))
    return Volume.objects.get(pk=held.pk)


def page_of(volume: Volume) -> str:
    """The address of its page."""
    return reverse("desk:volume", args=[volume.pk])


# --- marks ----------------------------------------------------------------------------------------------------------


def test_a_volumes_page_marks_the_whole_and_each_item() -> None:
    held = binder()
    words = text_of(desk("archivist").get(page_of(held)))
    assert words.count("秘密★10年") == 2  # the volume's own, and that of the item
    assert all(record.number in words for record in held.records.all())


def test_what_is_added_later_raises_the_mark_at_once() -> None:
    held = binder()
    registered(record_class="DK", volume=held.pk, **secret("confidential"))
    assert "机密★20年" in text_of(desk("archivist").get(page_of(held)))
    (row,) = Api("archivist").get("/volumes/").json()["results"]
    assert (row["tier"], row["tier_mark"]) == ("confidential", "机密★20年")


def test_a_hidden_item_changes_nothing_for_who_may_not_know_it() -> None:
    """SEC-5: neither mark, nor count, nor label."""
    held = binder()
    before = text_of(desk("archivist").get(page_of(held)))
    registered("registrar", record_class="DK", volume=held.pk, **secret("top-secret"))
    assert text_of(desk("archivist").get(page_of(held))) == before
    assert "绝密★30年" in text_of(desk("registrar").get(page_of(held)))


def test_a_volume_of_which_one_knows_nothing_does_not_exist() -> None:
    held = factories.volume(actor="registrar")
    registered("registrar", record_class="DK", volume=held.pk, **secret("top-secret"))
    for name in ("volume", "volume-label", "volume-borrow"):
        assert desk("legal").get(reverse(f"desk:{name}", args=[held.pk])).status_code == 404
    assert problem_of(Api("legal").post("/loans/", {"volume": str(held.pk), **WISH}), 404)
    assert problem_of(Api("legal").post("/loans/", {"volume": "7", **WISH}), 404)


def test_the_label_of_a_volume_carries_number_range_and_mark_and_leads_to_it() -> None:
    """CUS-1; above internal no title lies about."""
    held = binder()
    url = reverse("desk:volume-label", args=[held.pk])
    words = words_of(desk("archivist").get(url).content)
    first, last = held.records.order_by("number").values_list("number", flat=True)
    assert all(text in words for text in (held.number, first, last, "秘密★10年"))
    assert held.title not in words
    assert desk("archivist").get(f"/q/{held.number}/").url == page_of(held)
    assert desk("archivist").get("/q/", {"code": paper.address_of(held.number)}, follow=True).redirect_chain[-1][0] == page_of(held)


def test_an_open_volumes_label_carries_its_title() -> None:
    held = factories.volume()
    filed(record_class="DK", volume=held.pk)
    words = words_of(desk("archivist").get(reverse("desk:volume-label", args=[held.pk])).content)
    assert held.title in words
    assert "★" not in words


def test_before_its_number_a_volume_has_no_label() -> None:
    held = factories.volume()
    answer = desk("archivist").get(reverse("desk:volume-label", args=[held.pk]))
    assert answer.status_code == 409
    assert "file the first of its records" in text_of(answer)
    assert "Nothing is in it yet" in text_of(desk("archivist").get(page_of(held)))


def test_a_box_is_marked_with_all_that_lies_in_it() -> None:
    """A box, and each place around it: on its page, in the list, on the label, through the API."""
    for code, kind, parent in (("A", "cabinet", None), ("B07", "box", "A"), ("B08", "box", "A")):
        places.make(actor=person("archivist"), code=code, name=f"{code}处", kind=kind, parent=parent)
    filed(original={"pages": 2, "place": "B07"}, **secret("secret"))
    filed(original={"pages": 2, "place": "B08"})
    hidden = registered("registrar", original={"pages": 2, "place": "B08"}, **secret("top-secret"))
    assert hidden.original.at.code == "B08"
    archivist = desk("archivist")

    def marked(code: str) -> list[bool]:
        page = text_of(archivist.get(f"/places/{code}/"))
        return [mark in page.split("belong here")[0] for mark in ("秘密★10年", "绝密")]

    assert [marked(code) for code in ("A", "B07", "B08")] == [[True, False], [True, False], [False, False]]
    assert text_of(archivist.get("/places/")).count("秘密★10年") == 2
    labels = words_of(archivist.get("/places/A/labels/").content)
    assert (labels.count("秘密★10年"), labels.count("绝密")) == (2, 0)
    rows = {row["code"]: row["tier_mark"] for row in Api("archivist").get("/places/").json()["results"]}
    assert rows == {"A": "秘密★10年", "B07": "秘密★10年", "B08": "内部"}


def test_exports_and_the_report_carry_the_mark_of_all_they_name() -> None:
    archivist = desk("archivist")

    def marks() -> tuple[int, str | None]:
        book = openpyxl.load_workbook(io.BytesIO(archivist.get("/loans/register/?export=xlsx").content))
        assert book.properties.category == book.active.oddHeader.right.text
        return words_of(archivist.get("/loans/report/?format=pdf").content).count("★"), book.properties.category

    out(filed())
    assert marks() == (0, None)
    loan = lending.request(actor=person("staff"), record_id=filed(**secret("secret")).pk, use="original", purpose="核对", until=SOON)
    lending.decide(actor=person("head"), loan_id=loan.pk, decision="approve")
    counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=2)
    assert marks() == (2, "秘密★10年")  # the loan's row, and the sheet


def test_what_goes_outside_together_is_marked_as_one() -> None:
    factories.committee()
    records = [filed(**secret("secret")), filed(**secret("confidential"))]
    made = releases.request(actor=person("archivist"), record_ids=[record.pk for record in records], until=None, **RELEASE)
    heading = text_of(desk("archivist2").get(reverse("desk:release", args=[made.pk]))).split("What is given to whom")[0]
    assert "机密★20年" in heading
    shaped = Api("archivist2").get(f"/releases/{made.pk}/").json()
    assert (shaped["tier"], shaped["tier_mark"]) == ("confidential", "机密★20年")


# --- borrowing as a whole -------------------------------------------------------------------------------------------


def shelf() -> Volume:
    """A volume of a class that `staff` reads, but for its second item, which is listed for them."""
    held = factories.volume(record_class="HT")
    filed(volume=held.pk)
    filed(volume=held.pk, **secret("secret"))
    return held


def test_a_whole_volume_is_asked_for_in_one_act_and_approved_as_its_highest_tier_asks() -> None:
    """The internal item, which by itself an archivist would decide on, goes to the head as well; who is told is told once."""
    held, client = shelf(), desk("staff")
    url = reverse("desk:volume-borrow", args=[held.pk])
    assert url in client.get(page_of(held)).content.decode()
    assert "2 records" in text_of(client.get(url))
    answer = client.post(url, {**WISH, "use": "original"}, follow=True)
    assert "2 loans are asked for" in text_of(answer)
    loans = list(Loan.objects.order_by("number"))
    assert {step.approver for loan in loans for step in loan.approval.steps.all()} == {"head"}
    assert [row["id"] for row in Api("head").get("/loans/?waiting_for_me=1").json()["results"]] == [str(loan.pk) for loan in loans]
    told = list(Notice.objects.filter(kind="loan-waits").values_list("person__username", flat=True))
    assert told == ["head"]


def test_what_one_reads_anyway_is_not_lent_for_reading() -> None:
    held = shelf()
    made = Api("staff").post("/loans/", {"volume": str(held.pk), **WISH})
    assert made.status_code == 201
    assert [row["record"]["number"] for row in made.json()["results"]] == [held.records.get(tier__slug="secret").number]
    assert problem_of(Api("legal").post("/loans/", {"volume": str(held.pk), **WISH}), 409)  # reads all of it


def test_a_whole_volume_is_asked_for_once_under_one_key() -> None:
    held, key = shelf(), {"Idempotency-Key": "volume-1"}
    first, again = (Api("staff").post("/loans/", {"volume": str(held.pk), **WISH}, headers=key) for _each in range(2))
    assert first.content == again.content
    assert Loan.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"purpose": " "}, "purpose"),
        ({"until": "2020-01-01"}, "until"),
        ({"use": "eat"}, "use"),
        ({"borrower": "staff2"}, None),
        ({"volume": None}, "record"),
    ],
)
def test_bad_requests_lend_nothing(change: dict[str, str | None], field: str | None) -> None:
    """By page and API the same sentence at its field."""
    held = shelf()
    asked = {"volume": str(held.pk), **WISH, "use": "original", **change}
    asked = {name: value for name, value in asked.items() if value is not None}
    answer = Api("staff").post("/loans/", asked)
    assert answer.status_code == (400 if field else 403)
    assert field is None or field in answer.json()["errors"]
    if not {"record", "volume"} & change.keys():
        assert desk("staff").post(reverse("desk:volume-borrow", args=[held.pk]), asked).status_code == answer.status_code
    assert not Loan.objects.exists()


def test_a_request_names_records_or_a_volume() -> None:
    held = shelf()
    both = {"volume": str(held.pk), "record": str(held.records.first().pk), **WISH}
    assert "record" in problem_of(Api("staff").post("/loans/", both), 400)["errors"]


def test_one_item_that_cannot_be_lent_stops_the_whole() -> None:
    """All or none: a person who is blocked, a record that is frozen."""
    held = shelf()
    frozen = held.records.first()
    leaks.report(actor=person("head"), record_id=frozen.pk, what="复印件在外")
    assert problem_of(Api("staff").post("/loans/", {"volume": str(held.pk), **WISH, "use": "original"}), 409)
    assert not Loan.objects.exists()


def test_nothing_filed_is_nothing_to_borrow() -> None:
    held = factories.volume(record_class="HT")
    registered(volume=held.pk)
    assert desk("staff").get(reverse("desk:volume-borrow", args=[held.pk])).status_code == 409
    assert reverse("desk:volume-borrow", args=[held.pk]) not in desk("staff").get(page_of(held)).content.decode()


def test_the_page_asks_as_much_for_many_items_as_for_few() -> None:
    held, client = shelf(), desk("archivist")
    client.get(page_of(held))
    with CaptureQueriesContext(connection) as few:
        client.get(page_of(held))
    for _each in range(4):
        filed(volume=held.pk, **secret("secret"))
    with CaptureQueriesContext(connection) as many:
        client.get(page_of(held))
    assert len(many) == len(few)
