"""`retention run [--today DATE]`: the daily work of time by hand (interface.md, Commands)."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.demo.loading import is_loaded
from retention import daily


class Command(BaseCommand):
    """Prints one line for each step."""

    help = "Declassifies what is over, tells of terms that end, sets due dates anew. Safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`run`, and for the demo another day."""
        parser.add_argument("act", choices=["run"])
        parser.add_argument("--today", metavar="DATE", help="as if it were this day (2031-05-01); only where the demo was loaded")

    def handle(self, *_args: Any, today: str | None, **_options: Any) -> None:
        """Raises CommandError, with a line for each thing that failed, when all else was done."""
        try:
            for name, count in daily.run(_day(today)):
                self.stdout.write(f"{name}: {count}")
        except ExceptionGroup as group:
            raise CommandError("\n".join([group.message, *_lines(group)])) from group


def _lines(group: ExceptionGroup[Exception]) -> Iterator[str]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _lines(error)
        else:
            yield " ".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", [])])


def _day(given: str | None) -> date:
    """The portal's own day unless another was named. Raises CommandError."""
    if given is None:
        return timezone.localdate()
    if not is_loaded():
        raise CommandError(_("--today is for the demo only: here are real records, and what is declassified stays so."))
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise CommandError(_("--today takes a day, such as 2031-05-01.")) from None
