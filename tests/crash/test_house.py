"""`serve` as a whole: it comes up, keeps its parts alive, ends when asked, and leaves nothing behind (STO-1, STO-2)."""

import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest

from tests.crash.house import House, until

PARTS = ["web", "worker", "scheduler", "store"]


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


def test_it_ends_with_status_0_while_it_starts(new_house: Callable[..., House]) -> None:
    house = new_house().start(wait=False)
    until(lambda: house.part("prepare") or house.url())
    assert house.end(seconds=15) == 0
    assert house.left_behind() == []


def test_a_second_start_on_the_same_folder_is_refused_with_a_sentence(house: House, new_house: Callable[..., House]) -> None:
    second = new_house().start(wait=False)
    until(second.ended, seconds=20)
    assert second.end() != 0
    assert str(house.pid) in second.said()
    assert "Traceback" not in second.said()
    assert answers(house)


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
def test_a_killed_part_is_started_again(house: House, name: str) -> None:
    killed = house.kill(name)
    find = house.store if name == "store" else lambda: house.part(name)
    until(lambda: (found := find()) and found.pid != killed.pid, what=f"{name} again")
    until(lambda: answers(house), what="the portal answers")
    assert f"{name} ended (signal SIGKILL)" in house.said()


def test_nothing_outlives_a_killed_supervisor(house: House) -> None:
    assert house.family()
    house.kill_supervisor()
    until(lambda: not house.left_behind(), seconds=10, what="every process gone")


def test_it_starts_again_right_after_it_was_killed(house: House, new_house: Callable[..., House]) -> None:
    house.kill_supervisor()
    assert answers(new_house().start())
