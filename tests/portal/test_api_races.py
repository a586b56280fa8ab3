"""Callers at the same moment, each with a connection of its own: nothing is lost, nothing is there twice, nobody gets a fault."""

import json
import threading

import pytest
from django.db import connections

from records.models import Party, Record
from storage import objects
from storage.models import StoredObject
from tests.factories import IDENTITY_NUMBER, registered, reviewed, volume
from tests.portal.callers import Api

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("real_database", "store")]


def at_once(calls):
    """The answers to calls that begin together, in their order."""
    barrier, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place, call):
        barrier.wait()
        try:
            answers[place] = call()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_repeats_of_one_request_make_one_record():
    callers, shelf = [Api("archivist") for _ in range(4)], volume()
    before = len(list(objects.listing()))
    key = {"Idempotency-Key": "one"}

    answers = at_once([lambda api=api: api.register(headers=key, record_class="DK", volume=str(shelf.pk)) for api in callers])

    assert {answer.status_code for answer in answers} == {201}, [answer.content for answer in answers]
    assert len({json.loads(answer.content)["id"] for answer in answers}) == 1
    assert Record.objects.count() == StoredObject.objects.count() == 1
    assert len(list(objects.listing())) == before + 1


def test_changes_of_one_record_at_once_lose_nothing():
    record, keys = registered(), ["project", "remarks", "payment_terms", "valid_from"]
    callers = [Api(who) for who in ("archivist", "archivist2", "registrar", "archivist")]
    values = dict(zip(keys, ["滨江", "备注", "月结", "2026-01-01"], strict=True))

    answers = at_once(
        [
            lambda api=api, key=key: api.patch(f"/records/{record.pk}/", {"fields": {key: values[key]}})
            for api, key in zip(callers, keys, strict=True)
        ]
    )

    assert {answer.status_code for answer in answers} <= {200, 409}
    taken = {key for key, answer in zip(keys, answers, strict=True) if answer.status_code == 200}
    assert taken
    kept = Record.objects.get(pk=record.pk)
    assert {key: kept.fields.get(key) for key in keys} == {key: values[key] if key in taken else None for key in keys}
    assert kept.revision == 1 + len(taken)


def test_one_record_filed_at_once_has_one_number():
    record, callers = reviewed(), [Api(who) for who in ("archivist", "archivist2", "registrar")]

    answers = at_once([lambda api=api: api.post(f"/records/{record.pk}/file/") for api in callers])

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert callers[0].get("/numbers/").json()["results"][0]["given"] == 1


def test_one_person_in_two_registrations_at_once():
    party = {"name": "陈大文", "kind": "person", "identity_number": IDENTITY_NUMBER}
    callers = [Api("archivist"), Api("archivist2"), Api("registrar")]

    answers = at_once([lambda api=api: api.register(parties=[party]) for api in callers])

    assert {answer.status_code for answer in answers} <= {201, 409}, [answer.content for answer in answers]
    assert Record.objects.count() == [answer.status_code for answer in answers].count(201) >= 1
    assert Party.objects.count() >= 1
