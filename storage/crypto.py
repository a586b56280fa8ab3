"""Seals: the master key, the records' keys, sealed values, and content in Tink's AES256_GCM_HKDF_1MB streaming format.

Format of content (Tink, "Streaming AEAD: AES-GCM-HKDF"): a header of 40 bytes (its length, 32 bytes of salt, 7 bytes of nonce prefix),
then segments of 1 MiB, the header counted into the first; the key of the object is HKDF-SHA256(record's key, salt, associated data);
the nonce of a segment is prefix, number (4 bytes, big-endian), and 1 for the last one. A cut, moved or swapped segment does not open.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from storage.errors import MasterKeyUnknown, SealBroken

KEY_BYTES = 32
NONCE_BYTES = 12  # AES-GCM's own size
TAG_BYTES = 16
SALT_BYTES = 32
PREFIX_BYTES = 7
HEADER_BYTES = 1 + SALT_BYTES + PREFIX_BYTES
SEGMENT_BYTES = 1024 * 1024  # sealed bytes of a segment; the first one includes the header
FIRST_PLAIN = SEGMENT_BYTES - HEADER_BYTES - TAG_BYTES
NEXT_PLAIN = SEGMENT_BYTES - TAG_BYTES


# --- the master key ------------------------------------------------------------------------------------------------


def _derive(material: bytes, *, info: bytes, salt: bytes | None = None) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(material)


@lru_cache(maxsize=64)
def _branch(master: str, purpose: str) -> bytes:
    """A key for one purpose only, so that no two uses of the master key ever share one."""
    return _derive(master.encode(), info=b"muniment " + purpose.encode())


def master_id() -> str:
    """The name of the master key in the settings (16 hex characters): stored beside what it wrapped; tells nothing about the key."""
    return _branch(settings.MUNIMENT_MASTER_KEY, "master id")[:8].hex()


def wrap_key(key: bytes, *, associated: bytes) -> bytes:
    """`key` sealed under the master key (AES-256-GCM); `associated` binds it to its row."""
    return seal_value(_branch(settings.MUNIMENT_MASTER_KEY, "wrap data keys"), key, associated=associated)


def unwrap_key(wrapped: bytes, *, master: str, associated: bytes) -> bytes:
    """The key again; `master` is the id stored beside it. Raises MasterKeyUnknown, SealBroken."""
    if master != master_id():
        raise MasterKeyUnknown(wanted=master, given=master_id())
    return open_value(_branch(settings.MUNIMENT_MASTER_KEY, "wrap data keys"), wrapped, associated=associated)


def keyed_digest(value: str, *, purpose: str) -> str:
    """HMAC-SHA256 of `value` in hex, under a key of the master key's for this purpose: exact match of sealed values (SEC-6).

    Without the master key it can be neither computed nor tried out; the same value has another digest for another purpose.
    """
    key = _branch(settings.MUNIMENT_MASTER_KEY, f"digest {purpose}")
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


# --- small values --------------------------------------------------------------------------------------------------


def seal_value(key: bytes, value: bytes, *, associated: bytes) -> bytes:
    """`value` sealed with AES-256-GCM: nonce, ciphertext, tag. `associated` says where it belongs and must be given again to open it."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, value, associated)


def open_value(key: bytes, sealed: bytes, *, associated: bytes) -> bytes:
    """What `seal_value` sealed. Raises SealBroken when it was changed or belongs elsewhere."""
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise SealBroken
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
    except InvalidTag:
        raise SealBroken from None


# --- content in segments -------------------------------------------------------------------------------------------


def sealed_size(plain_size: int) -> int:
    """Bytes that a content of `plain_size` bytes has when sealed."""
    return HEADER_BYTES + plain_size + segment_count(plain_size) * TAG_BYTES


def segment_count(plain_size: int) -> int:
    """Segments of a content of `plain_size` bytes; an empty one has one segment too."""
    return 1 + max(0, -(-(plain_size - FIRST_PLAIN) // NEXT_PLAIN))


@dataclass(frozen=True)
class Segment:
    """Where one segment lies: bytes of the plain content, and of the sealed object without the header."""

    number: int
    plain_start: int
    plain_end: int
    sealed_start: int
    sealed_end: int
    last: bool


def segment_at(offset: int, *, plain_size: int) -> Segment:
    """The segment that holds the plain byte at `offset` (0 <= offset < plain_size, or 0 of an empty content)."""
    number = 0 if offset < FIRST_PLAIN else 1 + (offset - FIRST_PLAIN) // NEXT_PLAIN
    start = 0 if number == 0 else FIRST_PLAIN + (number - 1) * NEXT_PLAIN
    end = min(plain_size, FIRST_PLAIN + number * NEXT_PLAIN)
    sealed = HEADER_BYTES if number == 0 else number * SEGMENT_BYTES
    return Segment(number, start, end, sealed, sealed + end - start + TAG_BYTES, last=end == plain_size)


def segments_between(start: int, end: int, *, plain_size: int) -> Iterator[Segment]:
    """The segments that hold the plain bytes from `start` to before `end`; where there are none, the segment at `start`."""
    while True:
        segment = segment_at(start, plain_size=plain_size)
        yield segment
        if end <= segment.plain_end:
            return
        start = segment.plain_end


class _Cipher:
    """The object's own key and nonces."""

    def __init__(self, key: bytes, *, salt: bytes, prefix: bytes, associated: bytes) -> None:
        self._aead = AESGCM(_derive(key, info=associated, salt=salt))
        self._prefix = prefix

    def nonce(self, number: int, *, last: bool) -> bytes:
        return self._prefix + number.to_bytes(4, "big") + bytes([last])

    def seal(self, number: int, plain: bytes, *, last: bool) -> bytes:
        return self._aead.encrypt(self.nonce(number, last=last), plain, None)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        try:
            return self._aead.decrypt(self.nonce(number, last=last), sealed, None)
        except InvalidTag:
            raise SealBroken from None


def seal_stream(chunks: Iterable[bytes], *, key: bytes, associated: bytes) -> Iterator[bytes]:
    """The sealed bytes of a content that arrives in chunks of any size: header first, then a segment at a time (1 MiB in memory)."""
    salt, prefix = os.urandom(SALT_BYTES), os.urandom(PREFIX_BYTES)
    cipher = _Cipher(key, salt=salt, prefix=prefix, associated=associated)
    yield bytes([HEADER_BYTES]) + salt + prefix
    for number, (plain, last) in enumerate(_segments(chunks)):
        yield cipher.seal(number, plain, last=last)


def _segments(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Plain segments with a mark on the last; one is held back until more is seen, since only the last may be short."""
    held = bytearray()
    room = FIRST_PLAIN
    for chunk in chunks:
        held += chunk
        while len(held) > room:
            yield bytes(held[:room]), False
            del held[:room]
            room = NEXT_PLAIN
    yield bytes(held), True


class Opener:
    """Opens segments of one sealed object in any order."""

    def __init__(self, header: bytes, *, key: bytes, associated: bytes) -> None:
        """`header` is the object's first 40 bytes. Raises SealBroken when it is none."""
        if len(header) != HEADER_BYTES or header[0] != HEADER_BYTES:
            raise SealBroken
        salt, prefix = header[1 : 1 + SALT_BYTES], header[1 + SALT_BYTES :]
        self._cipher = _Cipher(key, salt=salt, prefix=prefix, associated=associated)

    def open(self, segment: Segment, sealed: bytes) -> bytes:
        """The plain bytes of `segment`. Raises SealBroken when it was changed, cut, moved, or belongs to another object."""
        return self._cipher.open(segment.number, sealed, last=segment.last)


def new_key() -> bytes:
    """A fresh key of 32 random bytes."""
    return os.urandom(KEY_BYTES)
