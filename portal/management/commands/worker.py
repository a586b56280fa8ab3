"""`worker`: one worker by hand, where `serve` does not run it."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.serve import worker


class Command(BaseCommand):
    """Does what follows changes (text, index, chain of the trail) until SIGTERM. One at a time: the index has one writer."""

    help = "Works through what follows changes until it is asked to end; `serve` runs one by itself."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Work until SIGTERM."""
        worker.run(lambda _message: None)
