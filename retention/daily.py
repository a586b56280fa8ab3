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
    """Do every step for this day: its name, and how many. Safe to repeat, and after days off.

    Raises ExceptionGroup in the end for steps that failed; the others were done.
    """
    failed = []
    for name, work in STEPS:
        try:
            done = work(today)
        except Exception as error:  # noqa: BLE001 - told in the end
            failed.append(error)
        else:
            yield name, done
    if failed:
        raise ExceptionGroup("A part of the day's work failed; it is done again with the next run.", failed)
