"""Whole pages with a stamp burnt in, as JPEG: what a stamped copy is made of. Runs inside the sandbox."""

import io
from collections.abc import Sequence
from typing import Any

from storage.inside import drawing, images

POINTS = 72  # an inch
DPI = 200  # of a page that is drawn anew: legible in print, a third of a megabyte for a page of text
QUALITY = 85  # JPEG: the artefacts of less are seen around small characters


def leaf(path: str, media_type: str, page: int, stamp: Sequence[str]) -> tuple[dict[str, Any], bytes]:
    """One page (from 1): JPEG, with its pixels, whether it is grey, and its size in points."""
    own = _resolution(path, media_type)
    image = drawing.draw(path, media_type, page, lambda _wide, _high: DPI / own, enlarge=media_type == "application/pdf")
    across = DPI if media_type == "application/pdf" or own > DPI else own
    image = _grey_or_coloured(drawing.stamped(image, stamp) if stamp else image)
    points = [side * POINTS / across for side in image.size]
    return {"width": image.width, "height": image.height, "grey": image.mode == "L", "points": points}, _saved(image, "JPEG")


def _resolution(path: str, media_type: str) -> float:
    """Pixels an inch as the file says; DPI where it says nothing that can be. A PDF is measured in points."""
    if media_type == "application/pdf":
        return POINTS
    with images.open_image(path, media_type) as image:
        said = float((image.info.get("dpi") or (0, 0))[0])
    return said if 50 <= said <= 2400 else DPI


def picture(path: str, media_type: str, stamp: Sequence[str]) -> bytes:
    """A picture with the stamp, in its own pixels and kind."""
    image = drawing.stamped(drawing.draw(path, media_type, 1, lambda _wide, _high: 1.0), stamp)
    return _saved(image, images.MEDIA_TYPES[media_type])


def _grey_or_coloured(image: Any) -> Any:
    grey = drawing.in_grey(image)
    return image.convert("RGB") if grey is None else grey


def _saved(image: Any, kind: str) -> bytes:
    buffer = io.BytesIO()
    options = {"quality": QUALITY} if kind in {"JPEG", "WEBP"} else {}
    image.save(buffer, kind, **options)
    return buffer.getvalue()
