"""Watching the free space: the store refuses on a full disk before the disk is full, and people should hear of it before."""

import shutil
from collections.abc import Callable
from pathlib import Path

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
