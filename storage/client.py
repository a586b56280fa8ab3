"""The S3 client: one per process and address, kept; and the one place where the vendor's errors become ours."""

import contextlib
import os
import secrets
import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, IncompleteReadError, ResponseStreamingError
from botocore.handlers import add_expect_header
from urllib3.exceptions import HTTPError

from storage.embedded.connection import Connection
from storage.errors import BadRange, DigestMismatch, NoSuchObject, StorageError, StoreFull, StoreRefused, StoreUnavailable

CONNECT_SECONDS = 3.0
READ_SECONDS = 60.0  # a put on a busy disk may take long; an answer that stops for a minute has ended
TRIES = 3  # a put goes to a fresh key and may be sent again
POOL = 32  # connections kept open, one for each thread at work
REQUEST_CHECKSUMS = "when_required"  # ours is over the bytes read back, the vendor's would be a second one

_MISSING = {"NoSuchKey", "NoSuchVersion", "404", "NotFound"}
_RANGES = {"InvalidRange", "416"}
_DIGESTS = {"BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody"}
_FULL = {"InsufficientCapacity", "InsufficientStorage", "507", "XMinioStorageFull"}
_BUSY = {"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "500", "502", "503", "504"}
_OURS = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Vendor errors inside become StorageErrors: what is not known to be the store's answer to us is StoreUnavailable."""
    try:
        yield
    except ClientError as error:
        raise _translation(error) from None
    except (IncompleteReadError, ResponseStreamingError) as error:
        raise StoreUnavailable(reason=str(error)) from None
    except (BotoCoreError, HTTPError, OSError) as error:
        raise StoreUnavailable(reason=type(error).__name__) from None


def _translation(error: ClientError) -> StorageError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    for codes, kind in ((_MISSING, NoSuchObject), (_RANGES, BadRange), (_DIGESTS, DigestMismatch), (_FULL, StoreFull)):
        if code in codes:
            return kind(vendor=code)
    busy = code in _BUSY or (status >= 500 and status != 501)
    return (StoreUnavailable if busy else StoreRefused)(vendor=code)


_making = threading.Lock()


def client_for(connection: Connection) -> Any:
    """The client for this address and these keys; safe to share between threads."""
    with _making:  # boto3's session is not safe while clients are made
        return _client(connection, os.getpid())


@lru_cache(maxsize=8)
def _client(connection: Connection, _process: int) -> Any:
    """Remembered for each process: two that share a socket would mix up their answers."""
    config = Config(
        signature_version="s3v4",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": TRIES},
        max_pool_connections=POOL,
        request_checksum_calculation=REQUEST_CHECKSUMS,
        response_checksum_validation=REQUEST_CHECKSUMS,
        s3={"addressing_style": "path"},
        proxies={} if connection.ports else None,  # the embedded server is on this machine
    )
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=connection.endpoint,
        aws_access_key_id=connection.access_key,
        aws_secret_access_key=connection.secret_key,
        region_name=connection.region,
        config=config,
    )
    # Asking first whether a body may be sent costs every put a round trip.
    client.meta.events.unregister("before-call.s3", add_expect_header)
    client.meta.events.unregister("before-call.s3.PutObject", add_expect_header)
    return client


def ensure_bucket(connection: Connection, bucket: str) -> None:
    """Make the bucket if it is not there. Raises StoreRefused when the keys do not allow it, StoreUnavailable."""
    client = client_for(connection)
    try:
        with translated():
            client.head_bucket(Bucket=bucket)
    except NoSuchObject:
        with translated(), _ours_already():
            client.create_bucket(Bucket=bucket)


@contextlib.contextmanager
def _ours_already() -> Iterator[None]:
    """Two that make one bucket at once are both right."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in _OURS:
            raise


def try_object(connection: Connection, bucket: str) -> None:
    """Put, read and delete a small object under `probe/`. Raises StorageError when the store cannot."""
    client, key, body = client_for(connection), f"probe/{secrets.token_hex(8)}", secrets.token_bytes(32)
    with translated():
        client.put_object(Bucket=bucket, Key=key, Body=body)
        answer = client.get_object(Bucket=bucket, Key=key)["Body"].read()
        client.delete_object(Bucket=bucket, Key=key)
    if answer != body:
        raise DigestMismatch
