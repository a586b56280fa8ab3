"""From rows of records to documents: what the index gets. A fixed number of queries for a batch, whatever its size."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from records import fields, kinds
from records.models import Component, Record, RecordClass, State
from search import texts
from search.documents import Document
from search.models import TextPage
from search.text import sensitive

GONE = (State.WITHDRAWN, State.DESTROYED, State.TRANSFERRED)  # states without a search entry (RET-7)
BATCH = 100  # records to a set of queries
AMOUNT_KINDS = frozenset({"money", "number", "date"})  # checked by their kind: nothing sensitive, though an amount may look like a mobile
NUMBER_KINDS = frozenset({"certificate-number", "credit-code"})
PROJECT_KINDS = frozenset({"text", "choice"})
NUMBER_KEYS = ("number", "code")  # how the key of a field ends that holds a number people look up in part (FND-4)


def documents(ids: Collection[str | UUID]) -> list[Document]:
    """Documents of these records as they are now; those that are to be found no more are left out."""
    records = list(_rows().filter(pk__in=[UUID(str(each)) for each in ids]))
    paths, pages = _class_paths(), _pages_of(records)
    return [_document(record, paths, pages) for record in records]


def everything() -> Iterator[Document]:
    """Documents of all records, in batches, oldest first."""
    batch: list[UUID] = []
    for pk in _rows().order_by("created_at", "pk").values_list("pk", flat=True).iterator(chunk_size=2000):
        batch.append(pk)
        if len(batch) == BATCH:
            yield from documents(batch)
            batch = []
    yield from documents(batch)


def _rows() -> QuerySet[Record]:
    parts = Component.objects.order_by("order", "name").select_related("version")
    return (
        Record.objects.exclude(state__in=GONE)
        .select_related("record_type", "record_class", "tier", "department", "data_key", "volume")
        .prefetch_related(
            "record_type__fields",
            "named_rows",
            "party_rows__identifiers",
            "sealed_fields",
            Prefetch("versions__components", queryset=parts),
        )
    )


def _class_paths() -> dict[int, tuple[str, ...]]:
    rows = {pk: (code, parent) for pk, code, parent in RecordClass.objects.values_list("pk", "code", "parent_id")}
    paths = {}
    for start in rows:
        path, at = [], start
        while at is not None and rows[at][0] not in path:
            path.append(rows[at][0])
            at = rows[at][1]
        paths[start] = tuple(reversed(path))
    return paths


def current_components(record: Record) -> list[Component]:
    """The components of the version that search finds: the current one."""
    return [part for version in record.versions.all() if version.number == record.current_version for part in version.components.all()]


def _pages_of(records: list[Record]) -> dict[UUID, list[str]]:
    keys = {part.pk: record for record in records for part in current_components(record)}
    found: dict[UUID, list[str]] = defaultdict(list)
    materials: dict[UUID, bytes] = {}
    for row in TextPage.objects.filter(component__in=keys).defer("layout").order_by("component_id", "number"):
        record = keys[row.component_id]
        if record.pk not in materials:
            materials[record.pk] = record.data_key.material()
        found[row.component_id].append(texts.text_of(row, materials[record.pk]))
    return found


def _document(record: Record, paths: dict[int, tuple[str, ...]], pages: dict[UUID, list[str]]) -> Document:
    blank = _Blanking()
    texts_of_fields, numbers = _field_texts(record, blank)
    return Document(
        id=str(record.pk),
        title=blank(record.title),
        number=record.number,
        record_type=record.record_type.slug,
        class_id=str(record.record_class_id),
        class_path=paths[record.record_class_id],
        tier=record.tier.slug,
        state=record.state,
        volume=str(record.volume_id) if record.volume_id else None,
        date=record.date,
        named=tuple(sorted(str(row.user_id) for row in record.named_rows.all())),
        project=_project(record, blank),
        department=record.department.slug if record.department else None,
        parties=tuple((str(row.party_id), blank(row.name)) for row in record.party_rows.all()),
        numbers=numbers,
        fields=texts_of_fields,
        pages=tuple(tuple(map(blank, pages.get(part.pk, []))) for part in current_components(record)),
        digests=tuple(sorted({*_digests(record), *blank.digests})),  # last: what the others gave
    )


class _Blanking:
    """Strikes sensitive numbers out of texts, whoever typed them and where, and keeps their digests (SEC-6)."""

    def __init__(self) -> None:
        self.digests: set[str] = set()

    def __call__(self, text: str) -> str:
        self.digests.update(fields.digest("", value) for value in sensitive.values(text))
        return sensitive.without(text)


def _field_texts(record: Record, blank: _Blanking) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(texts, numbers) of the fields; numbers are texts that can be found in part as well."""
    found: list[str] = [blank(record.volume.title)] if record.volume else []
    numbers: list[str] = []  # a volume's number begins those of its items
    for definition in record.record_type.fields.all():
        text = kinds.get(definition.kind).text(record.fields.get(definition.key), choices=definition.choices)
        is_number = definition.kind in NUMBER_KINDS or definition.key.endswith(NUMBER_KEYS)
        (numbers if is_number else found).append(text if definition.kind in AMOUNT_KINDS else blank(text))
    if record.department:
        found += [record.department.name, *(record.department.names or {}).values()]
    return tuple(filter(None, found)), tuple(filter(None, numbers))


def _project(record: Record, blank: _Blanking) -> str | None:
    """What the type's field `project` says, where it is a line of text or a choice."""
    kinds_of_it = {definition.kind for definition in record.record_type.fields.all() if definition.key == "project"}
    return blank(record.fields.get("project") or "") or None if kinds_of_it & PROJECT_KINDS else None


def _digests(record: Record) -> Iterator[str]:
    yield from (row.digest for row in record.sealed_fields.all())
    yield from (each.digest for row in record.party_rows.all() for each in row.identifiers.all())
