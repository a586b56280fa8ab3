"""Pages as pictures: the right page, the right way up, in the width asked for; formats without pages have none (CAP-2, PRT-4)."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from storage import pages
from storage.errors import NotAccepted
from storage.formats import DOCX, JPEG, PDF, PNG, TIFF, TXT
from tests import samples


def lying(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(data)
    return path


def rendered(path: Path, **options: object) -> Image.Image:
    return Image.open(io.BytesIO(pages.render(path, **options)))  # type: ignore[arg-type]


def corner_marked(*, mode: str = "RGB") -> Image.Image:
    """White with a black left upper corner."""
    image = Image.new("RGB", (200, 300), "white")
    ImageDraw.Draw(image).rectangle((0, 0, 60, 60), fill="black")
    return image.convert(mode)


def dark_corner(image: Image.Image) -> str:
    grey, (width, height) = image.convert("L"), image.size
    corners = {"left upper": (9, 9), "right upper": (width - 9, 9), "left lower": (9, height - 9), "right lower": (width - 9, height - 9)}
    return ", ".join(name for name, place in corners.items() if grey.getpixel(place) < 100)


def test_pdf_page_has_the_width_asked_for_and_few_bits(tmp_path: Path) -> None:
    path = lying(tmp_path, samples.text_pdf())
    page = rendered(path, media_type=PDF, page=2, width=800)
    assert page.width == 800
    assert page.height == pytest.approx(800 * 2**0.5, abs=2)
    assert page.mode == "P"
    assert page.convert("L").getextrema() == (0, 255)


def test_each_page_of_a_tiff_is_its_own(tmp_path: Path) -> None:
    shades = [Image.new("L", (100, 140), shade) for shade in (0, 128, 255)]
    path = lying(tmp_path, samples.saved(shades[0], "TIFF", save_all=True, append_images=shades[1:]))
    middle = [rendered(path, media_type=TIFF, page=number, width=50).convert("L").getpixel((25, 35)) for number in (1, 2, 3)]
    assert middle == [0, pytest.approx(128, abs=9), 255]
    assert pages.sizes(path, media_type=TIFF) == [(100, 140)] * 3


@pytest.mark.parametrize(("turned", "corner"), [(0, "left upper"), (90, "right upper"), (180, "right lower"), (270, "left lower")])
def test_pdf_pages_are_turned_as_their_file_says(tmp_path: Path, turned: int, corner: str) -> None:
    path = lying(tmp_path, samples.scanned_pdf([corner_marked()], turned=turned))
    page = rendered(path, media_type=PDF, page=1, width=300)
    assert dark_corner(page) == corner
    ((width, height),) = pages.sizes(path, media_type=PDF)
    assert (width > height) == (turned in {90, 270})


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG"])
def test_photographs_are_turned_as_the_camera_was(tmp_path: Path, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90° clockwise
    path = lying(tmp_path, samples.saved(corner_marked(), kind, exif=exif))
    media_type = f"image/{kind.lower()}"
    page = rendered(path, media_type=media_type, page=1, width=150)
    assert (page.size, dark_corner(page)) == ((150, 100), "right upper")
    ((width, height),) = pages.sizes(path, media_type=media_type)
    assert width / height == pytest.approx(1.5)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_every_kind_of_pixel_is_shown(tmp_path: Path, mode: str) -> None:
    image = corner_marked(mode="L").convert("I;16").point(lambda value: value * 257) if mode == "I;16" else corner_marked(mode=mode)
    page = rendered(lying(tmp_path, samples.saved(image, "PNG")), media_type=PNG, page=1, width=100)
    assert dark_corner(page) == "left upper"
    assert page.convert("L").getpixel((90, 140)) > 240


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    path = lying(tmp_path, samples.saved(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"))
    assert rendered(path, media_type=PNG, page=1, width=50).convert("L").getextrema() == (255, 255)


def test_colour_stays_and_grey_scans_are_grey(tmp_path: Path) -> None:
    seal = samples.page_image().convert("RGB")
    ImageDraw.Draw(seal).ellipse((800, 1200, 1100, 1500), outline="red", width=12)
    page = rendered(lying(tmp_path, samples.saved(seal, "JPEG")), media_type=JPEG, page=1, width=1240)
    red, green, _blue = page.convert("RGB").getpixel((806, 1350))
    assert red > green + 100
    grey = rendered(lying(tmp_path, samples.saved(samples.page_image().convert("RGB"), "JPEG")), media_type=JPEG, page=1, width=620)
    assert grey.convert("RGB").getcolors(256) is not None
    assert all(red == green == blue for _count, (red, green, blue) in grey.convert("RGB").getcolors(256))


def test_the_stamp_lies_over_the_whole_page_and_leaves_it_legible(tmp_path: Path) -> None:
    path = lying(tmp_path, samples.blank_pdf())
    page = rendered(path, media_type=PDF, page=1, width=600, stamp=["张三", "2026-03-05 09:30"]).convert("L")
    for left in range(0, 600, 300):
        for top in range(0, 800, 280):
            darkest, _lightest = page.crop((left, top, left + 300, top + 280)).getextrema()
            assert 150 < darkest < 250


def test_formats_without_pages_and_pages_that_are_not_there(tmp_path: Path) -> None:
    path = lying(tmp_path, samples.docx())
    for media_type in (DOCX, TXT):
        with pytest.raises(pages.NoPages):
            pages.render(path, media_type=media_type, page=1, width=100)
    scan = lying(tmp_path, samples.blank_pdf(2))
    for number in (0, 3, -1):
        with pytest.raises(pages.PageNotFound):
            pages.render(scan, media_type=PDF, page=number, width=100)
    picture = lying(tmp_path, samples.tiff(2))
    with pytest.raises(pages.PageNotFound):
        pages.render(picture, media_type=TIFF, page=3, width=100)


def test_a_page_miles_long_makes_no_picture_of_that_size(tmp_path: Path) -> None:
    path = lying(tmp_path, samples.blank_pdf().replace(b"595.28", b"14.400").replace(b"841.89", b"14400."))
    page = rendered(path, media_type=PDF, page=1, width=1000)
    assert max(page.size) <= 10_000


def test_a_broken_file_is_refused_not_drawn(tmp_path: Path) -> None:
    with pytest.raises(NotAccepted):
        pages.render(lying(tmp_path, b"%PDF-1.7 nothing"), media_type=PDF, page=1, width=100)
