"""What the walks of desk and API find."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.portal import walked
from tests.portal.worlds import another_world


@pytest.fixture(scope="module")
def it(django_db_setup: None, django_db_blocker: Any, store: Path) -> Iterator[SimpleNamespace]:
    """One thing in each state, made once for a module: its tests leave all as it was, each request in `another_world`."""
    with django_db_blocker.unblock(), another_world():
        yield walked.things()
