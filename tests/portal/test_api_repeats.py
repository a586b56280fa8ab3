"""Requests that are sent again: the first answer again, never a second record (interface.md, `Idempotency-Key`)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.api import repeats
from portal.api.models import FirstAnswer
from records.models import Record, RecordVersion
from storage import objects
from tests.factories import registered, secret
from tests.portal.callers import Api, file, problem_of

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "d2a8f7c1-one"}


@pytest.fixture
def api():
    return Api("archivist")


def test_a_repeat_gives_the_first_answer_again(api):
    first = api.register(headers=KEY)
    Api("archivist2").post(f"/records/{first.json()['id']}/review/", {"decision": "accept"})

    again = api.register(headers=KEY)

    assert (again.status_code, again.content, again["Location"]) == (201, first.content, first["Location"])
    assert Record.objects.count() == 1


def test_without_a_key_it_is_another_record(api):
    api.register()
    api.register()

    assert Record.objects.count() == 2


@pytest.mark.parametrize("other", [{"title": "别的"}, {"files": [file(name="other.pdf")]}, {"fields": {}}])
def test_the_same_key_for_another_request_is_refused(api, other):
    api.register(headers=KEY)

    assert problem_of(api.register(headers=KEY, **other), 409)["code"] == "idempotency-key-used"
    assert Record.objects.count() == 1


def test_keys_are_each_persons_own(api):
    api.register(headers=KEY)

    assert Api("archivist2").register(headers=KEY).status_code == 201
    assert Record.objects.count() == 2


def test_a_refused_request_may_be_mended_and_sent_with_the_same_key(api):
    problem_of(api.register(headers=KEY, title=""), 400)
    problem_of(api.register(headers=KEY, files=[file(b"")]), 415)

    assert api.register(headers=KEY).status_code == 201
    assert Record.objects.count() == 1


def test_versions_are_given_once_too(api):
    record = registered()

    answers = [api.form(f"/records/{record.pk}/versions/", reason="补扫", files=[file()], headers=KEY) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert RecordVersion.objects.filter(record=record).count() == 2


def test_a_key_for_a_version_is_not_one_for_another_record(api):
    first, other = registered(), registered()
    api.form(f"/records/{first.pk}/versions/", reason="补扫", files=[file()], headers=KEY)

    problem_of(api.form(f"/records/{other.pk}/versions/", reason="补扫", files=[file()], headers=KEY), 409)


def test_after_a_day_a_key_is_new(api):
    first = api.register(headers=KEY).json()
    FirstAnswer.objects.update(created_at=timezone.now() - repeats.KEPT - timedelta(seconds=1))

    assert api.register(headers=KEY).json()["id"] != first["id"]
    FirstAnswer.objects.update(created_at=timezone.now() - repeats.KEPT - timedelta(seconds=1))
    assert repeats.forget() == 1
    assert not FirstAnswer.objects.exists()


def test_a_repeat_shows_nothing_that_was_hidden_in_between(api):
    made = api.register(headers=KEY).json()
    Record.objects.filter(pk=made["id"]).update(tier=registered("registrar", **secret("top-secret")).tier)

    problem_of(api.register(headers=KEY), 404)


def test_a_kept_answer_is_sealed(api):  # SEC-8
    api.register(headers=KEY, title="绝不外泄")

    assert "绝不外泄".encode() not in bytes(FirstAnswer.objects.get().body)


@pytest.mark.parametrize("key", ["x" * 256, "a\tb", "钥\u2028"])
def test_a_key_that_cannot_be(api, key):
    response = api.register(headers={"Idempotency-Key": key.encode().decode("latin-1")})

    assert "Idempotency-Key" in problem_of(response, 400)["errors"]
    assert not Record.objects.exists()


def test_a_registration_that_fails_last_leaves_nothing(api, monkeypatch):
    def broken(*_arguments, **_options):
        raise RuntimeError

    monkeypatch.setattr(repeats, "_sealed", broken)
    before = len(list(objects.listing()))

    problem_of(api.register(headers=KEY), 500)

    assert not Record.objects.exists()
    assert len(list(objects.listing())) == before
