"""The classification scheme: classes, files (volumes), number rules, grants down the tree."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from records.models.names import Named
from records.models.people import Department, User
from records.models.schedules import Schedule
from records.models.tiers import Tier


class NumberRule(models.Model):
    """How numbers of records (and of the volumes that hold them) are made: see `records/patterns.py` (NUM-1)."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    pattern = models.CharField(_("pattern of records"), max_length=200)
    volume_pattern = models.CharField(_("pattern of volumes"), max_length=200, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("number rule")
        verbose_name_plural = _("number rules")

    def __str__(self) -> str:
        return self.name


class RecordClass(Named, ClusterableModel):
    """A node of the classification scheme; classes pass their grants down (SEC-4)."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    parent = models.ForeignKey("self", verbose_name=_("part of"), null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    default_tier = models.ForeignKey(Tier, verbose_name=_("tier, unless another is chosen"), on_delete=models.PROTECT, related_name="+")
    number_rule = models.ForeignKey(
        NumberRule, verbose_name=_("number rule"), null=True, blank=True, on_delete=models.PROTECT, related_name="classes"
    )
    needs_volume = models.BooleanField(_("records lie in volumes"), default=False)
    schedule = models.ForeignKey(
        Schedule, verbose_name=_("retention schedule"), null=True, blank=True, on_delete=models.PROTECT, related_name="classes"
    )
    fonds = models.CharField(_("fonds"), max_length=20, blank=True)
    term_code = models.CharField(_("term code"), max_length=10, blank=True, help_text=_("For {term} in numbers: Y, D30, D10."))
    active = models.BooleanField(_("open for new records"), default=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("class")
        verbose_name_plural = _("classes")

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class TypeSchedule(models.Model):
    """A class may map record types to schedules of their own (KH: by type)."""

    record_class = ParentalKey(RecordClass, on_delete=models.CASCADE, related_name="type_schedules")
    record_type = models.ForeignKey("records.RecordType", on_delete=models.PROTECT, related_name="+")
    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_class", "record_type"], name="one_schedule_per_type")]

    def __str__(self) -> str:
        return f"{self.record_class.code} / {self.record_type}: {self.schedule}"


class Volume(models.Model):
    """A file (案卷): items that belong together. Numbered when the first of its records is filed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("title"), max_length=300)
    record_class = models.ForeignKey(RecordClass, verbose_name=_("class"), on_delete=models.PROTECT, related_name="volumes")
    number = models.CharField(_("number"), max_length=100, null=True, blank=True, unique=True)
    sequence = models.PositiveIntegerField(null=True, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("volume")
        verbose_name_plural = _("volumes")

    def __str__(self) -> str:
        return f"{self.number} {self.title}" if self.number else self.title


class Grant(models.Model):
    """A need to know: one group, department or person may read one class (and those below it), volume or record (SEC-4)."""

    group = models.ForeignKey("auth.Group", verbose_name=_("group"), null=True, blank=True, on_delete=models.CASCADE, related_name="grants")
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.CASCADE, related_name="grants"
    )
    user = models.ForeignKey(User, verbose_name=_("person"), null=True, blank=True, on_delete=models.CASCADE, related_name="grants")
    everyone = models.BooleanField(_("everyone"), default=False)
    record_class = models.ForeignKey(
        RecordClass, verbose_name=_("class"), null=True, blank=True, on_delete=models.CASCADE, related_name="grants"
    )
    volume = models.ForeignKey(Volume, verbose_name=_("volume"), null=True, blank=True, on_delete=models.CASCADE, related_name="grants")
    record = models.ForeignKey(
        "records.Record", verbose_name=_("record"), null=True, blank=True, on_delete=models.CASCADE, related_name="grants"
    )
    granted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False)
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(group__isnull=False, department__isnull=True, user__isnull=True, everyone=False)
                | models.Q(group__isnull=True, department__isnull=False, user__isnull=True, everyone=False)
                | models.Q(group__isnull=True, department__isnull=True, user__isnull=False, everyone=False)
                | models.Q(group__isnull=True, department__isnull=True, user__isnull=True, everyone=True),
                name="grant_to_one",
            ),
            models.CheckConstraint(
                condition=models.Q(record_class__isnull=False, volume__isnull=True, record__isnull=True)
                | models.Q(record_class__isnull=True, volume__isnull=False, record__isnull=True)
                | models.Q(record_class__isnull=True, volume__isnull=True, record__isnull=False),
                name="grant_on_one",
            ),
        ]

    def __str__(self) -> str:
        to = self.group or self.department or self.user or _("everyone")
        return f"{to} → {self.record_class or self.volume_id or self.record_id}"  # never by a title: this goes into the trail (AUD-2)
