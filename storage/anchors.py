"""What is written once and read as it was first written: small texts under a prefix of their own, which reconcile does not look into.

Nothing here overwrites or erases. That nobody else does is the store's promise, where the bucket has it (S3 Object Lock): of a text with
several versions the first one counts.
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from storage import client
from storage.errors import NoSuchObject, StoreRefused, WrittenAlready
from storage.objects import connection

PREFIX = "anchors/"


def write_once(name: str, body: bytes) -> None:
    """Raises WrittenAlready when something has this name, StoreUnavailable, StoreRefused."""
    if name in names():
        raise WrittenAlready(name=name)
    try:
        with client.translated():
            _s3().put_object(Bucket=settings.S3_BUCKET, Key=PREFIX + name, Body=body, IfNoneMatch="*")
    except StoreRefused as error:  # somebody else wrote it since
        if error.details.get("vendor") not in ("PreconditionFailed", "412"):
            raise
        raise WrittenAlready(name=name) from None


def names() -> list[str]:
    """Every name there is, in order. Raises StoreUnavailable, StoreRefused."""
    return sorted(_first_versions())


def read(name: str) -> bytes:
    """What was first written under this name. Raises NoSuchObject, StoreUnavailable, StoreRefused."""
    version = _first_versions(name).get(name)
    if version is None:
        raise NoSuchObject(name=name)
    with client.translated():
        return bytes(_s3().get_object(Bucket=settings.S3_BUCKET, Key=PREFIX + name, **version)["Body"].read())


def _s3() -> Any:
    return client.client_for(connection())


def _first_versions(beginning: str = "") -> dict[str, dict[str, str]]:
    """By name what names its first version; stores list the newest first."""
    found = {}
    for entry in _entries(PREFIX + beginning):
        version = entry.get("VersionId", "null")
        found[entry["Key"].removeprefix(PREFIX)] = {} if version == "null" else {"VersionId": version}
    return found


def _entries(prefix: str) -> Iterator[dict[str, Any]]:
    try:
        yield from _pages("list_object_versions", "Versions", prefix)
    except StoreRefused as error:
        if error.details.get("vendor") != "NotImplemented":
            raise
        yield from _pages("list_objects_v2", "Contents", prefix)  # a store without versions


def _pages(listing: str, part: str, prefix: str) -> Iterator[dict[str, Any]]:
    with client.translated():
        for page in _s3().get_paginator(listing).paginate(Bucket=settings.S3_BUCKET, Prefix=prefix):
            yield from page.get(part, [])
