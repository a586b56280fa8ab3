"""Parties: one person or organisation once, with sealed identifiers (SEC-6)."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from records.models.records import Record
from storage.models import DataKey


class PartyKind(models.TextChoices):
    """A natural person or an organisation."""

    PERSON = "person", _("person")
    ORGANISATION = "organisation", _("organisation")


class PartyRole(models.TextChoices):
    """What a party is in a record."""

    PARTY_A = "party_a", _("party A")
    PARTY_B = "party_b", _("party B")
    GUARANTOR = "guarantor", _("guarantor")
    HOLDER = "holder", _("holder")
    OTHER = "other", _("other party")


class Party(models.Model):
    """A person or organisation in records; found again by its exact identifier."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=PartyKind.choices)
    name = models.CharField(_("name"), max_length=200)
    folded = models.CharField(max_length=200, db_index=True, editable=False)
    data_key = models.OneToOneField(DataKey, null=True, on_delete=models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("party")
        verbose_name_plural = _("parties")

    def __str__(self) -> str:
        return self.name


class PartyIdentifier(models.Model):
    """An identity number, credit code, telephone or account of a party: sealed, masked, found by keyed digest.

    The same number may stand at two parties: one in records that somebody knows of, one in records hidden from them (SEC-5).
    """

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=30)
    sealed = models.BinaryField()
    digest = models.CharField(max_length=64)
    masked = models.CharField(max_length=60)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["kind", "digest"], name="identifier_by_digest")]
        constraints = [models.UniqueConstraint(fields=["party", "kind", "digest"], name="identifier_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.masked}"


class RecordParty(models.Model):
    """A party's part in a record."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="party_rows")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="record_rows")
    name = models.CharField(_("name"), max_length=200, help_text=_("As this record states it: a name given elsewhere is not shown here."))
    folded = models.CharField(max_length=200, db_index=True, editable=False, default="", help_text=_("The name as it is compared."))
    role = models.CharField(max_length=12, choices=PartyRole.choices, default=PartyRole.OTHER)
    identifiers = models.ManyToManyField(PartyIdentifier, related_name="record_rows")  # those that this record states
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["record", "party", "role"], name="party_role_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.role})"
