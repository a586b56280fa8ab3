"""Looking into a file without reading it whole. It parses nothing: outside the sandbox too."""

import mmap
import re
from pathlib import Path

PICTURE = re.compile(rb"/Subtype\s*/Image\b")  # of the dictionary of a stream, which no PDF packs into another (ISO 32000-1, 7.5.7)


def contains(path: str, needle: bytes) -> bool:
    """Whether the bytes stand anywhere in the file, which is not empty."""
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(needle) >= 0


def holds_picture(path: str) -> bool:
    """Whether a PDF, which is not empty, has a picture among its objects."""
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return PICTURE.search(data) is not None
