"""`serve`: the whole portal in the foreground."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.serve.errors import ServeError
from portal.serve.house import Options, serve


class Command(BaseCommand):
    """Starts the store, the worker, the scheduler and the web server; ends them on SIGTERM and SIGINT, exit status 0."""

    help = "Runs the portal: store, worker, scheduler and web server, in the foreground."
    requires_system_checks: list[str] = []  # asked side by side with the store's start, see prepare.run

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen, and whether to load the demo organisation."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000); 0 picks a free one")
        parser.add_argument("--demo", action="store_true", help="load the demo organisation; loopback only")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until asked to end."""
        try:
            serve(Options(host=options["host"], port=options["port"], demo=options["demo"]))
        except ServeError as error:
            raise CommandError(str(error)) from error
