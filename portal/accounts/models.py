"""Tables of the door: API tokens, tries to sign in, the link that makes the first administrator, the organisation's name."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


class Scope(models.TextChoices):
    """What a token may do: look, or everything that its person may."""

    READ = "read", _("read only")
    WRITE = "write", _("read and write")


class ApiToken(models.Model):
    """A person's key to the API. Only its digest is kept; it never may more than the person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(_("what it is for"), max_length=100, blank=True)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256: the token is random, so nothing slower is needed
    shown = models.CharField(max_length=12)  # its first characters, by which a person knows it again
    scope = models.CharField(pgettext_lazy("token", "scope"), max_length=5, choices=Scope.choices, default=Scope.READ)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)  # None: until it is revoked
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    last_address = models.CharField(_("last used from"), max_length=64, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.user} {self.shown}…"

    @property
    def is_expired(self) -> bool:
        """Whether its time has passed."""
        return self.expires_at is not None and self.expires_at <= timezone.now()


class Try(models.Model):
    """One try to sign in, or to have a password mail sent; counted, and forgotten after a day.

    The name tried is kept as a keyed digest: people type passwords into the wrong field.
    """

    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "name", "at"], name="try_by_name"),
            models.Index(fields=["kind", "address", "at"], name="try_by_address"),
            models.Index(fields=["at"], name="try_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%F %T}"


class FirstLink(models.Model):
    """The one-time link that makes the first administrator; only its digest is kept."""

    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.expires_at:%F %T}"


@register_setting(icon="home")
class Organisation(BaseGenericSetting):
    """What the organisation calls itself; empty: MUNIMENT_ORGANISATION."""

    name = models.CharField(_("name"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("organisation")


def organisation_name() -> str:
    """The organisation's name, as its administrator wrote it, else as the settings say."""
    return Organisation.objects.values_list("name", flat=True).first() or settings.MUNIMENT_ORGANISATION
