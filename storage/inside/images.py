"""TIFF, JPEG, PNG, WebP: every pixel of every page is decoded once. Runs inside the sandbox."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage.inside.refusal import Refused

if TYPE_CHECKING:
    from storage.inside.opening import Limits

MEDIA_TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/tiff": "TIFF"}
TIFF_STARTS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


def candidate(head: bytes) -> str | None:
    """The image format that the first bytes announce."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return "image/tiff" if head.startswith(TIFF_STARTS) else None


def open_image(path: str, media_type: str) -> Any:
    """A Pillow image of exactly that format, not yet decoded; Refused when its header is broken."""
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before anything is decoded
    warnings.simplefilter("ignore")
    try:
        return Image.open(path, formats=[MEDIA_TYPES[media_type]])
    except (UnidentifiedImageError, SyntaxError) as error:
        raise Refused("damaged") from error


def check(path: str, media_type: str, limits: "Limits") -> int:
    """The number of pages; Refused when it is not whole, or over a limit."""
    if media_type == "image/webp":
        _check_length(path)
    with open_image(path, media_type) as image:
        _check_pixels(image, limits)
        if media_type == "image/tiff":
            return _check_frames(image, limits)
        if media_type != "image/jpeg" and getattr(image, "n_frames", 1) > 1:
            raise Refused("animated")
        if media_type == "image/jpeg":
            image.draft(None, (max(1, image.width // 8), max(1, image.height // 8)))  # reads all, keeps an eighth
        _decode(image)
    return 1


def _check_length(path: str) -> None:
    """WebP says at its start how long it is; its decoder does not tell a short file from a broken one."""
    with Path(path).open("rb") as file:
        declared = int.from_bytes(file.read(8)[4:], "little") + 8
    if Path(path).stat().st_size < declared:
        raise Refused("truncated")


def _check_frames(image: Any, limits: "Limits") -> int:
    pages = 0
    while True:
        _check_pixels(image, limits)
        _decode(image)
        pages += 1
        if pages > limits["pages"]:
            raise Refused("too-many-pages", found=f"> {limits['pages']}", limit=limits["pages"])
        try:
            image.seek(pages)
        except EOFError:
            return pages
        except (OSError, SyntaxError, ValueError, KeyError, TypeError) as error:
            raise Refused("damaged", page=pages + 1) from error


def _check_pixels(image: Any, limits: "Limits") -> None:
    pixels = image.width * image.height
    if pixels > limits["megapixels"] * 1_000_000:
        raise Refused("too-many-pixels", found=pixels // 1_000_000, limit=limits["megapixels"])


def _decode(image: Any) -> None:
    try:
        image.load()
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, IndexError) as error:
        raise Refused("truncated" if "truncated" in str(error) else "damaged") from error
