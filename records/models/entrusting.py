"""What waits for the security officer: clearances, duties, memberships, grants, changes of the set-up (SEC-15)."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from records.models.people import User


class Trust(models.TextChoices):
    """What is proposed."""

    CLEARANCE = "clearance", _("clearance")
    DUTY = "duty", _("duty")
    GROUP = "group", _("membership of a group")
    DEPARTMENT = "department", _("department")
    MAIL = "mail", _("mail address")
    DIRECT = "direct", _("borrowing without approval")
    ACTIVE = "active", _("signing in again")
    GRANT = "grant", _("grant")
    NAMED = "named", _("name on a record")
    SETUP = "setup", _("set-up")


class ProposalState(models.TextChoices):
    """Where a proposal stands."""

    PROPOSED = "proposed", _("proposed")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Proposal(models.Model):
    """Something that one person proposes and another confirms. `person`: whom it is about; None: it is about many, or the set-up.

    `payload`: what takes effect on acceptance, by codes and ids; its shape follows from `kind` (`records/entrusted.py`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Trust.choices)
    person = models.ForeignKey(User, verbose_name=_("person"), null=True, on_delete=models.PROTECT, related_name="proposals_about")
    payload = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=500)
    state = models.CharField(_("state"), max_length=10, choices=ProposalState.choices, default=ProposalState.PROPOSED)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-proposed_at"]
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("proposed_by")), name="a_proposal_takes_two"),
            models.CheckConstraint(condition=~Q(person=F("proposed_by")), name="nobody_proposes_for_themselves"),
            models.CheckConstraint(condition=~Q(person=F("decided_by")), name="nobody_decides_about_themselves"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_proposal_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "withdrawn"], decided_by=None)
                | Q(state__in=["accepted", "rejected"], decided_by__isnull=False),
                name="a_decided_proposal_has_its_person",
            ),
        ]
        indexes = [models.Index(fields=["proposed_at"], condition=Q(state="proposed"), name="proposals_open")]

    def __str__(self) -> str:
        return f"{self.kind} {self.person.username if self.person else ''}".strip()  # for the trail: never a title (AUD-2)
