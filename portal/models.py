"""The scheduler's own table: one row for each regular job."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """When one regular job is due next, and how it went last time.

    A run is claimed by moving `due` from the value that was seen, so two schedulers never run the same one. A run that was
    killed has `started` later than `finished`; it is taken up again when the scheduler starts.
    """

    name = models.CharField(_("name"), max_length=60, primary_key=True)
    due = models.DateTimeField(_("due"), db_index=True)
    started = models.DateTimeField(_("last started"), null=True, blank=True)
    finished = models.DateTimeField(_("last finished"), null=True, blank=True)
    failed = models.BooleanField(_("failed"), default=False)
    result = models.TextField(_("last result"), blank=True, help_text=_("One sentence: what the last run did, or why it failed."))

    class Meta:
        verbose_name = _("regular job")
        verbose_name_plural = _("regular jobs")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
