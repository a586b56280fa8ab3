"""How good a scan is: resolution, skew, blank and doubled pages (DA/T 31, CAP-14). Runs inside the sandbox."""

import math
from array import array
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Any, TypedDict

from storage.inside import drawing, images
from storage.inside.looking import holds_picture

WIDE = 500  # pixels of the picture a page is judged by
PRINT = 110  # of 255: darker is ink
BLANK = 0.0008  # share of ink below which a page is blank: specks, a punch hole's edge
NARROW = 0.3  # share of the page's width: lines shorter than that do not tell how they lie
STANDS_OUT = 1.3  # times the median of all angles
SKEWS = 6.0  # degrees to either side that are looked at
FINGERPRINT = (48, 64)  # pixels of the picture by which doubled pages are told
DOUBLED = 0.018  # mean difference (of 1): a page taken twice had 0.009, different pages of print 0.037 and more
A4_LONG, A4_SHAPE = 11.69, 2**0.5  # inches; long by short side
ORIENTATION = 0x0112


class PageVerdict(TypedDict):
    """`dpi`: None where neither the file nor the page's shape tells; `skew` in degrees clockwise; `doubles`: the page that it repeats."""

    page: int
    dpi: int | None
    skew: float
    blank: bool
    doubles: int | None


def judge(path: str, media_type: str) -> list[PageVerdict]:
    """A verdict for each page that is a scan; pages of a PDF that are not scans have none."""
    verdicts: list[PageVerdict] = []
    before: Any = None
    for number, dpi, page in _scans(path, media_type):
        ink = page.point(lambda value: 255 if value < PRINT else 0)
        blank = _share(ink) < BLANK
        mark = page.resize(FINGERPRINT)
        doubles = number - 1 if before is not None and not blank and _apart(before, mark) < DOUBLED else None
        verdicts.append({"page": number, "dpi": dpi, "skew": 0.0 if blank else _skew(ink), "blank": blank, "doubles": doubles})
        before = mark
    return verdicts


def _scans(path: str, media_type: str) -> Iterator[tuple[int, int | None, Any]]:
    """Number, resolution and a small grey picture of each scanned page."""
    if media_type == "application/pdf":
        yield from _pdf_scans(path)
        return
    with images.open_image(path, media_type) as image:
        for number in range(1, getattr(image, "n_frames", 1) + 1 if media_type == "image/tiff" else 2):
            image.seek(number - 1)
            dpi = _image_dpi(image)
            yield number, dpi, _small(drawing.draw(path, media_type, number, lambda wide, _high: WIDE / wide))


def _pdf_scans(path: str) -> Iterator[tuple[int, int | None, Any]]:
    import pypdfium2 as pdfium

    if not holds_picture(path):
        return
    with pdfium.PdfDocument(path) as document:
        for number, sheet in enumerate(document, 1):
            resolution = drawing.own_resolution(sheet)
            if math.isfinite(resolution):
                yield number, round(resolution * 72), _small(sheet.render(scale=WIDE / sheet.get_width()).to_pil())


def _small(image: Any) -> Any:
    return image.convert("L")


def _image_dpi(image: Any) -> int | None:
    """As the file says; else as it would be if the page is A4."""
    said = image.info.get("dpi", (0, 0))[0]
    if said and float(said) > 72:
        return round(float(said))
    long, short = max(image.size), min(image.size)
    return round(long / A4_LONG) if abs(long / short - A4_SHAPE) < 0.03 else None


def _share(ink: Any) -> float:
    histogram = ink.histogram()
    return histogram[255] / max(1, sum(histogram))


def _apart(one: Any, other: Any) -> float:
    from PIL import ImageChops

    histogram = ImageChops.difference(one, other).histogram()
    return sum(value * count for value, count in enumerate(histogram)) / (255 * sum(histogram))


def _skew(ink: Any) -> float:
    """The angle by which lines of print fall to the right: turned back by it, rows of pixels differ most. 0 where no angle stands out."""
    left, _top, right, _bottom = ink.getbbox()
    if right - left < ink.width * NARROW:
        return 0.0
    exact = ink.convert("F")  # a row with little print would be rounded away
    stripes: dict[float, float] = {step - SKEWS: _stripes(exact, step - SKEWS) for step in range(int(2 * SKEWS) + 1)}
    rough = _best(stripes)
    if stripes[rough] < STANDS_OUT * median(stripes.values()):
        return 0.0
    fine: dict[float, float] = {rough + step / 5: _stripes(exact, rough + step / 5) for step in range(-4, 5)}
    return round(_best(fine), 1)


def _best(stripes: dict[float, float]) -> float:
    return max(stripes.items(), key=lambda item: item[1])[0]


def _stripes(ink: Any, angle: float) -> float:
    """How striped the page is when it is turned back by `angle`."""
    rows = array("f", ink.rotate(angle).resize((1, ink.height), 4).tobytes())  # 4: mean of each row
    return float(sum((one - other) ** 2 for one, other in pairwise(rows)))
