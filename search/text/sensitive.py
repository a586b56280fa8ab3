"""Identity numbers, bank accounts and telephone numbers in text (SEC-6): where they stand, so that they can be masked, and digested.

A number counts by its check character (identity numbers: GB 11643; cards: Luhn) or by its shape (mobiles; accounts and telephones where a
word before them says so). Social credit codes are public and never count. Full width digits, blanks and dashes inside are seen through.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from records import identifiers
from search import fold

IDENTITY, MOBILE, ACCOUNT, TELEPHONE = "identity-number", "mobile", "bank-account", "telephone"
DIGITS = "0-9０-９"
# Digits in groups with one separator between them.
NUMBER = re.compile(rf"(?<![{DIGITS}])[+＋]?[{DIGITS}]+(?:[ \u3000\u00a0\-－‐-―][{DIGITS}]+)*[ ]?[XxＸｘ]?(?![A-Za-z{DIGITS}])")
GROUP = re.compile(rf"[{DIGITS}]+")
INSIDE_A_CODE = re.compile(rf"[{DIGITS}][A-Za-zＡ-Ｚａ-ｚ]+$")  # letters with digits before them: what follows is a piece of something else
SHORTEST = 7  # digits of a telephone number without its area code
LEADS_TO = r"\s*([（(][^）)\n]{0,10}[)）])?[\s:：.为是]*$"
OF_A_BANK = rf"([\s:：]*[^\n,;。{DIGITS}]{{2,30}}(行|部|社|所|bank|branch))?"  # “开户行及账号：某银行某支行 …”
ACCOUNT_WORDS = re.compile(
    r"(账\s*号|帐\s*号|账\s*户|帐\s*户|卡\s*号|account(\s*(no|number))?|a/c(\s*no)?)" + OF_A_BANK + LEADS_TO, re.IGNORECASE
)
TELEPHONE_WORDS = re.compile(r"(电\s*话|传\s*真|手\s*机|联\s*系\s*方\s*式|tel(ephone)?|fax|phone|mobile)" + LEADS_TO, re.IGNORECASE)
PAPER_WORDS = re.compile(r"(身\s*份\s*证|证\s*件)\s*(号|号\s*码)?" + LEADS_TO)
BEFORE = 48  # characters that are looked at for such a word
AREA_CODE = re.compile(r"0\d{2,3}[-－‐-― )）]\d{7,8}(?:[-－]\d{1,6})?")
CARD_START = re.compile(r"[3-69]\d{15,18}")
CARD_GROUPS = re.compile(r"\d{4}( \d{4}){3}( \d{1,3})?|\d{4}(-\d{4}){3}(-\d{1,3})?")
OLD_IDENTITY = re.compile(r"[1-8]\d{5}\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}")


@dataclass(frozen=True, slots=True)
class Sensitive:
    """`text[start:end]` is a number of this kind; `value` in the form in which numbers are compared and digested."""

    start: int
    end: int
    kind: str
    value: str


def find(text: str) -> list[Sensitive]:
    """The sensitive numbers of a text in their order; none overlap."""
    return [found for match in NUMBER.finditer(text) for found in _in_run(text, *match.span())]


def _in_run(text: str, start: int, end: int) -> Iterator[Sensitive]:
    """A run of groups may be one number, or several that stand side by side: the longest that counts is taken, from the left."""
    if end - start < SHORTEST or INSIDE_A_CODE.search(text, max(0, start - BEFORE), start):
        return
    groups = [(start + group.start(), start + group.end()) for group in GROUP.finditer(text[start:end])]
    first = 0
    while first < len(groups):
        stops = [end, *(stop for _start, stop in reversed(groups[first:]))]  # with the X that may follow, then group by group
        found = next(filter(None, (_classify(text, groups[first][0], stop) for stop in stops)), None)
        if found:
            yield found
        first = next((place for place in range(first + 1, len(groups)) if not found or groups[place][0] >= found.end), len(groups))


def _classify(text: str, start: int, end: int) -> Sensitive | None:
    shown = fold.fold(text[start:end]).strip()
    number = identifiers.normalise(shown)
    if len(number) < SHORTEST or (identifiers.credit_code_is_valid(number) and not identifiers.identity_number_is_valid(number)):
        return None
    before = fold.fold(text[max(0, start - BEFORE) : start])
    kind = _kind(number, shown, before)
    if kind is None:
        return None
    value = identifiers.normalise_mobile(number) if kind == MOBILE else number
    return Sensitive(start, start + len(text[start:end].rstrip()), kind, value)


def _kind(number: str, shown: str, before: str) -> str | None:
    if identifiers.identity_number_is_valid(number) or (OLD_IDENTITY.fullmatch(number) and PAPER_WORDS.search(before)):
        return IDENTITY
    if identifiers.mobile_is_valid(number):
        return MOBILE
    if not number.isdigit():
        return None
    if CARD_START.fullmatch(number) and identifiers.bank_card_is_valid(number) and (shown == number or CARD_GROUPS.fullmatch(shown)):
        return ACCOUNT
    if 9 <= len(number) <= 32 and ACCOUNT_WORDS.search(before):
        return ACCOUNT
    return TELEPHONE if AREA_CODE.fullmatch(shown) or (len(number) <= 12 and TELEPHONE_WORDS.search(before)) else None


def mask(text: str) -> str:
    """The text with the middle of each sensitive number hidden; as long as before, so that places in it stay right."""
    pieces, position = [], 0
    for found in find(text):
        pieces += [text[position : found.start], hide(text[found.start : found.end], found.kind)]
        position = found.end
    return "".join([*pieces, text[position:]])


def hide(shown: str, kind: str) -> str:
    """One number as shown, masked; what separates its groups stays."""
    places = [place for place, character in enumerate(shown) if character.isalnum()]
    masked = identifiers.mask(kind, "".join(shown[place] for place in places))
    characters = list(shown)
    for place, character in zip(places, masked, strict=True):
        characters[place] = character
    return "".join(characters)


def values(text: str) -> set[str]:
    """The numbers of a text as they are digested (`storage.crypto.keyed_digest`) and indexed, in place of themselves."""
    return {found.value for found in find(text)}


def without(text: str) -> str:
    """The text for the index: sensitive numbers struck out whole, nothing moved (SEC-6: indexed as keyed digests only)."""
    pieces, position = [], 0
    for found in find(text):
        pieces += [text[position : found.start], identifiers.MASK * (found.end - found.start)]
        position = found.end
    return "".join([*pieces, text[position:]])
