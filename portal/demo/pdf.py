"""Pages of marks as a PDF, its fonts embedded in part, its text readable by machines; the same bytes for the same pages."""

import io
import math
from collections.abc import Sequence

from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from portal.demo.fonts import BOLD, TEXT, face, width_of
from portal.demo.layout import A4, Mark, Page

SEAL_RED = "#c4161c"
SEAL_RADIUS = 57.0  # points: 40 mm across, as GB/T 33481 has it for companies


Skew = tuple[float, float, float]  # degrees, and points to the right and up


def write(pages: Sequence[Page], *, title: str = "", skews: Sequence[Skew] = ()) -> bytes:
    """The whole document; `skews`: how each page lies on the glass of a scanner, none for what was never on paper."""
    rl_config.useA85 = 0  # binary streams: a fifth smaller
    face(TEXT), face(BOLD)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, initialFontName=TEXT, initialFontSize=10)
    canvas.setTitle(title)
    canvas.setProducer("Muniment demo")
    for place, page in enumerate(pages):
        if skews:
            _lay(canvas, *skews[place])
        for mark in page.marks:
            DRAW[mark.kind](canvas, mark)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _lay(canvas: Canvas, degrees: float, right: float, up: float) -> None:
    """Turn about the middle of the page, and move."""
    canvas.translate(A4[0] / 2 + right, A4[1] / 2 + up)
    canvas.rotate(degrees)
    canvas.translate(-A4[0] / 2, -A4[1] / 2)


def _text(canvas: Canvas, mark: Mark) -> None:
    canvas.setFillColor(HexColor(mark.colour))
    canvas.setFont(mark.font, mark.size)
    canvas.drawString(mark.x, mark.y, mark.text, charSpace=mark.spread)


def _line(canvas: Canvas, mark: Mark) -> None:
    canvas.setStrokeColor(HexColor(mark.colour))
    canvas.setLineWidth(mark.size)
    canvas.line(mark.x, mark.y, *mark.to)


def _box(canvas: Canvas, mark: Mark) -> None:
    """A rectangle; `size` 0 leaves its border out."""
    canvas.setStrokeColor(HexColor(mark.colour))
    canvas.setLineWidth(mark.size)
    if mark.fill:
        canvas.setFillColor(HexColor(mark.fill))
    canvas.rect(mark.x, mark.y, *mark.to, stroke=int(mark.size > 0), fill=int(bool(mark.fill)))


def _disc(canvas: Canvas, mark: Mark) -> None:
    """An ellipse between two corners."""
    canvas.setFillColor(HexColor(mark.fill or "#ffffff"))
    canvas.ellipse(mark.x, mark.y, mark.x + mark.to[0], mark.y + mark.to[1], stroke=0, fill=1)


def _hand(canvas: Canvas, mark: Mark) -> None:
    """A signature: slanted, not quite level."""
    canvas.saveState()
    canvas.translate(mark.x, mark.y)
    canvas.transform(1, 0.07, 0.33, 1.15, 0, 0)
    _text(canvas, Mark("text", 0, 0, mark.text, TEXT, mark.size, -1.5 if not mark.text.isascii() else 0, colour=mark.colour))
    canvas.restoreState()


def _seal(canvas: Canvas, mark: Mark) -> None:
    """A round company seal: its name along the rim, a star, and what it is for."""
    canvas.saveState()
    canvas.translate(mark.x, mark.y)
    canvas.rotate(_tilt(mark.text))
    canvas.setFillAlpha(0.78)
    canvas.setStrokeAlpha(0.78)
    canvas.setStrokeColor(HexColor(SEAL_RED))
    canvas.setFillColor(HexColor(SEAL_RED))
    canvas.setLineWidth(2.2)
    canvas.circle(0, 0, SEAL_RADIUS, fill=0)
    _rim(canvas, mark.text)
    _star(canvas, 15)
    foot = "FOR BUSINESS USE" if mark.text.isascii() else ("合同专用章" if "公司" in mark.text else "业务专用章")
    canvas.setFont(TEXT, 10.5)
    canvas.drawCentredString(0, -36, foot)
    canvas.restoreState()


def _tilt(text: str) -> float:
    """Nobody presses a seal straight: degrees, the same for the same seal."""
    return sum(map(ord, text)) % 25 - 12


def _rim(canvas: Canvas, text: str) -> None:
    """Characters along the rim; long foreign names get smaller and closer."""
    size = min(12.5, 250 / max(len(text), 1)) if text.isascii() else min(12.5, 190 / max(len(text), 1))
    step = min(24, 250 / max(len(text), 1))
    canvas.setFont(BOLD, size)
    for place, character in enumerate(text):
        canvas.saveState()
        canvas.rotate((len(text) - 1) * step / 2 - place * step)
        canvas.translate(-width_of(character, size, BOLD) / 2, SEAL_RADIUS - size - 3.5)
        canvas.drawString(0, 0, character)
        canvas.restoreState()


def _star(canvas: Canvas, radius: float) -> None:
    path = canvas.beginPath()
    for place in range(10):
        reach = radius if place % 2 == 0 else radius * 0.382
        angle = math.pi / 2 + place * math.pi / 5
        (path.lineTo if place else path.moveTo)(reach * math.cos(angle), reach * math.sin(angle))
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


DRAW = {"text": _text, "line": _line, "box": _box, "disc": _disc, "hand": _hand, "seal": _seal}
