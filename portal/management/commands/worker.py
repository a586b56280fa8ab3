"""`worker`: the worker of one lane by hand, where `serve` does not run it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.serve import worker
from portal.serve.errors import ServeError


class Command(BaseCommand):
    """Does what follows changes until SIGTERM. One for each lane at a time: the index has one writer."""

    help = "Works through what follows changes until it is asked to end; `serve` runs one for each lane by itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which lane."""
        parser.add_argument("lane", nargs="?", default=worker.LANES[0].name, choices=[lane.name for lane in worker.LANES])

    def handle(self, *_args: Any, lane: str, **_options: Any) -> None:
        """Work until SIGTERM. Raises CommandError when another has the lane."""
        try:
            worker.run(lambda _message: None, next(each for each in worker.LANES if each.name == lane))
        except ServeError as error:
            raise CommandError(str(error)) from error
