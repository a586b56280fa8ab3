"""Child processes that end with their parent, whatever ends it.

A child is forked from the loaded project, so it needs no start-up of its own; a foreign program is the same child that
then replaces itself. Linux only: the kernel is asked to kill the child when its parent dies (`PR_SET_PDEATHSIG`), which
survives `exec` and needs no thread and no pid file. The kernel ties it to the parent's *thread*: fork from the main one.
"""

import contextlib
import ctypes
import gc
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
PR_SET_NAME = 15
PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)

Run = Callable[[Callable[[str], None]], int | None]
"""What a forked child does: gets `ready(message)`, to be called once; returns its exit status (None is 0)."""


@dataclass
class Child:
    """A running child: its process id, where its output goes, and the reading end of the pipe it says "ready" on."""

    name: str
    pid: int
    log: Path
    pipe: int
    started: float
    message: str = ""
    ready: bool = False

    def poll_ready(self) -> bool:
        """Whether the child has said that it is ready; its message is then in `message`. Never blocks."""
        with contextlib.suppress(BlockingIOError):
            heard = os.read(self.pipe, 65536)
            self.message += heard.decode().strip("\n")
            self.ready = self.ready or bool(heard)
        return self.ready

    def send(self, number: int) -> None:
        """Send a signal; a child that is gone already is no error."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent`, its parent, dies. Raises OSError where the kernel cannot."""
    if _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)


def call_itself(name: str) -> None:
    """Show this name in `ps -o comm` and `top`, cut after 15 bytes."""
    _libc.prctl(PR_SET_NAME, name.encode(), 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies, so that `reap` and `descendants` see it."""
    if _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def fork(name: str, run: Run, *, log: Path, close: Sequence[int] = ()) -> Child:
    """Start `run` in a child whose output is appended to `log`; it closes the descriptors in `close` first.

    The caller holds no database connection and no thread but the main one. Raises OSError when no process can be had.
    """
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.stdout.flush()
    sys.stderr.flush()
    gc.freeze()  # what is loaded now stays shared: the collector must not write to its pages
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        call_itself(f"muniment {name}")
        _child(run, parent=parent, output=output, writing=writing, close=close)
    os.close(writing)
    os.close(output)
    return Child(name=name, pid=pid, log=log, pipe=reading, started=time.monotonic())


def program(arguments: Sequence[str], environment: dict[str, str]) -> Run:
    """A `run` for `fork` that turns the child into another program, with exactly this environment."""

    def run(_ready: Callable[[str], None]) -> int:
        os.execve(arguments[0], list(arguments), environment)  # noqa: S606 - no shell is meant

    return run


def reap() -> list[tuple[int, int]]:
    """Process id and exit status (`os.waitstatus_to_exitcode`) of every child that has ended since the last call."""
    ended = []
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            ended.append((found[0], os.waitstatus_to_exitcode(found[1])))
    return ended


def children() -> list[int]:
    """Process ids of this process's children, adopted orphans among them."""
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def _child(run: Run, *, parent: int, output: int, writing: int, close: Sequence[int]) -> None:
    """The child's side of `fork`: never returns."""
    status = 1
    try:
        die_with(parent)
        _own_descriptors(output, close)
        _own_signals()
        status = run(lambda message: _tell(writing, message)) or 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:  # noqa: BLE001 - a child must not climb into its parent's code
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _own_descriptors(output: int, close: Sequence[int]) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    for descriptor in (nothing, output, *close):
        os.close(descriptor)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def _own_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the supervisor ends it in order
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def _tell(writing: int, message: str) -> None:
    os.write(writing, message.encode() + b"\n")
