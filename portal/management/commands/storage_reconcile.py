"""`manage.py storage_reconcile`: bytes without a row, rows without bytes (STO-2)."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from storage.errors import StorageError
from storage.reconcile import GRACE, Report, reconcile


class Command(BaseCommand):
    """Prints what was found; fails when the store cannot be asked, or when content is missing."""

    help = "Compares the object store with the database; clears bytes that belong to no record."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Grace time in minutes, and a way to look only."""
        minutes = int(GRACE.total_seconds() // 60)
        parser.add_argument("--grace", type=int, default=minutes, metavar="MINUTES", help="leave alone what is younger (%(default)s)")
        parser.add_argument("--report-only", action="store_true", help="clear nothing")

    def handle(self, *_args: Any, grace: int, report_only: bool, **_options: Any) -> None:
        """Raises CommandError when the store cannot be asked, and when content is missing."""
        if grace < 0:
            raise CommandError(_("The grace time cannot be negative."))
        try:
            report = reconcile(grace=timedelta(minutes=grace), clear=not report_only)
        except (StorageError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from None
        self._print(report)
        if report.missing_objects:
            raise CommandError(
                _("Objects whose content is missing: %(n)d. Restore them from a backup.") % {"n": len(report.missing_objects)}
            )

    def _print(self, report: Report) -> None:
        cleared = set(report.cleared)
        for key in report.orphan_objects:
            self.stdout.write(f"{'cleared' if key in cleared else 'orphan'}  {key}")
        for key in report.missing_objects:
            self.stdout.write(f"missing  {key}")
        for key in report.unfinished:
            self.stdout.write(f"erasing  {key}")
        self.stdout.write(_("Objects in the store: %(n)d.") % {"n": report.checked})
        self.stdout.write(_("Without a row: %(n)d; cleared: %(cleared)d.") % {"n": len(report.orphan_objects), "cleared": len(cleared)})
        self.stdout.write(_("Without a row, but younger than the grace time: %(n)d.") % {"n": report.young_objects})
        self.stdout.write(_("Rows whose content is missing: %(n)d.") % {"n": len(report.missing_objects)})
