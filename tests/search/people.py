"""Short ways of the search tests: records made as rows, texts kept without a file, the index written by hand."""

import datetime
import uuid
from typing import Any

from records.models import (
    Component,
    Department,
    Party,
    Record,
    RecordClass,
    RecordNamed,
    RecordParty,
    RecordType,
    RecordVersion,
    State,
    Tier,
    User,
)
from search import collecting, texts
from search.engines import engine
from search.models import TextState
from search.text.page import PageText
from storage.crypto import sealed_size
from storage.models import DataKey, StoredObject
from tests import factories


def row(
    title: str = "设备采购合同",
    *,
    tier: str = "internal",
    record_class: str = "HT",
    state: str = State.REGISTERED,
    number: str | None = None,
    date: datetime.date | None = None,
    parties: tuple[str, ...] = (),
    named: tuple[str, ...] = (),
    pages: tuple[str, ...] = (),
    **values: Any,
) -> Record:
    """A record as it would stand after registration, its text read, without bytes in the store."""
    archivist, reviewer = factories.person("archivist"), factories.person("archivist2")
    key = DataKey.make()
    key.save()
    department = Department.objects.get(slug=values.pop("department")) if values.get("department") else None
    record = Record.objects.create(
        title=title,
        record_type=RecordType.objects.get(slug=values.pop("record_type", "contract")),
        record_class=RecordClass.objects.get(code=record_class),
        tier=Tier.objects.get(slug=tier),
        state=State.FILED if number else state,
        number=number,
        date=date,
        department=department,
        owner=archivist,
        registrar=archivist,
        reviewer=reviewer if number else None,
        data_key=key,
        **values,
    )
    for place, name in enumerate(parties):
        party = Party.objects.get_or_create(name=name, defaults={"kind": "organisation", "folded": name})[0]
        RecordParty.objects.create(record=record, party=party, name=name, order=place)
    RecordNamed.objects.bulk_create(RecordNamed(record=record, user=User.objects.get(username=name)) for name in named)
    version = RecordVersion.objects.create(record=record, number=1, created_by=archivist)
    if pages:
        read(version, pages)
    return record


def read(version: RecordVersion, pages: tuple[str, ...], name: str = "scan.pdf") -> Component:
    """A component whose pages say this."""
    sizes = {"size": 1, "sha256": "0" * 64, "sealed_size": sealed_size(1), "sealed_sha256": "0" * 64, "sealed_head": b""}
    stored = StoredObject.objects.create(key=uuid.uuid4().hex, data_key=version.record.data_key, associated="", **sizes)
    made = Component.objects.create(
        version=version, name=name, media_type="application/pdf", size=1, sha256=uuid.uuid4().hex, pages=len(pages), stored=stored
    )
    texts.keep(made, [PageText(number, text) for number, text in enumerate(pages, start=1)])
    TextState.objects.create(component=made, pages_total=len(pages))
    texts.settle(made)
    return made


def index(*records: Record) -> None:
    """Into the index, as the worker does it."""
    engine().write(collecting.documents([record.pk for record in records]))
