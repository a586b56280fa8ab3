"""`load_shipped`: what Muniment ships, added where it is missing. `serve` runs it at every start."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.pages import tree
from portal.shipped import load


class Command(BaseCommand):
    """See `portal.shipped.load`."""

    help = "Adds shipped tiers, record types, schedules, number rules, classes and lists of pages that are missing."

    def handle(self, *_args: Any, **options: Any) -> None:
        """One line for each kind of which something was added."""
        tree.plant()
        added = {kind: count for kind, count in load().items() if count}
        if options["verbosity"]:
            self.stdout.write(", ".join(f"{kind}: {count} added" for kind, count in added.items()) or "nothing was missing")
