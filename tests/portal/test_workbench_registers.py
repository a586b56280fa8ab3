"""The registers of the workbench: what one may know of, found, taken along and filed from there, with a trail."""

import csv
import io
from datetime import UTC, datetime

import openpyxl
import pytest
from django.urls import reverse

from records import filing, review
from records.models import AuditEvent, NumberEntry, Record
from tests.factories import filed, person, registered, reviewed, secret

pytestmark = pytest.mark.django_db


def as_person(client, name):
    client.force_login(person(name))
    return client


def titles_in(answer):
    """What the page shows."""
    return answer.content.decode()


def test_the_register_shows_what_one_may_know_of(client):  # SEC-5
    seen, hidden = registered(title="可见之件"), registered("registrar", title="隐匿之件", **secret("top-secret"))

    page = titles_in(as_person(client, "archivist").get(reverse("record_register:index")))

    assert seen.title in page
    assert hidden.title not in page
    assert hidden.title in titles_in(as_person(client, "registrar").get(reverse("record_register:index")))


def test_the_register_is_filtered_and_searched(client):
    one, other = registered(title="海运合同"), registered(title="陆运合同")
    archivist = as_person(client, "archivist")

    assert other.title not in titles_in(archivist.get(reverse("record_register:index"), {"q": "海运"}))
    assert one.title not in titles_in(archivist.get(reverse("record_register:index"), {"state": "filed"}))


@pytest.mark.parametrize("name", ["record_register", "number_register", "party_register"])
def test_every_register_opens_in_a_fixed_number_of_queries(client, name, django_assert_max_num_queries):
    for _each in range(3):
        filed()
    archivist = as_person(client, "archivist")
    archivist.get(reverse(f"{name}:index"))

    with django_assert_max_num_queries(40):
        assert archivist.get(reverse(f"{name}:index")).status_code == 200


# --- searches and exports -------------------------------------------------------------------------------------------


def content_of(answer):
    """The bytes of a download."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def exported(client, name, **asked):
    """The rows of a register as CSV, by heading, and the cells as XLSX, row by row."""
    text = content_of(client.get(reverse(f"{name}:index"), asked | {"export": "csv"})).decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(content_of(client.get(reverse(f"{name}:index"), asked | {"export": "xlsx"}))))
    return list(csv.DictReader(io.StringIO(text))), [[cell.value for cell in row] for row in book.active]


def test_exports_hold_no_formula_and_no_hidden_row(client):  # PRT-7
    registered(title="=HYPERLINK(1)")
    registered("registrar", title="隐匿之件", **secret("top-secret"))

    rows, cells = exported(as_person(client, "archivist"), "record_register")

    assert (len(rows), len(cells)) == (1, 2)
    assert "'=HYPERLINK(1)" in rows[0].values()
    assert "'=HYPERLINK(1)" in cells[1]


def test_exports_hold_the_time_of_the_house_numbers_and_words(client):  # PRT-7
    record = filed()
    late = datetime(2026, 3, 18, 16, 30, tzinfo=UTC)  # the next day in Shanghai
    NumberEntry.objects.filter(number=record.number).update(given_at=late)
    archivist = as_person(client, "archivist")

    rows, cells = exported(archivist, "number_register")
    records, _cells = exported(archivist, "record_register")
    parties, _cells = exported(archivist, "party_register")

    assert "2026-03-19 00:30:00" in rows[0].values()
    assert {late.replace(day=19, hour=0, tzinfo=None), 1, False} <= set(cells[1])
    assert record.get_state_display() in records[0].values()
    assert "filed" not in records[0].values()
    assert "organisation" not in parties[0].values()


def test_a_search_and_an_export_of_a_register_are_in_the_trail(client):  # SEC-7
    registered(title="海运合同")
    archivist = as_person(client, "archivist")
    before = AuditEvent.objects.count()

    archivist.get(reverse("record_register:index"))
    assert AuditEvent.objects.count() == before

    archivist.get(reverse("record_register:index_results"), {"q": "海运 13800138000"})
    content_of(archivist.get(reverse("record_register:index"), {"state": "registered", "export": "csv"}))
    search, export = AuditEvent.objects.filter(action__in=["search", "export"]).order_by("at")

    assert (search.action, search.subject, search.reason) == ("search", "register=records 海运 138****8000", "0")
    assert (export.action, export.subject, export.reason) == ("export", "register=records state=registered", "1")
    assert export.actor == person("archivist")


# --- filing from the register ---------------------------------------------------------------------------------------


def filing_url(**asked):
    """The page that shows the numbers before they are given."""
    return reverse("wagtail_bulk_action", args=["records", "record", "file"], query=asked)


def confirm(client, url):
    """See the numbers and say yes: what the page's form sends; the numbers as they were shown."""
    page = client.get(url)
    rows = page.context["rows"]
    client.post(url, {"record": [str(record.pk) for record, _number in rows]})
    return [(record.pk, number) for record, number in rows]


def test_a_selection_is_filed_in_one_act(client):  # NUM-4
    records = [reviewed(), reviewed()]
    shown = confirm(as_person(client, "archivist"), filing_url(id=[row.pk for row in records]))

    assert [pk for pk, _number in shown] == [row.pk for row in records]
    assert shown == [(row.pk, Record.objects.get(pk=row.pk).number) for row in records]


def test_all_are_those_of_the_list_as_it_is_filtered_and_searched(client):  # NUM-4
    wanted, searched_away, filtered_away = reviewed(title="海运甲"), reviewed(title="陆运乙"), registered(title="海运丙")
    sorted_list = {"id": "all", "q": "运", "record_class": wanted.record_class_id, "ordering": "-title"}
    archivist = as_person(client, "archivist")

    assert [row.pk for row, _number in archivist.get(filing_url(**sorted_list)).context["rows"]] == [searched_away.pk, wanted.pk]
    assert [pk for pk, _number in confirm(archivist, filing_url(id="all", q="海运"))] == [wanted.pk]
    assert Record.objects.get(pk=wanted.pk).state == "filed"
    assert Record.objects.get(pk=searched_away.pk).state == "reviewed"
    assert Record.objects.get(pk=filtered_away.pk).state == "registered"


def test_what_was_reviewed_after_the_page_was_shown_gets_no_number(client):  # NUM-4: nobody saw it
    seen, late = reviewed(), registered()
    archivist, url = as_person(client, "archivist"), filing_url(id="all")
    page = archivist.get(url).content.decode()
    review.review(actor=person("archivist2"), record_id=late.pk, decision="accept")

    assert f'name="record" value="{seen.pk}"' in page
    archivist.post(url, {"record": str(seen.pk)})

    assert Record.objects.get(pk=seen.pk).state == "filed"
    assert Record.objects.get(pk=late.pk).state == "reviewed"


def test_what_was_filed_meanwhile_stops_the_whole_act(client):  # NUM-4: all or nothing
    one, other = reviewed(), reviewed()
    filing.file_record(actor=person("archivist2"), record_id=one.pk)

    as_person(client, "archivist").post(filing_url(id="all"), {"record": [str(one.pk), str(other.pk)]})

    assert Record.objects.get(pk=other.pk).state == "reviewed"


@pytest.mark.parametrize("asked", [{"id": "foo"}, {"id": ["", "all-"]}])
def test_an_id_that_is_none_is_answered_with_a_page(client, asked):
    assert as_person(client, "archivist").get(filing_url(**asked)).status_code == 404
    assert client.post(filing_url(id="all"), {"record": "foo"}).status_code == 302


def test_a_hidden_record_is_neither_shown_nor_filed(client):  # SEC-5
    hidden = reviewed("registrar", "officer", title="隐匿之件", **secret("top-secret"))
    archivist = as_person(client, "archivist")

    assert archivist.get(filing_url(id=hidden.pk)).context["rows"] == []
    archivist.post(filing_url(id=hidden.pk), {"record": str(hidden.pk)})
    assert Record.objects.get(pk=hidden.pk).state == "reviewed"


def test_rows_are_chosen_by_those_who_file(client):
    reviewed()

    assert "bulk-actions-choices" in titles_in(as_person(client, "archivist").get(reverse("record_register:index")))
    assert "bulk-actions-choices" not in titles_in(as_person(client, "legal").get(reverse("record_register:index")))
