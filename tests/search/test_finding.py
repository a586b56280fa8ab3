"""Searching as a person: what comes back, what is masked, what it costs."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from records import fields
from records.models import AuditEvent, Record, RecordParty, SealedField, Volume
from search import finding, viewing
from search.errors import QueryRefused
from search.finding import Results
from tests import factories
from tests.search.people import index, row

pytestmark = pytest.mark.django_db
IDENTITY_NUMBER = factories.IDENTITY_NUMBER
TEXT = (
    "设备采购合同\n甲方逾期付款的应承担違約責任,身份证号11010519491231002X,电话13800138000。",
    "第二页:双方承担违",
    "约责任。总价3,531,000.00元",
)


def find(username: str, text: str = "", **values: object) -> Results:
    return finding.search(factories.person(username), text, **values)


def test_a_reader_sees_passages_and_pages() -> None:
    record = row(pages=TEXT, number="HT-2026-0001", parties=("鸿远置业有限公司",), date=datetime.date(2026, 3, 18))
    index(record)
    found = find("staff", "违约")
    (result,) = found.results
    assert (found.count, found.engine, result.access, result.pages, result.text_progress) == (1, "tantivy", "full", [1, 2], None)
    assert "<mark>違約</mark>責任" in result.highlights[0]  # Traditional text for a Simplified question
    assert result.as_dict()["number"] == "HT-2026-0001"
    assert {facet.label for facet in found.facets["party"]} == {"鸿远置业有限公司"}


def test_a_word_across_two_pages_is_shown_on_the_first() -> None:
    index(row(pages=TEXT))
    (result,) = find("staff", "违约责任 总价").results
    assert result.pages == [1, 2, 3]


def test_a_listing_shows_its_listing_only() -> None:
    record = row("秘密采购合同", tier="secret", pages=TEXT, number="HT-2026-0001", parties=("鸿远置业有限公司",), department="sales")
    index(record)
    (result,) = find("staff", "采购").results
    assert (result.access, result.highlights, result.pages) == ("listed", (), [])
    assert find("staff", "违约").count == 0
    found = find("staff", "")
    assert (found.facets["party"], found.facets["department"]) == ((), ())
    assert find("legal", "违约").results[0].access == "full"


def test_nobody_finds_nothing() -> None:
    index(row(tier="public", record_class="GZ"))
    assert finding.search(None, "采购").count == 0
    assert finding.suggest(None, "采购") == []


def test_sensitive_values_are_masked_and_found_whole_only() -> None:
    record = row(pages=TEXT)
    index(record)
    shown = " ".join(find("staff", "违约 身份证").results[0].highlights)
    assert IDENTITY_NUMBER not in shown
    assert "1101**********002X" in shown
    for asked in (IDENTITY_NUMBER, IDENTITY_NUMBER.lower(), "110105 19491231 002X", "13800138000", "+86 138 0013 8000"):
        (result,) = find("staff", asked).results
        assert result.pages == [1]
        assert "<mark>" in result.highlights[0]
    assert [find("staff", asked).count for asked in ("11010519491231", "110105", "0013")] == [0, 0, 0]


def test_sensitive_values_typed_into_titles_names_and_fields_are_masked_and_found_whole_only() -> None:
    """SEC-6: a file's name that became a title, a person's name with a number, remarks, a volume's title: whoever typed it, and where."""
    record = row(
        f"张三{IDENTITY_NUMBER}.pdf", parties=("李四 13800138000",), fields={"remarks": "联系电话 65881234", "contract_number": "HY-26"}
    )
    record.volume = Volume.objects.create(title="卡号6222021234567890128", record_class=record.record_class, created_by=record.owner)
    record.save()
    index(record)
    for asked in (IDENTITY_NUMBER, "13800138000", "电话 65881234", "6222021234567890128"):
        (result,) = find("staff", asked).results
        assert IDENTITY_NUMBER not in str(result.as_dict()) + result.title_html
    assert find("staff", IDENTITY_NUMBER).results[0].title_html == "张三<mark>1101**********002X</mark>.pdf"
    assert find("staff", "张三").results[0].title == "张三1101**********002X.pdf"
    assert [facet.label for facet in find("staff").facets["party"]] == ["李四 138****8000"]
    assert [find("staff", asked).count for asked in ("11010519491231", "0013", "658812", "622202")] == [0, 0, 0, 0]
    assert finding.suggest(factories.person("staff"), "110105") == []


def test_a_listed_title_is_not_found_by_the_number_in_it() -> None:
    """SEC-6: whole numbers are for readers."""
    index(row(f"张三{IDENTITY_NUMBER}", tier="secret"))
    assert [find(name, IDENTITY_NUMBER).count for name in ("staff", "legal")] == [0, 1]


def test_an_amount_is_no_telephone() -> None:
    """FND-1: what its kind has checked is found as it stands."""
    index(row(fields={"amount": {"value": "13812345678.00", "currency": "CNY"}}))
    assert find("staff", "13812345678.00").count == 1


def test_the_trail_never_holds_a_sensitive_value() -> None:
    find("staff", f"合同 {IDENTITY_NUMBER}", filters={"tier": ["secret"]})
    event = AuditEvent.objects.get(action="search")
    assert event.subject == "合同 1101**********002X tier=secret"


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("张三 110105 19491231 002X", "张三 1101** ******** 002X"),
        ("张三110105 19491231 002X合同", "张三 1101** ******** 002X 合同"),
        ('"身份证 11010519491231002X" -13800138000', "身份证 1101**********002X -138****8000"),
        ("010-65881234", "***-****1234"),
        ("电话 65881234", "电话 ****1234"),
        ("开户 11001234567890123456", "开户 ****************3456"),
        ("账号：11001234567890123456", "账号： 1100************3456"),
        ("护照E12345678", "护照*****5678"),
        ("e12345678 E87654321", "*****5678 E87654321"),
        ("HT-2026-0001 -91310000775785552L", "HT-2026-0001 -91310000775785552L"),
    ],
)
def test_the_trail_masks_whatever_may_be_a_sensitive_value(asked: str, written: str) -> None:
    """SEC-6, AUD-2: in pieces, among words, behind a word that tells what it is, or known by its digest alone."""
    record = row()
    SealedField.objects.create(record=record, key="passport", kind="identity-number", sealed=b"", digest=fields.digest("", "E12345678"))
    find("staff", asked)
    assert AuditEvent.objects.get(action="search").subject == written


def test_a_number_in_pieces_among_words_is_one_word() -> None:
    """SEC-6: found by exact match, whatever stands beside it; an unwanted one too."""
    index(row(pages=TEXT), row("补充协议"))
    for asked in ("110105 19491231 002X 违约", "违约 138 0013 8000", f'"身份证号{IDENTITY_NUMBER}"', "- 采购 110105-19491231-002X"):
        assert find("staff", asked).results[0].pages, asked
    assert [find("staff", asked).results[0].title for asked in (f"-{IDENTITY_NUMBER}", '-"协议 138 0013 8000"')] == ["补充协议"] * 2


def test_identifiers_of_fields_and_parties_are_found_by_exact_match() -> None:
    record = row()
    party = RecordParty.objects.create(record=record, party=_party("李静"), name="李静")
    party.identifiers.create(
        party=party.party, kind="identity-number", sealed=b"", digest=fields.digest("identity-number", IDENTITY_NUMBER), masked="*"
    )
    index(record)
    assert find("staff", IDENTITY_NUMBER).count == 1
    assert find("staff", "110105194912310021").count == 0


def _party(name: str):
    from records.models import Party

    return Party.objects.create(name=name, kind="person", folded=name)


def test_a_party_is_named_as_a_record_says_that_the_person_reads() -> None:
    hidden = row(record_class="DK", parties=("宏远",))  # sales does not read DK
    seen = row()
    RecordParty.objects.create(record=seen, party=hidden.party_rows.get().party, name="宏远科技")
    index(hidden, seen)
    assert [facet.label for facet in find("staff").facets["party"]] == ["宏远科技"]


def test_projects_of_what_is_read_are_counted() -> None:
    """FND-3, SEC-5: a project is content, so a listing has none."""
    index(row(fields={"project": "滨江一期"}), row(fields={"project": "云海"}), row(tier="secret", fields={"project": "绝密项目"}))
    assert {(each.value, each.label, each.count) for each in find("staff").facets["project"]} == {
        ("滨江一期",) * 2 + (1,),
        ("云海",) * 2 + (1,),
    }
    assert [find("staff", filters={"project": [name]}).count for name in ("滨江一期", "绝密项目", "滨江")] == [1, 0, 0]


def test_a_chosen_value_stays_in_its_list() -> None:
    index(row(), row(record_type="general"))
    facet = {each.value: each for each in find("staff", filters={"record_type": ["general"]}).facets["record_type"]}
    assert (facet["general"].chosen, facet["general"].count, facet["contract"].chosen, facet["contract"].count) == (True, 1, False, 1)
    empty = find("staff", filters={"state": ["filed"]}).facets["state"]
    assert {(each.value, each.count, each.chosen) for each in empty} == {("registered", 2, False), ("filed", 0, True)}


def test_a_class_that_is_guessed_has_no_name() -> None:
    """SEC-5: a filter names classes of what the person may know of, and those of which they are a reader."""
    index(row())
    named = {
        code: [each.label for each in find("staff", filters={"record_class": [code]}).facets["record_class"]] for code in ("HT", "DK", "X")
    }
    assert named["HT"]
    assert named["DK"] == named["X"] == named["HT"]  # the class of the record, but not the one that was guessed
    assert [each.count for each in find("staff", "绝无", filters={"record_class": ["HT"]}).facets["record_class"]] == [0]
    assert find("staff", "绝无", filters={"record_class": ["DK"]}).facets["record_class"] == ()


def test_a_hit_in_a_field_shows_the_field() -> None:
    record = row(fields={"contract_number": "HY-2026-03", "remarks": "分三期支付"})
    index(record)
    assert find("staff", "hy2026").results[0].highlights == ("<mark>HY-2026</mark>-03",)
    assert find("staff", "三期").results[0].highlights == ("分<mark>三期</mark>支付",)


def test_what_was_withdrawn_or_changed_rights_counts_at_once() -> None:
    record = row(pages=TEXT)
    index(record)
    Record.objects.filter(pk=record.pk).update(tier=_tier("confidential"))
    from records import outbox

    outbox.enqueue("index", record.pk, narrowing=True)
    assert (find("staff", "违约").count, finding.suggest(factories.person("staff"), "采购")) == (0, [])
    outbox.drain(only={"index"})
    assert (find("staff", "违约").count, find("legal", "违约").count) == (0, 1)


def _tier(slug: str):
    from records.models import Tier

    return Tier.objects.get(slug=slug)


def test_suggestions() -> None:
    index(row(number="HT-2026-0001"), row("租赁", tier="confidential"))
    assert [record.number for record in finding.suggest(factories.person("staff"), "2026-0")] == ["HT-2026-0001"]
    assert len(finding.suggest(factories.person("staff"), "租赁")) == 1  # its tier lists it
    assert finding.suggest(factories.person("staff2"), "租赁") == []


@pytest.mark.parametrize("values", [{"date_from": "2026-13-01"}, {"date_to": "gestern"}, {"sort": "x"}, {"filters": {"x": ["y"]}}])
def test_what_cannot_be_asked_is_refused(values: dict) -> None:
    with pytest.raises(QueryRefused):
        find("staff", **values)


def test_the_number_of_queries_does_not_grow_with_the_results() -> None:
    with_text = [row(f"违约 {place}", pages=TEXT, parties=("宏远",)) for place in range(3)]
    index(*with_text, *(row(f"违约 {place}", parties=("宏远",), date=datetime.date(2025, 1, 1)) for place in range(3)))
    find("staff", "违约")  # from now on the names of types, classes and tiers are known
    with CaptureQueriesContext(connection) as few:
        find("staff", "违约", page_size=4, page=1)
    with CaptureQueriesContext(connection) as many:
        find("staff", "违约")
    assert len(few) == len(many) <= 12


def test_the_viewer_gets_words_boxes_and_counts() -> None:
    record = row(pages=TEXT)
    component = record.versions.get().components.get()
    assert viewing.hits_by_page(component, "违约 总价") == {1: 1, 3: 1}
    first = viewing.text_pages(component, "违约")[0]
    assert "<mark>違約</mark>" in first.html
    assert IDENTITY_NUMBER not in first.html
    assert viewing.progress_of([component])[component.pk].as_dict() == {
        "state": "ready",
        "source": "embedded",
        "progress": 1.0,
        "error": None,
    }
    assert viewing.page_words(component, 9) == viewing.PageWords()
