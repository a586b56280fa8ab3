"""The floor's own tables: the records' keys, and the objects that the store holds."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from storage import crypto
from storage.errors import KeyDestroyed


class DataKey(models.Model):
    """The key of one record (SEC-8), wrapped by the master key. A destroyed one keeps its row, without the key (RET-7)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wrapped = models.BinaryField(null=True)
    master_id = models.CharField(max_length=16)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    destroyed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="datakey_wrapped_until_destroyed",
                condition=Q(wrapped__isnull=False, destroyed_at__isnull=True) | Q(wrapped__isnull=True, destroyed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @classmethod
    def make(cls) -> Self:
        """A fresh key, wrapped, not saved yet."""
        row = cls(id=uuid.uuid4(), master_id=crypto.master_id())
        row.wrapped = crypto.wrap_key(crypto.new_key(), associated=row.id.bytes)
        return row

    def material(self) -> bytes:
        """The 32 bytes of the key. Raises KeyDestroyed, MasterKeyUnknown, SealBroken."""
        if self.wrapped is None:
            raise KeyDestroyed(key=str(self.id))
        return crypto.unwrap_key(bytes(self.wrapped), master=self.master_id, associated=self.id.bytes)

    def destroy(self) -> None:
        """Forget the key for ever; done twice it changes nothing.

        SQLite overwrites the old bytes (`secure_delete`); PostgreSQL does at its next vacuum of the table.
        """
        DataKey.objects.filter(pk=self.pk, destroyed_at=None).update(wrapped=None, destroyed_at=timezone.now())
        self.refresh_from_db()


class StoredObject(models.Model):
    """One sealed object in the store. `objects.put` makes the row after the bytes were read back; the caller saves it (STO-2)."""

    class State(models.TextChoices):
        """`stored` → `erasing` (its bytes may be gone already) → `erased` (absence was proved)."""

        STORED = "stored"
        ERASING = "erasing"
        ERASED = "erased"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=64, unique=True)  # random, never made from the content
    data_key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="objects_sealed")
    associated = models.CharField(max_length=200)  # what the seal is bound to: record, version, component
    size = models.BigIntegerField()  # bytes, plain
    sha256 = models.CharField(max_length=64)  # hex, of the plain bytes
    sealed_size = models.BigIntegerField()
    sealed_sha256 = models.CharField(max_length=64)
    sealed_head = models.BinaryField()  # the first 40 sealed bytes: what `prove_absent` looks for in the volume files
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.STORED)

    class Meta:
        indexes = [models.Index(fields=["state", "created_at"], name="storedobject_state_created")]
        constraints = [
            models.CheckConstraint(name="storedobject_state_known", condition=Q(state__in=["stored", "erasing", "erased"])),
            models.CheckConstraint(name="storedobject_sizes", condition=Q(size__gte=0, sealed_size__gt=models.F("size"))),
        ]

    def __str__(self) -> str:
        return self.key
