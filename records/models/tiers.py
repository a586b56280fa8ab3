"""Secrecy tiers and their policy, as data (SEC-1, SEC-2)."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from records.models.names import Named


class KnownBy(models.TextChoices):
    """Who may know that a record of a tier exists, and has the need to know."""

    EVERYONE = "everyone", _("every signed-in person")
    READERS = "readers", _("readers of the class")
    NAMED = "named", _("people named on the record")


class Tier(Named):
    """A secrecy tier. Reading needs a clearance of this rank or higher *and* to be among `known_by` (SEC-4)."""

    slug = models.SlugField(_("code"), unique=True)
    rank = models.PositiveSmallIntegerField(_("rank"), unique=True, help_text=_("Higher is more secret."))
    known_by = models.CharField(_("known by"), max_length=10, choices=KnownBy.choices, default=KnownBy.READERS)
    listed = models.BooleanField(
        _("listed"),
        default=False,
        help_text=_("Those who have a need to know but not the clearance see the listing: number, title, type, class, year, tier, state."),
    )
    readers_download = models.BooleanField(_("readers may download"), default=False)
    readers_copy = models.BooleanField(_("readers may select and copy text"), default=False)
    readers_print = models.BooleanField(_("readers may print"), default=False)
    watermark = models.BooleanField(_("watermark on pages"), default=True)
    asks_purpose = models.BooleanField(_("asks for the purpose on opening"), default=False)
    needs_reason = models.BooleanField(_("needs a reason and a term"), default=True)
    longest_years = models.PositiveSmallIntegerField(_("longest term, years"), null=True, blank=True, help_text=_("Empty: no limit."))
    falls_to = models.ForeignKey(
        "self",
        verbose_name=_("falls to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("The tier after declassification."),
    )
    number_prefix = models.CharField(
        _("prefix of numbers"),
        max_length=10,
        blank=True,
        help_text=_("For tiers that are known to named people only: their numbers run in a scope of their own (NUM-2)."),
    )

    class Meta:
        ordering = ["rank"]
        verbose_name = _("secrecy tier")
        verbose_name_plural = _("secrecy tiers")
        constraints = [
            models.CheckConstraint(condition=~models.Q(known_by="named") | ~models.Q(number_prefix=""), name="hidden_tiers_number_apart"),
        ]

    def clean(self) -> None:
        """What is declassified falls (SEC-13). Raises ValidationError."""
        super().clean()
        if self.falls_to and self.rank is not None and self.falls_to.rank >= self.rank:
            raise ValidationError({"falls_to": _("A record falls to a lower tier, not to one of the same rank or higher.")})
