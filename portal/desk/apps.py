"""The desk: every daily journey of every role, at `/`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """Search, read, upload, register, review, file."""

    name = "portal.desk"
    label = "desk"
    verbose_name = _("Desk")
