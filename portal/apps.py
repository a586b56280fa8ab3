"""The Django app of this floor: what it watches at start."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The door: it may import every floor below, and none of them knows of it."""

    name = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of `check --deploy` and the regular jobs; commits wake the worker."""
        from portal import checks, loan_report  # noqa: F401
        from portal.notices import mails
        from portal.serve import jobs, nudge  # noqa: F401
        from records import outbox

        outbox.register_nudge(nudge.nudge)
        mails.take_up()
        loan_report.take_up()
