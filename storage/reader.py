"""A seekable stream over sealed segments."""

import io
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from storage.crypto import Segment, segment_at


class _Segments(io.RawIOBase):
    """Keeps the segment it read last: what reads on, or goes back a little, costs no request."""

    def __init__(self, *, size: int, segment: Callable[[Segment], bytes]) -> None:
        super().__init__()
        self._size, self._fetch = size, segment
        self._at = 0
        self._held: tuple[Segment, bytes] | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("negative position")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._size == 0:
            self._plain(segment_at(0, plain_size=0))  # an empty content has a seal too
        if self._at >= self._size:
            return 0
        segment = segment_at(self._at, plain_size=self._size)
        offset = self._at - segment.plain_start
        piece = memoryview(self._plain(segment))[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _plain(self, segment: Segment) -> bytes:
        if self._held is None or self._held[0] != segment:
            self._held = (segment, self._fetch(segment))
        return self._held[1]


def SealedReader(*, size: int, segment: Callable[[Segment], bytes]) -> BinaryIO:  # noqa: N802 - stands for the class
    """The plain content of `size` bytes; `segment` fetches and opens one. Reading may raise what `segment` raises."""
    return cast(BinaryIO, io.BufferedReader(_Segments(size=size, segment=segment), buffer_size=64 * 1024))
