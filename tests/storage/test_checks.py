"""`check --deploy` names what is wrong with store and keys, and is silent when nothing is."""

import pytest

from storage import checks
from storage.models import DataKey

pytestmark = pytest.mark.django_db


def ids(*functions):
    return [message.id for function in functions for message in function()]


EVERYTHING = (checks.master_key_is_one, checks.keys_open, checks.store_takes_objects, checks.store_is_reached_safely)


def test_nothing_is_wrong_with_a_good_house():
    DataKey.make().save()
    assert ids(*EVERYTHING) == []


def test_a_short_master_key(settings):
    settings.MUNIMENT_MASTER_KEY = "secret"
    assert ids(checks.master_key_is_one) == ["storage.E001"]


def test_the_master_key_of_another_archive(settings):
    DataKey.make().save()
    settings.MUNIMENT_MASTER_KEY = "another master key, long enough for one"
    assert ids(checks.keys_open) == ["storage.E002"]


def test_one_old_key_that_a_rotation_forgot(settings):
    former = settings.MUNIMENT_MASTER_KEY
    settings.MUNIMENT_MASTER_KEY = "another master key, long enough for one"
    DataKey.make().save()
    settings.MUNIMENT_MASTER_KEY = former
    DataKey.make().save()
    assert ids(checks.keys_open) == ["storage.E002"]


def test_a_bent_key():
    key = DataKey.make()
    key.wrapped = bytes(len(key.wrapped))
    key.save()
    assert ids(checks.keys_open) == ["storage.E002"]


def test_a_store_that_is_down(settings, monkeypatch):
    monkeypatch.setattr("storage.client.TRIES", 1)
    settings.S3_ENDPOINT_URL = "http://127.0.0.1:9"
    assert ids(checks.store_takes_objects) == ["storage.E004"]


def test_a_bucket_that_is_not_there(settings):
    settings.S3_BUCKET = "no-such-bucket-here"
    assert ids(checks.store_takes_objects) == ["storage.E004"]


def test_no_store_was_ever_started(settings, tmp_path):
    settings.MUNIMENT_DATA = tmp_path
    assert ids(checks.store_takes_objects) == ["storage.E004"]


@pytest.mark.parametrize(
    ("endpoint", "wanted"), [("http://s3.example.com", ["storage.W001"]), ("https://s3.example.com", []), ("http://127.0.0.1:9000", [])]
)
def test_plain_http_to_another_machine(settings, endpoint, wanted):
    settings.S3_ENDPOINT_URL = endpoint
    assert ids(checks.store_is_reached_safely) == wanted
