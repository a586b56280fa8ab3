"""The Django app of this floor."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """See the package's docstring for its one responsibility."""

    name = "records"
    default_auto_field = "django.db.models.BigAutoField"
