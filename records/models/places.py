"""Where paper lies: a tree of places, each with a code that its label carries (CUS-1)."""

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class PlaceKind(models.TextChoices):
    """From the widest to the narrowest."""

    SITE = "site", _("site")
    ROOM = "room", _("room")
    CABINET = "cabinet", _("cabinet")
    SAFE = "safe", _("safe")
    SHELF = "shelf", _("shelf")
    BOX = "box", _("box")


DEPTH = {PlaceKind.SITE: 0, PlaceKind.ROOM: 1, PlaceKind.CABINET: 2, PlaceKind.SAFE: 2, PlaceKind.SHELF: 3, PlaceKind.BOX: 4}


class Place(models.Model):
    """A site, room, cabinet, safe, shelf or box. `path` is its names from the top, kept by `records/places.py`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(
        _("code"),
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[\w.-]+\Z", _("Letters, digits, points, hyphens and underscores only: it stands in an address."))],
        help_text=_("Stands on the label and in its QR code."),
    )
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=PlaceKind.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("lies in"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="inner",
        help_text=_("Empty: nothing."),
    )
    capacity = models.PositiveIntegerField(_("capacity"), null=True, blank=True, help_text=_("Originals it holds; empty: not counted."))
    path = models.CharField(max_length=700, editable=False)

    class Meta:
        ordering = ["path"]
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PlaceKind.values), name="place_kind_is_known"),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="no_place_in_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.path} ({self.code})"
