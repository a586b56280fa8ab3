"""The garbage collector looks seldom, and never at what was imported: it took a sixth of the time of a run."""

import gc

import pytest

SELDOM = (20_000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """From here on everything that stays stands apart."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
