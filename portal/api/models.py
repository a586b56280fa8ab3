"""First answers, kept for a day for requests that are sent again (interface.md, `Idempotency-Key`)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class FirstAnswer(models.Model):
    """The answer to a request that carried an Idempotency-Key, written in the transaction of the act itself.

    So a repeat finds it or finds that nothing happened, and two at once cannot both commit. The body is sealed under the
    record's key and dies with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text=_("SHA-256 of what was asked."))
    record_id = models.UUIDField()
    body = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("first answer")
        verbose_name_plural = _("first answers")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key")]
        indexes = [models.Index(fields=["created_at"], name="answer_by_age")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key[:20]}"
