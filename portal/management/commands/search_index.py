"""`search_index rebuild|check|update`: build the index anew, compare it with the database, or bring it up to it (FND-7)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search import indexing
from search.errors import SearchError

MOST_NAMED = 50  # differences written out one by one
EVERY = 200  # records between two looks of progress


class Command(BaseCommand):
    """Index work by hand."""

    help = "rebuild: builds the index anew while the old one serves. check: says where index and database differ. update: repairs that."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do."""
        parser.add_argument("work", choices=["rebuild", "check", "update"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; exit non-zero when it could not be done, or when `check` found something."""
        try:
            {"rebuild": self._rebuild, "check": self._check, "update": self._update}[options["work"]]()
        except SearchError as error:
            raise CommandError(error.detail) from error

    def _rebuild(self) -> None:
        count = indexing.rebuild(progress=self._progress)
        self.stdout.write(f"The index was built anew with {count} records.")

    def _check(self) -> None:
        found = list(indexing.differences(progress=self._progress))
        for difference in found[:MOST_NAMED]:
            self.stdout.write(f"{difference.kind} {difference.record_id}")
        if len(found) > MOST_NAMED:
            self.stdout.write(f"and {len(found) - MOST_NAMED} more")
        if found:
            raise CommandError(f"Index and database differ in {len(found)} records. Repair: search_index update")
        self.stdout.write(f"Index and database agree; {indexing.waiting()} records wait in the outbox.")

    def _update(self) -> None:
        count = indexing.repair(indexing.differences(progress=self._progress))
        self.stdout.write(f"{count} records were brought up to date.")

    def _progress(self, count: int) -> None:
        if self.stderr.isatty() and count % EVERY == 0:
            self.stderr.write(f"\r{count} records", ending="")
