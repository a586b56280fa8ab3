"""The sandbox's child process: takes a function's path and arguments, answers with a value and bytes, until its owner is gone."""

import contextlib
import ctypes
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from storage.inside import wire
from storage.inside.refusal import Refused

PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38
OPEN_FILES = 64


def main() -> None:
    """Serve the owner at the other end of standard input."""
    plan = json.loads(sys.argv[1])
    restrain(megabytes=plan["megabytes"], nice=plan["nice"])
    connection = socket.socket(fileno=os.dup(0))
    threading.Thread(target=_leave_with_the_owner, args=(connection,), daemon=True).start()
    for module in plan["preload"]:
        importlib.import_module(module)
    with contextlib.suppress(wire.Ended):
        while True:
            serve_one(connection)


def restrain(*, megabytes: int, nice: int) -> None:
    """Bound memory; no core dumps, no new privileges, no files written; the first to go when the machine runs out of memory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the owner's to handle
    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    os.nice(nice)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def allow_cpu(seconds: int) -> None:
    """Let the kernel end this process after `seconds` more of CPU time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def serve_one(connection: socket.socket) -> None:
    """Answer one request: {"value"}, {"refused", "facts"} or {"failed"}."""
    request, body = wire.receive(connection)
    allow_cpu(request["cpu_seconds"])
    head, reply = _answer(request, body)
    wire.send(connection, head, reply)


def _answer(request: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        keywords = {"body": body} if body else {}
        value = _function(request["function"])(*request["arguments"], **keywords)
    except Refused as refusal:
        return {"refused": refusal.code, "facts": refusal.facts}, b""
    except MemoryError:
        return {"failed": "memory"}, b""
    except RecursionError:
        return {"failed": "crash"}, b""
    except Exception as error:  # noqa: BLE001 - whatever a parser raises over a stranger's file is an answer about that file
        return {"failed": "error", "error": f"{type(error).__name__}: {error}"[:500]}, b""
    if isinstance(value, tuple):
        return {"value": value[0]}, value[1]
    return ({"value": None}, value) if isinstance(value, bytes) else ({"value": value}, b"")


def _function(path: str) -> Callable[..., Any]:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def _leave_with_the_owner(connection: socket.socket) -> None:
    """A thread waits for the hang-up, so that the process goes at once, also from the middle of a file."""
    hang_up = select.poll()
    hang_up.register(connection, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
    hang_up.poll()
    os._exit(0)
