"""Approval chains as data, what runs through them, and deputies (LND-2). Loans use them, destruction orders will."""

import uuid
from typing import Any

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from records.models.names import Named
from records.models.people import User
from records.models.records import Record


class Approver(models.TextChoices):
    """Who takes a step of a chain."""

    HEAD = "head", _("department head of the asker")
    OWNERS_HEAD = "owners-head", _("department head of the owning department")
    OWNER = "owner", _("the person responsible for the record")
    ARCHIVIST = "archivist", _("archivist")
    MANAGER = "manager", _("general manager")
    OFFICER = "officer", _("security officer")
    COMMITTEE = "committee", _("members of a committee")
    PERSON = "person", _("a named person")


class Chain(Named, ClusterableModel):
    """An approval chain: its steps are taken in their order, each by another person."""

    slug = models.SlugField(_("code"), unique=True)

    class Meta:
        ordering = ["slug"]
        verbose_name = _("approval chain")
        verbose_name_plural = _("approval chains")


class StepRule(models.Model):
    """What a step asks for, shared by the chain and by what runs through it."""

    order = models.PositiveSmallIntegerField(_("order"), default=0)
    approver = models.CharField(_("approver"), max_length=20, choices=Approver.choices)
    committee = models.ForeignKey(
        Group,
        verbose_name=_("committee"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("A group of people."),
    )
    person = models.ForeignKey(User, verbose_name=_("person"), null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class ChainStep(StepRule):
    """One step of a chain. A committee decides with `votes` of its members."""

    chain = ParentalKey(Chain, on_delete=models.CASCADE, related_name="steps")
    votes = models.PositiveSmallIntegerField(_("votes"), default=1, help_text=_("How many members of a committee must agree."))
    days = models.PositiveSmallIntegerField(_("days"), default=3, help_text=_("After so many days the approver is reminded."))

    class Meta:
        ordering = ["order"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(fields=["chain", "order"], name="one_step_at_a_place"),
            models.CheckConstraint(condition=Q(votes__gte=1), name="a_step_has_votes"),
            models.CheckConstraint(condition=Q(approver="committee") ^ Q(committee=None), name="a_committee_step_names_it"),
            models.CheckConstraint(condition=Q(approver="person") ^ Q(person=None), name="a_person_step_names_them"),
        ]

    def __str__(self) -> str:
        return f"{self.chain_id}/{self.order} {self.get_approver_display()}"


class ApprovalState(models.TextChoices):
    """Where a request stands."""

    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Approval(models.Model):
    """One request on its way through a chain. `record`: what it is about, where it is about one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="+")
    asker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", help_text=_("Who asked in the asker's name, else the asker.")
    )
    record = models.ForeignKey(Record, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ApprovalState.choices, default=ApprovalState.REQUESTED)
    asked_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [models.CheckConstraint(condition=Q(state__in=ApprovalState.values), name="approval_state_is_legal")]
        indexes = [models.Index(fields=["asked_at"], condition=Q(state="requested"), name="approvals_open")]

    def __str__(self) -> str:
        return f"{self.chain_id}: {self.state}"


class ApprovalStep(StepRule):
    """One step as it was when the request was made, and who took it. `on_behalf_of`: in whose place a deputy acted."""

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="steps")
    asker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", help_text=_("The approval's, for the constraint."))
    days = models.PositiveSmallIntegerField(default=3)
    waiting_since = models.DateTimeField(null=True, help_text=_("Empty while earlier steps are open."))
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=10, blank=True, choices=[("approve", _("approved")), ("reject", _("rejected"))])
    reason = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["approval", "order"], name="one_approval_step_at_a_place"),
            models.UniqueConstraint(fields=["approval", "decided_by"], name="a_person_takes_one_step"),
            models.CheckConstraint(condition=~Q(decided_by=F("asker")) & ~Q(on_behalf_of=F("asker")), name="nobody_approves_their_own"),
            models.CheckConstraint(
                condition=Q(decided_by=None, decision="") | Q(decided_by__isnull=False, decision__in=["approve", "reject"]),
                name="a_decision_has_its_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.approval_id}/{self.order} {self.decision or 'open'}"

    def as_dict(self, waits_for: list[User]) -> dict[str, Any]:
        """As the API shows it (interface.md, Loans); `waits_for`: who may take it now, empty unless it is this step's turn."""
        return {
            "duty": self.approver,
            "waits_for": [person.username for person in waits_for],
            "decided_by": self.decided_by and self.decided_by.username,
            "on_behalf_of": self.on_behalf_of and self.on_behalf_of.username,
            "decision": self.decision or None,
            "reason": self.reason,
            "at": self.decided_at,
        }


class Deputy(models.Model):
    """Somebody who approves in another person's place for a period, never for himself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="deputies")
    deputy = models.ForeignKey(User, on_delete=models.CASCADE, related_name="deputy_for")
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))

    class Meta:
        ordering = ["-since"]
        verbose_name = _("deputy")
        verbose_name_plural = _("deputies")
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="nobody_is_their_own_deputy"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="a_deputy_has_a_period"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy_id} for {self.person_id}"
