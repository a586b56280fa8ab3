"""Search engines behind one interface (`base.Engine`); which of them is a setting."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from search.engines.base import Engine


def engine() -> Engine:
    """The engine of the settings (SEARCH_URL). Raises ImproperlyConfigured for one that there is not."""
    return _made(settings.SEARCH_URL, Path(settings.MUNIMENT_DATA))


@lru_cache(maxsize=4)
def _made(url: str, data: Path) -> Engine:
    if url != "embedded:":
        raise ImproperlyConfigured(f"SEARCH_URL is “{url}”; this version has the embedded engine only: SEARCH_URL=embedded:")
    from search.engines.embedded import EmbeddedEngine

    return EmbeddedEngine(data / "index")
