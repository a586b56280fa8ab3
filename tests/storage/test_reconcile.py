"""Orphans of both kinds (STO-2): found, told apart by age, cleared; a row without bytes is a loss that is said aloud."""

import io
import uuid
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from storage import objects
from storage.errors import NoSuchObject
from storage.models import DataKey, StoredObject
from storage.reconcile import reconcile

pytestmark = pytest.mark.django_db
NOW = timedelta(0)


@pytest.fixture(autouse=True)
def place(store, monkeypatch):
    """A place in the worker's bucket where nothing lies yet."""
    monkeypatch.setattr(objects, "PREFIX", f"objects/{uuid.uuid4().hex[:8]}/")


def put():
    """Bytes in the store, and the row for them, not saved: what a crash between the two leaves."""
    return objects.put(io.BytesIO(b"content"), data_key=DataKey.make(), associated="x")


def kept():
    """Bytes and row. Made a minute ago, as it were: what is younger than the listing is not judged."""
    obj = put()
    obj.data_key.save()
    obj.created_at = timezone.now() - timedelta(minutes=1)
    obj.save()
    return obj


def keys():
    return {each.key for each in objects.listing()}


def run(*arguments):
    out = io.StringIO()
    call_command("storage_reconcile", *arguments, stdout=out)
    return out.getvalue()


def test_where_both_agree_nothing_is_found():
    kept()
    report = reconcile(grace=NOW, clear=True)
    assert (report.checked, report.orphan_objects, report.missing_objects, report.cleared) == (1, [], [], [])


def test_bytes_without_a_row_are_found_and_cleared_and_others_stay():
    orphan, stays = put(), kept()

    assert reconcile(grace=NOW).orphan_objects == [orphan.key]
    assert keys() == {orphan.key, stays.key}

    assert reconcile(grace=NOW, clear=True).cleared == [orphan.key]
    assert keys() == {stays.key}
    assert reconcile(grace=NOW).orphan_objects == []


def test_within_the_grace_time_bytes_wait_for_their_row():
    young = put()
    report = reconcile(grace=timedelta(minutes=5), clear=True)

    assert (report.orphan_objects, report.young_objects, report.cleared) == ([], 1, [])
    assert keys() == {young.key}


def test_a_row_without_bytes_is_reported_and_stays():
    lost = kept()
    objects.discard(lost.key)

    assert reconcile(clear=True).missing_objects == [lost.key]
    assert StoredObject.objects.filter(pk=lost.pk).exists()


def test_an_erased_row_misses_nothing_and_what_came_back_is_an_orphan():  # RET-9
    obj = kept()
    StoredObject.objects.filter(pk=obj.pk).update(state="erased")

    report = reconcile(grace=NOW, clear=True)

    assert (report.missing_objects, report.cleared) == ([], [obj.key])
    with pytest.raises(NoSuchObject):
        objects.open_object(obj).read()


def test_an_erasure_that_did_not_end_is_named():  # RET-8
    obj = kept()
    StoredObject.objects.filter(pk=obj.pk).update(state="erasing")
    objects.discard(obj.key)

    report = reconcile()
    assert (report.unfinished, report.missing_objects) == ([obj.key], [])


def test_more_objects_than_a_page_and_a_batch(monkeypatch):
    monkeypatch.setattr("storage.reconcile.BATCH", 2)
    orphans, lost = sorted(put().key for _ in range(3)), kept()
    rows = [kept() for _ in range(3)]
    objects.discard(lost.key)

    report = reconcile(grace=NOW)
    assert (sorted(report.orphan_objects), report.missing_objects, report.checked) == (orphans, [lost.key], 3 + len(rows))


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_clears_and_says_so():
    orphan = put()
    assert f"cleared  {orphan.key}" in run("--grace", "0")
    assert keys() == set()


def test_the_command_can_look_only():
    orphan = put()
    assert f"orphan  {orphan.key}" in run("--grace", "0", "--report-only")
    assert keys() == {orphan.key}


def test_the_command_leaves_alone_what_is_young_by_default():
    orphan = put()
    assert orphan.key not in run()
    assert keys() == {orphan.key}


def test_the_command_fails_when_content_is_missing():
    objects.discard(kept().key)
    with pytest.raises(CommandError, match="1"):
        run()


def test_the_command_fails_in_one_sentence_when_the_store_is_down(settings, monkeypatch):
    monkeypatch.setattr("storage.client.TRIES", 1)
    settings.S3_ENDPOINT_URL = "http://127.0.0.1:9"
    with pytest.raises(CommandError) as caught:
        run()
    assert len(str(caught.value).splitlines()) == 1


def test_the_command_refuses_a_negative_grace():
    with pytest.raises(CommandError):
        run("--grace", "-1")
