"""`kill -9` while people work, on PostgreSQL: what `test_kills.py` says of SQLite holds there too."""

import contextlib
from pathlib import Path

import pytest

from tests.crash.crowd import PATIENCE, PEOPLE_AT_ONCE, Crowd, check_everything
from tests.crash.house import House, until
from tests.postgres import NoPostgres, cluster


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        try:
            database = stack.enter_context(cluster())
        except NoPostgres as error:
            pytest.skip(str(error))
        house = House(tmp_path / "var", DATABASE_URL=database)
        stack.callback(house.clear)
        house.start().load_people()
        crowd = Crowd(house.caller)
        crowd.start()
        until(lambda: len(crowd.acknowledged()) >= PEOPLE_AT_ONCE, seconds=PATIENCE, what="work under way")
        for victim in ("web", "worker", "store"):
            house.kill(victim)
        crowd.finish()
        check_everything(crowd, house.caller())
        assert house.end() == 0
