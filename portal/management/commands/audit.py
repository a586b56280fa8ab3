"""`audit verify` proves the chain of the trail; `audit export` writes it as JSON lines (AUD-1)."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from records import audit
from storage.errors import StorageError


class Command(BaseCommand):
    """Work on the audit trail."""

    help = "Prove the audit chain, or write the trail as JSON lines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`verify` or `export`."""
        parser.add_argument("act", choices=["verify", "export"])

    def handle(self, *_args: Any, act: str, **_options: Any) -> None:
        """Raises CommandError naming the first broken link."""
        self.verify() if act == "verify" else self.export()

    def verify(self) -> None:
        """One line: how many links hold, how many events wait; or the first link that does not hold. The store must answer."""
        try:
            verdict = audit.verify()
        except (StorageError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from None
        if verdict.broken_at is not None:
            raise CommandError(
                _("The chain is broken at link %(link)s; the %(good)s before it hold.")
                % {"link": verdict.broken_at, "good": verdict.linked}
            )
        sequence, digest = audit.head()
        links = f"{verdict.linked} links hold, {verdict.waiting} events wait to be linked"
        self.stdout.write(f"{links}; anchored at {verdict.anchored}; head {sequence} {digest}")

    def export(self) -> None:
        """Linked events in the order of the chain, one JSON object a line; old and new values are not among them."""
        for row in audit.chained():
            self.stdout.write(json.dumps(row, ensure_ascii=False))
