"""Warm child processes with limits, in which strangers' files are opened (docs/architecture.md, decision 13).

A hostile file can end a child, never the process that asked. A child that failed, or has served its share of files, is replaced.
"""

import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from storage.errors import StorageError
from storage.inside import wire

ROOT = Path(__file__).resolve().parent.parent
BOOT = "import sys; sys.path.insert(0, sys.argv[2]); from storage.inside.child import main; main()"
# Nothing of the owner's environment: it holds secrets, and pylibmagic leaves an LD_LIBRARY_PATH there.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
FILES_PER_CHILD = 500  # what a parser leaks is given back then
NEARLY_ALL = 0.6  # share of its memory that a process must have used to be said to have died of that
CORES = os.cpu_count() or 1


class Answer(NamedTuple):
    """What a function inside returned: a value that JSON can carry, and bytes."""

    value: Any
    body: bytes


class SandboxRefusal(StorageError):  # noqa: N818 - named for what happened
    """Code inside the sandbox refused the file; `reason` is its code, `facts` what it said about it."""

    code = "sandbox-refusal"

    def __init__(self, reason: str, facts: dict[str, Any]) -> None:
        super().__init__(reason=reason, **facts)
        self.reason = reason
        self.facts = facts


class SandboxFault(StorageError):  # noqa: N818
    """The file could not be opened safely: the program that reads it failed."""

    code = "sandbox-fault"
    SENTENCES = {
        "timeout": _("Opening the file took too long and was ended."),
        "memory": _("Opening the file needs more memory than is allowed."),
    }

    def __init__(self, cause: str, error: str = "") -> None:
        """`cause`: timeout, memory, crash (the process died) or error (the reader gave up; `error` says how)."""
        sentence = self.SENTENCES.get(cause)
        super().__init__(None if sentence is None else str(sentence), cause=cause, error=error)
        self.cause = cause
        self.error = error


class ReaderFailed(SandboxFault):
    """The file could not be opened: the program that reads it gave up over it."""

    code = "reader-failed"


class SandboxBusy(StorageError):  # noqa: N818
    """Too many files are being opened now; try again in a moment."""

    code = "sandbox-busy"


class Child:
    """One process. Used by one thread at a time."""

    def __init__(self, *, megabytes: int, preload: Sequence[str], nice: int) -> None:
        self.megabytes = megabytes
        self.served = 0
        plan = json.dumps({"megabytes": megabytes, "preload": list(preload), "nice": nice})
        self.connection, inner = socket.socketpair()
        with inner:
            self.process = subprocess.Popen(  # noqa: S603 - our own code, fixed arguments
                [sys.executable, "-I", "-c", BOOT, plan, str(ROOT)],
                stdin=inner.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=ENVIRONMENT,
                cwd="/",
            )

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def ask(self, function: str, arguments: Sequence[Any], body: bytes, seconds: float) -> Answer:
        """One request. Raises SandboxRefusal, or SandboxFault after which this child must not be used again."""
        deadline = time.monotonic() + seconds
        request = {"function": function, "arguments": list(arguments), "cpu_seconds": int(seconds * CORES) + 1}
        self.served += 1
        try:
            wire.send(self.connection, request, body, deadline=deadline)
            head, reply = wire.receive(self.connection, deadline=deadline)
        except TimeoutError as error:
            self.end()
            raise SandboxFault("timeout") from error
        except (wire.Ended, wire.Malformed, OSError) as error:
            raise SandboxFault(self.end()) from error
        return self._read(head, reply)

    def _read(self, head: dict[str, Any], reply: bytes) -> Answer:
        if "refused" in head:
            raise SandboxRefusal(head["refused"], head["facts"])
        if head.get("failed") == "error":
            raise ReaderFailed("error", head["error"])
        if "failed" in head:
            raise SandboxFault(head["failed"])
        return Answer(head["value"], reply)

    def end(self) -> str:
        """End the process, and say of what it died: timeout, memory or crash."""
        self.connection.close()
        with contextlib.suppress(ProcessLookupError):
            # Dead already, mostly: the signal then changes nothing.
            if self.process.returncode is None:
                self.process.kill()
        try:
            _pid, status, usage = os.wait4(self.process.pid, 0)
        except ChildProcessError:
            return "crash"
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode == -signal.SIGXCPU:
            return "timeout"
        return "memory" if self._ran_out_of_memory(usage.ru_maxrss) else "crash"

    def _ran_out_of_memory(self, peak: int) -> bool:
        """A library that finds no memory aborts in ways of its own; what it had used by then tells (`peak`, in KiB).

        The kernel starts a child's peak at that of its owner, so that a peak not above ours says nothing.
        """
        ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak > max(ours, self.megabytes * 1024 * NEARLY_ALL)

    def forget(self) -> None:
        """In a forked copy of the owner: let go of the connection without touching the process."""
        self.connection.close()
        self.process.returncode = 0


class Pool:
    """A few warm children, for any number of threads."""

    def __init__(
        self,
        *,
        size: int,
        megabytes: int | None = None,
        seconds: float | None = None,
        preload: Sequence[str] = (),
        files: int = FILES_PER_CHILD,
        nice: int = 0,
    ) -> None:
        """`megabytes` of address space and `seconds` for a call: None means the settings MUNIMENT_MAX_OPEN_MB and _SECONDS."""
        self.size, self.files, self.nice, self.preload = size, files, nice, tuple(preload)
        self._megabytes, self._seconds = megabytes, seconds
        self._reset()
        _pools.add(self)

    def _reset(self) -> None:
        self._free = threading.Semaphore(self.size)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._children: set[Child] = set()

    @property
    def megabytes(self) -> int:
        return self._megabytes or settings.MUNIMENT_MAX_OPEN_MB

    @property
    def seconds(self) -> float:
        return self._seconds or settings.MUNIMENT_MAX_OPEN_SECONDS

    def run(self, function: str, *arguments: Any, body: bytes = b"", seconds: float | None = None) -> Answer:
        """Call `function` ("package.module:name") inside; arguments are JSON, `body` (given as keyword, if any) is bytes.

        Raises SandboxRefusal (the code inside refused), SandboxFault (it died, gave up, or was ended) or SandboxBusy
        (no child came free in the time a call may take).
        """
        seconds = seconds or self.seconds
        with self._child(seconds) as child:
            return child.ask(function, arguments, body, seconds)

    def warm(self) -> None:
        """Start all children now, without waiting for them."""
        with self._lock:
            while len(self._children) < self.size:
                self._idle.append(self._start())

    def close(self) -> None:
        """End the children that are idle. Those at work go back to the pool with their call, which can be used again."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            self._discard(child)

    def forget(self) -> None:
        """After a fork: the children belong to the parent."""
        for child in self._children:
            child.forget()
        self._reset()

    @contextlib.contextmanager
    def _child(self, seconds: float) -> Iterator[Child]:
        if not self._free.acquire(timeout=seconds):
            raise SandboxBusy
        try:
            child = self._take()
            try:
                yield child
            except (SandboxRefusal, ReaderFailed):
                self._give_back(child)
                raise
            except BaseException:  # it is dead, or half a message lies in the connection
                self._discard(child)
                raise
            else:
                self._give_back(child)
        finally:
            self._free.release()

    def _take(self) -> Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.alive and child.megabytes == self.megabytes:
                    return child
                self._children.discard(child)
                child.end()
            return self._start()

    def _start(self) -> Child:
        child = Child(megabytes=self.megabytes, preload=self.preload, nice=self.nice)
        self._children.add(child)
        return child

    def _give_back(self, child: Child) -> None:
        if child.served >= self.files:
            self._discard(child)
            with self._lock:
                child = self._start()  # boots while nobody waits for it
        with self._lock:
            self._idle.append(child)

    def _discard(self, child: Child) -> None:
        with self._lock:
            self._children.discard(child)
        child.end()


_pools: "weakref.WeakSet[Pool]" = weakref.WeakSet()


def _forget_all() -> None:
    for pool in list(_pools):
        pool.forget()


os.register_at_fork(after_in_child=_forget_all)

files = Pool(size=max(2, CORES), preload=("storage.inside.opening", "storage.inside.drawing"))


def run(function: str, *arguments: Any, body: bytes = b"", seconds: float | None = None) -> Answer:
    """Call a function in the pool that opens files; see Pool.run."""
    return files.run(function, *arguments, body=body, seconds=seconds)
