"""`demo`: loads the demo organisation, once (interface.md, Commands)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.demo.loading import load
from records.errors import RecordsError
from storage.errors import StorageError


class Command(BaseCommand):
    """See `portal.demo.loading.load`."""

    help = "Loads the demo organisation: people, classes and several hundred records. Safe to run again."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """One line for each step; exits non-zero with one sentence when the store or the database is away."""
        try:
            load(say=lambda line: self.stdout.write(f"demo: {line}"))
        except (StorageError, RecordsError) as error:
            raise CommandError(f"The demo could not be loaded: {error}") from error
