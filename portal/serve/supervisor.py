"""Keeps the parts running: starts them, notices a death, starts again with back-off, ends all of them in order."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field

from portal.serve import processes
from portal.serve.errors import PartFailed
from portal.serve.output import Terminal
from portal.serve.processes import Child, Run

HEARD = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
TICK = 0.5  # seconds between looks at logs and restarts; a death or a signal is heard at once
STEADY = 60.0  # seconds after which an earlier death no longer lengthens the pause
LONGEST_PAUSE = 30.0  # seconds
TRIES = 5  # deaths during start-up after which the part is given up


class Stop(Exception):  # noqa: N818 - not an error: the person asked for the end
    """SIGTERM, SIGINT or SIGHUP came."""


def _said_ready(child: Child) -> bool:
    return child.poll_ready()


@dataclass(kw_only=True)
class Part:
    """One supervised process.

    `once`: it is ready when it has ended with status 0, and is not started again. `follow_up`: run once whenever this part
    has come up, which is ready only after it; a follow-up that fails ends its part, which is then started again.
    """

    name: str
    run: Run
    probe: Callable[[Child], bool] = _said_ready
    follow_up: "Part | None" = None
    once: bool = False
    shown: bool = True
    patience: float = 60.0  # seconds from the start until it must be ready
    grace: float = 8.0  # seconds from SIGTERM to SIGKILL
    child: Child | None = None
    answering: bool = False  # its probe went well
    ask_at: float = 0.0  # when to probe again
    message: str = ""  # what the child said when it was ready
    ready: bool = False
    was_ready: bool = False
    deaths: int = 0
    start_at: float | None = field(default=None)


@dataclass(kw_only=True)
class Duty:
    """Something the supervisor looks after itself, every `period` seconds; it must return within a second."""

    period: float
    look: Callable[[], None]
    due: float = 0.0


class Supervisor:
    """The parent of all parts. Use from the main thread only; `close` names descriptors that no part may keep."""

    def __init__(self, terminal: Terminal, *, close: Sequence[int] = ()) -> None:
        self.terminal = terminal
        self.parts: list[Part] = []
        self.duties: list[Duty] = [Duty(period=60, look=terminal.rotate)]
        self._close = list(close)
        self._unmasked = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        processes.adopt_orphans()

    def start(self, part: Part) -> None:
        """Start a part, now and whenever it dies."""
        if part not in self.parts:
            self.parts.append(part)
        part.start_at, part.ready, part.answering, part.ask_at = None, False, False, 0.0
        if part.follow_up:
            part.follow_up.ready = False
        log = self.terminal.log_of(part.name, shown=part.shown)
        part.child = processes.fork(part.name, part.run, log=log, close=self._close)

    def wait_for(self, *parts: Part) -> None:
        """Return when all of these are ready. Raises PartFailed when one does not come up, Stop when a signal came."""
        while not all(part.ready for part in parts):
            self.tick(0.02)
            for part in parts:
                self._give_up_on_the_late(part)

    def watch(self) -> None:
        """Run until a signal asks for the end (raises Stop)."""
        while True:
            self.tick(TICK)

    def tick(self, seconds: float) -> None:
        """Wait for an event, at most so long, and do what it asks for."""
        heard = signal.sigtimedwait(HEARD, seconds)
        if heard and heard.si_signo != signal.SIGCHLD:
            raise Stop
        self._bury(processes.reap())
        now = time.monotonic()
        for part in self.parts:
            if part.start_at is not None and now >= part.start_at:
                self.start(part)
            self._probe(part)
        self._do_duties(now)
        self.terminal.pump()

    def end_silent(self, part: Part) -> None:
        """Kill a part that lives but does not answer; it is then started again."""
        self.terminal.say(f"{part.name} does not answer; ending it")
        self._send([part], signal.SIGKILL)

    def stop(self, order: Iterable[Sequence[str]]) -> None:
        """End every part, group by group, then whatever they left behind. A second signal ends them at once."""
        for part in self.parts:
            part.start_at = None
        patient = True
        for names in [*order, [part.name for part in self.parts]]:
            patient = self._end([part for part in self.parts if part.name in names], patient=patient)
        self._end_every_stray()
        self.terminal.pump()
        signal.pthread_sigmask(signal.SIG_SETMASK, self._unmasked)

    def _probe(self, part: Part) -> None:
        if part.once or part.ready or not part.child:
            return
        if not part.answering:
            part.answering = self._asked(part, part.child)
        if part.answering:
            part.ready = self._followed_up(part)
            part.was_ready = part.was_ready or part.ready

    def _asked(self, part: Part, child: Child) -> bool:
        """What the probe says; the older a part that does not answer, the more seldom it is asked."""
        now = time.monotonic()
        if now < part.ask_at:
            return False
        part.ask_at = now + min(1.0, (now - child.started) / 20)
        return part.probe(child)

    def _followed_up(self, part: Part) -> bool:
        """Whether the follow-up is done; starts it when it is due."""
        after = part.follow_up
        if after and not after.child and not after.ready:
            self.start(after)
        return after is None or after.ready

    def _do_duties(self, now: float) -> None:
        for duty in self.duties:
            if now >= duty.due:
                duty.due = now + duty.period
                duty.look()

    def _bury(self, ended: list[tuple[int, int]]) -> None:
        """Take note of the dead: a part is planned anew, a stray only reaped. Raises PartFailed when all are noted."""
        statuses = dict(ended)
        dead = self._forget_children(statuses)
        if ended:
            self._end_strays()
        for part, child in dead:
            self._note_death(part, child, statuses[child.pid])

    def _forget_children(self, gone: Container[int]) -> list[tuple[Part, Child]]:
        """Parts and the children that they had; nobody waits for these any more: they were reaped."""
        dead = [(part, part.child) for part in self.parts if part.child and part.child.pid in gone]
        for part, child in dead:
            part.child = None
            child.poll_ready()
            os.close(child.pipe)
        return dead

    def _note_death(self, part: Part, child: Child, status: int) -> None:
        part.ready, part.message = part.once and status == 0, child.message
        if part.once and status != 0:
            self._note_failure(part, status)
        if not part.once:
            self._plan_restart(part, status, lived=time.monotonic() - child.started)

    def _note_failure(self, part: Part, status: int) -> None:
        """A single task failed: fatal at start; later it ends the part that it follows up."""
        master = next((other for other in self.parts if other.follow_up is part), None)
        if master is None or not master.was_ready:
            raise PartFailed(name=part.name, status=_said(status), lines=self.terminal.last_lines(part.name))
        self.terminal.say(
            f"{part.name} failed after a restart of {master.name} ({_said(status)}): {self.terminal.last_lines(part.name, 1)}"
        )
        self._send([master], signal.SIGKILL)

    def _plan_restart(self, part: Part, status: int, *, lived: float) -> None:
        part.deaths = 0 if lived > STEADY else part.deaths + 1
        if not part.was_ready and part.deaths >= TRIES:
            raise PartFailed(name=part.name, status=_said(status), lines=self.terminal.last_lines(part.name))
        pause = min(LONGEST_PAUSE, 0.1 * 2**part.deaths)
        part.start_at = time.monotonic() + pause
        self.terminal.say(f"{part.name} ended ({_said(status)}); starting it again in {pause:.1f} s")

    def _give_up_on_the_late(self, part: Part) -> None:
        if part.child and not part.ready and time.monotonic() - part.child.started > part.patience:
            raise PartFailed(name=part.name, status=f"not ready after {part.patience:.0f} s", lines=self.terminal.last_lines(part.name))

    def _end(self, parts: list[Part], *, patient: bool) -> bool:
        """SIGTERM, then SIGKILL after the grace time; False when a second signal cut the patience short."""
        self._send(parts, signal.SIGTERM if patient else signal.SIGKILL)
        limit = time.monotonic() + max((part.grace for part in parts), default=0)
        while alive := [part for part in parts if part.child]:
            if time.monotonic() > limit or not patient:
                self._send(alive, signal.SIGKILL)
            heard = signal.sigtimedwait(HEARD, 0.1)
            patient = patient and not (heard and heard.si_signo != signal.SIGCHLD)
            self._forget_the_dead()
        return patient

    def _send(self, parts: list[Part], number: int) -> None:
        for part in parts:
            if part.child:
                part.child.send(number)

    def _forget_the_dead(self) -> None:
        self._forget_children({pid for pid, _status in processes.reap()})

    def _end_strays(self) -> None:
        """Kill what a dead part left behind: adopted, and no part of ours."""
        ours = {part.child.pid for part in self.parts if part.child}
        for pid in set(processes.children()) - ours:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _end_every_stray(self) -> None:
        """Nothing of ours outlives us, grandchildren whose parents just ended among them."""
        limit = time.monotonic() + 2
        while processes.children() and time.monotonic() < limit:
            self._end_strays()
            signal.sigtimedwait({signal.SIGCHLD}, 0.05)
            self._forget_the_dead()


def _said(status: int) -> str:
    """An exit status in words."""
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
