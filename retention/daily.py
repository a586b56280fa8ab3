"""The daily work of time: what `retention run` and the regular job do, step by step."""

from collections.abc import Callable, Iterator
from datetime import date

from records import terms
from retention import schedules

# What each step is called, and what it does on a day; it returns how many it moved, and may be run twice.
STEPS: list[tuple[str, Callable[[date], int]]] = [
    ("declassified", terms.declassify),
    ("told of a term that ends", terms.tell_ahead),
    ("due dates set anew", lambda _today: schedules.refresh()),
]


def run(today: date) -> Iterator[tuple[str, int]]:
    """Do every step for this day: its name, and how many. Safe to repeat, and after days off."""
    for name, work in STEPS:
        yield name, work(today)
