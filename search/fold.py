"""Text made comparable: Traditional to Simplified, full width to half width, one case; then cut into what is indexed and asked.

Folding maps one character to one character and never looks at its neighbours: offsets survive, and a window cut anywhere out of a
text folds as it did inside it. OpenCC's own phrase rules would not: they write 乾 one way inside 乾隆 and another when it stands alone.
The table is OpenCC's answer for each single character; the few characters that its phrases split are put together by hand.

Chinese is cut into bigrams that may cross line breaks but not punctuation; other scripts into words, digits apart from letters.
Token i of `grams` stands at unit i of the text, so that a phrase is asked by places.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST_WORD = 64  # characters; what is longer is noise such as base64, and is cut

# Kana, Hangul and the ideographs, BMP and beyond: scripts without spaces.
CJK = (
    r"\u3005\u3007\u303b\u3041-\u3096\u3099-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)
BLANK = r"[\s\u00ad\u200b-\u200d\ufeff]"  # what a line break or a layout engine leaves between two characters of running text
LETTER = rf"[^\W_0-9{CJK}]"
_RUN = re.compile(rf"([{CJK}](?:{BLANK}*[{CJK}])*)|([0-9]{{1,3}}(?:,[0-9]{{3}})+(?![0-9])|[0-9]+)|({LETTER}+)")
_BLANKS = re.compile(BLANK)
_NOT_IN_NUMBERS = re.compile(r"[\W_]+")

# Characters that mean the same but stay apart in OpenCC's single characters, since its phrases decide between them.
_SAME = {"著": "着", "沉": "沈", "藉": "借", "覆": "复", "瞭": "了", "划": "画", "馀": "余", "锺": "钟", "迳": "径", "麽": "么"}
_ZEROS = {"○": "〇", "◯": "〇"}  # years are written with circles
_IDEOGRAPHS = ((0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))
_SINGLE_FORMS = ((0x2000, 0x3400), (0xF900, 0x10000))  # symbols, presentation and width forms
_LATIN = ((0xC0, 0x250), (0x1E00, 0x1F00))
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d~\uff5e\u301c\u3030"


@lru_cache(maxsize=1)
def _table() -> dict[int, int]:
    from opencc import OpenCC

    table: dict[int, int] = {}
    for start, end in _SINGLE_FORMS:
        table |= {point: ord(form) for point in range(start, end) if len(form := unicodedata.normalize("NFKC", chr(point)).lower()) == 1}
    for start, end in ((0x41, 0x5B), (0x370, 0x590), *_LATIN):
        table |= {point: ord(form) for point in range(start, end) if len(form := chr(point).lower()) == 1}
    for start, end in _LATIN:
        table |= {point: table.get(ord(base), ord(base)) for point in range(start, end) if (base := _without_accent(point))}
    ideographs = [chr(point) for start, end in _IDEOGRAPHS for point in range(start, end)]
    for config in ("hk2s", "tw2s", "t2s"):  # the last word is t2s's; the others know characters used in Hong Kong and Taiwan only
        folded = OpenCC(config).convert("\n".join(ideographs)).split("\n")
        table |= {ord(old): ord(new) for old, new in zip(ideographs, folded, strict=True) if old != new and len(new) == 1}
    table = {old: table.get(new, new) for old, new in table.items()}  # a folded character may have a fold of its own
    same = {ord(old): ord(new) for old, new in (_SAME | _ZEROS).items()}
    table = {old: same.get(new, new) for old, new in table.items()} | same
    table |= dict.fromkeys(map(ord, _DASHES), ord("-"))
    return {old: new for old, new in table.items() if old != new}


def _without_accent(point: int) -> str:
    form = unicodedata.normalize("NFD", chr(point))
    return form[0] if len(form) > 1 and form[0].isascii() else ""


def fold(text: str) -> str:
    """The same number of characters, each in its one comparable form."""
    return text.translate(_table())


@lru_cache(maxsize=1)
def _reverse() -> dict[str, str]:
    forms: dict[str, str] = {}
    for old, new in _table().items():
        forms[chr(new)] = forms.get(chr(new), chr(new)) + chr(old)
    return forms


def unfolded(character: str) -> str:
    """A folded character, and all characters that fold to it."""
    return _reverse().get(character, character)


@dataclass(frozen=True)
class Unit:
    """A character of Chinese or a word or number, as compared. `run`: units of one run stand side by side without punctuation."""

    text: str
    run: int
    cjk: bool


def units(text: str) -> list[Unit]:
    """The units of a text in their order."""
    found: list[Unit] = []
    for run, match in enumerate(_RUN.finditer(fold(text))):
        cjk, digits, word = match.groups()
        if cjk:
            found += [Unit(character, run, cjk=True) for character in _BLANKS.sub("", cjk)]
        else:
            found.append(Unit(_plain(digits, word), run, cjk=False))
    return found


def _plain(digits: str, word: str) -> str:
    return (digits.replace(",", "") if digits else word)[:LONGEST_WORD]


def index_text(text: str) -> tuple[str, str]:
    """(grams, singles): the text as tokens parted by blanks, one token to a unit in both, for a whitespace tokenizer.

    In `grams` a character stands with its successor, and alone at the end of a run; in `singles` always alone.
    """
    grams: list[str] = []
    singles: list[str] = []
    for cjk, digits, word in _RUN.findall(fold(text)):
        if cjk:
            run = cjk if cjk.isalnum() else _BLANKS.sub("", cjk)
            singles.extend(run)
            grams.extend(map(str.__add__, run, run[1:]))
            grams.append(run[-1])
        else:
            token = _plain(digits, word)
            grams.append(token)
            singles.append(token)
    return " ".join(grams), " ".join(singles)


def squash(number: str) -> str:
    """A number without what people leave out or write differently: case, width, dashes, blanks, brackets (FND-4)."""
    return _NOT_IN_NUMBERS.sub("", fold(number))


def index_number(number: str) -> str:
    """The squashed number as tokens of two characters, so that a phrase of them finds any part from two characters on."""
    plain = squash(number)
    return " ".join([*map(str.__add__, plain, plain[1:]), plain[-1]]) if plain else ""


def number_phrase(part: str) -> list[str]:
    """The tokens to be found side by side for a part of a number of two characters or more; empty for a shorter one."""
    plain = squash(part)
    return list(map(str.__add__, plain, plain[1:]))


@dataclass(frozen=True)
class Phrase:
    """What must stand in a text: tokens at places. `singles`: to be looked up among the single characters."""

    tokens: tuple[tuple[int, str], ...]
    singles: bool


def phrase(text: str) -> Phrase | None:
    """How a piece of text is asked for; None when it has nothing that is indexed.

    A Chinese character without a Chinese neighbour in its run has no bigram to be asked by, so such a piece is asked by single characters.
    """
    found = units(text)
    if not found:
        return None
    sizes: dict[int, int] = {}
    for unit in found:
        sizes[unit.run] = sizes.get(unit.run, 0) + 1
    if any(unit.cjk and sizes[unit.run] == 1 for unit in found):
        return Phrase(tuple((place, unit.text) for place, unit in enumerate(found)), singles=True)
    return Phrase(tuple(_placed(found)), singles=False)


def _placed(found: list[Unit]) -> list[tuple[int, str]]:
    tokens: list[tuple[int, str]] = []
    for place, unit in enumerate(found):
        following = found[place + 1] if place + 1 < len(found) else None
        if not unit.cjk:
            tokens.append((place, unit.text))
        elif following and following.run == unit.run:
            tokens.append((place, unit.text + following.text))
    return tokens
