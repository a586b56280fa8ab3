"""Kinds of fields (CAP-6): what each takes, keeps, shows to search, and refuses."""

import json
from datetime import date
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from records import kinds
from records.values import currencies

CHOICES = ["house", {"value": "flat", "label": "Wohnung"}]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "currency", "id", "name", "number", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)

GOOD = [
    ("text", "  采购\t合同 ", "采购 合同"),
    ("text", "a\nb", "a b"),
    ("long-text", "one\r\ntwo", "one\ntwo"),
    ("date", "2026-11-22", "2026-11-22"),
    ("date", "2026年1月2日", "2026-01-02"),
    ("date", "2024/02/29", "2024-02-29"),
    ("date", "２０２４．０２．２９", "2024-02-29"),
    ("number", "1,250", 1250),
    ("number", -12.5, -12.5),
    ("number", "0012", 12),
    ("money", {"value": "123000", "currency": "CNY"}, {"value": "123000.00", "currency": "CNY"}),
    ("money", {"value": 99.9, "currency": "usd"}, {"value": "99.90", "currency": "USD"}),
    ("money", {"value": "1200", "currency": "JPY"}, {"value": "1200", "currency": "JPY"}),
    ("money", "123,000.00 CNY", {"value": "123000.00", "currency": "CNY"}),
    ("money", "CNY 5", {"value": "5.00", "currency": "CNY"}),
    ("money", {"value": "1.234", "currency": "KWD"}, {"value": "1.234", "currency": "KWD"}),
    ("yes-no", "是", True),
    ("yes-no", False, False),
    ("choice", "flat", "flat"),
    ("party", "示例公司", {"name": "示例公司"}),
    ("identity-number", "11010519491231002x", "11010519491231002X"),
    ("identity-number", "E1234 5678", "E12345678"),
    ("identity-number", {"document": "passport", "number": "123456789"}, "123456789"),
    ("credit-code", "91350100m000100y43", "91350100M000100Y43"),
    ("mobile", "+86 138 0013 8000", "13800138000"),
    ("certificate-number", "京（2020）朝阳区不动产权第0012345号", "京(2020)朝阳区不动产权第0012345号"),
    ("bank-account", "1100 1234 5678 90", "11001234567890"),
    ("bank-account", "DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
]

BAD = [
    ("text", "a\0b", "U+0000"),
    ("text", "half \ud800", "U+D800"),
    ("text", "x" * 501, "501"),
    ("text", ["a"], "text"),
    ("long-text", "x" * 20_001, "20000"),
    ("long-text", "a\x08", "U+0008"),
    ("date", "2026-02-30", "no such day"),
    ("date", "2025-02-29", "no such day"),
    ("date", "22.11.2026", "year-month-day"),
    ("date", "2026-11-22T00:00", "year-month-day"),
    ("date", 20261122, "year-month-day"),
    ("date", "0999-01-01", "between"),
    ("date", "9999-12-31", "between"),
    ("number", "NaN", "number"),
    ("number", float("inf"), "number"),
    ("number", "1e5", "number"),
    ("number", True, "number"),
    ("number", "12,50", "number"),
    ("number", 10**400, "digits"),
    ("number", "1234567890123456", "digits"),
    ("money", {"value": "NaN", "currency": "CNY"}, "number"),
    ("money", {"value": "1e999999", "currency": "CNY"}, "number"),
    ("money", {"value": "-1", "currency": "CNY"}, "below zero"),
    ("money", {"value": "1.001", "currency": "CNY"}, "decimals"),
    ("money", {"value": "1.5", "currency": "JPY"}, "decimals"),
    ("money", {"value": "1", "currency": "ZZZ"}, "ISO 4217"),
    ("money", {"value": "1", "currency": "XXX"}, "ISO 4217"),
    ("money", {"value": "1", "currency": ["CNY"]}, "currency"),
    ("money", {"value": "1" * 16, "currency": "CNY"}, "digits"),
    ("money", {"value": "1"}, "currency"),
    ("money", "123000", "currency"),
    ("money", 5, "currency"),
    ("yes-no", "maybe", "yes or no"),
    ("yes-no", {"a": 1}, "yes or no"),
    ("choice", "tent", "none of the choices"),
    ("choice", {"value": "flat"}, "text"),
    ("party", {"id": "6c84fb90-12c4-11e1-840d-7b25c5ee775a"}, "name of a party"),
    ("party", {"name": "x", "identity_number": "11010519491231002X"}, "name of a party"),
    ("party", {"name": "a\0"}, "U+0000"),
    ("identity-number", "110105194912310021", "check character"),
    ("identity-number", "11010519490231002X", "date of birth"),
    ("identity-number", "123456", "18 digits"),
    ("identity-number", {"document": "passport", "number": "1"}, "5 to 20"),
    ("credit-code", "91350100M000100Y44", "check character"),
    ("credit-code", "9135", "18 characters"),
    ("mobile", "12345678901", "11 digits"),
    ("mobile", "1380013800", "11 digits"),
    ("certificate-number", "x" * 81, "81"),
    ("certificate-number", "无", "digit"),
    ("bank-account", "1234567", "8 to 34"),
    ("bank-account", "6222021234567890123", "check digit"),
    ("bank-account", "DE88370400440532013000", "check digit"),
]


@pytest.mark.parametrize(("slug", "raw", "clean"), GOOD)
def test_what_fits_is_kept_in_one_form(slug: str, raw: Any, clean: Any) -> None:
    assert kinds.get(slug).parse(raw, choices=CHOICES) == clean


@pytest.mark.parametrize(("slug", "raw", "part"), BAD)
def test_what_does_not_fit_is_refused_in_one_sentence(slug: str, raw: Any, part: str) -> None:
    with override("en"), pytest.raises(kinds.FieldError) as refusal:
        kinds.get(slug).parse(raw, choices=CHOICES)
    assert part in refusal.value.sentence
    assert refusal.value.sentence.endswith(".")
    assert refusal.value.code == "field-value"


@pytest.mark.parametrize("slug", kinds.KINDS)
@pytest.mark.parametrize("raw", [None, "", "   ", {}, []])
def test_nothing_given_is_nothing_kept(slug: str, raw: Any) -> None:
    assert kinds.get(slug).parse(raw, choices=CHOICES) is None
    assert kinds.get(slug).text(None) == kinds.get(slug).shown(None) == ""


def test_an_amount_left_empty_beside_its_currency_is_nothing() -> None:
    assert kinds.get("money").parse({"value": "", "currency": "CNY"}) is None


@given(st.sampled_from(sorted(kinds.KINDS)), anything)
def test_any_input_is_taken_or_refused_and_what_is_kept_stays_the_same(slug: str, raw: Any) -> None:
    """No input makes an error of another kind; a clean value is JSON, cleans to itself, and can be shown and searched."""
    kind = kinds.get(slug)
    try:
        clean = kind.parse(raw, choices=CHOICES)
    except kinds.FieldError:
        return
    assert json.loads(json.dumps(clean, allow_nan=False)) == clean
    json.dumps(clean, ensure_ascii=False).encode()
    assert kind.parse(clean, choices=CHOICES) == clean or slug == "identity-number"
    assert isinstance(kind.text(clean, choices=CHOICES), str)
    assert isinstance(kind.shown(clean, choices=CHOICES), str)


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(2300, 12, 31)))
def test_every_real_day_is_a_date(day: date) -> None:
    assert kinds.get("date").parse(day.isoformat()) == kinds.get("date").parse(day) == day.isoformat()


@given(st.decimals(min_value=0, max_value=10**14, places=2))
def test_every_amount_keeps_its_cents(amount: Any) -> None:
    assert kinds.get("money").parse({"value": str(amount), "currency": "CNY"}) == {"value": f"{amount:.2f}", "currency": "CNY"}


@pytest.mark.parametrize(
    ("slug", "value"), [("identity-number", "11010519491231002X"), ("mobile", "13800138000"), ("bank-account", "62220212345678")]
)
def test_sealed_kinds_are_masked_and_not_searched(slug: str, value: str) -> None:
    kind = kinds.get(slug)
    assert kind.sealed
    assert kind.text(value) == ""
    assert "*" in kind.shown(value)
    assert kind.shown(kind.shown(value)) == kind.shown(value)


def test_only_those_three_are_sealed() -> None:
    assert {slug for slug, kind in kinds.KINDS.items() if kind.sealed} == {"identity-number", "mobile", "bank-account"}


def test_choices_are_searched_and_shown_by_their_label() -> None:
    kind = kinds.get("choice")
    assert kind.text("flat", choices=CHOICES) == "flat Wohnung"
    assert kind.shown("flat", choices=CHOICES) == "Wohnung"
    assert kind.text("house", choices=CHOICES) == "house"


def test_money_is_shown_with_its_decimals() -> None:
    shown = {}
    for language in ("en", "zh-hans"):
        with override(language):
            shown[language] = kinds.get("money").shown({"value": "123000.00", "currency": "CNY"})
    assert shown == {"en": "CN¥123,000.00", "zh-hans": "¥123,000.00"}


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(kinds.FieldError):
        kinds.get("colour")


@pytest.mark.parametrize("choices", [[], ["a", "a"], [""], "a", [{"label": "no value"}]])
def test_choices_of_a_definition_are_checked(choices: Any) -> None:
    assert kinds.check_choices("choice", CHOICES) == CHOICES
    with pytest.raises(kinds.FieldError):
        kinds.check_choices("choice", choices)


def test_currencies_of_today_and_yesterday() -> None:
    assert {"CNY", "HKD", "USD", "DEM"} <= currencies()
    assert not {"XXX", "XTS"} & currencies()
