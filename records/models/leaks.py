"""Reports of leaks (SEC-10)."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from records.models.people import User
from records.models.records import Record


class LeakState(models.TextChoices):
    """Where a report stands; while it is not closed the record's loans are frozen."""

    REPORTED = "reported", _("reported")
    EXAMINED = "examined", _("being examined")
    CLOSED = "closed", _("closed")


class Leak(models.Model):
    """One report of a leak. `record` is empty where nothing has the number that was given; who reported it is not told the difference.

    `number`: the record's, or what was written by somebody who only has a paper.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reporter = models.ForeignKey(User, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="+")
    record = models.ForeignKey(Record, null=True, on_delete=models.PROTECT, related_name="leaks")
    number = models.CharField(_("number"), max_length=200, blank=True)
    what = models.TextField(_("what happened"), max_length=2000)
    state = models.CharField(_("state"), max_length=10, choices=LeakState.choices, default=LeakState.REPORTED)
    stopped = models.PositiveIntegerField(default=0, help_text=_("How many loans the report stopped."))
    reported_at = models.DateTimeField(auto_now_add=True)
    examined_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    examined_at = models.DateTimeField(null=True)
    findings = models.TextField(_("findings"), max_length=2000, blank=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-reported_at", "-id"]
        verbose_name = _("leak report")
        verbose_name_plural = _("leak reports")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=LeakState.values), name="leak_state_is_legal"),
            models.CheckConstraint(
                condition=~Q(state="closed") | (Q(closed_by__isnull=False) & ~Q(findings="")), name="a_closed_leak_has_findings"
            ),
        ]
        indexes = [models.Index(fields=["record"], condition=~Q(state="closed"), name="leaks_open")]

    def __str__(self) -> str:
        return f"{self.number} {self.state}"
