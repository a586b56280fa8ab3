"""The Django app of the pages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    """See the package's docstring."""

    name = "portal.pages"
    label = "pages"
    verbose_name = _("regulations and notices")
    default_auto_field = "django.db.models.BigAutoField"
