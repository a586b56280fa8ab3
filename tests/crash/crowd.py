"""People who register at once while something is killed, and what must hold afterwards (STO-2)."""

import threading
import uuid
from collections.abc import Callable

from tests.crash.caller import CUT, Caller, Sent
from tests.crash.house import until

PEOPLE_AT_ONCE = 4
EACH = 5  # records that each of them registers at least
PATIENCE = 180  # seconds until everything acknowledged is found, on a machine that is busy with other things


def draft(number: int) -> Sent:
    """A small text with a mark of its own in it."""
    mark = "".join(chr(0x4E00 + byte * 16) for byte in uuid.uuid4().bytes[:8])
    return Sent(title=f"合同 {uuid.uuid4().hex[:12]}", mark=mark, content=f"第{number}号。标记为{mark}的合同。".encode())


class Crowd:
    """People who register at once, whatever happens, until each has had enough acknowledged."""

    def __init__(self, call: Callable[[], Caller]) -> None:
        self.sent: list[Sent] = []
        self._call = call
        self._threads = [threading.Thread(target=self._register) for _person in range(PEOPLE_AT_ONCE)]
        self._enough = threading.Event()

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def acknowledged(self) -> list[Sent]:
        """What was answered 201."""
        return [one for one in list(self.sent) if one.record]

    def finish(self) -> None:
        """Wait until each has registered enough since the beginning."""
        until(lambda: len(self.acknowledged()) >= PEOPLE_AT_ONCE * EACH, seconds=PATIENCE, what="enough registered")
        self.stop()

    def stop(self) -> None:
        """No more."""
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def _register(self) -> None:
        caller = self._call()
        while not self._enough.is_set() and len(self.sent) < 2000:
            one = draft(len(self.sent))
            self.sent.append(one)
            try:
                caller.register(one, name="contract.txt", media_type="text/plain")
            except CUT:
                self._enough.wait(0.1)


def check_everything(crowd: Crowd, caller: Caller) -> None:
    """All that was acknowledged is whole and found; the rest is whole or not there at all, and never twice."""
    for one in crowd.acknowledged():
        until(lambda one=one: one.record in caller.found(one.mark), seconds=PATIENCE, what=f"{one.title} found by its text")
        assert caller.holds_whole(one.record, one)
    for one in crowd.sent:
        there = caller.found(f'"{one.title}"')
        assert len(there) <= 1
        assert all(caller.holds_whole(record, one) for record in there)
