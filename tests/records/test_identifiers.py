"""Check characters and masks (CAP-6, SEC-6). Valid examples are the standards' own, or computed by their formula."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import identifiers

born = st.dates(min_value=date(1900, 1, 1), max_value=date(2026, 1, 1)).map(lambda day: f"{day:%Y%m%d}")
identity_bodies = st.builds(lambda area, day, order: f"{area}{day}{order:03}", st.integers(110000, 659999), born, st.integers(0, 999))
credit_bodies = st.builds(
    lambda kind, area, body: f"{kind}{area}{body}",
    st.sampled_from(["91", "52", "12", "93", "N2", "Y1"]),
    st.integers(100000, 659999),
    st.text(identifiers.CREDIT_ALPHABET, min_size=9, max_size=9),
)


@pytest.mark.parametrize(
    "number",
    ["11010519491231002X", "440524188001010014", "11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"],
)
def test_identity_numbers_of_the_standard_are_valid(number: str) -> None:
    assert identifiers.identity_number_is_valid(number)


@pytest.mark.parametrize(
    "number",
    ["110105194912310021", "11010519490231002X", "1101051949123100", "130503670401001", "X10105194912310020", "", "11010519491331002X"],
)
def test_identity_numbers_with_one_fact_wrong_are_not(number: str) -> None:
    assert not identifiers.identity_number_is_valid(number)


def test_nobody_is_born_after_today() -> None:
    body = "11010520300101002"
    number = body + identifiers.identity_check_character(body)
    assert identifiers.identity_number_is_valid(number)
    assert not identifiers.identity_number_is_valid(number, today=date(2026, 1, 1))


@given(identity_bodies, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_of_an_identity_number_is_noticed(body: str, place: int, by: int) -> None:
    """ISO 7064 MOD 11-2 notices every single wrong digit."""
    check = identifiers.identity_check_character(body)
    wrong = body[:place] + str((int(body[place]) + by) % 10) + body[place + 1 :]
    assert identifiers.identity_number_is_valid(body + check)
    assert not identifiers.identity_number_is_valid(wrong + check)


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91110000802100433B", "91110000 8021 0043 3b"])
def test_credit_codes_are_valid(code: str) -> None:
    assert identifiers.credit_code_is_valid(code)


@pytest.mark.parametrize("code", ["91350100M000100Y44", "91350100M00O100Y43", "91350100M000100Y4", "91350100M000100Y430", ""])
def test_credit_codes_with_one_fact_wrong_are_not(code: str) -> None:
    assert not identifiers.credit_code_is_valid(code)


@given(credit_bodies, st.integers(8, 16), st.integers(1, 30))
def test_one_wrong_character_of_a_credit_code_is_noticed(body: str, place: int, by: int) -> None:
    alphabet = identifiers.CREDIT_ALPHABET
    wrong = body[:place] + alphabet[(alphabet.index(body[place]) + by) % 31] + body[place + 1 :]
    check = identifiers.credit_check_character(body)
    assert identifiers.credit_code_is_valid(body + check)
    assert not identifiers.credit_code_is_valid(wrong + check)


@pytest.mark.parametrize("number", ["13800138000", "+86 138-0013-8000", "86 13800138000", "0086-138 0013 8000"])
def test_mobiles_are_valid(number: str) -> None:
    assert identifiers.mobile_is_valid(number)
    assert identifiers.normalise_mobile(number) == "13800138000"


@pytest.mark.parametrize("number", ["12800138000", "1380013800", "138001380000", "01065529988", "1380013800a"])
def test_other_telephones_are_no_mobiles(number: str) -> None:
    assert not identifiers.mobile_is_valid(number)


@pytest.mark.parametrize(("number", "valid"), [("4111 1111 1111 1111", True), ("4111 1111 1111 1112", False), ("6222", False)])
def test_cards_carry_luhn(number: str, valid: bool) -> None:
    assert identifiers.bank_card_is_valid(number) is valid


@pytest.mark.parametrize(("number", "valid"), [("DE89 3704 0044 0532 0130 00", True), ("DE88 3704 0044 0532 0130 00", False)])
def test_ibans_carry_their_check(number: str, valid: bool) -> None:
    assert identifiers.iban_is_valid(number) is valid


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        ("identity-number", "330106199001014417", "3301**********4417"),
        ("mobile", "13800138000", "138****8000"),
        ("bank-account", "6222021234567890123", "6222***********0123"),
        ("identity-number", "E12345678", "E1*****78"),
        ("other", "12345678901", "*******8901"),
    ],
)
def test_masks(kind: str, value: str, masked: str) -> None:
    assert identifiers.mask(kind, value) == masked


@given(st.sampled_from(["identity-number", "mobile", "bank-account", "other"]), st.text("0123456789X", max_size=40))
def test_a_mask_hides_at_least_a_third_and_keeps_the_length(kind: str, value: str) -> None:
    masked = identifiers.mask(kind, value)
    assert len(masked) == len(value)
    assert masked.count("*") * 3 >= len(value)
