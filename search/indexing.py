"""What follows changes: records into the index, in batches; rebuild, check and repair of the index (FND-2, FND-7, FND-8)."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from records import outbox
from records.models import OutboxRow
from search import collecting, texts
from search.documents import Document
from search.engines import engine
from search.engines.base import Engine
from search.errors import EngineUnavailable

TOPIC = "index"
BATCH = 64  # rows to one commit of the index
REPAIR = 200  # records to one commit while repairing
LATE = timedelta(minutes=5)  # a change reaches the index within seconds
Progress = Callable[[int], None]


def handle(rows: list[OutboxRow]) -> dict[int, str] | None:
    """Outbox topic `index`: the index gets the records as they are now; those without a search entry lose it, and their text."""
    ids = list(dict.fromkeys(row.key for row in rows))
    try:
        gone = engine().refresh(ids, collecting.documents)
    except EngineUnavailable as error:
        return not_now(rows, error)
    for each in gone:
        texts.drop(each)
    return None


def not_now(rows: Iterable[OutboxRow], error: EngineUnavailable) -> dict[int, str]:
    """All rows try again later, and are never given up: that the engine is down is no fault of theirs (FND-8)."""
    failed = {}
    for row in rows:
        row.attempts = min(row.attempts, outbox.ATTEMPTS - 1)
        failed[row.pk] = error.detail
    return failed


def register() -> None:
    """Take up the topic; called at start-up."""
    outbox.register_handler(TOPIC, handle, batch=BATCH)


# --- the whole index ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """Where index and database differ about one record: `missing` in the index, `outdated`, or `extra` in it."""

    record_id: str
    kind: str


def rebuild(*, progress: Progress | None = None, using: Engine | None = None) -> int:
    """Build the index anew while the old one goes on serving; returns how many records it holds."""
    count = 0

    def counted() -> Iterator[Document]:
        nonlocal count
        for document in collecting.everything():
            count += 1
            if progress:
                progress(count)
            yield document

    with (using or engine()).rebuild() as building:
        building.add(counted())
        building.finish(collecting.documents)
    return count


def differences(*, progress: Progress | None = None, using: Engine | None = None) -> Iterator[Difference]:
    """Every difference between index and database, but for records that wait in the outbox anyway."""
    stamps = dict((using or engine()).stamps())
    waiting = set(OutboxRow.objects.filter(topic=TOPIC, done_at__isnull=True).values_list("key", flat=True))
    for count, document in enumerate(collecting.everything(), start=1):
        stamp = stamps.pop(document.id, None)
        if progress:
            progress(count)
        if stamp != document.stamp and document.id not in waiting:
            yield Difference(document.id, "outdated" if stamp else "missing")
    yield from (Difference(each, "extra") for each in stamps if each not in waiting)


def repair(found: Iterable[Difference], *, using: Engine | None = None) -> int:
    """Bring the index up to the database for these records; returns how many there were.

    All differences are asked for first: on SQLite a half-read list of records would show them as they were when its reading began.
    """
    ids = [difference.record_id for difference in found]
    for start in range(0, len(ids), REPAIR):
        (using or engine()).refresh(ids[start : start + REPAIR], collecting.documents)
    return len(ids)


def erase(ids: Collection[str]) -> None:
    """Take records out of the index and out of every file of it, and prove it (RET-7); their rows must say already that they are gone.

    Raises EngineUnavailable, NotErased.
    """
    engine().erase(ids, remake=collecting.documents, everything=collecting.everything)


def waiting() -> int:
    """How many records have changes that the index has not seen."""
    return OutboxRow.objects.filter(topic=TOPIC, done_at__isnull=True).values("key").distinct().count()


def is_behind(*, by: timedelta = LATE) -> bool:
    """Whether a change has waited for the index longer than it takes while all is well."""
    return OutboxRow.objects.filter(topic=TOPIC, done_at__isnull=True, created_at__lt=timezone.now() - by).exists()
