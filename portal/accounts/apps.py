"""Accounts: signing in and out, passwords, tokens, the person's language, and what duties permit."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Registers the mail that passwords are set by."""

    name = "portal.accounts"
    label = "accounts"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take up the outbox topic of password mails; let duties decide about pages; who leaves has no tokens."""
        from portal.accounts import mails, policies, tokens
        from records import leaving

        mails.take_up()
        policies.take_up()
        leaving.register_follower("tokens", tokens.revoke_all)
