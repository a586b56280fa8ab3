"""The Django app of this floor."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """See the package's docstring for its one responsibility."""

    name = "search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take up this floor's outbox topics."""
        from search import extracting, indexing

        extracting.register()
        indexing.register()
