"""What a scanner makes of a page: turned a little, grey, grainy, with the edges of a copy; as PDF, TIFF or JPEG."""

import io
import random
import time
from collections.abc import Sequence

import numpy
import pypdfium2
from PIL import Image

from portal.demo.pdf import Skew

INK = 18  # brightness of ink: not quite black
PAPER = 246  # brightness of paper under the lamp, of 255
GRAIN = 5.0  # standard deviation of the sensor's noise
TURN = 0.9  # degrees of skew at most
SHIFT = 4.0  # points off the middle at most
FADED = [INK + value * (PAPER - INK) // 255 for value in range(256)]
POINTS = 72  # per inch
MOMENT = time.gmtime(1_767_600_000)  # 5 January 2026: fixed, so that the bytes are the same each time


def skews(count: int, rng: random.Random) -> list[Skew]:
    """How so many pages lie on the glass: never quite straight."""
    return [(rng.uniform(-TURN, TURN), rng.uniform(-SHIFT, SHIFT), rng.uniform(-SHIFT, SHIFT)) for _ in range(count)]


def page_images(pdf: bytes, *, dpi: int, colour: bool) -> list[Image.Image]:
    """The pages of a PDF as pictures."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / POINTS, grayscale=not colour).to_pil().convert("RGB" if colour else "L") for page in document]
    finally:
        document.close()


def scanned(pages: Sequence[Image.Image], rng: random.Random) -> list[Image.Image]:
    """Each page as it came out of the scanner."""
    return [_one(page, rng) for page in pages]


def _one(page: Image.Image, rng: random.Random) -> Image.Image:
    noise = numpy.random.Generator(numpy.random.SFC64(rng.randrange(2**32)))
    pixels = numpy.asarray(page.point(FADED * len(page.getbands())), dtype=numpy.int16)
    height, width = pixels.shape[:2]
    shade = numpy.linspace(rng.uniform(-9, 3), rng.uniform(-9, 3), width, dtype=numpy.float32).astype(numpy.int16)
    grain = _grain(noise, height, width)
    both = grain + shade[None, :]
    pixels = pixels + (both[..., None] if pixels.ndim == 3 else both)
    _specks(pixels, rng)
    return Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))


def _grain(noise: numpy.random.Generator, height: int, width: int) -> numpy.ndarray:
    """Noise of a tile, laid out over the page: making it anew for each pixel would take half of the time."""
    tile = (noise.standard_normal((256, 256), dtype=numpy.float32) * GRAIN).astype(numpy.int16)
    return numpy.tile(tile, (height // 256 + 1, width // 256 + 1))[:height, :width]


def _specks(pixels: numpy.ndarray, rng: random.Random) -> None:
    """Dust on the glass, and now and then the shadow of a staple."""
    height, width = pixels.shape[:2]
    for _ in range(rng.randint(4, 18)):
        x, y, size = rng.randrange(width - 4), rng.randrange(height - 4), rng.randint(1, 3)
        pixels[y : y + size, x : x + size] = rng.randint(60, 150)
    if rng.random() < 0.3:
        pixels[70:76, 60:130] = 95


def as_pdf(pages: Sequence[Image.Image], *, dpi: int, quality: int = 55) -> bytes:
    """Pictures in a PDF without any text."""
    out = io.BytesIO()
    first, *rest = pages
    first.save(
        out, "PDF", save_all=True, append_images=rest, resolution=dpi, quality=quality, producer="Muniment demo scanner",
        creationDate=MOMENT, modDate=MOMENT,
    )  # fmt: skip
    return out.getvalue()


def as_tiff(pages: Sequence[Image.Image], *, dpi: int) -> bytes:
    """A multi-page TIFF in black and white, as fax machines and old scanners write it (CCITT group 4)."""
    out = io.BytesIO()
    first, *rest = [page.convert("L").point(lambda value: 255 if value > 150 else 0).convert("1") for page in pages]
    first.save(out, "TIFF", save_all=True, append_images=rest, compression="group4", dpi=(dpi, dpi))
    return out.getvalue()


def as_jpeg(page: Image.Image, *, dpi: int, quality: int = 60) -> bytes:
    """One page as a photograph-like file."""
    out = io.BytesIO()
    page.save(out, "JPEG", quality=quality, dpi=(dpi, dpi))
    return out.getvalue()
