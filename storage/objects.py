"""The object store: sealed bytes in, verified; plain bytes out; and bytes gone, proved (docs/architecture.md, decisions 6, 8, 10).

Everything is S3, whatever its maker. With an empty `S3_ENDPOINT_URL` it is the embedded server of the data folder, and three promises are
stronger: `put` has the bytes on disk, `erase` has had the volumes written anew, and `prove_absent` has looked into them.
"""

import contextlib
import errno
import hashlib
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, BinaryIO

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from storage import client, crypto, embedded
from storage.embedded import Connection
from storage.errors import BadRange, DigestMismatch, NoSuchObject, NotErased, SealBroken, StorageError, StoreFull, StoreRefused
from storage.models import DataKey, StoredObject
from storage.reader import SealedReader

PREFIX = "objects/"  # what lies elsewhere in the bucket (probes, anchors) is none of reconcile's business
READ_BYTES = 256 * 1024  # of the caller's stream at a time
SPOOL_BYTES = 2 * crypto.SEGMENT_BYTES  # sealed bytes kept in memory; more goes to a file without a name
KEEP_FREE = 256 * 1024 * 1024  # bytes the embedded store must have left after a put: it fails in worse ways on a full disk
VACUUM_SECONDS = 60.0  # the server hands deletions on to its volumes a second or two later; each try vacuums anew
VACUUM_PAUSE = 0.2  # seconds between tries
LISTING_PAGE = 1000  # S3's own limit


# --- where it is ---------------------------------------------------------------------------------------------------


def connection() -> Connection:
    """Address and keys of the store. Raises ImproperlyConfigured when there is neither a setting nor an embedded server."""
    if settings.S3_ENDPOINT_URL:
        return Connection(settings.S3_ENDPOINT_URL, settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY, settings.S3_REGION)
    known = embedded.read_connection(settings.MUNIMENT_DATA)
    if known is None:
        raise ImproperlyConfigured("S3_ENDPOINT_URL is empty and no embedded server was started on this data folder (manage.py serve).")
    return known


def is_embedded() -> bool:
    """Whether the store is the embedded server: then bytes can be flushed, vacuumed and looked for on disk."""
    return not settings.S3_ENDPOINT_URL


def ensure_bucket() -> None:
    """Make the bucket if it is missing. Raises StoreRefused, StoreUnavailable."""
    client.ensure_bucket(connection(), settings.S3_BUCKET)


def _s3() -> Any:
    return client.client_for(connection())


# --- keeping -------------------------------------------------------------------------------------------------------


def put(stream: BinaryIO, *, data_key: DataKey, associated: str, size: int | None = None, sha256: str | None = None) -> StoredObject:
    """Seal what `stream` gives from here to its end and keep it; returns the row, not saved yet (STO-2, SEC-8).

    When it returns, the store has given the whole object back and it was what was sent; with the embedded server it is on disk.
    When it raises, nothing is left in the store (or, if the store has gone meanwhile, an orphan that reconcile clears).
    `associated` says where the content belongs (record, version, component) and is part of the seal. `size` (bytes) and `sha256` (hex) are
    what the content should be, where the caller knows. `stream` is left open at its end; 4 MiB at most are held in memory.
    Raises DigestMismatch, StoreFull, StoreUnavailable, StoreRefused, KeyDestroyed.
    """
    key = PREFIX + secrets.token_hex(16)
    with tempfile.SpooledTemporaryFile(SPOOL_BYTES, dir=str(settings.FILE_UPLOAD_TEMP_DIR)) as sealed:
        plain, outside = _seal_into(sealed, stream, data_key.material(), associated.encode())
        if (size is not None and plain.size != size) or (sha256 is not None and plain.hexdigest() != sha256.lower()):
            raise DigestMismatch
        _require_room(outside.size)
        sealed.seek(0)
        head = sealed.read(crypto.HEADER_BYTES)
        with _nothing_left(key):
            _send(key, sealed, outside.size)
            _require_same(key, outside)
            _make_durable()
    return StoredObject(
        key=key,
        data_key=data_key,
        associated=associated,
        size=plain.size,
        sha256=plain.hexdigest(),
        sealed_size=outside.size,
        sealed_sha256=outside.hexdigest(),
        sealed_head=head,
    )


class _Digest:
    """Size and SHA-256 of what has passed by."""

    def __init__(self) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()

    def hexdigest(self) -> str:
        return self._sha256.hexdigest()

    def over(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.size += len(chunk)
            self._sha256.update(chunk)
            yield chunk


def _seal_into(sealed: IO[bytes], stream: BinaryIO, key: bytes, associated: bytes) -> tuple[_Digest, _Digest]:
    """Digests of the plain and of the sealed bytes."""
    plain, outside = _Digest(), _Digest()
    chunks = plain.over(iter(lambda: stream.read(READ_BYTES), b""))
    for piece in outside.over(crypto.seal_stream(chunks, key=key, associated=associated)):
        _write(sealed, piece)
    return plain, outside


def _write(sealed: IO[bytes], piece: bytes) -> None:
    try:
        sealed.write(piece)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreFull from None
        raise


def _require_room(size: int) -> None:
    if is_embedded() and embedded.free_bytes(settings.MUNIMENT_DATA) < size + KEEP_FREE:
        raise StoreFull


def _send(key: str, sealed: IO[bytes], size: int) -> None:
    sealed.seek(0)
    body = sealed.read() if size <= SPOOL_BYTES else sealed  # from a file the client sends 16 KiB at a time
    with client.translated():
        _s3().put_object(Bucket=settings.S3_BUCKET, Key=key, Body=body)


def _require_same(key: str, sent: _Digest) -> None:
    """Read the object back from the store. Raises DigestMismatch when it is not, byte for byte, what was sent."""
    found = _Digest()
    for _ in found.over(_stored_bytes(key)):
        pass
    if (found.size, found.hexdigest()) != (sent.size, sent.hexdigest()):
        raise DigestMismatch(key=key)


def _stored_bytes(key: str) -> Iterator[bytes]:
    """The sealed bytes as the store gives them. Raises NoSuchObject, StoreUnavailable."""
    with client.translated():
        body = _s3().get_object(Bucket=settings.S3_BUCKET, Key=key)["Body"]
        with contextlib.closing(body):
            yield from body.iter_chunks(crypto.SEGMENT_BYTES)


def _make_durable() -> None:
    if is_embedded():
        embedded.flush(settings.MUNIMENT_DATA)


@contextlib.contextmanager
def _nothing_left(key: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(StorageError):  # the store may be what failed: what it keeps is then found by reconcile
            discard(key)
        raise


def discard(key: str) -> None:
    """Drop the bytes of a row that was never committed; without effect when there are none. Raises StoreUnavailable, StoreRefused."""
    with client.translated(), contextlib.suppress(NoSuchObject):
        for version in _versions(key):
            _s3().delete_object(Bucket=settings.S3_BUCKET, Key=key, **version)


def sealed_bytes(obj: StoredObject) -> Iterator[bytes]:
    """The object as it lies in the store, sealed: for fixity and backup. Raises NoSuchObject, StoreUnavailable."""
    return _stored_bytes(obj.key)


# --- giving --------------------------------------------------------------------------------------------------------


def open_object(obj: StoredObject) -> BinaryIO:
    """The plain bytes as a seekable stream; fetches and opens a segment (1 MiB) at a time.

    Raises KeyDestroyed at once; while reading NoSuchObject, SealBroken, StoreUnavailable.
    """
    opener = _opener(obj)
    return SealedReader(size=obj.size, segment=lambda segment: next(_opened(obj, opener, [segment])))


def read_range(obj: StoredObject, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """`length` plain bytes (None: all that follow) from `start`, a segment at a time, with one request.

    Raises BadRange when that is not inside the content, KeyDestroyed; while reading NoSuchObject, SealBroken, StoreUnavailable.
    """
    length = obj.size - start if length is None else length
    if start < 0 or length < 0 or start + length > obj.size:
        raise BadRange
    return _pieces(obj, _opener(obj), start, start + length)


def _pieces(obj: StoredObject, opener: crypto.Opener, start: int, end: int) -> Iterator[bytes]:
    if start == end and obj.size:
        return  # nothing is asked for; of an empty content the seal is looked at all the same
    segments = list(crypto.segments_between(start, end, plain_size=obj.size))
    for segment, plain in zip(segments, _opened(obj, opener, segments), strict=True):
        yield plain[max(0, start - segment.plain_start) : end - segment.plain_start]


def _opener(obj: StoredObject) -> crypto.Opener:
    """From the header kept in the row: each segment costs one request, not two."""
    return crypto.Opener(bytes(obj.sealed_head), key=obj.data_key.material(), associated=obj.associated.encode())


def _opened(obj: StoredObject, opener: crypto.Opener, segments: Sequence[crypto.Segment]) -> Iterator[bytes]:
    """The plain bytes of neighbouring segments, by one ranged request. With the first one the header is compared too."""
    first = 0 if segments[0].number == 0 else segments[0].sealed_start
    with client.translated():
        span = f"bytes={first}-{segments[-1].sealed_end - 1}"
        body = _fetch(obj.key, span)
        with contextlib.closing(body):
            if segments[0].number == 0 and _exactly(body, crypto.HEADER_BYTES) != bytes(obj.sealed_head):
                raise SealBroken(key=obj.key)
            for segment in segments:
                yield opener.open(segment, _exactly(body, segment.sealed_end - segment.sealed_start))


def _fetch(key: str, span: str) -> Any:
    """Raises SealBroken when the object is shorter than its row says: somebody cut it."""
    try:
        with client.translated():
            return _s3().get_object(Bucket=settings.S3_BUCKET, Key=key, Range=span)["Body"]
    except BadRange:
        raise SealBroken(key=key) from None


def _exactly(body: Any, length: int) -> bytes:
    data = bytes(body.read(length))
    if len(data) != length:
        raise SealBroken
    return data


# --- destroying ----------------------------------------------------------------------------------------------------


def erase(*objs: StoredObject) -> None:
    """Erase every version of these objects; returns when they are gone, and may be run again after a failure (RET-8).

    A saved row goes from `stored` to `erasing` before, and to `erased` after absence was proved. The record's key is the caller's to
    destroy (`DataKey.destroy`). Many objects at once cost one vacuum. Raises NotErased, StoreUnavailable, StoreRefused.
    """
    state = StoredObject.State
    _mark(objs, state.ERASING, seen=[state.STORED])
    for obj in objs:
        discard(obj.key)
    _until_gone(objs)
    _mark(objs, state.ERASED, seen=[state.STORED, state.ERASING])


def _until_gone(objs: Sequence[StoredObject]) -> None:
    deadline = time.monotonic() + VACUUM_SECONDS
    while not prove_absent(*objs):
        if not is_embedded() or time.monotonic() > deadline:
            raise NotErased(keys=[obj.key for obj in objs])
        embedded.vacuum(settings.MUNIMENT_DATA, connection(), collection=settings.S3_BUCKET)
        time.sleep(VACUUM_PAUSE)


def _mark(objs: Sequence[StoredObject], state: StoredObject.State, *, seen: list[StoredObject.State]) -> None:
    """Rows that were never saved have no state to keep; a row that is further on stays there."""
    StoredObject.objects.filter(pk__in=[obj.pk for obj in objs], state__in=seen).update(state=state)
    for obj in objs:
        if obj.state in seen:
            obj.state = state


def prove_absent(*objs: StoredObject) -> bool:
    """Whether the store has no version of any of them and, with the embedded server, no volume file holds their first sealed bytes.

    For a foreign store True means "absent as the store answers" (`is_embedded` tells which). Raises StoreUnavailable, StoreRefused.
    """
    if any(_versions(obj.key) for obj in objs):
        return False
    heads = {bytes(obj.sealed_head) for obj in objs}
    return not (is_embedded() and heads and embedded.find_heads(settings.MUNIMENT_DATA, heads))


def exists(key: str) -> bool:
    """Whether the store has any version of this object. Raises StoreUnavailable, StoreRefused."""
    return bool(_versions(key))


def _versions(key: str) -> list[dict[str, str]]:
    """What names each version of an object, delete markers among them; empty when the store has none."""
    pages = _s3().get_paginator("list_object_versions").paginate(Bucket=settings.S3_BUCKET, Prefix=key)
    try:
        with client.translated():
            return [_named(entry) for page in pages for entry in _entries(page) if entry["Key"] == key]
    except StoreRefused as error:
        if error.details.get("vendor") != "NotImplemented":
            raise
        return _only_version(key)  # a store without versions


def _entries(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [*page.get("Versions", []), *page.get("DeleteMarkers", [])]


def _named(entry: dict[str, Any]) -> dict[str, str]:
    version = entry.get("VersionId", "null")
    return {} if version == "null" else {"VersionId": version}


def _only_version(key: str) -> list[dict[str, str]]:
    try:
        with client.translated():
            _s3().head_object(Bucket=settings.S3_BUCKET, Key=key)
    except NoSuchObject:
        return []
    return [{}]


# --- listing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """One object as the store lists it: size in sealed bytes, time of its last change (aware)."""

    key: str
    size: int
    modified: datetime


def listing(*, page: int = LISTING_PAGE) -> Iterator[Listed]:
    """Every object there is, in order of keys, `page` of them a request. Raises StoreUnavailable, StoreRefused."""
    pages = _s3().get_paginator("list_objects_v2").paginate(Bucket=settings.S3_BUCKET, Prefix=PREFIX, PaginationConfig={"PageSize": page})
    with client.translated():
        for answer in pages:
            for entry in answer.get("Contents", []):
                yield Listed(entry["Key"], entry["Size"], entry["LastModified"])
