"""Lines of a page, put together to running text (its normal form: `search.text.page`). Runs inside the sandbox.

Both PDFs and read scans come here as lines of cells with boxes, in one unit of length for both directions.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from search.text.page import ORDINARY, Box, PageText, Word

CJK = (
    r"\u2e80-\u303f\u3041-\u30ff\u3105-\u312f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f"
    r"\uff01-\uff65\U00020000-\U000323af"
)
CELL = re.compile(rf"[{CJK}]+|[^\s{CJK}]+")
IS_CJK = re.compile(rf"[{CJK}]")
NOT_AT_START = re.compile(r"[，。、；：？！）》」』】〕”’…—,.;:?!)\]}%]")
SOFT = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\x02\ufffe"))
SAME_SIZE = 1.3  # lines whose characters differ more are not one paragraph
WIDE = 0.45  # share of the page's width from which on a line may be running text by itself
ALIGNED = 3  # lines that end together and so show a narrow column
LABEL = re.compile(  # 第三条, （二）, 四、, 15.2, 甲方：
    r"第[一二三四五六七八九十百零〇\d]+[章节条]|[（(][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,3}、"
    r"|\d{1,2}((\.\d{1,2}){1,2}(?!\d)|[、．])|[^，。；、]{1,8}[：:]"
)
SENTENCE_END = re.compile(r"[。；：！？;:!?]$")
NEIGHBOURS = 12  # lines before and after that tell how wide a column is
LINE_PITCH = 2.4  # heights of a line from one to the next inside a paragraph, at most


@dataclass(slots=True)
class Cell:
    """A run of Chinese characters, or a word. `blank`: stands apart from the cell before it."""

    text: str
    box: Box
    confidence: float | None = None
    blank: bool = False


@dataclass(slots=True)
class Line:
    """One line of print."""

    cells: list[Cell]

    @property
    def box(self) -> Box:
        """What the line covers."""
        return Box(
            min(cell.box.x0 for cell in self.cells),
            min(cell.box.y0 for cell in self.cells),
            max(cell.box.x1 for cell in self.cells),
            max(cell.box.y1 for cell in self.cells),
        )


@dataclass(slots=True)
class _Measured:
    cells: list[Cell]
    box: Box
    em: float  # width of a Chinese character


def clean(text: str) -> str:
    """One character for one, except those that are never seen."""
    return text.translate(ORDINARY)


def compose(lines: Iterable[Line], *, number: int, source: str, width: float, height: float) -> PageText:
    """The page as running text. `width` and `height` of the page are in the unit of the boxes."""
    measured = [_measured(line) for line in lines if line.cells]
    pieces: list[str] = []
    words: list[Word] = []
    position = 0
    for index, line in enumerate(measured):
        joint = _joint(measured, index, width) if index else ""
        if joint == "-":  # a word cut by a hyphen
            pieces[-1] = pieces[-1][:-1]
            words[-1] = _shorter(words[-1])
            position, joint = position - 1, ""
        pieces.append(joint)
        position += len(joint)
        for place, cell in enumerate(line.cells):
            if place and cell.blank:
                pieces.append(" ")
                position += 1
            pieces.append(cell.text)
            words.append(Word(position, position + len(cell.text), _share(cell.box, width, height), cell.confidence))
            position += len(cell.text)
    return PageText(number=number, text="".join(pieces), source=source, confidence=_confidence(words), words=tuple(words))


def _shorter(word: Word) -> Word:
    return Word(word.start, max(word.start + 1, word.end - 1), word.box, word.confidence)


def _share(box: Box, width: float, height: float) -> Box:
    return Box(box.x0 / width, box.y0 / height, box.x1 / width, box.y1 / height)


def _confidence(words: Sequence[Word]) -> float | None:
    """The mean over characters."""
    sure = [(word.confidence, word.end - word.start) for word in words if word.confidence is not None]
    total = sum(length for _confidence, length in sure)
    return round(sum(confidence * length for confidence, length in sure) / total, 4) if total else None


def _measured(line: Line) -> _Measured:
    box = line.box
    pitches = [(cell.box.x1 - cell.box.x0) / len(cell.text) for cell in line.cells if len(cell.text) > 2 and IS_CJK.match(cell.text)]
    return _Measured(line.cells, box, median(pitches) if pitches else (box.y1 - box.y0) * 0.8)


def _joint(lines: Sequence[_Measured], index: int, width: float) -> str:
    """What stands between a line and the one before it: a line feed, a blank, nothing, or "-" for a hyphen to be taken away."""
    before, line = lines[index - 1], lines[index]
    room = _room(lines[max(0, index - NEIGHBOURS) : index + NEIGHBOURS], before, width)
    if _begins_anew(before, line, room):
        return "\n"
    last, first = before.cells[-1].text, line.cells[0].text
    if IS_CJK.match(last[-1]) or IS_CJK.match(first[0]):
        return ""
    if last[-1] == "-" and len(last) > 1:
        return "-" if last[-2].islower() and first[0].islower() else ""
    # A full line that ends and goes on in digits was cut inside a number.
    return "" if last[-1].isdigit() and first[0].isdigit() and room < before.em * 0.6 else " "


def _begins_anew(before: _Measured, line: _Measured, room: float) -> bool:
    """Whether the line is a paragraph of its own: what it begins with would have found room on the line before, say."""
    height = max(before.box.y1 - before.box.y0, 1e-9)
    if max(before.em, line.em) > SAME_SIZE * max(min(before.em, line.em), 1e-9):
        return True
    if not -0.5 * height < line.box.y0 - before.box.y0 - height < LINE_PITCH * height:
        return True
    if line.box.x0 - before.box.x0 > 1.5 * line.em:  # indented
        return True
    if _labelled(line) and (room > line.em or _labelled(before) or SENTENCE_END.search(before.cells[-1].text)):
        return True
    return room > _first_unit(line) + 1.2 * line.em


def _labelled(line: _Measured) -> bool:
    return bool(LABEL.match("".join(cell.text for cell in line.cells[:3])))


def _first_unit(line: _Measured) -> float:
    """Width of what cannot be parted at the line's start: a word, or a character with the signs that may not begin a line."""
    first = line.cells[0]
    if not IS_CJK.match(first.text):
        return first.box.x1 - first.box.x0
    signs = 0
    for character in first.text[1:]:
        if not NOT_AT_START.match(character):
            break
        signs += 1
    return line.em * (1 + signs)


def _room(lines: Sequence[_Measured], line: _Measured, width: float) -> float:
    """How much more would have gone onto this line, by the other lines that begin about where it does; endless where no column shows."""
    edges = [other.box.x1 for other in lines if abs(other.box.x0 - line.box.x0) < 3.5 * line.em]
    aligned = sum(abs(edge - line.box.x1) < 1.5 * line.em for edge in edges)
    if line.box.x1 - line.box.x0 < width * WIDE and aligned < ALIGNED:
        return float("inf")
    return max(edges) - line.box.x1
