"""The part of `benchmarks.search` that goes through the API: rows for 100,000 records, the index by `search_index rebuild`, then HTTP.

The rows are written past the verbs, whose speed `benchmarks.ingest` measures: what is measured here only reads them.
"""

import json
import os
import time
import uuid
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import urllib3

from benchmarks.contracts import Contract, contracts, party_name
from benchmarks.house import House, environment, house
from benchmarks.search import measure, questions

PORT = 8766  # not that of `benchmarks.ingest`, which may run beside
AT_ONCE = 500  # records to a transaction
CLASSES = ("HT", "HT", "HT", "SF", "KH", "GZ")
PEOPLE = {
    "staff": "sales, internal: half of it, and the listing of more",
    "legal": "legal, confidential: most of it",
    "staff2": "projects, internal: public records only",
}


def through_the_api(count: int, rounds: int) -> None:
    """Start a portal, fill it, ask it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    with house(port=PORT) as home:
        os.environ.update(environment(home.data))
        import django

        django.setup()
        start = time.perf_counter()
        home.manage("shell", "-c", "from portal.demo import organisation; organisation.load_people(); organisation.load_grants()")
        fill(count)
        print(f"{count} records with 2 sealed pages each written in {time.perf_counter() - start:.0f} s")
        start = time.perf_counter()
        print(home.manage("search_index", "rebuild"), f"({time.perf_counter() - start:.0f} s)")
        asked = list(questions(list(contracts(500)), rounds))
        for username, who in PEOPLE.items():
            ask = asker(home, username)
            ask({"text": "合同"})
            measure(f"{username} ({who}), through the API", ask, asked)


def asker(home: House, username: str) -> Any:
    """Asks as this person, over one connection; returns how many were found."""
    token = home.manage("issue_token", username).split()[-1]
    pool = urllib3.PoolManager(headers={"Authorization": f"Bearer {token}"})

    def ask(question: dict) -> int:
        values = {name: value for name, value in question.items() if name not in ("text", "filters")}
        pairs = [("q", question.get("text", "")), *values.items()]
        pairs += [(name, value) for name, chosen in question.get("filters", {}).items() for value in chosen]
        answer = pool.request("GET", f"{home.url.rstrip('/')}/api/v1/search/?{urlencode(pairs)}")
        assert answer.status == 200, answer.data[:500]
        return int(json.loads(answer.data)["count"])

    return ask


# --- rows -----------------------------------------------------------------------------------------------------------


def fill(count: int) -> None:
    """Parties, then records in batches, each in one transaction."""
    from django.db import transaction

    from records.models import Department, Party, RecordClass, RecordType, Tier, User

    names = {
        "types": {each.slug: each for each in RecordType.objects.all()},
        "classes": {each.code: each for each in RecordClass.objects.all()},
        "tiers": {each.slug: each for each in Tier.objects.all()},
        "departments": {each.slug: each for each in Department.objects.all()},
        "people": {each.username: each for each in User.objects.all()},
    }
    parties = [Party(name=party_name(place), kind="organisation", folded=party_name(place)) for place in range(max(2, count // 5))]
    Party.objects.bulk_create(parties, batch_size=AT_ONCE)
    given = contracts(count)
    while batch := list(islice(given, AT_ONCE)):
        with transaction.atomic():
            write(batch, names, parties)


def write(batch: list[Contract], names: dict[str, dict[str, Any]], parties: list[Any]) -> None:
    """Rows of every table that search reads."""
    from records.models import Record, RecordNamed, RecordParty
    from storage.models import DataKey

    keys = {one.id: DataKey.make() for one in batch}
    DataKey.objects.bulk_create(keys.values())
    Record.objects.bulk_create(_record(one, names, keys[one.id]) for one in batch)
    manager = names["people"]["manager"]
    RecordNamed.objects.bulk_create(RecordNamed(record_id=one.id, user=manager) for one in batch if one.tier == "top-secret")
    RecordParty.objects.bulk_create(
        RecordParty(record_id=one.id, party=parties[place], name=party_name(place), folded=party_name(place), order=order)
        for one in batch
        for order, place in enumerate(dict.fromkeys(one.parties))
    )
    _write_texts(batch, names, keys)


def _record(one: Contract, names: dict[str, dict[str, Any]], key: Any) -> Any:
    from records.models import Record, State

    people = names["people"]
    return Record(
        id=one.id,
        title=one.title,
        number=one.number,
        record_type=names["types"][one.record_type],
        record_class=names["classes"][CLASSES[one.place % len(CLASSES)]],
        tier=names["tiers"][one.tier],
        department=names["departments"][one.department],
        date=one.date,
        fields={"contract_number": one.contract_number},
        data_key=key,
        owner=people["archivist"],
        registrar=people["archivist"],
        reviewer=people["archivist2"],
        state=State.FILED,
    )


def _write_texts(batch: list[Contract], names: dict[str, dict[str, Any]], keys: dict[str, Any]) -> None:
    from records.models import Component, RecordVersion
    from search import texts
    from search.models import TextPage, TextState
    from search.text.page import PageText
    from storage.models import StoredObject

    stored = {one.id: StoredObject(**_stored(keys[one.id])) for one in batch}
    StoredObject.objects.bulk_create(stored.values())
    versions = {one.id: RecordVersion(record_id=one.id, number=1, created_by=names["people"]["archivist"]) for one in batch}
    RecordVersion.objects.bulk_create(versions.values())
    common = {"name": "scan.pdf", "media_type": "application/pdf", "size": 1, "sha256": "0" * 64, "pages": 2}
    parts = {one.id: Component(version=versions[one.id], stored=stored[one.id], **common) for one in batch}
    Component.objects.bulk_create(parts.values())
    done = {"state": "ready", "source": "embedded", "pages_total": 2, "pages_done": 2}
    TextState.objects.bulk_create(TextState(component=part, **done) for part in parts.values())
    TextPage.objects.bulk_create(
        texts._sealed(parts[one.id].pk, PageText(number, text), keys[one.id].material())
        for one in batch
        for number, text in enumerate(one.pages, start=1)
    )


def _stored(key: Any) -> dict[str, Any]:
    digest = "0" * 64
    return {
        "key": uuid.uuid4().hex,
        "data_key": key,
        "size": 1,
        "sha256": digest,
        "sealed_size": 57,
        "sealed_sha256": digest,
        "sealed_head": b"",
    }
