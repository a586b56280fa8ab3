"""What is printed, as PDF: tables, slips and sheets of labels, with QR codes (CUS-1, CUS-5). The same bytes for the same content.

The typeface is one that every PDF reader has for Chinese (STSong), so that no character of a name is missing.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import segno
from django.conf import settings
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, A5, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

FONT = "STSong-Light"
INK, GREY, LINE, RED = HexColor("#1c2a26"), HexColor("#5b6b66"), HexColor("#b9c4c0"), HexColor("#b3261e")
LABELS_ACROSS, LABELS_DOWN = 2, 6
LABEL = (95 * mm, 44 * mm)
PDF = "application/pdf"


def response(content: bytes, name: str, media_type: str = PDF) -> HttpResponse:
    """A download that no cache keeps."""
    made = HttpResponse(content, content_type=media_type)
    made["Content-Disposition"] = content_disposition_header(as_attachment=media_type != PDF, filename=name) or "attachment"
    return made


def address_of(code: str) -> str:
    """What a QR code leads to: the desk, which knows what lies under the code."""
    return f"{settings.MUNIMENT_BASE_URL.rstrip('/')}/q/{quote(code)}/"


# --- tables ---------------------------------------------------------------------------------------------------------


def table(
    title: str, lines: Sequence[str], headings: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], *, mark: str = ""
) -> bytes:
    """A table over as many sheets as it takes, A4 across; `widths` are shares. `lines` stand between title and table.

    `mark`: the stamp of all that the table names together, on each sheet; empty for none (SEC-13).
    """
    _font()
    out = io.BytesIO()
    page = landscape(A4)
    document = SimpleDocTemplate(out, pagesize=page, title=title, invariant=1, **dict.fromkeys(_MARGINS, 14 * mm))
    room = page[0] - 28 * mm - 12
    columns = [room * width / sum(widths) for width in widths]
    parts: list[Any] = [_words(title, 16), Spacer(0, 6), *(_words(line, 9, GREY) for line in lines), Spacer(0, 8)]
    cells = [[_words(text, 8.5) for text in row] for row in rows]
    parts.append(LongTable([[_words(text, 8.5, GREY) for text in headings], *cells], columns, repeatRows=1, style=_LINES))
    edges = partial(_edges, mark=mark)
    document.build(parts, onFirstPage=edges, onLaterPages=edges)
    return out.getvalue()


_MARGINS = ("leftMargin", "rightMargin", "topMargin", "bottomMargin")
_LINES = TableStyle(
    [("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE), ("LINEABOVE", (0, 0), (-1, 0), 0.8, INK), ("VALIGN", (0, 0), (-1, -1), "TOP")]
)


def _font() -> None:
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def _words(text: str, size: float, colour: Any = INK) -> Paragraph:
    style = ParagraphStyle("words", fontName=FONT, fontSize=size, leading=size * 1.45, textColor=colour, wordWrap="CJK")
    return Paragraph(escape(text), style)


def _edges(canvas: Canvas, document: Any, *, mark: str) -> None:
    """The stamp above, the number of the page below."""
    wide, high = document.pagesize
    if mark:
        _stamp(canvas, mark, wide - 20 * mm - pdfmetrics.stringWidth(mark, FONT, 10), high - 12 * mm)
    canvas.setFont(FONT, 8)
    canvas.setFillColor(GREY)
    canvas.drawRightString(wide - 16 * mm, 8 * mm, str(document.page))


# --- slips and labels -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slip:
    """A paper of one sheet: a title, its code as QR, what it says, and who signs it."""

    title: str
    code: str
    facts: Sequence[tuple[str, str]]
    signatures: Sequence[str]
    foot: str


def slip(content: Slip) -> bytes:
    """A5, printed at the counter and signed by both sides."""
    out, canvas = _sheet(A5, content.title)
    width, height = A5
    left, top = 14 * mm, height - 18 * mm
    _text(canvas, content.title, left, top, 18)
    _text(canvas, content.code, left, top - 9 * mm, 13)
    _qr(canvas, address_of(content.code), width - 14 * mm - 30 * mm, height - 42 * mm, 30 * mm)
    line = height - 52 * mm
    for label, value in content.facts:
        _text(canvas, label, left, line, 9, colour=GREY)
        line = _block(canvas, value, (left + 28 * mm, line), width - left * 2 - 28 * mm) - 3 * mm
    line = min(line, 46 * mm)
    for place, name in enumerate(content.signatures):
        start = left + place * (width - 2 * left) / len(content.signatures)
        canvas.setStrokeColor(LINE)
        canvas.line(start, 24 * mm, start + (width - 2 * left) / len(content.signatures) - 6 * mm, 24 * mm)
        _text(canvas, name, start, 19 * mm, 8.5, colour=GREY)
    _text(canvas, content.foot, left, 9 * mm, 8, colour=GREY)
    canvas.save()
    return out.getvalue()


@dataclass(frozen=True)
class Label:
    """What sticks on a box, a cabinet or a volume; `mark`: the stamp of what is in it, empty for none (SEC-13)."""

    code: str
    name: str
    line: str
    mark: str = ""


def labels(content: Sequence[Label], title: str) -> bytes:
    """Labels on sheets of A4, two across and six down, each with its QR code."""
    out, canvas = _sheet(A4, title)
    each_page = LABELS_ACROSS * LABELS_DOWN
    for place, label in enumerate(content):
        if place and place % each_page == 0:
            canvas.showPage()
        across, down = place % LABELS_ACROSS, place % each_page // LABELS_ACROSS
        _label(canvas, label, 10 * mm + across * LABEL[0], A4[1] - 16 * mm - (down + 1) * LABEL[1])
    canvas.save()
    return out.getvalue()


def _label(canvas: Canvas, label: Label, left: float, bottom: float) -> None:
    width, height = LABEL
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.4)
    canvas.rect(left, bottom, width, height)
    _qr(canvas, address_of(label.code), left + 3 * mm, bottom + 7 * mm, 30 * mm)
    start = left + 36 * mm
    _text(canvas, label.code, start, bottom + height - 12 * mm, 15)
    rest = _block(canvas, label.name, (start, bottom + height - 20 * mm), width - 39 * mm, size=11, lines=2)
    _block(canvas, label.line, (start, rest), width - 39 * mm, size=8, colour=GREY, lines=2 if label.mark else 3)
    if label.mark:
        _stamp(canvas, label.mark, start, bottom + 4 * mm)


def _stamp(canvas: Canvas, mark: str, left: float, bottom: float) -> None:
    """The secrecy mark as everywhere: red, with a border (look.md)."""
    canvas.setStrokeColor(RED)
    canvas.setLineWidth(0.9)
    canvas.roundRect(left, bottom, pdfmetrics.stringWidth(mark, FONT, 10) + 4 * mm, 6 * mm, 1 * mm)
    _text(canvas, mark, left + 2 * mm, bottom + 1.8 * mm, 10, colour=RED)


def _sheet(size: tuple[float, float], title: str) -> tuple[io.BytesIO, Canvas]:
    _font()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=1, initialFontName=FONT)
    canvas.setTitle(title)
    return out, canvas


def _text(canvas: Canvas, text: str, x: float, y: float, size: float, *, colour: Any = INK) -> None:
    canvas.setFont(FONT, size)
    canvas.setFillColor(colour)
    canvas.drawString(x, y, text)


def _block(
    canvas: Canvas, text: str, at: tuple[float, float], width: float, *, size: float = 10.5, colour: Any = INK, lines: int = 4
) -> float:
    """Text on as many lines as it takes, at most `lines`, from the point `at` down; returns how high the next begins."""
    x, top = at
    for line in _broken(text, width, size)[:lines]:
        _text(canvas, line, x, top, size, colour=colour)
        top -= size * 1.45
    return top


def _broken(text: str, width: float, size: float) -> list[str]:
    """Lines that fit, broken between any two characters, as Chinese is."""
    lines: list[str] = []
    line = ""
    for character in " ".join(text.split()):
        if line and pdfmetrics.stringWidth(line + character, FONT, size) > width:
            lines, line = [*lines, line], ""
        line += character
    return [*lines, line]


def _qr(canvas: Canvas, text: str, left: float, bottom: float, side: float) -> None:
    """The code with its quiet zone, drawn as squares: sharp at any size."""
    rows = list(segno.make(text, error="m", micro=False).matrix_iter(border=4))
    step = side / len(rows)
    canvas.setFillColor(HexColor("#000000"))
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                canvas.rect(left + across * step, bottom + side - (down + 1) * step, step, step, stroke=0, fill=1)
