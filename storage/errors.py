"""Everything that can go wrong with bytes, one class each.

The docstring is the default sentence (translated in `storage/locale`), `code` is stable. Vendor errors never leave this floor.
"""

# ruff: noqa: N818 - these are named for what happened, as the field says it

import inspect
from typing import Any

from django.utils.translation import gettext_lazy


class StorageError(Exception):
    """The store could not do what it was asked to do."""

    code = "storage"

    def __init__(self, sentence: str | None = None, **details: Any) -> None:
        """`sentence` replaces the default one; `details` are facts for logs and for the caller (no secrets)."""
        super().__init__(sentence or gettext_lazy(inspect.cleandoc(self.__doc__ or "")))
        self.details = details


# --- what the store answered ---------------------------------------------------------------------------------------


class NoSuchObject(StorageError):
    """The store has no such object."""

    code = "no-such-object"


class BadRange(StorageError):
    """The range asked for does not lie inside the object."""

    code = "bad-range"


class DigestMismatch(StorageError):
    """What the store holds is not what was sent to it; nothing was kept."""

    code = "digest-mismatch"


class StoreUnavailable(StorageError):
    """The store does not answer now; try again in a moment."""

    code = "store-unavailable"


class StoreFull(StoreUnavailable):
    """The store has no room left; nothing was kept."""

    code = "store-full"


class StoreRefused(StorageError):
    """The store refused: look at its address, bucket and keys."""

    code = "store-refused"


class WrittenAlready(StorageError):
    """This was written before, and is written only once."""

    code = "written-already"


class NotErased(StorageError):
    """The object could not be erased completely; run the erasure again."""

    code = "not-erased"


# --- keys and seals ------------------------------------------------------------------------------------------------


class SealBroken(StorageError):
    """The seal does not fit: the content was changed, cut, moved, or belongs elsewhere."""

    code = "seal-broken"


class KeyDestroyed(StorageError):
    """The key was destroyed; what it sealed cannot be opened by anybody."""

    code = "key-destroyed"


class MasterKeyUnknown(StorageError):
    """The record's key was wrapped by another master key than the one in the settings."""

    code = "master-key-unknown"


# --- the embedded server -------------------------------------------------------------------------------------------


class EmbeddedError(StorageError):
    """The embedded S3 server could not be started."""

    code = "embedded"


class AlreadyRunning(EmbeddedError):
    """Another process already runs the S3 server of this data folder."""

    code = "already-running"


class DoorOpen(EmbeddedError):
    """The embedded S3 server answers where it must stay shut."""

    code = "door-open"


# --- what is taken in (CAP-2) --------------------------------------------------------------------------------------


class NotAccepted(StorageError):
    """This kind of file is not taken in."""

    code = "not-accepted"


class TooLarge(NotAccepted):
    """The file is over a limit."""

    code = "too-large"
