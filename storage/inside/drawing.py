"""Pages as pictures: PDF by PDFium, images by Pillow. Runs inside the sandbox."""

import io
from collections.abc import Sequence
from typing import Any, cast

from storage.inside import images
from storage.inside.refusal import Refused

MAX_SIDE = 10_000  # pixels of a drawn page
MAX_PIXELS = 60_000_000
SCAN_SHARE = 0.6  # of a page that one picture covers when it is the scan of that page
LEAST_RESOLUTION = 1.5  # pixels a point: 108 dpi
GREY_TOLERANCE = 20  # of 255 between channels: what a colour scanner makes of black on white
FEW_TONES = 0.9  # share of pixels in the white and black ends: line art, where 16 shades are enough
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
)
STAMP_INK = (96, 96, 96, 72)  # RGBA: legible, yet what lies under it stays so too


def render(path: str, media_type: str, page: int, width: int, stamp: Sequence[str]) -> bytes:
    """PNG of page `page` (from 1), `width` pixels wide, turned as it is meant to be read, `stamp` lines written over it."""
    image = draw(path, media_type, page, lambda wide, _high: width / wide)
    if stamp:
        image = stamped(image, stamp)
    buffer = io.BytesIO()
    _few_colours(image).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def pixels(path: str, media_type: str, page: int, long_side: int) -> tuple[dict[str, Any], bytes]:
    """The raw pixels of a page, its longer side `long_side`, or less where the scan itself has less."""
    image = draw(path, media_type, page, lambda wide, high: long_side / max(wide, high), enlarge=False)
    image = in_grey(image) or image.convert("RGB")
    return {"mode": image.mode, "width": image.width, "height": image.height}, image.tobytes()


def sizes(path: str, media_type: str) -> list[tuple[float, float]]:
    """Width and height of each page as shown: points for PDF, pixels for images."""
    if media_type == "application/pdf":
        return _pdf_sizes(path)
    found = []
    with images.open_image(path, media_type) as image:
        while True:
            turned = image.getexif().get(0x0112, 1) >= 5 and media_type != "image/tiff"
            found.append((image.height, image.width) if turned else image.size)
            if not _next_frame(image, media_type, len(found)):
                return found


def _next_frame(image: Any, media_type: str, number: int) -> bool:
    if media_type != "image/tiff":
        return False
    try:
        image.seek(number)
    except EOFError:
        return False
    return True


def _pdf_sizes(path: str) -> list[tuple[float, float]]:
    import pypdfium2 as pdfium

    with pdfium.PdfDocument(path) as document:
        return [document.get_page_size(index) for index in range(len(document))]


def draw(path: str, media_type: str, page: int, scale: Any, *, enlarge: bool = True) -> Any:
    """A Pillow image of a page, `scale` giving the factor for its own width and height; Refused("no-page") when there is none."""
    drawer = _draw_pdf if media_type == "application/pdf" else _draw_image
    return drawer(path, media_type, page, scale, enlarge)


def _draw_pdf(path: str, _media_type: str, page: int, scale: Any, enlarge: bool) -> Any:
    import pypdfium2 as pdfium

    with pdfium.PdfDocument(path) as document:
        if not 1 <= page <= len(document):
            raise Refused("no-page")
        sheet = document[page - 1]
        size = sheet.get_size()
        factor = _bounded(size, scale(*size))
        if not enlarge:
            factor = min(factor, own_resolution(sheet))
        return sheet.render(scale=factor, draw_annots=True, may_draw_forms=False).to_pil()


def own_resolution(sheet: Any) -> float:
    """Pixels a point of the scan that makes up the page; no bound for other pages."""
    from pypdfium2 import raw

    area = sheet.get_width() * sheet.get_height()
    for picture in sheet.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=3):
        left, bottom, right, top = picture.get_bounds()
        if (right - left) * (top - bottom) > area * SCAN_SHARE:
            pixels = picture.get_px_size()
            return max(LEAST_RESOLUTION, (pixels[0] * pixels[1] / ((right - left) * (top - bottom))) ** 0.5)
    return float("inf")


def _draw_image(path: str, media_type: str, page: int, scale: Any, enlarge: bool) -> Any:
    from PIL import Image, ImageOps

    image = images.open_image(path, media_type)
    if page != 1 and media_type != "image/tiff":
        raise Refused("no-page")
    try:
        image.seek(page - 1)
    except (EOFError, ValueError) as error:
        raise Refused("no-page") from error
    factor = _bounded(image.size, scale(*image.size))
    if media_type == "image/jpeg" and factor < 1:
        image.draft(None, (int(image.width * factor), int(image.height * factor)))
    image = ImageOps.exif_transpose(_plain_mode(image))
    # The factor was of the stored width; turned, or drafted, the page has another.
    factor = _bounded(image.size, scale(*image.size))
    if factor > 1 and not enlarge:
        return image
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _bounded(size: tuple[float, float], factor: float) -> float:
    """No page makes a picture larger than MAX_SIDE or MAX_PIXELS, however long and thin it is."""
    width, height = size
    factor = min(factor, MAX_SIDE / max(width, height, 1e-6))
    drawn = width * height * factor * factor
    return factor if drawn <= MAX_PIXELS else factor * (MAX_PIXELS / drawn) ** 0.5


def _plain_mode(image: Any) -> Any:
    """L or RGB on white, from bilevel, palettes, 16 bit, CMYK and what is transparent."""
    from PIL import Image

    if image.mode in {"L", "RGB"} and "transparency" not in image.info:
        return image
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I") or image.mode == "F":
        return _from_deep(image)
    if image.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in image.info:
        layered = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")
    return image.convert("RGB")


def _from_deep(image: Any) -> Any:
    """More than 8 bits a pixel: 16 bits are brought down to 8, anything else is spread from its lowest to its highest value."""
    deep = image.convert("F")
    low, high = (0, 65535) if image.mode.startswith("I;16") else deep.getextrema()
    factor = 255 / max(high - low, 1e-9)
    return deep.point(lambda value: value * factor - low * factor).convert("L")


def in_grey(image: Any) -> Any | None:
    """The image in greyscale when it has no colour, else None."""
    from PIL import ImageChops

    if image.mode == "L":
        return image
    red, green, blue = image.convert("RGB").split()
    pairs = ((red, green), (green, blue))
    apart = max(cast("tuple[int, int]", ImageChops.difference(one, other).getextrema())[1] for one, other in pairs)
    return None if apart > GREY_TOLERANCE else green


def _few_colours(image: Any) -> Any:
    """As few bits as show the page: 16 greys for line art, 256 greys, a palette for coloured pages."""
    grey = in_grey(image)
    if grey is None:
        from PIL import Image

        return image.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    histogram = grey.histogram()
    if sum(histogram[:48]) + sum(histogram[216:]) < FEW_TONES * grey.width * grey.height:
        return grey
    shades = grey.point([round(value / 17) for value in range(256)])
    shades = shades.convert("P")
    shades.putpalette([level * 17 for level in range(16) for _channel in range(3)])
    shades.info["bits"] = 4
    return shades


def stamped(image: Any, lines: Sequence[str]) -> Any:
    """The image with the lines, turned, again and again over the whole page, so that no cut leaves them off."""
    from PIL import Image

    base = image.convert("RGBA")
    tile = _tile(lines, max(12, base.width // 45)).rotate(30, expand=True, resample=Image.Resampling.BICUBIC)
    layer = Image.new("RGBA", base.size)
    for row, top in enumerate(range(-tile.height // 2, base.height, tile.height)):
        for left in range(-(row % 2) * tile.width // 2, base.width, tile.width):
            layer.alpha_composite(tile, (max(0, left), max(0, top)), (max(0, -left), max(0, -top)))
    return Image.alpha_composite(base, layer).convert("RGB")


def _tile(lines: Sequence[str], size: int) -> Any:
    from PIL import Image, ImageDraw

    font, text = _font(size), "\n".join(lines)
    left, top, right, bottom = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox((0, 0), text, font=font, align="center")
    tile = Image.new("RGBA", (int(right - left) + 3 * size, int(bottom - top) + 3 * size), (255, 255, 255, 0))
    ImageDraw.Draw(tile).multiline_text((1.5 * size - left, 1.5 * size - top), text, font=font, fill=STAMP_INK, align="center")
    return tile


def _font(size: int) -> Any:
    from PIL import ImageFont

    for path in FONTS:
        try:
            return ImageFont.truetype(path, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
