"""The Django app of this floor."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    """See the package's docstring for its one responsibility."""

    name = "retention"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this floor's guards and followers with the verbs below."""
        from retention import schedules

        schedules.register()
