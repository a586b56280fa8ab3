"""Records, their immutable versions and components, and what ties them together."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from records.models.classes import RecordClass, Volume
from records.models.people import Department, User
from records.models.places import Place
from records.models.schedules import Schedule
from records.models.tiers import Tier
from records.models.types import RecordType
from storage.models import DataKey, StoredObject


class State(models.TextChoices):
    """Where a record stands (interface.md, Records). Only `records/states.py` assigns it."""

    WORKING = "working", _("working")
    REGISTERED = "registered", _("registered")
    REVIEWED = "reviewed", _("reviewed")
    FILED = "filed", _("filed")
    WITHDRAWN = "withdrawn", _("withdrawn")
    DESTROYED = "destroyed", _("destroyed")
    TRANSFERRED = "transferred", _("transferred")


class Basis(models.TextChoices):
    """Why somebody's personal data may be kept (SEC-9)."""

    CONSENT = "consent", _("consent of the person")
    CONTRACT = "contract", _("needed for a contract")
    LAW = "law", _("demanded by law")


NUMBERED = [State.FILED, State.DESTROYED, State.TRANSFERRED]
CHECKED = [State.REVIEWED, *NUMBERED]


class Record(models.Model):
    """The unit that is registered, numbered, lent and destroyed (件). `revision` counts every change of its row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    revision = models.PositiveIntegerField(default=1)
    number = models.CharField(_("number"), max_length=120, null=True, blank=True, unique=True)
    title = models.CharField(_("title"), max_length=300)
    record_type = models.ForeignKey(RecordType, verbose_name=_("type"), on_delete=models.PROTECT, related_name="records")
    record_class = models.ForeignKey(RecordClass, verbose_name=_("class"), on_delete=models.PROTECT, related_name="records")
    volume = models.ForeignKey(Volume, verbose_name=_("volume"), null=True, blank=True, on_delete=models.PROTECT, related_name="records")
    tier = models.ForeignKey(Tier, verbose_name=_("tier"), on_delete=models.PROTECT, related_name="records")
    tier_reason = models.CharField(_("reason of the tier"), max_length=500, blank=True)
    tier_from = models.DateField(_("classified on"), null=True, blank=True)
    tier_until = models.DateField(_("secret until"), null=True, blank=True)
    tier_event = models.CharField(_("secret until the event"), max_length=200, blank=True, help_text=_("Two people say that it happened."))
    declassified_on = models.DateField(_("declassified on"), null=True, blank=True, help_text=_("It was secret before."))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.REGISTERED)
    returned = models.BooleanField(_("returned by review"), default=False)
    owner = models.ForeignKey(User, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="owned_records")
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT, related_name="records"
    )
    fields = models.JSONField(_("fields"), default=dict, help_text=_("Clean values by key; sealed kinds are kept masked here (SEC-6)."))
    date = models.DateField(_("date"), null=True, blank=True, help_text=_("The record's own date, else the date of filing."))
    purpose = models.CharField(_("purpose of collecting"), max_length=500, blank=True)
    basis = models.CharField(_("basis of collecting"), max_length=500, blank=True, choices=Basis.choices)
    named = models.ManyToManyField(User, through="RecordNamed", related_name="named_on")
    data_key = models.OneToOneField(DataKey, on_delete=models.PROTECT, related_name="+")
    current_version = models.PositiveIntegerField(default=1)
    registrar = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("registered at"), auto_now_add=True)
    filed_at = models.DateTimeField(_("filed at"), null=True, blank=True)
    filed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    own_schedule = models.ForeignKey(Schedule, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    schedule_reason = models.CharField(max_length=300, blank=True)
    due = models.DateField(_("due"), null=True, blank=True, help_text=_("The first day on which disposal may be decided."))
    waiting_for = models.CharField(_("no due date because"), max_length=100, blank=True)

    # The version that a verb has just made, with its components: what answers for the verb need not read them back.
    made: "tuple[RecordVersion, list[Component]] | None" = None
    made_parties: list[Any] | None = None

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("record")
        verbose_name_plural = _("records")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="record_newest"),
            models.Index(fields=["state", "record_class"], name="record_state_class"),
            models.Index(fields=["due"], name="record_due"),
            models.Index(fields=["tier", "record_class", "volume", "id"], name="record_rights"),  # all that rights ask of a row
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="record_state_is_known"),
            models.CheckConstraint(condition=~models.Q(reviewer=models.F("registrar")), name="registrar_is_not_reviewer"),  # CAP-3
            models.CheckConstraint(
                condition=~models.Q(state__in=CHECKED) | models.Q(reviewer__isnull=False), name="filed_only_when_reviewed"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=NUMBERED, number__isnull=False)
                | (~models.Q(state__in=NUMBERED) & models.Q(number__isnull=True)),
                name="number_given_on_filing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}" if self.number else self.title

    @property
    def year(self) -> int | None:
        """The year of the record's date; None while it has neither an own date nor one of filing."""
        return self.date.year if self.date else None


class RecordNamed(models.Model):
    """A person named on a record: the need to know of the highest tiers (SEC-4)."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="named_rows")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="named_rows")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "user"], name="named_once")]

    def __str__(self) -> str:
        return str(self.user)


class RecordHand(models.Model):
    """Somebody who registered, changed or gave a version to a record, and so may not review it (CAP-3)."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="hands")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "user"], name="hand_once")]

    def __str__(self) -> str:
        return str(self.user)


class SealedField(models.Model):
    """The whole value of a field that is masked everywhere else: sealed under the record's key, found by its keyed digest (SEC-6)."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="sealed_fields")
    key = models.SlugField()
    kind = models.CharField(max_length=30)
    sealed = models.BinaryField()
    digest = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "key"], name="sealed_once")]

    def __str__(self) -> str:
        return self.key


class RecordVersion(models.Model):
    """One immutable state of a record's content (CAP-7)."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["record", "number"], name="version_number_once"),
            models.CheckConstraint(condition=~models.Q(reviewed_by=models.F("created_by")), name="version_reviewed_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} v{self.number}"


class Component(models.Model):
    """One uploaded file of a version, with our own digest of its plain bytes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(RecordVersion, on_delete=models.PROTECT, related_name="components")
    order = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text=_("Bytes, plain."))
    sha256 = models.CharField(max_length=64, db_index=True)
    pages = models.PositiveIntegerField(null=True, blank=True, help_text=_("Empty: a format without pages."))
    verdict = models.JSONField(default=dict, help_text=_("What the scan was like when it came in (CAP-14)."))
    stored = models.OneToOneField(StoredObject, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """A file staged and sealed for a record to come; erased when unused for 24 hours."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    pages = models.PositiveIntegerField(null=True)
    verdict = models.JSONField(default=dict)
    stored = models.OneToOneField(StoredObject, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.name


class RelationKind(models.TextChoices):
    """How one record bears on another, read from source to target (CAP-8)."""

    AMENDS = "amends", _("amends")
    SUPPLEMENTS = "supplements", _("supplements")
    REPLACES = "replaces", _("replaces")
    IDENTIFIES = "identifies", _("identifies")
    SECURES = "secures", _("secures")
    PART_OF = "is-part-of", _("is part of")


INVERSE = {
    RelationKind.AMENDS: _("is amended by"),
    RelationKind.SUPPLEMENTS: _("is supplemented by"),
    RelationKind.REPLACES: _("is replaced by"),
    RelationKind.IDENTIFIES: _("is identified by"),
    RelationKind.SECURES: _("is secured by"),
    RelationKind.PART_OF: _("has part"),
}


class Relation(models.Model):
    """A relation, shown on both ends."""

    kind = models.CharField(max_length=12, choices=RelationKind.choices)
    source = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="relations_out")
    target = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="relations_in")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "source", "target"], name="relation_once"),
            models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="no_relation_with_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class Original(models.Model):
    """The paper behind a record: how many pages, and where: in words, and `at` the place that they name, if any (CUS-1)."""

    record = models.OneToOneField(Record, on_delete=models.CASCADE, related_name="original")
    pages = models.PositiveIntegerField(_("pages"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    at = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="originals")

    def __str__(self) -> str:
        return f"{self.pages} / {self.place}"

    def as_dict(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"pages": self.pages, "place": (self.at.path if self.at else self.place) or None}


class TierChangeState(models.TextChoices):
    """A proposed change of tier waits for a second person (SEC-14)."""

    PROPOSED = "proposed", _("proposed")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")
    LAPSED = "lapsed", _("lapsed")  # the term ended before anybody decided


class TierChange(models.Model):
    """Raising, lowering or prolonging, proposed by one person and decided by another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="tier_changes")
    from_tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="+")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="+")
    until = models.DateField(null=True)
    event = models.CharField(max_length=200, blank=True, help_text=_("What ends the new term; for a declassification what has happened."))
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=TierChangeState.choices, default=TierChangeState.PROPOSED)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.UniqueConstraint(fields=["record"], condition=models.Q(state="proposed"), name="one_open_tier_change"),
            models.CheckConstraint(condition=~models.Q(decided_by=models.F("proposed_by")), name="tier_change_by_two"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.from_tier_id} → {self.tier_id}"


class TermEnd(models.Model):
    """What was done about a term of secrecy that ends: who was told that it will, and who lets it go (SEC-14). One row for a term."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="term_ends")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="+")
    until = models.DateField()
    told = models.PositiveSmallIntegerField(null=True, help_text=_("The last notice: so many days ahead."))
    let_go_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    let_go_at = models.DateTimeField(null=True)
    let_go_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "tier", "until"], name="one_end_of_a_term")]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.until}"
