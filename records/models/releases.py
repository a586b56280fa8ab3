"""What is given to outside organisations: the register of releases (SEC-11)."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from records.models.approvals import Approval
from records.models.people import User
from records.models.records import Record


class ReleaseForm(models.TextChoices):
    """How records leave the house."""

    PAPER = "paper", _("paper")
    DIGITAL = "digital", _("a stamped digital copy")


class ReleaseState(models.TextChoices):
    """Where a release stands. Overdue is no state: what was given and is past its day is overdue."""

    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    GIVEN = "given", _("given out")
    RETURNED = "returned", _("returned")
    CLOSED = "closed", _("closed")
    REJECTED = "rejected", _("rejected")
    CANCELLED = "cancelled", _("cancelled")


class Release(models.Model):
    """Records given to one outside organisation, from the request to their return; the rows are the register.

    `until`: the last day on which it may be out; None: it is given for good.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(_("number"), max_length=30, unique=True)
    records = models.ManyToManyField(Record, related_name="releases")
    requester = models.ForeignKey(User, verbose_name=_("asked for by"), on_delete=models.PROTECT, related_name="+")
    organisation = models.CharField(_("organisation"), max_length=200)
    recipient = models.CharField(_("recipient"), max_length=200)
    purpose = models.CharField(_("purpose"), max_length=500)
    basis = models.CharField(_("basis"), max_length=500)
    form = models.CharField(_("form"), max_length=10, choices=ReleaseForm.choices)
    until = models.DateField(_("until"), null=True)
    state = models.CharField(_("state"), max_length=10, choices=ReleaseState.choices, default=ReleaseState.REQUESTED)
    approval = models.OneToOneField(Approval, on_delete=models.PROTECT, related_name="release")
    asked_at = models.DateTimeField(auto_now_add=True)
    given_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    note = models.CharField(_("note"), max_length=500, blank=True, help_text=_("Of the last step: condition, reason."))

    class Meta:
        ordering = ["-asked_at", "-number"]
        verbose_name = _("release to outside")
        verbose_name_plural = _("releases to outside")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReleaseState.values), name="release_state_is_legal"),
            models.CheckConstraint(
                condition=~Q(state__in=["given", "returned", "closed"]) | Q(given_by__isnull=False), name="a_release_out_has_its_giver"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def going_on(self) -> bool:
        """Whether it waits, is agreed to, or is out: so long it names its records' titles, as a loan does (SEC-5)."""
        return self.state in (ReleaseState.REQUESTED, ReleaseState.APPROVED, ReleaseState.GIVEN)

    @property
    def overdue(self) -> bool:
        """Given out, and past its day."""
        return self.state == ReleaseState.GIVEN and self.until is not None and self.until < timezone.localdate()
