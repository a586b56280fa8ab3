"""The checks behind the kinds of fields (CAP-6): each takes a value as typed and returns what is kept, or raises FieldError.

Every check has the same two arguments, the raw value and the choices of its field; only a choice looks at the second.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from babel.numbers import get_currency_precision, list_currencies
from django.utils.translation import gettext as _

from records import identifiers
from records.errors import Invalid

TEXT_LONGEST = 500  # characters of one line
LONG_TEXT_LONGEST = 20_000  # characters: some ten pages
CERTIFICATE_LONGEST = 80  # characters: 京(2020)朝阳区不动产权第0012345号 has 27
DOCUMENT_NUMBER = re.compile(r"(?=.*\d)[A-Z0-9]{5,20}", re.ASCII)
ACCOUNT = re.compile(r"[A-Z0-9]{8,34}", re.ASCII)
UNIONPAY_CARD = re.compile(r"62(\d{14}|\d{17})", re.ASCII)
DATE_SHAPE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", re.ASCII)
NUMBER_SHAPE = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?", re.ASCII)
MONEY_TEXT = re.compile(r"(?:([A-Za-z]{3})\s*(\S+)|(\S+?)\s*([A-Za-z]{3}))", re.ASCII)
YEARS = range(1000, 2301)  # of a date: from the oldest deeds to the longest leases
NUMBER_DIGITS = 15  # significant digits that a JSON number carries unharmed (IEEE 754 double)
MONEY_DIGITS = 15  # digits before the point: a quadrillion
NOT_MONEY = frozenset({"XXX", "XTS"})  # ISO 4217 codes for "no currency" and for tests
KEPT_CONTROLS = "\n\t"


class FieldError(Invalid):
    """This value does not fit its field."""

    code = "field-value"


# --- text -----------------------------------------------------------------------------------------------------------


def clean_line(raw: object, *, longest: int = TEXT_LONGEST) -> str:
    """One line of text, in composed form, white space folded. Raises FieldError for control characters and what is too long."""
    text = _plain(raw)
    return _short_enough(" ".join(_without_controls(text, kept=KEPT_CONTROLS + "\r").split()), longest)


def clean_lines(raw: object, *, longest: int = LONG_TEXT_LONGEST) -> str:
    """Text of several lines, ended by a line feed each. Raises FieldError as `clean_line`."""
    text = _plain(raw).replace("\r\n", "\n").replace("\r", "\n")
    return _short_enough(_without_controls(text, kept=KEPT_CONTROLS).strip(), longest)


def a_line(raw: object, _choices: Sequence[Any]) -> str:
    """See `clean_line`."""
    return clean_line(raw)


def some_lines(raw: object, _choices: Sequence[Any]) -> str:
    """See `clean_lines`."""
    return clean_lines(raw)


def _plain(raw: object) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise FieldError(_("This must be text."))
    return unicodedata.normalize("NFC", str(raw))


def _without_controls(text: str, *, kept: str) -> str:
    """Refuse NUL and its like, and halves of surrogate pairs: no database or index takes them."""
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in kept:
            raise FieldError(_("This contains a character that cannot be kept (U+%(code)04X). Remove it.") % {"code": ord(character)})
    return text


def _short_enough(text: str, longest: int) -> str:
    if len(text) > longest:
        raise FieldError(_("This has %(length)d characters; at most %(most)d are possible.") % {"length": len(text), "most": longest})
    return text


def _half_width(raw: object) -> str:
    return unicodedata.normalize("NFKC", clean_line(raw))


# --- dates and numbers ----------------------------------------------------------------------------------------------


def a_date(raw: object, _choices: Sequence[Any]) -> str:
    """A day as `2026-11-22`; taken as 2026/11/22, 2026.11.22 and 2026年11月22日 too."""
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw.isoformat()
    match = DATE_SHAPE.fullmatch(_half_width(raw)) if isinstance(raw, str) else None
    if match is None:
        raise FieldError(_("Write a date as year-month-day, like 2026-11-22."))
    year, month, day = (int(part) for part in match.groups())
    try:
        found = date(year, month, day)
    except ValueError:
        raise FieldError(_("There is no such day: %(given)s.") % {"given": match[0]}) from None
    if year not in YEARS:
        raise FieldError(_("The year must lie between %(first)d and %(last)d.") % {"first": YEARS[0], "last": YEARS[-1]})
    return found.isoformat()


def _decimal(raw: object) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise FieldError(_("Write a number, like 1250 or 12.5."))
    text = _half_width(str(raw))
    shaped = NUMBER_SHAPE.fullmatch(text) if isinstance(raw, str) else None
    try:
        value = Decimal(text.replace(",", "")) if shaped or not isinstance(raw, str) else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise FieldError(_("Write a number, like 1250 or 12.5."))
    return value


def a_number(raw: object, _choices: Sequence[Any]) -> int | float:
    """A number with up to 15 significant digits; whole ones are kept as integers."""
    value = _decimal(raw)
    if value and (len(value.normalize().as_tuple().digits) > NUMBER_DIGITS or abs(value.adjusted()) >= NUMBER_DIGITS):
        raise FieldError(_("A number has at most %(most)d digits.") % {"most": NUMBER_DIGITS})
    return int(value) if value == value.to_integral_value() else float(value)


@cache
def currencies() -> frozenset[str]:
    """ISO 4217 codes of today and of the past (an old contract is in the money of its time)."""
    return frozenset(list_currencies()) - NOT_MONEY


def an_amount(raw: object, _choices: Sequence[Any]) -> dict[str, str] | None:
    """`{"value": "123000.00", "currency": "CNY"}`: not negative, with as many decimals as the currency has; None without a value."""
    if isinstance(raw, dict) and set(raw) <= {"value", "currency"} and raw.get("value") in (None, ""):
        return None
    value, currency = _money_parts(raw)
    code = _half_width(currency).upper()
    if code not in currencies():
        raise FieldError(_("“%(code)s” is not a currency of ISO 4217, like CNY.") % {"code": code[:10]})
    amount, places = _decimal(value), get_currency_precision(code)
    if amount < 0:
        raise FieldError(_("An amount is not below zero."))
    if amount and amount.adjusted() >= MONEY_DIGITS:
        raise FieldError(_("An amount has at most %(most)d digits before the point.") % {"most": MONEY_DIGITS})
    if amount and amount.normalize().as_tuple().exponent < -places:  # type: ignore[operator]  # finite: the exponent is a number
        raise FieldError(_("An amount in %(code)s has at most %(places)d decimals.") % {"code": code, "places": places})
    return {"value": f"{abs(amount):.{places}f}", "currency": code}


def _money_parts(raw: object) -> tuple[object, object]:
    if isinstance(raw, dict) and set(raw) == {"value", "currency"} and isinstance(raw["currency"], str):
        return raw["value"], raw["currency"]
    match = MONEY_TEXT.fullmatch(_half_width(raw)) if isinstance(raw, str) else None
    if match is None:
        raise FieldError(_("Give an amount and its currency, like 123000.00 CNY."))
    return match[2] or match[3], match[1] or match[4]


# --- numbers with a shape of their own ------------------------------------------------------------------------------


def an_identity_number(raw: object, _choices: Sequence[Any]) -> str:
    """An 18-digit identity number, or the number of another document: one with letters, or `{"document", "number"}` for any."""
    if isinstance(raw, dict):
        return _document_number(raw)
    number = identifiers.normalise(clean_line(raw, longest=60))
    if number[:1].isalpha() and DOCUMENT_NUMBER.fullmatch(number):
        return number
    return _checked_identity_number(number)


def _checked_identity_number(number: str) -> str:
    if identifiers.identity_number_is_valid(number, today=date.today()):  # noqa: DTZ011 - a day of birth has no zone
        return number
    if not identifiers.IDENTITY_SHAPE.fullmatch(number):
        raise FieldError(_("An identity number has 18 digits, the last of which may be X."))
    raise FieldError(_("This identity number cannot be right: its date of birth or its check character does not fit. Compare it again."))


def _document_number(raw: dict[str, Any]) -> str:
    number = identifiers.normalise(clean_line(raw.get("number") or "", longest=60))
    if raw.get("document") in (None, "", "identity-card"):
        return _checked_identity_number(number)
    if not DOCUMENT_NUMBER.fullmatch(number):
        raise FieldError(_("The number of a document has 5 to 20 letters and digits."))
    return number


def a_credit_code(raw: object, _choices: Sequence[Any]) -> str:
    """A unified social credit code whose check character is right (GB 32100)."""
    code = identifiers.normalise(clean_line(raw, longest=60))
    if identifiers.credit_code_is_valid(code):
        return code
    if not identifiers.CREDIT_SHAPE.fullmatch(code):
        raise FieldError(_("A unified social credit code has 18 characters: digits and capital letters without I, O, S, V and Z."))
    raise FieldError(_("The check character of this social credit code does not fit. Compare it again."))


def a_mobile(raw: object, _choices: Sequence[Any]) -> str:
    """A mobile number of mainland China, 11 digits."""
    number = identifiers.normalise_mobile(clean_line(raw, longest=60))
    if not identifiers.mobile_is_valid(number):
        raise FieldError(_("A mobile number has 11 digits and begins with 13 to 19."))
    return number


def a_bank_account(raw: object, _choices: Sequence[Any]) -> str:
    """8 to 34 letters and digits; the check digits of cards (Luhn) and IBANs (ISO 13616) must be right."""
    number = identifiers.normalise(clean_line(raw, longest=60))
    if not ACCOUNT.fullmatch(number) or not any(character.isdigit() for character in number):
        raise FieldError(_("An account has 8 to 34 digits and letters."))
    if (UNIONPAY_CARD.fullmatch(number) and not identifiers.bank_card_is_valid(number)) or (
        identifiers.IBAN_SHAPE.fullmatch(number) and not identifiers.iban_is_valid(number)
    ):
        raise FieldError(_("The check digit of this account number does not fit. Compare it again."))
    return number


def a_certificate_number(raw: object, _choices: Sequence[Any]) -> str:
    """As printed, half width: 京(2020)朝阳区不动产权第0012345号."""
    text = _short_enough(_half_width(raw), CERTIFICATE_LONGEST)
    if not any(character.isdigit() or character in "〇一二三四五六七八九十" for character in text):
        raise FieldError(_("The number of a certificate has at least one digit."))
    return text
