"""`kill -9` while people work: what was answered 201 is there, whole and found in the end; what was not is there whole or not at all.

(STO-2, FND-8, NUM-2, decisions 6 and 7 of docs/architecture.md.) Each test kills one part while four people register.
"""

import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import samples
from tests.crash.caller import CUT, Caller, Sent
from tests.crash.crowd import PATIENCE, PEOPLE_AT_ONCE, Crowd, check_everything, draft
from tests.crash.house import House, until


@pytest.fixture(scope="module")
def running(another: Path) -> Iterator[House]:
    """One portal for this module; parts of it die, it does not."""
    house = House(another)
    try:
        yield house.start()
    finally:
        house.clear()


@pytest.mark.parametrize("victim", ["web", "door", "worker", "reader", "store"])
def test_nothing_acknowledged_is_lost_when_a_part_is_killed(running: House, victim: str) -> None:
    crowd = Crowd(running.caller)
    crowd.start()
    until(lambda: len(crowd.acknowledged()) >= PEOPLE_AT_ONCE, seconds=PATIENCE, what="work under way")
    running.kill(victim)
    crowd.finish()
    check_everything(crowd, running.caller())
    assert running.reconcile().missing == 0


def test_nothing_acknowledged_is_lost_when_everything_is_killed(house: House, new_house: Callable[..., House]) -> None:
    crowd = Crowd(house.caller)
    crowd.start()
    until(lambda: len(crowd.acknowledged()) >= PEOPLE_AT_ONCE, seconds=PATIENCE, what="work under way")
    house.kill_supervisor()
    crowd.stop()
    again = new_house().start()
    check_everything(crowd, again.caller())


def test_a_repeat_after_a_cut_connection_makes_no_second_record(running: House) -> None:
    caller, one = running.caller(), draft(0)
    asked = threading.Thread(target=lambda: _try(caller, one))
    asked.start()
    running.kill("web")
    asked.join()
    until(lambda: _try(running.caller(), one) == 201, what="registered in the end")
    until(lambda: caller.found(f'"{one.title}"') == [one.record], seconds=PATIENCE, what="found once")


def _try(caller: Caller, one: Sent) -> int:
    try:
        return caller.register(one, name="contract.txt", media_type="text/plain")
    except CUT:
        return 0


def test_orphans_of_killed_uploads_are_cleared(running: House) -> None:
    assert running.reconcile().missing == 0
    assert running.reconcile().orphans == 0


def test_a_scan_is_read_in_the_end_when_its_reader_is_killed(running: House) -> None:
    caller = running.caller()
    one = Sent(title=f"扫描 {uuid.uuid4().hex[:12]}", mark="违约金", content=samples.scanned_pdf())
    assert caller.register(one, name="scan.pdf", media_type="application/pdf") == 201
    running.kill("scans")
    running.kill("reader")

    def state() -> str:
        text = caller.json(f"/records/{one.record}/")["version"]["components"][0]["text"]
        assert text["state"] != "failed", text
        return str(text["state"])

    until(lambda: state() == "ready", seconds=PATIENCE, what="the scan is read")
    until(lambda: one.record in caller.found(f'"{one.title}" {one.mark}'), seconds=PATIENCE, what="the scan is found by its text")


def test_numbers_have_no_gap_when_the_web_server_is_killed_while_filing(running: House) -> None:
    archivist, second = running.caller(), running.caller("archivist2")
    drafts = [draft(number) for number in range(12)]
    for one in drafts:
        assert archivist.register(one, name="contract.txt", media_type="text/plain") == 201
        assert second.post(f"/records/{one.record}/review/", {"decision": "accept"}).status == 200
    half = threading.Event()

    def file_all() -> None:
        for place, one in enumerate(drafts):
            if place == len(drafts) // 2:
                half.set()
            until(lambda one=one: _filed(archivist, one), seconds=PATIENCE, what="filed")

    filing = threading.Thread(target=file_all)
    filing.start()
    assert half.wait(PATIENCE)
    running.kill("web")
    filing.join()
    numbers = sorted(archivist.json(f"/records/{one.record}/")["number"] for one in drafts)
    first = int(numbers[0].rsplit("-", 1)[1])
    assert [int(number.rsplit("-", 1)[1]) for number in numbers] == list(range(first, first + len(drafts)))


def _filed(caller: Caller, one: Sent) -> bool:
    """File it; one that was filed before an answer came is refused with 409 now."""
    try:
        return caller.post(f"/records/{one.record}/file/", {}).status in {200, 409}
    except CUT:
        return False
