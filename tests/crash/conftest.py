"""Houses for the crash tests: one that is up for a whole module, and new ones for tests that end it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crash.house import House


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that has been served once, with the demo's people and no records: the next start is short."""
    data = tmp_path_factory.mktemp("house") / "var"
    house = House(data).start()
    try:
        house.load_people()
        assert house.end() == 0, house.said()
    finally:
        house.clear()
    return data


@pytest.fixture(scope="session")
def another(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the prepared folder, without pipes and sockets."""
    target = tmp_path_factory.mktemp("another") / "var"
    return Path(shutil.copytree(prepared, target, ignore=shutil.ignore_patterns("*.nudge", "*.sock")))


@pytest.fixture
def house(prepared: Path) -> Iterator[House]:
    """A running portal on the prepared folder."""
    running = House(prepared)
    try:
        yield running.start()
    finally:
        running.clear()


@pytest.fixture
def new_house(prepared: Path) -> Iterator[Callable[..., House]]:
    """Makes portals that are not started yet."""
    made: list[House] = []

    def make(*arguments: str, data: Path | None = None, **environment: str) -> House:
        made.append(House(data or prepared, *arguments, **environment))
        return made[-1]

    yield make
    for one in made:
        one.clear()
