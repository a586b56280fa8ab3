"""The Django app of this floor."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """See the package's docstring for its one responsibility."""

    name = "records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take up this floor's outbox topics and start-up checks."""
        from records import checks, erasing, stamping  # noqa: F401 - checks register themselves

        erasing.register()
        stamping.register()
