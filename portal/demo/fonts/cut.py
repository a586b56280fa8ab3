"""Cut the demo's typefaces out of Noto CJK: every character of its texts and words, in both scripts, as TrueType outlines.

Run by hand after a text was changed (`python -m portal.demo.fonts.cut`); needs `fonttools` and Debian's `fonts-noto-cjk`.
"""

# mypy: disable-error-code="import-untyped"

from pathlib import Path

from portal.demo.fonts import BOLD, TEXT, file_of

NOTO = Path("/usr/share/fonts/opentype/noto")
SOURCES = {TEXT: "NotoSerifCJK-Regular.ttc", BOLD: "NotoSansCJK-Bold.ttc"}
SIMPLIFIED = 2  # place of the SC face in the collections
TOLERANCE = 4.0  # units of 1000 by which an outline may differ
UNITS = 400  # to the em: enough at 600 dpi, and a third smaller than 1000
DEMO = Path(__file__).parent.parent
PRINTING = ("cards", "facts", "figures", "layout", "papers", "pdf", "people", "special")  # modules with words that are printed
COMPUTED = """TwilightPoints Storage FunctionDefs InstructionDefs StackElements SizeOfInstructions ComponentElements
Points Contours CompositePoints CompositeContours ComponentDepth"""  # of `maxp`: set on saving, or not used here
LATIN = "".join(map(chr, range(0x20, 0x7F))) + "€£¥·×÷±°—–…‘’“”※★☆●○■□◆△▲→≤≥‰Φ①②③④⑤⑥⑦⑧⑨⑩"


def characters() -> str:
    """Every character that a paper of the demo may need."""
    import opencc

    sources = [*DEMO.glob("texts/*"), *(DEMO / f"{name}.py" for name in PRINTING)]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    to_traditional = opencc.OpenCC("s2hk").convert
    both = text + to_traditional(text) + "".join(map(to_traditional, set(text))) + LATIN
    return "".join(sorted({character for character in both if character.isprintable()} | {"\u3000"}))


def cut(font: str, text: str) -> None:
    """Write one typeface with these characters."""
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.ttLib.scaleUpem import scale_upem

    made = TTFont(NOTO / SOURCES[font], fontNumber=SIMPLIFIED, recalcTimestamp=False)
    options = subset.Options(
        layout_features=[], hinting=False, desubroutinize=True, notdef_outline=True, glyph_names=False, name_IDs=[0, 1, 2, 6, 13, 14]
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(made)
    _to_truetype(made)
    scale_upem(made, UNITS)
    made.save(file_of(font))


def _to_truetype(font: object) -> None:
    """Cubic outlines (CFF) to quadratic ones, which every PDF writer can embed in part."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    order, outlines, glyphs = font.getGlyphOrder(), font.getGlyphSet(), {}  # type: ignore[attr-defined]
    for name in order:
        pen = TTGlyphPen(outlines)
        outlines[name].draw(Cu2QuPen(pen, TOLERANCE, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")  # type: ignore[index]
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, glyphs  # type: ignore[index]
    for tag in ("CFF ", "VORG", "GSUB", "GPOS", "BASE", "GDEF", "vhea", "vmtx"):
        if tag in font:  # type: ignore[operator]
            del font[tag]  # type: ignore[attr-defined]
    _truetype_header(font)


def _truetype_header(font: object) -> None:
    largest = font["maxp"]  # type: ignore[index]
    largest.tableVersion = 0x00010000
    for name in COMPUTED.split():
        setattr(largest, f"max{name}", 0)
    largest.maxZones = 1
    font["post"].formatType = 3.0  # type: ignore[index]
    font.sfntVersion = "\0\1\0\0"  # type: ignore[attr-defined]


if __name__ == "__main__":
    wanted = characters()
    for typeface in SOURCES:
        cut(typeface, wanted)
