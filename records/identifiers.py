"""Numbers that carry their own check: identity numbers, social credit codes, mobiles, bank cards; how they are compared and masked.

Sources: GB 11643-1999 (identity number, ISO 7064 MOD 11-2), GB 32100-2015 (unified social credit code), ISO/IEC 7812-1 annex B (Luhn).
"""

import re
import unicodedata
from datetime import date

IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
IDENTITY_CHECKS = "10X98765432"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100 leaves out I, O, S, V, Z
CREDIT_SHAPE = re.compile(rf"[1-9A-HJ-NPQRTUWXY][0-9A-HJ-NPQRTUWXY]\d{{6}}[{CREDIT_ALPHABET}]{{10}}", re.ASCII)
IDENTITY_SHAPE = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
MOBILE_SHAPE = re.compile(r"1[3-9]\d{9}", re.ASCII)
CARD_SHAPE = re.compile(r"\d{12,19}", re.ASCII)
IBAN_SHAPE = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
EARLIEST_BIRTH = 1800  # year: older papers are not numbered
SEPARATORS = re.compile(r"[\s\u00ad\u200b-\u200d\u2060\ufeff\-\u2010-\u2015\u2212()]+")
IDENTITY_IN_TEXT = r"[1-9]\d{5}[ -]?\d{8}[ -]?\d{3}[\dX]"
CARD_IN_TEXT = r"[3-69]\d{3}(?:\d{12,15}|(?: \d{4}){3}(?: \d{1,3})?)"
MASK = "*"
# How many characters stay in clear at the start and the end of each kind.
CLEAR_ENDS = {"identity-number": (4, 4), "mobile": (3, 4), "bank-account": (4, 4)}


def normalise(value: str) -> str:
    """The form in which identifiers are checked and compared: half width, upper case, without spaces, dashes and brackets."""
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", value)).upper()


def stands_in(text: str) -> bool:
    """Whether a whole identity number or bank card stands in a text, by its check character and its usual groups (SEC-6)."""
    plain = unicodedata.normalize("NFKC", text).upper()
    identities, cards = (re.findall(rf"(?<![A-Z0-9]){shape}(?![A-Z0-9])", plain) for shape in (IDENTITY_IN_TEXT, CARD_IN_TEXT))
    return any(map(identity_number_is_valid, identities)) or any(map(bank_card_is_valid, cards))


def identity_number_is_valid(value: str, *, today: date | None = None) -> bool:
    """Whether this is an 18-digit Chinese identity number: a real date of birth, not after `today`, and the right check character.

    Takes it as typed (spaces, full width, a small x). 15-digit numbers of the first generation are not valid any more.
    """
    number = normalise(value)
    if not IDENTITY_SHAPE.fullmatch(number):
        return False
    born = _birth_date(number)
    if born is None or (today is not None and born > today):
        return False
    return identity_check_character(number[:17]) == number[17]


def identity_check_character(first17: str) -> str:
    """The 18th character for 17 digits, by ISO 7064 MOD 11-2; `X` stands for ten."""
    return IDENTITY_CHECKS[sum(weight * int(digit) for weight, digit in zip(IDENTITY_WEIGHTS, first17, strict=True)) % 11]


def credit_code_is_valid(value: str) -> bool:
    """Whether this is an 18-character unified social credit code with the right check character. Takes it as typed."""
    code = normalise(value)
    return bool(CREDIT_SHAPE.fullmatch(code)) and credit_check_character(code[:17]) == code[17]


def credit_check_character(first17: str) -> str:
    """The 18th character for the first 17, by GB 32100: weights are the powers of 3 modulo 31."""
    total = sum(CREDIT_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(first17))
    return CREDIT_ALPHABET[-total % 31]


def mobile_is_valid(value: str) -> bool:
    """Whether this is a mobile number of the mainland: 11 digits from 13 to 19; `+86` in front is taken."""
    return bool(MOBILE_SHAPE.fullmatch(normalise_mobile(value)))


def normalise_mobile(value: str) -> str:
    """`normalise` without the country code, so that +86 138… and 138… are the same number."""
    number = normalise(value)
    for prefix in ("+86", "0086"):
        number = number.removeprefix(prefix)
    return number[2:] if len(number) == 13 and number.startswith("86") else number


def bank_card_is_valid(value: str) -> bool:
    """Whether this is a card number: 12 to 19 digits with the right Luhn check digit."""
    number = normalise(value)
    return bool(CARD_SHAPE.fullmatch(number)) and _luhn_sum(number) % 10 == 0


def iban_is_valid(value: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616: the rearranged number modulo 97 is 1)."""
    number = normalise(value)
    return bool(IBAN_SHAPE.fullmatch(number)) and int("".join(str(int(character, 36)) for character in number[4:] + number[:4])) % 97 == 1


def mask(kind: str, value: str) -> str:
    """The value with its middle hidden, the length kept: `3301**********4417` (SEC-6).

    At least half of the characters are hidden, so that short values (a passport number) do not show through;
    of a mobile number the four in the middle are, as people know it (138****8000).
    """
    start, end = CLEAR_ENDS.get(kind, (0, 4))
    most = len(value) * 2 // 3 if kind == "mobile" else len(value) // 2
    if start + end > most:
        end = most // 2
        start = min(start, end)
    hidden = len(value) - start - end
    return value[:start] + MASK * hidden + value[len(value) - end :]


def _birth_date(number: str) -> date | None:
    """The date of birth in digits 7 to 14; None when there is no such day."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if born.year >= EARLIEST_BIRTH else None


def _luhn_sum(number: str) -> int:
    """The sum that a valid number makes divisible by ten."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled)
