"""`serve` as a whole: it comes up, keeps its parts alive, ends when asked, and leaves nothing behind (STO-1, STO-2)."""

import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crash.house import House, until

PARTS = ["web", "worker", "scheduler", "store"]


@pytest.fixture(scope="module")
def standing(another: Path) -> Iterator[House]:
    """One portal for the tests that it survives."""
    house = House(another)
    try:
        yield house.start()
    finally:
        house.clear()


def answers(house: House) -> bool:
    """Whether the portal answers at all; a redirect to the sign-in page is an answer."""
    try:
        with urllib.request.urlopen(house.url(), timeout=5) as answer:
            return answer.status < 500
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_status_0_and_leaves_no_process(house: House, number: int) -> None:
    assert answers(house)
    assert house.end(number, seconds=15) == 0
    assert house.left_behind() == []
    assert "ended" not in house.said(), "a part ended before it was asked to"


def test_it_ends_with_status_0_while_it_starts(new_house: Callable[..., House]) -> None:
    house = new_house().start(wait=False)
    until(lambda: house.part("prepare") or house.url())
    assert house.end(seconds=15) == 0
    assert house.left_behind() == []


def test_a_second_start_on_the_same_folder_is_refused_with_a_sentence(standing: House, new_house: Callable[..., House]) -> None:
    second = new_house(data=standing.data).start(wait=False)
    until(second.ended, seconds=20)
    assert second.end() != 0
    assert str(standing.pid) in second.said()
    assert "Traceback" not in second.said()
    assert answers(standing)


def test_a_port_in_use_is_refused_with_a_sentence(new_house: Callable[..., House]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        house = new_house("--port", str(taken.getsockname()[1])).start(wait=False)
        until(house.ended, seconds=20)
    assert house.end() != 0
    assert "--port" in house.said()
    assert "Traceback" not in house.said()


def test_the_demo_is_refused_on_other_addresses_than_loopback(new_house: Callable[..., House]) -> None:
    house = new_house("--demo", "--host", "0.0.0.0").start(wait=False)
    until(house.ended, seconds=20)
    assert house.end() != 0
    assert "loopback" in house.said() or "127.0.0.1" in house.said()


@pytest.mark.parametrize("name", PARTS)
def test_a_killed_part_is_started_again(standing: House, name: str) -> None:
    killed = standing.kill(name)
    find = standing.store if name == "store" else lambda: standing.part(name)
    until(lambda: (found := find()) and found.pid != killed.pid, what=f"{name} again")
    until(lambda: answers(standing), what="the portal answers")
    assert f"{name} ended (signal SIGKILL)" in standing.said()


def test_nothing_outlives_a_killed_supervisor_and_it_starts_again_at_once(house: House, new_house: Callable[..., House]) -> None:
    assert house.family()
    house.kill_supervisor()
    again = new_house().start(wait=False)
    until(lambda: not house.remains(), seconds=10, what="every process of the killed one gone")
    until(lambda: again.ended() or again.url(), seconds=120, what="ready again")
    assert answers(again), again.said()
