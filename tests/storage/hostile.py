"""What a taken-over or broken reader might do, run inside the sandbox by its tests."""

import ctypes
import os
import sys
import time
from pathlib import Path
from typing import Any

from storage.inside.refusal import Refused


def doubled(text: str, *, body: bytes) -> tuple[dict[str, str], bytes]:
    return {"text": text * 2}, body * 2


def surroundings() -> dict[str, Any]:
    return {"pid": os.getpid(), "environment": dict(os.environ), "modules": list(sys.modules)}


def sleep_for_ever() -> None:
    while True:
        time.sleep(60)


def compute_for_ever() -> None:
    while True:
        pass


def take_memory() -> int:
    taken = []
    while True:
        taken.append(bytearray(10_000_000))


def crash() -> None:
    ctypes.string_at(8)


def leave() -> None:
    os._exit(0)


def recurse() -> None:
    recurse()


def give_up() -> None:
    raise ValueError("no such thing")


def refuse() -> None:
    raise Refused("damaged", page=3)


def write_nonsense() -> None:
    os.write(0, b"\xff" * 100)
    sleep_for_ever()


def write_file(path: str) -> None:
    with Path(path).open("wb") as file:
        file.write(b"x" * 100)
