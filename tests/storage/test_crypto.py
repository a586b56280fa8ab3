"""Seals (SEC-8; docs/architecture.md, decision 8): the format is Tink's, and what was tampered with does not open, for us nor for Tink."""

import io
import itertools
import os

import pytest
import tink
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import crypto
from storage.crypto import FIRST_PLAIN, HEADER_BYTES, NEXT_PLAIN, SEGMENT_BYTES
from storage.errors import KeyDestroyed, MasterKeyUnknown, SealBroken
from storage.models import DataKey
from tests.storage.tink_keys import opened_by_tink, sealed_by_tink

EDGES = [0, 1, FIRST_PLAIN - 1, FIRST_PLAIN, FIRST_PLAIN + 1, FIRST_PLAIN + NEXT_PLAIN, FIRST_PLAIN + NEXT_PLAIN + 1]
KEY = bytes(range(32))
WHERE = b"record/version/component"


def sealed(plain, *, key=KEY, associated=WHERE):
    return b"".join(crypto.seal_stream([plain], key=key, associated=associated))


def opened(content, size, *, key=KEY, associated=WHERE):
    """What our own opener makes of a whole object of `size` plain bytes."""
    opener = crypto.Opener(content[:HEADER_BYTES], key=key, associated=associated)
    segments = crypto.segments_between(0, size, plain_size=size)
    return b"".join(opener.open(each, content[each.sealed_start : each.sealed_end]) for each in segments)


# --- the format -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", EDGES)
def test_tink_opens_what_we_seal(size):
    plain = os.urandom(size)
    assert opened_by_tink(sealed(plain), key=KEY, associated=WHERE) == plain


@pytest.mark.parametrize("size", EDGES)
def test_we_open_what_tink_seals(size):
    plain = os.urandom(size)
    assert opened(sealed_by_tink(plain, key=KEY, associated=WHERE), size) == plain


@pytest.mark.parametrize("size", EDGES)
def test_the_sealed_size_is_known_beforehand(size):
    assert crypto.sealed_size(size) == len(sealed(bytes(size)))


@given(st.lists(st.integers(0, 700_000), max_size=6))
@settings(max_examples=25, deadline=None)
def test_the_size_of_the_chunks_does_not_matter(sizes):
    chunks = [bytes([number]) * size for number, size in enumerate(sizes)]
    content = b"".join(crypto.seal_stream(chunks, key=KEY, associated=WHERE))
    assert opened(content, sum(sizes)) == b"".join(chunks)


def test_sealing_holds_a_segment_in_memory_not_the_content():
    pieces = crypto.seal_stream((bytes(SEGMENT_BYTES) for _ in range(20)), key=KEY, associated=WHERE)
    assert max(len(piece) for piece in pieces) <= SEGMENT_BYTES


def test_the_same_content_is_sealed_differently_each_time():
    assert sealed(b"same") != sealed(b"same")


# --- tampering ------------------------------------------------------------------------------------------------------

THREE = os.urandom(FIRST_PLAIN + NEXT_PLAIN + 1000)  # three segments


def parts(content):
    """Header and segments of a sealed object of three segments."""
    cuts = [0, HEADER_BYTES, SEGMENT_BYTES, 2 * SEGMENT_BYTES, len(content)]
    return [content[start:end] for start, end in itertools.pairwise(cuts)]


def flipped(content, at):
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def reordered(content):
    header, first, second, third = parts(content)
    return header + first + third.ljust(len(second), b"\0") + second[: len(third)]


def swapped_segments(content):
    """First and second segment changed places; they have one size but for the header."""
    header, first, second, third = parts(content)
    return header + second[: len(first)] + first.ljust(len(second), b"\0") + third


TAMPERED = {
    "a bit of the salt": lambda content: flipped(content, 5),
    "a bit of the nonce prefix": lambda content: flipped(content, 36),
    "a bit of the first segment": lambda content: flipped(content, 1000),
    "a bit of the last tag": lambda content: flipped(content, len(content) - 1),
    "cut inside a segment": lambda content: content[:-1],
    "cut after a segment": lambda content: content[: 2 * SEGMENT_BYTES],
    "only the header": lambda content: content[:HEADER_BYTES],
    "reordered": reordered,
    "first segments swapped": swapped_segments,
    "a segment of another object under the same key": lambda content: content[:SEGMENT_BYTES] + sealed(THREE)[SEGMENT_BYTES:],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_was_tampered_with_does_not_open(how):
    content = sealed(THREE)
    assert opened(content, len(THREE)) == THREE

    with pytest.raises(SealBroken):
        opened(TAMPERED[how](content), len(THREE))
    with pytest.raises(tink.TinkError):
        opened_by_tink(TAMPERED[how](content), key=KEY, associated=WHERE)


def test_something_after_the_end_does_not_open_with_tink():
    with pytest.raises(tink.TinkError):
        opened_by_tink(sealed(b"content") + b"more", key=KEY, associated=WHERE)


@pytest.mark.parametrize(("key", "associated"), [(KEY, b"another/place"), (bytes(32), WHERE)])
def test_it_opens_only_where_it_belongs_and_with_its_key(key, associated):
    content = sealed(b"content")

    with pytest.raises(SealBroken):
        opened(content, 7, key=key, associated=associated)
    with pytest.raises(tink.TinkError):
        opened_by_tink(content, key=key, associated=associated)


# --- small values and the master key --------------------------------------------------------------------------------


def test_a_value_opens_only_unchanged_and_in_its_place():
    secret = crypto.seal_value(KEY, b"440106199001011234", associated=b"party 1")

    assert crypto.open_value(KEY, secret, associated=b"party 1") == b"440106199001011234"
    for broken, place in ((flipped(secret, 20), b"party 1"), (secret[:-1], b"party 1"), (b"", b"party 1"), (secret, b"party 2")):
        with pytest.raises(SealBroken):
            crypto.open_value(KEY, broken, associated=place)


def test_a_keyed_digest_needs_the_master_key_and_its_purpose(settings):  # SEC-6
    digest = crypto.keyed_digest("440106199001011234", purpose="identity number")

    assert digest == crypto.keyed_digest("440106199001011234", purpose="identity number")
    assert digest != crypto.keyed_digest("440106199001011234", purpose="telephone")
    settings.MUNIMENT_MASTER_KEY = "another master key, long enough for one"
    assert digest != crypto.keyed_digest("440106199001011234", purpose="identity number")


def test_a_data_key_opens_under_its_master_key_only(settings):
    key = DataKey.make()
    material = key.material()

    assert len(material) == 32
    assert material not in bytes(key.wrapped)
    settings.MUNIMENT_MASTER_KEY = "another master key, long enough for one"
    with pytest.raises(MasterKeyUnknown):
        key.material()


def test_a_wrapped_key_in_another_row_does_not_open():
    one, other = DataKey.make(), DataKey.make()
    other.wrapped = one.wrapped
    with pytest.raises(SealBroken):
        other.material()


def test_any_text_is_a_master_key_and_its_id_tells_nothing(settings):
    settings.MUNIMENT_MASTER_KEY = "正确的马,电池,订书钉 correct horse battery staple"
    key = DataKey.make()

    assert key.master_id == crypto.master_id() != settings.MUNIMENT_MASTER_KEY
    assert len(key.material()) == 32


@pytest.mark.django_db
def test_a_destroyed_key_is_gone_and_its_row_stays():  # RET-7
    key = DataKey.make()
    key.save()
    wrapped = bytes(key.wrapped)

    key.destroy()
    when = key.destroyed_at
    key.destroy()

    found = DataKey.objects.get(pk=key.pk)
    assert (found.wrapped, found.destroyed_at) == (None, when)
    assert wrapped != b""
    with pytest.raises(KeyDestroyed):
        found.material()


def test_tink_is_really_asked():
    """The helper would be worthless if it opened anything."""
    with pytest.raises(tink.TinkError):
        opened_by_tink(io.BytesIO(b"no seal at all" * 10).getvalue(), key=KEY, associated=WHERE)
