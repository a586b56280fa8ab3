"""Stamped copies of files: every page drawn anew with the stamp burnt in, so that no click takes it off (LND-4, LND-12).

What comes out is a picture of each page: no text, no layer, no form, nothing hidden that the page did not show. Each page is drawn in the
sandbox and given away before the next one is begun: a thousand pages take no more memory than one.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from storage import formats
from storage.pages import drawn

HEAD = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
CATALOG, TREE = 1, 2  # numbers of the objects that stand around the pages


class Leaf(NamedTuple):
    """One page: JPEG, its pixels, whether it is grey, and its size in points."""

    jpeg: bytes
    width: int
    height: int
    grey: bool
    points: tuple[float, float]


def leaves(path: Path, *, media_type: str, pages: int, stamp: Sequence[str]) -> Iterator[Leaf]:
    """The first `pages` pages of a PDF or a picture, one after the other, `stamp` may be empty; raises as `storage.pages.render`."""
    for page in range(1, pages + 1):
        facts, jpeg = drawn("storage.inside.stamping:leaf", path, media_type, page, list(stamp))
        yield Leaf(jpeg, facts["width"], facts["height"], facts["grey"], tuple(facts["points"]))


def picture(path: Path, *, media_type: str, stamp: Sequence[str]) -> bytes:
    """A picture of one page with the stamp, of the same format; raises as `storage.pages.render`."""
    return drawn("storage.inside.stamping:picture", path, media_type, list(stamp)).body


def stamped(path: Path, *, media_type: str, pages: int, stamp: Sequence[str]) -> Iterator[bytes]:
    """The stamped copy in pieces: a PDF of PDF and TIFF, else a picture of the same format (`becomes` tells)."""
    if becomes(media_type) == formats.PDF:
        return as_pdf(leaves(path, media_type=media_type, pages=pages, stamp=stamp))
    return iter([picture(path, media_type=media_type, stamp=stamp)])


def becomes(media_type: str) -> str:
    """The format of the stamped copy of a file of this format."""
    return formats.PDF if media_type in {formats.PDF, formats.TIFF} else media_type


# --- a PDF of pictures ------------------------------------------------------------------------------------------------


def as_pdf(found: Iterable[Leaf]) -> Iterator[bytes]:
    """A PDF in pieces, a page each, as they are asked for (ISO 32000-1, 7.5)."""
    offsets: dict[int, int] = {}
    kids: list[int] = []
    position = len(HEAD)
    yield HEAD
    for leaf in found:
        first = TREE + 1 + 3 * len(kids)
        kids.append(first)
        piece = bytearray()
        for number, body in enumerate(_page(first, leaf), start=first):
            offsets[number] = position + len(piece)
            piece += _object(number, body)
        position += len(piece)
        yield bytes(piece)
    yield _end(offsets, kids, position)


def _page(first: int, leaf: Leaf) -> list[bytes]:
    """Page, what is drawn on it, and its picture; the page is object `first`."""
    wide, high = (f"{side:.2f}" for side in leaf.points)
    page = f"<</Type/Page/Parent {TREE} 0 R/MediaBox[0 0 {wide} {high}]/Contents {first + 1} 0 R"
    page += f"/Resources<</XObject<</P {first + 2} 0 R>>>>>>"
    colours = "DeviceGray" if leaf.grey else "DeviceRGB"
    picture = f"/Type/XObject/Subtype/Image/Width {leaf.width}/Height {leaf.height}/ColorSpace/{colours}"
    picture += "/BitsPerComponent 8/Filter/DCTDecode"
    return [page.encode(), _stream("", f"q {wide} 0 0 {high} 0 0 cm /P Do Q".encode()), _stream(picture, leaf.jpeg)]


def _stream(entries: str, data: bytes) -> bytes:
    return f"<<{entries}/Length {len(data)}>>\nstream\n".encode() + data + b"\nendstream"


def _object(number: int, body: bytes) -> bytes:
    return b"%d 0 obj\n" % number + body + b"\nendobj\n"


def _end(offsets: dict[int, int], kids: list[int], position: int) -> bytes:
    """The tree of pages, the catalogue, the table of places and the trailer."""
    end = bytearray()
    tree = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>".encode()
    for number, body in ((TREE, tree), (CATALOG, f"<</Type/Catalog/Pages {TREE} 0 R>>".encode())):
        offsets[number] = position + len(end)
        end += _object(number, body)
    start = position + len(end)
    end += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
    end += b"".join(b"%010d 00000 n \n" % offsets[number] for number in sorted(offsets))
    end += b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, CATALOG, start)
    return bytes(end)
