"""Lists: pages, order, counts, and a number of queries that does not grow with the rows (interface.md, API; lessons U9, U10)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from records.models import Record
from search import collecting
from search.engines import engine
from tests.factories import IDENTITY_NUMBER, filed, registered, secret, volume
from tests.portal.callers import Api, ids
from tests.search.people import index, row

pytestmark = pytest.mark.django_db
ENVELOPE = ["count", "next", "previous", "results"]


@pytest.fixture
def api():
    return Api("archivist")


# --- pages ----------------------------------------------------------------------------------------------------------


def test_newest_first_a_page_at_a_time(api):
    made = [str(row(f"合同 {place}").pk) for place in range(5)]

    first = api.get("/records/?page_size=2").json()
    assert list(first) == ENVELOPE
    assert (first["count"], ids(first["results"]), first["previous"]) == (5, made[:2:-1], None)
    second = api.client.get(first["next"], headers=api.headers).json()
    assert ids(second["results"]) == made[2:0:-1]
    last = api.client.get(second["next"], headers=api.headers).json()
    assert (ids(last["results"]), last["next"]) == ([made[0]], None)
    assert api.client.get(last["previous"], headers=api.headers).json() == second


@pytest.mark.parametrize("page", ["2", "999999999", "1000000000"])
def test_a_page_past_the_end_is_empty(api, page):
    record = row()

    response = api.get(f"/records/?page={page}")

    assert response.status_code == 200
    body = response.json()
    assert (body["count"], body["results"], body["next"]) == (1, [], None)
    assert ids(api.client.get(body["previous"], headers=api.headers).json()["results"]) == [str(record.pk)]


def test_a_question_stays_in_the_addresses_of_the_neighbours(api):
    for place in range(3):
        row(parties=(f"鸿远 {place}",))

    body = api.get("/parties/?q=鸿远&page_size=1&page=2").json()

    for neighbour in ("next", "previous"):
        assert api.client.get(body[neighbour], headers=api.headers).json()["count"] == 3


@pytest.mark.parametrize("size", [1, 200])
def test_the_smallest_and_the_largest_page(api, size):
    assert api.get(f"/records/?page_size={size}").status_code == 200


def test_rows_are_thin(api):
    row(parties=("鸿远",), pages=("正文",))

    (thin,) = api.get("/records/").json()["results"]

    listing = {"id", "number", "title", "record_type", "record_class", "year", "tier", "tier_mark", "state", "access"}
    assert set(thin) == listing


def test_listed_records_are_counted_and_hidden_ones_not():
    for values in (secret("secret"), secret("top-secret"), {"tier": "internal"}, {"tier": "public"}):
        registered("registrar", **values)

    assert [row["access"] for row in Api("staff").get("/records/").json()["results"]] == ["full", "full", "listed"]
    assert Api("staff2").get("/records/").json()["count"] == 1  # the public one
    assert Api("registrar").get("/records/").json()["count"] == 4


# --- queues ---------------------------------------------------------------------------------------------------------


def test_what_waits_for_me_is_a_list_of_its_own():
    mine, theirs = registered("archivist"), registered("archivist2")

    assert ids(Api("archivist").get("/records/?queue=review").json()["results"]) == [str(theirs.pk)]
    Api("archivist").post(f"/records/{theirs.pk}/review/", {"decision": "accept"})
    Api("archivist2").post(f"/records/{mine.pk}/review/", {"decision": "return", "reason": "缺页"})
    assert ids(Api("archivist").get("/records/?queue=file").json()["results"]) == [str(theirs.pk)]
    assert ids(Api("archivist").get("/records/?queue=returned").json()["results"]) == [str(mine.pk)]
    assert Api("staff").get("/records/?queue=review").json()["count"] == 0


# --- what can be chosen ---------------------------------------------------------------------------------------------


def test_a_type_lists_its_fields_with_kind_and_level(api):
    types = {row["slug"]: row for row in api.get("/record-types/").json()["results"]}

    fields = {field["key"]: (field["kind"], field["level"]) for field in types["contract"]["fields"]}
    assert fields["amount"] == ("money", "required")
    assert fields["project"] == ("text", "important")
    assert types["contract"]["needs_party"] is True


def test_classes_are_those_one_reads():
    def codes(who):
        return [row["code"] for row in Api(who).get("/record-classes/").json()["results"]]

    assert codes("archivist") == ["DK", "GZ", "HT"]
    assert codes("staff2") == ["GZ"]


def test_tiers_say_what_one_is_cleared_for():
    rows = Api("head").get("/tiers/").json()["results"]

    assert [(row["slug"], row["cleared"]) for row in rows] == [
        ("public", True),
        ("internal", True),
        ("secret", True),
        ("confidential", False),
        ("top-secret", False),
    ]


# --- parties and volumes --------------------------------------------------------------------------------------------


def test_parties_are_found_by_part_of_a_name_and_by_a_whole_number(api):
    registered(parties=[{"name": "陈大文", "kind": "person", "identity_number": IDENTITY_NUMBER}])
    registered(parties=[{"name": "鸿远置业有限公司", "role": "party_a"}])

    def names(question):
        return [party["name"] for party in api.get(f"/parties/?q={question}").json()["results"]]

    assert names("大文") == ["陈大文"]
    assert names("鸿远") == ["鸿远置业有限公司"]
    assert names(IDENTITY_NUMBER) == names(IDENTITY_NUMBER.lower()) == ["陈大文"]
    assert names(IDENTITY_NUMBER[:10]) == names("100%") == []
    assert api.get("/parties/?q=大文").json()["results"][0]["identifiers"] == ["1101**********002X"]
    assert names("") == ["鸿远置业有限公司", "陈大文"]


def test_a_party_is_listed_once_as_the_newest_record_names_it(api):
    for name in ("陈大文", "陈大文（更名）"):
        registered(parties=[{"name": name, "kind": "person", "identity_number": IDENTITY_NUMBER}])

    assert [party["name"] for party in api.get("/parties/").json()["results"]] == ["陈大文（更名）"]


def test_a_volume_is_made_and_numbered_with_its_first_record(api):
    made = api.post("/volumes/", {"title": "开发贷款", "record_class": "DK"})
    assert made.status_code == 201
    assert made.json() | {"id": ""} == {"id": "", "number": None, "title": "开发贷款", "record_class": "DK"}

    filed(record_class="DK", volume=made.json()["id"])

    assert [row["number"] for row in api.get("/volumes/").json()["results"]] == ["鸿借字第001号"]
    assert Api("staff2").get("/volumes/").json()["count"] == 0


# --- queries --------------------------------------------------------------------------------------------------------


def queries(call) -> int:
    """How many queries an answer takes, without those of the session or savepoint."""
    with CaptureQueriesContext(connection) as seen:
        assert call().status_code == 200
    return len([query for query in seen if "SAVEPOINT" not in query["sql"]])


LISTS = {
    "/records/": 10,
    "/records/?queue=review": 11,
    "/parties/?q=鸿": 9,
    "/volumes/": 10,
    "/record-types/": 5,
    "/record-classes/": 7,
    "/tiers/": 2,
    "/search/?q=合同": 24,
}


@pytest.mark.parametrize("path", LISTS)
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(path):
    api = Api("archivist2")
    api.get(path)  # notes the token's first use

    def more(count):
        for place in range(count):
            made = row(f"合同 {place}", parties=(f"鸿远 {place}",), pages=("合同正文",))
            Record.objects.filter(pk=made.pk).update(volume=volume())
            index(made)

    more(1)
    few = queries(lambda: api.get(path))
    more(5)
    many = queries(lambda: api.get(path))

    assert many == few <= LISTS[path]


def test_a_record_takes_a_fixed_number_of_queries():
    api = Api("archivist")
    record = registered()
    for _more in range(3):
        Api("archivist").post(f"/records/{record.pk}/relations/", {"kind": "amends", "record": str(registered().pk)})
    api.get(f"/records/{record.pk}/")

    assert queries(lambda: api.get(f"/records/{record.pk}/")) <= 24
    for path in ("history", "versions"):
        assert queries(lambda path=path: api.get(f"/records/{record.pk}/{path}/")) <= 14


# --- search and trail -----------------------------------------------------------------------------------------------


def test_search_answers_in_its_shape(api):
    found = row("设备采购合同", pages=("甲方逾期付款的，应支付违约金。", "其他"), number="HT-2026-0001", parties=("鸿远置业",))
    index(found)

    body = api.get("/search/?q=违约").json()

    assert {"count", "took_ms", "engine", "facets", "results"} <= body.keys()
    (result,) = body["results"]
    wanted = {"id", "number", "title", "record_type", "tier", "access", "score", "highlights", "pages"}
    assert wanted <= result.keys()
    assert "<mark>违约</mark>" in result["highlights"][0]
    assert result["pages"] == [1]
    assert body["facets"]["record_type"] == [{"value": "contract", "label": "合同", "count": 1}]


def test_search_filters_sorts_and_pages(api):
    rows = [row(f"采购合同 {place}", number=f"HT-2026-000{place}", department="sales") for place in (1, 2, 3)]
    index(*rows)

    assert api.get("/search/?q=采购&department=legal").json()["count"] == 0
    assert api.get("/search/?q=采购&department=legal&department=sales").json()["count"] == 3
    index(row("采购合同 4", number="HT-2026-0004", fields={"project": "滨江"}))
    assert api.get("/search/?project=滨江").json()["facets"]["project"] == [{"value": "滨江", "label": "滨江", "count": 1}]
    body = api.get("/search/?q=采购&sort=number&page_size=2&page=2").json()
    assert ([row["number"] for row in body["results"]], body["next"]) == (["HT-2026-0003", "HT-2026-0004"], None)
    assert api.get("/search/?q=采购&page=99").json()["results"] == []


def test_each_search_is_in_the_trail():  # SEC-7
    Api("staff").get("/search/?q=违约")

    event = Api("auditor").get("/audit/events/?action=search").json()["results"][0]
    assert (event["actor"], event["subject"], event["reason"], event["from_address"]) == ("staff", "违约", "0", "127.0.0.1")


def test_suggestions_are_records(api):
    made = row("设备采购合同", number="HT-2026-0001")
    engine().write(collecting.documents([made.pk]))

    assert api.get("/search/suggest/?q=HT-20").json() == {
        "results": [{"id": str(made.pk), "number": "HT-2026-0001", "title": "设备采购合同"}]
    }


def test_a_number_typed_into_a_title_is_masked_where_it_is_found(api):  # SEC-6
    index(row(f"张三{IDENTITY_NUMBER}.pdf"))

    for path in (f"/search/?q={IDENTITY_NUMBER}", "/search/?q=张三", "/search/suggest/?q=张三"):
        assert [result["title"] for result in api.get(path).json()["results"]] == ["张三1101**********002X.pdf"]


def test_the_trail_is_narrowed_by_what_is_asked():
    first, other = filed(), registered("archivist2")
    auditor = Api("auditor")

    def actions(question):
        return [row["action"] for row in auditor.get(f"/audit/events/?{question}").json()["results"]]

    assert actions(f"record={first.pk}") == ["file", "review-accept", "register"]
    assert actions(f"record={first.pk}&actor=archivist2") == ["review-accept"]
    assert actions(f"record={other.pk}&action=register") == ["register"]
    assert actions("from=2000-01-01&to=2000-12-31") == []
    today = str(first.filed_at.astimezone().date())
    assert "file" in actions(f"from=2000-01-01&to={today[:4]}-12-31")


def test_to_a_day_is_to_its_end_in_the_portals_zone():
    record = filed()
    day = Api("archivist").get(f"/records/{record.pk}/").json()["filed_at"][:10]

    rows = Api("officer").get(f"/audit/events/?action=file&from={day}&to={day}").json()

    assert rows["count"] == 1
