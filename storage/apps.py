"""The Django app of this floor."""

from django.apps import AppConfig


class StorageConfig(AppConfig):
    """See the package's docstring for its one responsibility."""

    name = "storage"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The checks register themselves."""
        from storage import checks  # noqa: F401
