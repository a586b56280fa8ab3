"""The Django app of the workbench."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkbenchConfig(AppConfig):
    """Viewsets register themselves through `wagtail_hooks.py`."""

    name = "portal.workbench"
    label = "workbench"
    verbose_name = _("workbench")
    default_auto_field = "django.db.models.BigAutoField"
