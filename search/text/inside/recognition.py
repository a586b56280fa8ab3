"""Reading pictures of pages with RapidOCR over OpenVINO, models from the wheel. Runs in the sandbox, in one warm process kept for it."""

import math
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from statistics import median
from typing import Any

from search.text.layout import IS_CJK, Cell, Line, clean, compose
from search.text.page import OCR, Box, PageText, Word

# Differences from RapidOCR's defaults, measured on rendered contracts (benchmarks/ocr.py). Lines are looked for in a picture of 1280 pixels
# and read from one of 2000: half of the time, no more wrong characters. Lines are read one by one: nothing is padded. No line is turned
# on its own: the classifier turned sound lines upside down; pages are turned as a whole instead.
OPTIONS = {
    "Global.log_level": "error",
    "Global.max_side_len": 2000,  # pixels
    "Global.text_score": 0.0,  # unsure lines are needed to see that a page lies on its side
    "Global.use_cls": False,
    "Det.limit_type": "max",
    "Det.limit_side_len": 1280,
    "Rec.rec_batch_num": 1,
}
WIDER = 64  # pixels: widths of lines are rounded up to a multiple
A_PLACE = 8  # pixels of a line for which the model answers once
SURE = 0.5  # of 1: lines below are specks, stamps and drawings
UPRIGHT = 0.75  # mean of all lines of a page below which it is tried turned: upside down gave 0.5, upright more than 0.95
EVEN = 0.35  # of a character's width by which it may stand off its even place in a run
DRIFT = 1.35  # times a character's height that a run may be high: a slanted line is kept as several runs
APART = 0.6  # of a line's height between two pieces on one line, from which on a blank stands between them
COLUMN_LINES = 6  # lines on either side that make two columns of running text
COLUMN_SHARE = 0.3  # of the page's width that a column's lines take at least


def read(page: int, head: dict[str, Any], *, body: bytes) -> bytes:
    """The packed text of a picture given as raw pixels (`head`: mode L or RGB, width, height)."""
    import numpy as np

    shape = (head["height"], head["width"], 3) if head["mode"] == "RGB" else (head["height"], head["width"])
    pixels = np.frombuffer(body, dtype=np.uint8).reshape(shape)
    # RapidOCR takes arrays as OpenCV has them: blue, green, red.
    picture = np.ascontiguousarray(pixels[:, :, ::-1]) if pixels.ndim == 3 else np.stack([pixels] * 3, axis=-1)
    return read_picture(picture, page).to_bytes()


def read_picture(picture: Any, number: int) -> PageText:
    """The text of a page given as an array, whichever way it lies; boxes are those of the page as it lies."""
    import numpy as np

    result, turns, sure = engine()(picture, return_word_box=True), 0, 0.0
    sure = _sureness(result)
    for tried in _turns_to_try(result, sure):
        other = engine()(np.ascontiguousarray(np.rot90(picture, tried)), return_word_box=True)
        if _sureness(other) > sure + 0.1:
            result, turns, sure = other, tried, _sureness(other)
        if sure >= UPRIGHT and turns:
            break
    height, width = picture.shape[:2] if turns % 2 == 0 else picture.shape[1::-1]
    return _turned_back(to_page(result, number, width, height), turns)


@cache
def engine() -> Any:
    """RapidOCR, loaded once. OpenVINO needed a quarter of the time of ONNX Runtime on the same models (benchmarks/ocr.py)."""
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # nothing here may report to anybody; OpenVINO goes on without it
    import rapidocr

    openvino = {f"{part}.engine_type": rapidocr.EngineType.OPENVINO for part in ("Det", "Rec")}
    threads = {"EngineConfig.openvino.inference_num_threads": os.cpu_count() or 1, "EngineConfig.openvino.performance_hint": "LATENCY"}
    reader = rapidocr.RapidOCR(params=OPTIONS | openvino | threads)
    reader._load_det_model()  # now, not with the first page
    recogniser = reader._load_rec_model()
    recogniser.session = Widened(recogniser.session)
    return reader


class Widened:
    """The model that reads lines, fed with few different widths: OpenVINO prepares itself anew for each, and keeps all of that."""

    def __init__(self, session: Any) -> None:
        self.session = session

    def __call__(self, line: Any) -> Any:
        """What the model says of the line's own width; what is added is empty, as where lines are read several at a time."""
        import numpy as np

        width = line.shape[-1]
        said = self.session(np.pad(line, [(0, 0)] * 3 + [(0, -width % WIDER)]))
        return said[:, : -(-width // A_PLACE)]


def warm() -> bool:
    """Load the models, so that the first page does not wait for them."""
    return engine() is not None


def _sureness(result: Any) -> float:
    return sum(result.scores) / len(result.scores) if result.scores else 0.0


def _turns_to_try(result: Any, sure: float) -> tuple[int, ...]:
    """Quarter turns against the clock that may bring the page upright."""
    if not result.txts or len(result.txts) < 2:
        return ()
    on_side = sum(math.dist(quad[0], quad[3]) > 1.5 * math.dist(quad[0], quad[1]) for quad in result.boxes.tolist())
    if on_side > len(result.txts) / 2:
        return (1, 3)
    return (2,) if sure < UPRIGHT else ()


def _turned_back(page: PageText, turns: int) -> PageText:
    """The page with boxes as they lie in the picture that came: character by character, since its runs do not go rightwards."""
    if not turns:
        return page
    single = [(at, word.confidence) for word in page.words for at in range(word.start, word.end)]
    words = tuple(Word(at, at + 1, _turn(page.boxes(at, at + 1)[0], turns), sure) for at, sure in single)
    return replace(page, words=words)


def _turn(box: Box, turns: int) -> Box:
    corners = {
        1: [(1 - y, x) for x, y in (box[:2], box[2:])],
        2: [(1 - x, 1 - y) for x, y in (box[:2], box[2:])],
        3: [(y, 1 - x) for x, y in (box[:2], box[2:])],
    }
    return _around(corners[turns])


def to_page(result: Any, number: int, width: int, height: int) -> PageText:
    """The text of a page from what RapidOCR found on it."""
    found = [] if not result.txts else zip(result.boxes.tolist(), result.txts, result.scores, result.word_results, strict=True)
    pieces = [Piece(quad, text, words) for quad, text, score, words in found if words and score >= SURE]
    return compose(in_order(pieces, width), number=number, source=OCR, width=width, height=height)


class Piece:
    """A stretch of print that the detector took for one line: four corners, and cells along it."""

    def __init__(self, quad: Sequence[Sequence[float]], text: str, words: Iterable[tuple[str, float, Any]]) -> None:
        (self.left, self.top), (self.right, self.end) = quad[0], quad[1]
        self.quad = quad
        self.cells = _cells(text, words)
        self.box = _around(quad)
        self.height = max(1.0, math.dist(quad[0], quad[3]))

    @property
    def slope(self) -> float:
        """How the line falls, in pixels down for each to the right."""
        return (self.end - self.top) / max(1.0, self.right - self.left)

    def middle(self, slope: float) -> float:
        """The height at which it stands, the page's slant taken away."""
        return sum(y for _x, y in self.quad) / 4 - slope * sum(x for x, _y in self.quad) / 4


def _around(points: Iterable[Sequence[float]]) -> Box:
    corners = list(points)
    xs, ys = [x for x, _y in corners], [y for _x, y in corners]
    return Box(min(xs), min(ys), max(xs), max(ys))


def _cells(text: str, words: Iterable[tuple[str, float, Any]]) -> list[Cell]:
    """Characters put together to runs: Chinese ones while they stand evenly, letters and digits to words. Blanks stand in `text` only."""
    cells: list[Cell] = []
    position = 0
    for token, confidence, quad in words:
        start = position
        while text[position : position + 1].isspace():
            position += 1
        cell = Cell(clean(token), _around(quad), float(confidence), blank=position > start)
        position += len(token) if text.startswith(token, position) else 0
        if cells and not cell.blank and _goes_on(cells[-1], cell):
            cells[-1] = _together(cells[-1], cell)
        elif cell.text.strip():
            cells.append(cell)
    return cells


def _goes_on(run: Cell, cell: Cell) -> bool:
    if bool(IS_CJK.match(run.text[-1])) != bool(IS_CJK.match(cell.text[0])):
        return False
    height = min(run.box.y1 - run.box.y0, cell.box.y1 - cell.box.y0)
    if max(run.box.y1, cell.box.y1) - min(run.box.y0, cell.box.y0) > DRIFT * height:
        return False
    if not IS_CJK.match(cell.text[0]):
        return True
    pitch = (run.box.x1 - run.box.x0) / len(run.text)
    return abs(cell.box.x0 - run.box.x1) < pitch * EVEN and abs((cell.box.x1 - cell.box.x0) - pitch) < pitch * EVEN


def _together(run: Cell, cell: Cell) -> Cell:
    length, added = len(run.text), len(cell.text)
    sure = ((run.confidence or 0) * length + (cell.confidence or 0) * added) / (length + added)
    return Cell(run.text + cell.text, _around([run.box[:2], run.box[2:], cell.box[:2], cell.box[2:]]), sure, run.blank)


def in_order(pieces: Sequence[Piece], width: float) -> list[Line]:
    """Pieces as lines in the order in which people read: down the page, or down one column and then the next."""
    if not pieces:
        return []
    slope = median([piece.slope for piece in pieces if piece.right - piece.left > 2 * piece.height] or [0.0])
    gutter = _gutter(pieces, width)
    if gutter is None:
        return _rows(pieces, slope)
    above = [piece for piece in pieces if piece.box.x0 < gutter < piece.box.x1]
    first = min((piece.middle(slope) for piece in pieces if piece not in above), default=0.0)
    head = [piece for piece in above if piece.middle(slope) < first]
    tail = [piece for piece in above if piece not in head]
    left = [piece for piece in pieces if piece.box.x1 <= gutter]
    right = [piece for piece in pieces if piece.box.x0 >= gutter]
    return [line for part in (head, left, right, tail) for line in _rows(part, slope)]


def _gutter(pieces: Sequence[Piece], width: float) -> float | None:
    """Where two columns of running text part, None on a page of one column and on forms (label left, short value right)."""
    for place in (0.5, 0.47, 0.53, 0.44, 0.56):
        at = width * place
        left = [piece.box for piece in pieces if piece.box.x1 <= at]
        right = [piece.box for piece in pieces if piece.box.x0 >= at]
        across = len(pieces) - len(left) - len(right)
        wide = [sum(box.x1 - box.x0 > width * COLUMN_SHARE for box in side) for side in (left, right)]
        if min(wide) >= COLUMN_LINES and across <= len(pieces) * 0.15:
            return at
    return None


def _rows(pieces: Sequence[Piece], slope: float) -> list[Line]:
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.middle(slope)):
        if rows and piece.middle(slope) - median(other.middle(slope) for other in rows[-1]) < 0.5 * min(piece.height, rows[-1][0].height):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [_line(sorted(row, key=lambda piece: piece.box.x0)) for row in rows]


def _line(row: Sequence[Piece]) -> Line:
    cells: list[Cell] = []
    edge = 0.0
    for piece in row:
        first = True
        for cell in piece.cells:
            if first and cells:
                cell.blank = piece.box.x0 - edge > piece.height * APART or not IS_CJK.match(cells[-1].text[-1] + cell.text[0])
            cells.append(cell)
            first = False
        edge = piece.box.x1
    return Line(cells)
