"""Borrowing: loans, what each tier asks for before one, and the register's numbers (LND-1 to LND-8)."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from records.models.approvals import Approval, Chain
from records.models.people import User
from records.models.records import Record
from records.models.tiers import Tier


class Use(models.TextChoices):
    """What a loan permits."""

    VIEW = "view", _("viewing")
    DOWNLOAD = "download", _("download")
    COPY = "copy", _("a copy")
    ORIGINAL = "original", _("the original")


DIGITAL = frozenset({Use.VIEW, Use.DOWNLOAD})


class LoanState(models.TextChoices):
    """Where a loan stands. Overdue is no state: an active loan past its end is overdue (interface.md, Loans)."""

    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    ACTIVE = "active", _("on loan")
    RETURNED = "returned", _("returned")
    REJECTED = "rejected", _("rejected")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("expired")
    RECALLED = "recalled", _("recalled")
    LOST = "lost", _("lost")


OPEN = frozenset({LoanState.REQUESTED, LoanState.APPROVED, LoanState.ACTIVE, LoanState.RECALLED})
OUT = frozenset({LoanState.ACTIVE, LoanState.RECALLED, LoanState.LOST})  # of paper: it is not in its place


class LoanPolicy(models.Model):
    """What a use of records of a tier asks for. No row: that use is not lent at all; no chain: it needs no approval."""

    tier = models.ForeignKey(Tier, verbose_name=_("tier"), on_delete=models.CASCADE, related_name="loan_policies")
    use = models.CharField(_("use"), max_length=10, choices=Use.choices)
    chain = models.ForeignKey(Chain, verbose_name=_("approval chain"), null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    longest_days = models.PositiveSmallIntegerField(_("longest loan, days"), null=True, blank=True, help_text=_("Empty: no limit."))

    class Meta:
        ordering = ["tier", "use"]
        verbose_name = _("approval of a use")
        verbose_name_plural = _("approvals of uses")
        constraints = [models.UniqueConstraint(fields=["tier", "use"], name="one_policy_for_a_use")]

    def __str__(self) -> str:
        return f"{self.tier} {self.get_use_display()}"


class Loan(models.Model):
    """One permitted use of one record by one person for a period; the rows are the loan register (LND-7).

    `until` is the first moment at which it no longer holds. `asked_by` differs from `borrower` when an archivist entered it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(_("number"), max_length=30, unique=True)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="loans")
    borrower = models.ForeignKey(User, verbose_name=_("borrower"), on_delete=models.PROTECT, related_name="loans")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    use = models.CharField(_("use"), max_length=10, choices=Use.choices)
    purpose = models.CharField(_("purpose"), max_length=500)
    since = models.DateTimeField(_("from"), default=timezone.now)
    until = models.DateTimeField(_("until"))
    state = models.CharField(_("state"), max_length=10, choices=LoanState.choices)
    approval = models.OneToOneField(Approval, null=True, on_delete=models.PROTECT, related_name="loan")
    extends = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="extensions")
    copies = models.PositiveSmallIntegerField(_("copies"), null=True)
    pages = models.PositiveIntegerField(_("pages"), null=True, help_text=_("Of each, as counted at issue."))
    condition = models.CharField(_("condition"), max_length=500, blank=True)
    damage = models.CharField(_("damage"), max_length=500, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    incident = models.BooleanField(_("incident"), default=False)
    end_reason = models.CharField(_("reason"), max_length=500, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    issued_at = models.DateTimeField(null=True)
    issued_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    issue_confirmed_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    return_confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-number"]
        verbose_name = _("loan")
        verbose_name_plural = _("loans")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=LoanState.values), name="loan_state_is_legal"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="a_loan_has_a_period"),
            models.CheckConstraint(condition=~Q(issued_by=F("borrower")) & ~Q(received_by=F("borrower")), name="nobody_issues_to_oneself"),
            models.UniqueConstraint(
                fields=["record"], condition=Q(use="original", state__in=["active", "recalled", "lost"]), name="one_original_is_out_once"
            ),
        ]
        indexes = [models.Index(fields=["borrower", "until"], condition=Q(state="active"), name="loans_running")]

    def __str__(self) -> str:
        return self.number

    @property
    def digital(self) -> bool:
        """Whether it opens the record on the screen; else it is about paper."""
        return self.use in DIGITAL

    @property
    def standing(self) -> str:
        """The state as the clock has it: what was not used in time, and what was open on the screen, ends by itself (LND-4)."""
        unused = self.state in (LoanState.REQUESTED, LoanState.APPROVED)
        ends = unused or (self.digital and self.state == LoanState.ACTIVE)
        return LoanState.EXPIRED if ends and self.until <= timezone.now() else self.state

    @property
    def going_on(self) -> bool:
        """Whether it waits for somebody, opens the record, or its paper is not in its place: so long it names the record's title to
        those who have to do with it, and afterwards to those alone who may know of the record (SEC-5, LND-10).
        """
        if self.digital:
            return self.standing in (LoanState.REQUESTED, LoanState.ACTIVE)
        return self.standing in (LoanState.REQUESTED, LoanState.APPROVED) or self.state in OUT

    @property
    def taken_along(self) -> bool:
        """Whether an original is asked for beyond the day: else it is read on the premises and back the same day (LND-5)."""
        last_day = timezone.localtime(self.until - timedelta(seconds=1)).date()
        return self.use == Use.ORIGINAL and last_day > timezone.localtime(self.since).date()

    @property
    def overdue(self) -> bool:
        """Paper that should have come back."""
        return not self.digital and self.state in (LoanState.ACTIVE, LoanState.RECALLED) and self.until <= timezone.now()
