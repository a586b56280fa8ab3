"""The demo's two typefaces: small cuts of Noto Serif CJK and Noto Sans CJK with the characters its papers use (OFL.txt).

They lie in the project so that papers look, and read, the same on every machine. `python -m portal.demo.fonts.cut` makes them anew.
"""

from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).parent
TEXT, BOLD = "muniment-song", "muniment-hei"


def file_of(font: str) -> Path:
    """The font's file."""
    return FOLDER / f"{font.removeprefix('muniment-')}.ttf"


@cache
def face(font: str) -> TTFont:
    """The font, registered with the PDF writer."""
    made = TTFont(font, str(file_of(font)))
    pdfmetrics.registerFont(made)
    return made


def width_of(text: str, size: float, font: str) -> float:
    """Points the text takes."""
    widths = face(font).face.charWidths
    return sum(widths.get(ord(character), 1000) for character in text) * size / 1000
