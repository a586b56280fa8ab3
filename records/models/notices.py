"""What people are told: one row for a person and an occasion (PRT-8)."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from records.models.people import User
from records.models.records import Record


class Notice(models.Model):
    """Something that a person is to know. What is said, and where it leads, follows from `kind` when it is shown.

    It carries no title and no value: what the reader may know of the record is asked when it is read, and mail carries none at all (SEC-5).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.SlugField(_("kind"), max_length=40)
    record = models.ForeignKey(Record, null=True, on_delete=models.SET_NULL, related_name="+")
    subject = models.CharField(max_length=100, blank=True, help_text=_("The loan's number, or another that the reader knows."))
    key = models.CharField(max_length=100, blank=True, help_text=_("An id for the address it leads to."))
    details = models.JSONField(default=dict)
    once = models.CharField(
        max_length=100, blank=True, default="", help_text=_("The occasion of a reminder, of which a person is told once.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["person", "-created_at"], name="notices_of_person"),
            models.Index(fields=["created_at"], condition=models.Q(mailed_at=None), name="notices_to_mail"),
            models.Index(fields=["person"], condition=models.Q(read_at=None), name="notices_unread"),
        ]
        constraints = [models.UniqueConstraint(fields=["person", "once"], condition=~models.Q(once=""), name="a_reminder_is_told_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
