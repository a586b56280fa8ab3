"""Retention schedules (RET-1). Computing with them is `retention/`."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from records.models.names import Named


class Trigger(models.TextChoices):
    """What starts a term."""

    SIGNING = "signing", _("signing")
    END_OF_VALIDITY = "end-of-validity", _("end of validity")
    COMPLETION = "completion", _("completion of the project")
    CLOSING = "closing", _("closing of the file")
    END_OF_RELATION = "end-of-relation", _("end of the customer relation")
    LAST_TRANSACTION = "last-transaction", _("last transaction")
    FILING = "filing", _("filing")
    RELEASE = "release", _("release of the title")


# The field of a record that tells the day of the event; the day of filing is the archive's own.
EVENT_FIELDS = {
    Trigger.SIGNING: "signed_on",
    Trigger.END_OF_VALIDITY: "valid_to",
    Trigger.COMPLETION: "completed_on",
    Trigger.CLOSING: "closed_on",
    Trigger.END_OF_RELATION: "relation_ended_on",
    Trigger.LAST_TRANSACTION: "last_transaction_on",
    Trigger.RELEASE: "released_on",
}


class Disposal(models.TextChoices):
    """What happens at the end of a term."""

    REVIEW = "review", _("review")
    DESTROY = "destroy", _("destroy")
    TRANSFER = "transfer", _("transfer")
    KEEP = "keep", _("keep")


class Schedule(Named):
    """How long, from when, and then what. No term at all means: until the trigger's event (RET-1 'until released')."""

    slug = models.SlugField(_("code"), unique=True)
    years = models.PositiveSmallIntegerField(_("years"), default=0, validators=[MaxValueValidator(200)])
    months = models.PositiveSmallIntegerField(_("months"), default=0, validators=[MaxValueValidator(1200)])
    permanent = models.BooleanField(_("permanent"), default=False)
    trigger = models.CharField(_("starts with"), max_length=20, choices=Trigger.choices)
    from_year_start = models.BooleanField(_("from the first day of the next year"), default=False)
    disposal = models.CharField(_("at the end"), max_length=10, choices=Disposal.choices, default=Disposal.REVIEW)
    basis = models.CharField(_("rule or law"), max_length=300, blank=True)

    class Meta:
        ordering = ["slug"]
        verbose_name = _("retention schedule")
        verbose_name_plural = _("retention schedules")
