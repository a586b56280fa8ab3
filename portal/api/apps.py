"""The API's own app: it keeps first answers for repeated requests."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """See the package's docstring."""

    name = "portal.api"
    label = "api"
    verbose_name = _("API")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the regular job that forgets old answers."""
        from portal.api import jobs  # noqa: F401 - registers itself
