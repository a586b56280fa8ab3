"""The register of numbers: every one that was ever given, and the counters they come from (NUM-2)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from records.models.classes import NumberRule, Volume
from records.models.people import User
from records.models.records import Record
from records.models.tiers import Tier


class NumberScope(models.Model):
    """One counter: a rendered pattern with its counter left open, whichever rules lead to it. Its row is the lock of numbering."""

    rule = models.ForeignKey(NumberRule, on_delete=models.PROTECT, related_name="scopes")
    key = models.CharField(_("scope"), max_length=200)
    hidden_tier = models.ForeignKey(
        Tier, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("Set for numbers of a tier that only named people know.")
    )
    next = models.PositiveIntegerField(_("next"), default=1)

    class Meta:
        ordering = ["rule", "key"]
        verbose_name = _("number scope")
        verbose_name_plural = _("number scopes")
        constraints = [models.UniqueConstraint(fields=["key"], name="scope_once")]

    def __str__(self) -> str:
        return self.key


class NumberEntry(models.Model):
    """A number in the register: given to a record or a volume, or void with its reason; never deleted, never given again."""

    scope = models.ForeignKey(NumberScope, on_delete=models.PROTECT, related_name="entries")
    sequence = models.PositiveIntegerField()
    number = models.CharField(_("number"), max_length=120, unique=True)
    record = models.ForeignKey(Record, null=True, on_delete=models.PROTECT, related_name="number_entries")
    volume = models.ForeignKey(Volume, null=True, on_delete=models.PROTECT, related_name="number_entries")
    given_at = models.DateTimeField(_("given at"), auto_now_add=True)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    void = models.BooleanField(_("void"), default=False)
    void_reason = models.CharField(_("reason"), max_length=500, blank=True)
    voided_at = models.DateTimeField(null=True)
    voided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["scope", "sequence"]
        verbose_name = _("number")
        verbose_name_plural = _("numbers")
        constraints = [
            models.UniqueConstraint(fields=["scope", "sequence"], name="sequence_once"),
            models.CheckConstraint(condition=models.Q(void=False) | ~models.Q(void_reason=""), name="void_has_reason"),
        ]

    def __str__(self) -> str:
        return self.number


class YearCounter(models.Model):
    """The counter of a year's numbers of one series, such as loans; its row is the lock."""

    series = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    next = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="one_counter_a_year")]

    def __str__(self) -> str:
        return f"{self.series}-{self.year}: {self.next}"
