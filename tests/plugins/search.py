"""The index of the tests: empty before each test that looks, since what a test wrote outlives its rolled-back database."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(autouse=True)
def fresh_index() -> Iterator[None]:
    """Drop what this test wrote, if it wrote anything, and the names that it made."""
    yield
    if "search.labels" in sys.modules:
        sys.modules["search.labels"].forget()
    folder = Path(settings.MUNIMENT_DATA) / "index"
    if folder.exists():
        from search import engines

        engines._made.cache_clear()
        shutil.rmtree(folder, ignore_errors=True)
