"""Sensitive numbers in text: found by check character or shape, masked in place, struck out for the index (SEC-6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import identifiers
from search.text import sensitive

IDENTITY = "33010619900307441" + identifiers.identity_check_character("33010619900307441")
WITH_X = next(
    number + "X"
    for number in (f"3301061990030744{serial}"[:14] + f"{serial:03}" for serial in range(1000))
    if identifiers.identity_check_character(number) == "X"
)
CREDIT = "91330100MA2KJ5L72" + identifiers.credit_check_character("91330100MA2KJ5L72")
CARD = "6222021202012345678"
CARD = CARD[:-1] + next(digit for digit in "0123456789" if identifiers.bank_card_is_valid(CARD[:-1] + digit))


def kinds(text: str) -> list[tuple[str, str]]:
    return [(found.kind, found.value) for found in sensitive.find(text)]


@pytest.mark.parametrize(
    "shown",
    [
        IDENTITY,
        f"{IDENTITY[:6]} {IDENTITY[6:14]} {IDENTITY[14:]}",
        f"{IDENTITY[:6]}-{IDENTITY[6:14]}-{IDENTITY[14:]}",
        "".join(chr(ord(digit) + 0xFEE0) for digit in IDENTITY),
    ],
)
def test_identity_number_is_found_however_it_is_written(shown: str) -> None:
    text = f"身份证号：{shown}，住址"
    (found,) = sensitive.find(text)
    assert (found.kind, found.value, text[found.start : found.end]) == ("identity-number", IDENTITY, shown)


@pytest.mark.parametrize("last", ["X", "x", "Ｘ", " X"])
def test_check_character_x_belongs_to_the_number(last: str) -> None:
    assert kinds(f"公民身份号码{WITH_X[:-1]}{last}。") == [("identity-number", WITH_X)]


def test_wrong_check_character_is_no_identity_number() -> None:
    wrong = IDENTITY[:-1] + ("1" if IDENTITY[-1] != "1" else "2")
    assert not any(kind == "identity-number" for kind, _value in kinds(wrong))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("手机13812345678", [("mobile", "13812345678")]),
        ("+86 138 1234 5678", [("mobile", "13812345678")]),
        ("13812345678 13987654321", [("mobile", "13812345678"), ("mobile", "13987654321")]),
        ("TEL:13812345678/X", [("mobile", "13812345678")]),
        ("No13812345678", [("mobile", "13812345678")]),
        (f"卡 {CARD}", [("bank-account", CARD)]),
        ("账号：1202 0212 0990 0012 345", [("bank-account", "1202021209900012345")]),
        ("开户行及账号：交通银行股份有限公司杭州分行　4365 7824 9061 2464918", [("bank-account", "4365782490612464918")]),
        ("Account: Pacific Crest Bank Shanghai Branch 436578249061", [("bank-account", "436578249061")]),
        ("付至乙方账户，按总价款的一半付给分行 6123000000", []),
        ("賬號（人民幣）：571900012310", [("bank-account", "571900012310")]),
        ("电话：0571-87654321", [("telephone", "057187654321")]),
        ("传真：87654321", [("telephone", "87654321")]),
        ("身份证号330106900307441", [("identity-number", "330106900307441")]),
    ],
)
def test_numbers_by_shape_and_by_the_word_before(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"统一社会信用代码 {CREDIT}",
        "合同编号HT-2026-0001",
        "金额人民币3,531,000.00元，2026-03-05",
        "账户开立日期：2026-03-05",
        "12345678901",  # no mobile begins so
        "138123456789",  # twelve digits
        "330106900307441",  # old identity numbers have no check: only where a word says so
        "A138123456781381234567813812345678",
    ],
)
def test_what_is_public_or_merely_long_is_left_alone(text: str) -> None:
    assert kinds(text) == []


def test_mask_keeps_every_place() -> None:
    text = f"张三，{IDENTITY}，电话 138 1234 5678，卡号{CARD}"
    masked = sensitive.mask(text)
    assert len(masked) == len(text)
    assert f"{IDENTITY[:4]}**********{IDENTITY[-4:]}" in masked
    assert "138 **** 5678" in masked
    assert masked.endswith(CARD[-4:])
    assert CARD not in masked


def test_index_gets_none_of_the_digits_and_the_digest_gets_all() -> None:
    text = f"张三{IDENTITY}电话13812345678，杭州"
    left = sensitive.without(text)
    assert len(left) == len(text)
    assert not any(character.isdigit() for character in left)
    assert left.startswith("张三")
    assert left.endswith("，杭州")
    assert sensitive.values(text) == {IDENTITY, "13812345678"}


@given(st.text(alphabet="0123456789０９Xx -－A账号：电话元\n", max_size=60))
def test_masking_any_text_moves_nothing_and_is_done_once(text: str) -> None:
    masked = sensitive.mask(text)
    assert len(masked) == len(text)
    ends = [found.end for found in sensitive.find(text)]
    assert ends == sorted(ends)
    assert [character for character, before in zip(masked, text, strict=True) if character not in (before, "*")] == []
