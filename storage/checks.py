"""`check --deploy`: the store takes objects, and the keys open what is there. `check`: a master key that is one."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from storage import client, crypto, objects
from storage.errors import StorageError

SHORTEST_KEY = 32  # characters: 32 random bytes are 43 in base64


@register(Tags.security)
def master_key_is_one(**_: Any) -> list[CheckMessage]:
    """The master key is long enough not to be guessed: HKDF makes a key of any text, not a strong one of a weak text."""
    if len(settings.MUNIMENT_MASTER_KEY) >= SHORTEST_KEY:
        return []
    hint = "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
    return [Error(f"MUNIMENT_MASTER_KEY is shorter than {SHORTEST_KEY} characters.", hint=hint, id="storage.E001")]


@register(Tags.security, deploy=True)
def keys_open(**_: Any) -> list[CheckMessage]:
    """The newest key in the database was wrapped by this master key, and opens."""
    from storage.models import DataKey

    try:
        newest = DataKey.objects.filter(destroyed_at=None).order_by("-created_at").first()
        if newest is not None:
            newest.material()
        strangers = DataKey.objects.filter(destroyed_at=None).exclude(master_id=crypto.master_id()).count()
    except StorageError as error:
        return [Error(f"The records' keys do not open: {error}", hint="Is MUNIMENT_MASTER_KEY the one of this data?", id="storage.E002")]
    except DatabaseError as error:
        return [Error(f"The records' keys cannot be read: {error}", hint="manage.py migrate", id="storage.E003")]
    if strangers:
        return [Error(f"{strangers} records' keys were wrapped by another master key.", hint="Finish the rotation.", id="storage.E002")]
    return []


@register(Tags.security, deploy=True)
def store_takes_objects(**_: Any) -> list[CheckMessage]:
    """An object can be put, read and deleted."""
    try:
        client.try_object(objects.connection(), settings.S3_BUCKET)
    except (StorageError, ImproperlyConfigured) as error:
        hint = "Start `manage.py serve`, or set S3_ENDPOINT_URL, S3_BUCKET and the keys."
        return [Error(f"The object store takes no objects: {error}", hint=hint, id="storage.E004")]
    return []


@register(Tags.security, deploy=True)
def store_is_reached_safely(**_: Any) -> list[CheckMessage]:
    """Content is sealed and requests are signed, but over plain HTTP whoever sits between can keep them from arriving."""
    endpoint = settings.S3_ENDPOINT_URL
    local = ("http://127.0.0.1", "http://localhost", "http://[::1]")
    if not endpoint.startswith("http://") or endpoint.startswith(local):
        return []
    return [Caution("S3_ENDPOINT_URL is not https.", hint="Use https for a store on another machine.", id="storage.W001")]
