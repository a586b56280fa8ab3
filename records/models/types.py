"""Record types and their fields, as data (CAP-4 to CAP-6); clusters, so that a type is edited with its fields on one page."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from records.models.names import Named
from records.models.schedules import EVENT_FIELDS


class Level(models.TextChoices):
    """How much a field matters (CAP-5)."""

    REQUIRED = "required", _("required")
    IMPORTANT = "important", _("important")
    OPTIONAL = "optional", _("optional")


class RecordType(Named, ClusterableModel):
    """A kind of record, with fields of its own; usable at once for registering, searching, filtering and the API."""

    slug = models.SlugField(_("code"), unique=True)
    own_date = models.SlugField(
        _("field of the record's own date"), blank=True, help_text=_("The date field that gives year and date; empty: the date of filing.")
    )
    personal = models.BooleanField(_("personal data"), default=False, help_text=_("Asks for purpose and basis (SEC-9)."))
    needs_department = models.BooleanField(_("needs an owning department"), default=False)
    needs_party = models.BooleanField(_("needs a party"), default=False)
    active = models.BooleanField(_("open for new records"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "slug"]
        verbose_name = _("record type")
        verbose_name_plural = _("record types")


class FieldDefinition(Named):
    """One field of a record type; `kind` names an entry of `records/kinds.py`."""

    record_type = ParentalKey(RecordType, on_delete=models.CASCADE, related_name="fields")
    key = models.SlugField(_("key"))
    kind = models.CharField(_("kind"), max_length=30)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices, default=Level.OPTIONAL)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    help = models.CharField(_("help"), max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("field")
        verbose_name_plural = _("fields")
        constraints = [models.UniqueConstraint(fields=["record_type", "key"], name="one_field_per_key")]

    def clean(self) -> None:
        """A field that starts terms is a day (RET-1). Raises ValidationError."""
        super().clean()
        if self.key in EVENT_FIELDS.values() and self.kind != "date":
            raise ValidationError({"kind": _("“%(key)s” starts the terms of retention schedules: it must be a date.") % {"key": self.key}})
