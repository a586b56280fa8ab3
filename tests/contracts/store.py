"""What every S3 store must do for us, whoever made it. A subclass gives the fixture `place`: the settings point at an empty place."""

import contextlib
import hashlib
import io
import os
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from storage import client, objects
from storage.crypto import FIRST_PLAIN, NEXT_PLAIN
from storage.errors import BadRange, DigestMismatch, KeyDestroyed, NoSuchObject, SealBroken, StoreRefused, StoreUnavailable
from storage.models import DataKey, StoredObject

SIZES = [0, 1, 100_000, FIRST_PLAIN, FIRST_PLAIN + 1, FIRST_PLAIN + NEXT_PLAIN + 1]
EDGE = st.sampled_from([0, FIRST_PLAIN, FIRST_PLAIN + NEXT_PLAIN])
OFFSET = st.builds(lambda edge, by: max(0, edge + by), EDGE, st.integers(-3, 3))


def keep(content, *, data_key=None, **wanted):
    """`content` in the store; the row is not saved."""
    return objects.put(io.BytesIO(content), data_key=data_key or DataKey.make(), associated="record/version/component", **wanted)


def keys():
    return [each.key for each in objects.listing()]


def overwrite(obj, sealed):
    """What somebody with the store's keys could do."""
    with client.translated():
        objects._s3().put_object(Bucket=objects.settings.S3_BUCKET, Key=obj.key, Body=sealed)


class Trickle(io.RawIOBase):
    """A caller's stream that gives little at a time, and fails at its end when told to."""

    def __init__(self, content, *, fails=False):
        super().__init__()
        self._content, self._fails = io.BytesIO(content), fails

    def readable(self):
        return True

    def read(self, _size=-1):
        data = self._content.read(1000)
        if not data and self._fails:
            raise ConnectionResetError("the browser has gone")
        return data


@pytest.mark.django_db
@pytest.mark.usefixtures("place")
class StoreContract:
    """The contract (STO-1, STO-2, SEC-8, RET-7)."""

    # --- keeping and giving ---

    @pytest.mark.parametrize("size", SIZES)
    def test_what_was_put_is_given_back(self, size):
        content = os.urandom(size)
        obj = keep(content)

        assert b"".join(objects.read_range(obj)) == content
        with objects.open_object(obj) as stream:
            assert stream.read() == content

    def test_the_row_says_what_the_store_holds(self):
        content = os.urandom(100_000)
        obj = keep(content)

        sealed = b"".join(objects.sealed_bytes(obj))
        assert (obj.size, obj.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert (obj.sealed_size, obj.sealed_sha256) == (len(sealed), hashlib.sha256(sealed).hexdigest())
        assert content[:64] not in sealed

    def test_a_row_can_be_saved_and_read_again(self):
        obj = keep(b"content")
        obj.data_key.save()
        obj.save()

        found = StoredObject.objects.select_related("data_key").get(pk=obj.pk)
        assert objects.open_object(found).read() == b"content"

    def test_nothing_is_saved_by_put(self):
        keep(b"content")
        assert not StoredObject.objects.exists()
        assert not DataKey.objects.exists()

    def test_keys_tell_nothing_about_the_content(self):
        data_key = DataKey.make()
        one, other = keep(b"same", data_key=data_key), keep(b"same", data_key=data_key)
        assert one.key != other.key
        assert one.sha256 not in one.key

    def test_the_callers_stream_is_left_open_at_its_end(self):
        stream = io.BytesIO(b"before content")
        stream.seek(7)
        obj = objects.put(stream, data_key=DataKey.make(), associated="x")

        assert not stream.closed
        assert stream.tell() == 14
        assert objects.open_object(obj).read() == b"content"

    def test_a_stream_that_gives_little_at_a_time(self):
        content = os.urandom(3_000_500)
        obj = objects.put(Trickle(content), data_key=DataKey.make(), associated="x")
        assert b"".join(objects.read_range(obj)) == content

    # --- refusing ---

    def test_a_short_upload_leaves_nothing(self):
        with pytest.raises(DigestMismatch):
            keep(b"conten", size=7)
        assert keys() == []

    def test_a_wrong_digest_leaves_nothing(self):
        with pytest.raises(DigestMismatch):
            keep(b"content", sha256=hashlib.sha256(b"other").hexdigest())
        assert keys() == []

    def test_the_right_size_and_digest_are_taken(self):
        assert keep(b"content", size=7, sha256=hashlib.sha256(b"content").hexdigest().upper()).size == 7

    def test_a_stream_that_breaks_leaves_nothing(self):
        with pytest.raises(ConnectionResetError):
            objects.put(Trickle(bytes(5000), fails=True), data_key=DataKey.make(), associated="x")
        assert keys() == []

    def test_a_destroyed_key_seals_and_opens_nothing(self):
        obj = keep(b"content")
        obj.data_key.wrapped = None

        with pytest.raises(KeyDestroyed):
            keep(b"more", data_key=obj.data_key)
        with pytest.raises(KeyDestroyed):
            objects.open_object(obj)
        with pytest.raises(KeyDestroyed):
            objects.read_range(obj)
        assert keys() == [obj.key]

    def test_a_missing_object_is_named_as_that(self):
        obj = keep(b"content")
        objects.discard(obj.key)

        for read in (
            lambda: b"".join(objects.read_range(obj)),
            lambda: objects.open_object(obj).read(),
            lambda: list(objects.sealed_bytes(obj)),
        ):
            with pytest.raises(NoSuchObject):
                read()

    def test_deleting_twice_is_no_error(self):
        obj = keep(b"content")
        objects.discard(obj.key)
        objects.discard(obj.key)
        assert keys() == []

    @pytest.mark.parametrize("key", ["../../etc/passwd", "objects/../../x", "/objects/x", "objects//x"])
    def test_a_key_cannot_leave_the_bucket(self, key):
        """Keys are made here, never taken from outside; should one be, it names nothing."""
        kept = keep(b"content")
        with contextlib.suppress(StoreRefused):
            objects.discard(key)
        assert keys() == [kept.key]

    def test_an_unknown_bucket_is_refused_in_our_words(self, settings):
        settings.S3_BUCKET = "no-such-bucket-here"
        with pytest.raises((StoreRefused, NoSuchObject)):
            keep(b"content")

    # --- tampering ---

    @pytest.mark.parametrize("at", [5, 36, 1000, -1])
    def test_a_flipped_bit_in_the_store_is_refused(self, at):
        obj = keep(os.urandom(5000))
        sealed = bytearray(b"".join(objects.sealed_bytes(obj)))
        sealed[at] ^= 1
        overwrite(obj, bytes(sealed))

        with pytest.raises(SealBroken):
            b"".join(objects.read_range(obj))

    @pytest.mark.parametrize("left", [0, 20, 40, 3000])
    def test_a_cut_object_in_the_store_is_refused(self, left):
        obj = keep(os.urandom(5000))
        overwrite(obj, b"".join(objects.sealed_bytes(obj))[:left])

        with pytest.raises(SealBroken):
            b"".join(objects.read_range(obj))
        with pytest.raises(SealBroken):
            objects.open_object(obj).read()

    def test_objects_that_changed_places_are_refused(self):
        data_key = DataKey.make()
        one = objects.put(io.BytesIO(b"one"), data_key=data_key, associated="record/1/a")
        other = objects.put(io.BytesIO(b"two"), data_key=data_key, associated="record/1/b")
        overwrite(one, b"".join(objects.sealed_bytes(other)))

        with pytest.raises(SealBroken):
            objects.open_object(one).read()
        one.key, one.sealed_head = other.key, other.sealed_head  # even with the row bent
        with pytest.raises(SealBroken):
            objects.open_object(one).read()

    # --- ranges ---

    @pytest.mark.parametrize(("start", "length"), [(-1, 1), (0, 8), (8, 0), (7, 1), (3, -1)])
    def test_a_range_outside_is_refused(self, start, length):
        with pytest.raises(BadRange):
            objects.read_range(keep(b"content"), start, length)

    @pytest.mark.parametrize(
        ("start", "length", "wanted"), [(0, 0, b""), (7, 0, b""), (0, 1, b"c"), (6, 1, b"t"), (3, None, b"tent"), (7, None, b"")]
    )
    def test_a_range_inside_is_given(self, start, length, wanted):
        assert b"".join(objects.read_range(keep(b"content"), start, length)) == wanted

    def test_ranges_and_seeks_around_the_edges_of_segments(self, place):
        content = os.urandom(FIRST_PLAIN + NEXT_PLAIN + 2)
        obj = keep(content)
        check = hypothesis_settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

        @check
        @given(OFFSET, OFFSET)
        def same(one, other):
            start, end = sorted((min(one, len(content)), min(other, len(content))))
            assert b"".join(objects.read_range(obj, start, end - start)) == content[start:end]
            with objects.open_object(obj) as stream:
                stream.seek(start)
                assert stream.read(end - start) == content[start:end]
                assert stream.tell() == end

        same()

    def test_a_reader_that_stops_early_hurts_nobody(self):
        content = os.urandom(3_000_000)
        obj = keep(content)
        pieces = objects.read_range(obj)
        first = next(pieces)
        pieces.close()

        assert content.startswith(first)
        assert b"".join(objects.read_range(obj)) == content

    # --- listing ---

    @pytest.mark.parametrize("page", [1, 2, 3, 4, 1000])
    def test_pages_of_any_size_list_everything_once(self, page):
        kept = sorted(keep(bytes([number])).key for number in range(3))
        assert [each.key for each in objects.listing(page=page)] == kept

    def test_an_empty_store_lists_nothing(self):
        assert keys() == []

    def test_a_listing_tells_size_and_time(self):
        obj = keep(b"content")
        (listed,) = objects.listing()
        assert (listed.key, listed.size) == (obj.key, obj.sealed_size)
        assert abs(listed.modified - timezone.now()) < timedelta(minutes=1)

    # --- erasing ---

    def test_erased_means_no_version_is_left_and_others_stay(self):
        data_key = DataKey.make()
        data_key.save()
        gone, stays = keep(b"gone" * 5000, data_key=data_key), keep(b"stays" * 5000, data_key=data_key)
        gone.save()
        stays.save()
        assert not objects.prove_absent(gone)

        objects.erase(gone)
        objects.erase(gone)  # what was interrupted is run again

        gone.refresh_from_db()
        assert gone.state == "erased"
        assert objects.prove_absent(gone)
        assert not objects.prove_absent(gone, stays)
        assert b"".join(objects.read_range(stays)) == b"stays" * 5000

    def test_nothing_to_erase_is_no_error(self):
        objects.erase()

    # --- a store that does not answer ---

    def test_a_store_that_is_down_is_named_as_that(self, settings, monkeypatch):
        monkeypatch.setattr(client, "TRIES", 1)
        settings.S3_ENDPOINT_URL = "http://127.0.0.1:9"  # the discard port: nobody listens
        with pytest.raises(StoreUnavailable):
            keep(b"content")
        with pytest.raises(StoreUnavailable):
            list(objects.listing())
