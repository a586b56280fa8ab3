"""`issue_token USERNAME [--scope read|write]`: prints an API token, once."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.accounts.models import Scope
from portal.accounts.tokens import issue_token
from records.models import User


class Command(BaseCommand):
    """Issue an API token for one person."""

    help = "Prints an API token of this person, once. It never may more than the person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, and what it may do."""
        parser.add_argument("username", help="whose token it is")
        parser.add_argument("--scope", choices=Scope.values, default=Scope.READ.value, help="read (default) or write")
        parser.add_argument("--label", default="", help="what it is for")
        parser.add_argument("--days", type=int, help="how long it is valid; without: until it is revoked")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the token and nothing else, so that a script can take it."""
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no person with the username {options['username']}.")
        if not user.is_active:
            raise CommandError(f"{user.username} may not sign in, so a token would open nothing.")
        if options["days"] is not None and not 1 <= options["days"] <= 3650:
            raise CommandError("A token is valid for 1 to 3650 days.")
        valid = timedelta(days=options["days"]) if options["days"] else None
        _token, raw = issue_token(user=user, scope=options["scope"], label=options["label"][:100], valid=valid)
        self.stdout.write(raw)
