"""The audit trail and the outbox."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from records.models.people import User


class AuditEvent(models.Model):
    """One act, written in the act's own transaction; the database refuses to change or delete it (AUD-1).

    It names records by id and number, never by title; old and new values are sealed under the record's key and die with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    actor_name = models.CharField(max_length=150, help_text=_("Username, or the name of a service."))
    action = models.CharField(_("act"), max_length=50)
    record_id = models.UUIDField(null=True)
    record_number = models.CharField(_("number"), max_length=120, blank=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True, help_text=_("What it was done to, where that is no record."))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    from_address = models.CharField(_("from"), max_length=64, blank=True)
    changed = models.JSONField(default=list, help_text=_("Names of changed fields."))
    values = models.BinaryField(null=True, help_text=_("Old and new values, sealed."))

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["-at", "-id"], name="event_newest"),
            models.Index(fields=["record_id", "-at"], name="event_of_record"),
            models.Index(fields=["actor", "-at"], name="event_of_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.actor_name} {self.action}"


class AuditLink(models.Model):
    """The chain: each link's digest covers its event and the digest before it. Written by the worker alone."""

    sequence = models.PositiveBigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="link")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["sequence"]

    def __str__(self) -> str:
        return f"{self.sequence} {self.digest[:12]}"


class OutboxRow(models.Model):
    """What must follow a change, written in the change's own transaction (docs/architecture.md, decision 7)."""

    topic = models.CharField(max_length=40)
    key = models.CharField(max_length=64, help_text=_("Id of what it is about."))
    payload = models.JSONField(default=dict)
    narrowing = models.BooleanField(default=False, help_text=_("Somebody may see less: search withholds the record until this is done."))
    created_at = models.DateTimeField(auto_now_add=True)
    available_at = models.DateTimeField()
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True, help_text=_("Given up; a person may try again."))

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["available_at", "id"], condition=models.Q(done_at__isnull=True, failed_at__isnull=True), name="outbox_open"
            ),
            models.Index(fields=["key"], condition=models.Q(done_at__isnull=True, narrowing=True), name="outbox_narrowing"),
            models.Index(fields=["topic", "key"], name="outbox_topic_key"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"
