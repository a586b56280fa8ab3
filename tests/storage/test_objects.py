"""What is promised beyond the contract when the store is our own: a full disk, the disk itself, the database's own rules."""

import io
import os
import tempfile
import threading
import tracemalloc
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from storage import embedded, objects
from storage.embedded.volumes import SharedSync
from storage.errors import StoreFull
from storage.models import DataKey, StoredObject

pytestmark = pytest.mark.django_db


def keep(content):
    """Bytes and row."""
    data_key = DataKey.make()
    data_key.save()
    obj = objects.put(io.BytesIO(content), data_key=data_key, associated="x")
    obj.save()
    return obj


# --- the disk -------------------------------------------------------------------------------------------------------


def test_a_nearly_full_disk_takes_nothing_more(store, monkeypatch):
    before = {each.key for each in objects.listing()}
    monkeypatch.setattr(objects, "KEEP_FREE", embedded.free_bytes(store))
    with pytest.raises(StoreFull):
        keep(b"content")
    assert {each.key for each in objects.listing()} == before


def test_a_large_file_is_never_whole_in_memory():
    size = 24 * 1024 * 1024
    tracemalloc.start()
    try:
        with tempfile.TemporaryFile() as content:
            content.truncate(size)
            obj = objects.put(content, data_key=DataKey.make(), associated="x")
            assert sum(len(piece) for piece in objects.read_range(obj)) == size
        assert tracemalloc.get_traced_memory()[1] < size / 2
    finally:
        tracemalloc.stop()


def test_erased_bytes_are_gone_from_the_volume_files(store):  # RET-7
    objs = [keep(os.urandom(200_000)) for _ in range(6)]
    heads = {bytes(obj.sealed_head) for obj in objs}
    assert embedded.find_heads(store, heads) == heads

    objects.erase(*objs[:5])

    assert embedded.find_heads(store, heads) == {bytes(objs[5].sealed_head)}
    assert not objects.prove_absent(*objs)
    assert objects.prove_absent(*objs[:5])


def test_bytes_deleted_but_still_on_disk_are_not_absent(store):
    """The store answers "not found" at once; the volume file tells the truth."""
    obj = keep(b"content" * 1000)
    objects.discard(obj.key)
    assert not objects.exists(obj.key)
    assert not objects.prove_absent(obj)


@pytest.mark.parametrize("count", [1, 20])
def test_a_head_is_found_across_the_border_of_two_blocks(tmp_path, monkeypatch, count):
    monkeypatch.setattr("storage.embedded.volumes.BLOCK_BYTES", 1000)
    heads = {b"\x28" + os.urandom(39) for _ in range(count)}
    there = sorted(heads)[0]
    volumes = tmp_path / "s3" / "volumes"
    volumes.mkdir(parents=True)
    for offset in (0, 961, 980, 999, 1000, 1500):
        (volumes / "1.dat").write_bytes(bytes(offset) + there + bytes(300))
        assert embedded.find_heads(tmp_path, heads) == {there}
    (volumes / "1.dat").write_bytes(there[:-1] + bytes(2000))
    assert embedded.find_heads(tmp_path, heads) == set()


def test_one_sync_serves_all_who_waited_for_it():
    """The first is in the middle of it; what the others wrote since, it may have missed: they share the next one."""
    begun, go_on, calls = threading.Event(), threading.Event(), []

    def slow(folder):
        calls.append(folder)
        begun.set()
        assert go_on.wait(10)

    sync = SharedSync(slow)
    threads = [threading.Thread(target=sync, args=(Path("/data"),)) for _ in range(8)]
    threads[0].start()
    assert begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    while sync.waiting < 7:
        pass
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert calls == [Path("/data/s3")] * 2


def test_a_sync_that_failed_is_no_sync_for_those_who_waited():
    calls = []

    def fails_once(folder):
        calls.append(folder)
        if len(calls) == 1:
            raise OSError(5, "the disk is broken")

    sync = SharedSync(fails_once)
    with pytest.raises(OSError, match="broken"):
        sync(Path("/data"))
    sync(Path("/data"))
    assert len(calls) == 2


def test_without_a_store_the_sentence_says_what_to_do(settings, tmp_path):
    settings.MUNIMENT_DATA = tmp_path
    with pytest.raises(ImproperlyConfigured, match="S3_ENDPOINT_URL"):
        next(objects.listing())


# --- the database ---------------------------------------------------------------------------------------------------


def test_a_key_that_sealed_something_cannot_be_deleted():
    obj = keep(b"content")
    with pytest.raises(ProtectedError):
        obj.data_key.delete()


@pytest.mark.parametrize("wrong", [{"state": "lost"}, {"size": -1}, {"sealed_size": 3}])
def test_the_database_refuses_impossible_rows(wrong):
    obj = keep(b"content")
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredObject.objects.filter(pk=obj.pk).update(**wrong)


@pytest.mark.parametrize("wrong", [{"wrapped": None}, {"destroyed_at": "2026-01-01T00:00Z"}])
def test_the_database_refuses_a_key_that_is_half_destroyed(wrong):
    obj = keep(b"content")
    with pytest.raises(IntegrityError), transaction.atomic():
        DataKey.objects.filter(pk=obj.data_key.pk).update(**wrong)


def test_one_key_in_the_store_belongs_to_one_row():
    obj = keep(b"content")
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredObject(key=obj.key, data_key=obj.data_key, associated="y", size=1, sealed_size=57, sealed_head=b"x").save()
