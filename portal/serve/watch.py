"""What the supervisor keeps an eye on: free space, and a store that lives but no longer answers.

The store refuses on a full disk before the disk is full, and then hears no SIGTERM any more (docs/architecture.md, decision 10).
"""

import shutil
from collections.abc import Callable
from pathlib import Path

SILENT = 4  # looks in a row without an answer
LEVELS = (
    (256 * 1024**2, "Almost no room is left: {free} MB beside {path}. Uploads will be refused; free space now."),
    (2 * 1024**3, "Little room is left: {free} MB beside {path}. Free space or move the data folder."),
)
"""Bytes free, and what is said once when there are fewer: the store stops to write below 1 % or so of the disk."""


def watch_space(path: Path, say: Callable[[str], None]) -> Callable[[], None]:
    """A look at the free space that speaks when it falls below a level, and again only when it has recovered in between."""
    heard = len(LEVELS)

    def look() -> None:
        nonlocal heard
        level = level_of(shutil.disk_usage(path).free)
        if level < heard:
            say(LEVELS[level][1].format(free=shutil.disk_usage(path).free // 1024**2, path=path))
        heard = level

    return look


def level_of(free: int) -> int:
    """Index of the first level that so many free bytes fall below; the number of levels when there is room."""
    return next((index for index, (limit, _sentence) in enumerate(LEVELS) if free < limit), len(LEVELS))


class Pulse:
    """Ends what lives but has not answered for several looks in a row, so that it is started again."""

    def __init__(self, answers: Callable[[], bool | None], end: Callable[[], None]) -> None:
        """`answers`: whether it answers now; None while it is not expected to."""
        self._answers = answers
        self._end = end
        self._silent = 0

    def look(self) -> None:
        """One look."""
        self._silent = self._silent + 1 if self._answers() is False else 0
        if self._silent >= SILENT:
            self._silent = 0
            self._end()
