"""What a loan gives out of a record: stamped renditions of its files, and copies on paper (LND-4, LND-6, LND-12)."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from records.models.loans import Loan
from records.models.people import User
from records.models.records import Component
from storage.models import StoredObject


class LoanRendition(models.Model):
    """The stamped copy of one file for one loan, sealed under the record's key; its bytes are erased when the loan ends (LND-4)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="renditions")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="renditions")
    stored = models.OneToOneField(StoredObject, on_delete=models.PROTECT, related_name="+")
    media_type = models.CharField(max_length=100)
    made_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "component"], condition=Q(erased_at=None), name="one_stamped_copy_for_a_loan")
        ]
        indexes = [models.Index(fields=["made_at"], condition=Q(erased_at=None), name="renditions_kept")]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.component_id}"


class CopyState(models.TextChoices):
    """Where a copy on paper stands. It is `destroying` from its destruction until a second person has confirmed it."""

    OUT = "out", _("out")
    RETURNED = "returned", _("returned")
    DESTROYING = "destroying", _("destroyed, waits for its witness")
    DESTROYED = "destroyed", _("destroyed under witness")
    LOST = "lost", _("lost")


class LoanCopy(models.Model):
    """One numbered copy on paper: who holds it, until when, what for, and how it ended (LND-6, LND-12)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="issued_copies")
    number = models.CharField(_("copy number"), max_length=40, unique=True)
    holder = models.ForeignKey(User, verbose_name=_("holder"), on_delete=models.PROTECT, related_name="held_copies")
    purpose = models.CharField(_("purpose"), max_length=500)
    due = models.DateTimeField(_("due"))
    state = models.CharField(_("state"), max_length=10, choices=CopyState.choices, default=CopyState.OUT)
    issued_at = models.DateTimeField(default=timezone.now)
    returned_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)
    destroyed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    witness = models.ForeignKey(User, verbose_name=_("witness"), null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        ordering = ["-issued_at", "number"]
        verbose_name = _("copy on paper")
        verbose_name_plural = _("copies on paper")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CopyState.values), name="copy_state_is_legal"),
            models.CheckConstraint(
                condition=~Q(witness=F("destroyed_by")) & ~Q(witness=F("holder")) & ~Q(destroyed_by=F("holder")),
                name="a_copy_is_destroyed_under_witness",
            ),
            models.CheckConstraint(
                condition=~Q(state=CopyState.DESTROYED) | Q(destroyed_by__isnull=False, witness__isnull=False),
                name="a_destroyed_copy_has_a_witness",
            ),
        ]
        indexes = [models.Index(fields=["holder"], condition=Q(state="out"), name="copies_held")]

    def __str__(self) -> str:
        return self.number

    @property
    def going_on(self) -> bool:
        """Whether it is not back: so long it names the record's title to its holder, as a loan does (SEC-5)."""
        return self.state in (CopyState.OUT, CopyState.DESTROYING)

    @property
    def overdue(self) -> bool:
        """A copy that should have come back."""
        return self.state == CopyState.OUT and self.due <= timezone.now()
