"""Outbox handlers that read the text of components: what a file says by itself at once, scans page by page by OCR (FND-2).

Two topics, so that a heap of scans never holds up what can be read at once. Both are safe to do twice: kept pages are not read again.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from records import access, audit, outbox
from records.models import Component, OutboxRow
from search import collecting, texts
from search.models import State, TextPage, TextState
from search.text import extraction
from search.text.page import PageText
from storage.errors import NotAccepted, StorageError, StoreUnavailable, TooLarge
from storage.sandbox import SandboxBusy

TEXT, OCR = "text", "ocr"
BATCH = 16  # files to one transaction
SIDE_BY_SIDE = 2  # files read at once; the reading itself is done by child processes
SCANS = 8  # pages that one row reads: about ten seconds; the rest is a row of its own, behind those of other files
HOPELESS = (NotAccepted, TooLarge)  # trying again would find the same
NO_FAULT = (SandboxBusy, StoreUnavailable)  # of the file: it is tried again and never given up


@dataclass
class Outcome:
    """What reading one file gave: pages, numbers of those to be read from their picture, and how many there are; or an error."""

    pages: list[PageText] = field(default_factory=list)
    scans: list[int] = field(default_factory=list)
    total: int = 0
    error: Exception | None = None


def register() -> None:
    """Take up the topics; called at start-up."""
    outbox.register_handler(TEXT, handle_text, batch=BATCH)
    outbox.register_handler(OCR, handle_ocr, batch=1)


def handle_text(rows: list[OutboxRow]) -> dict[int, str]:
    """Outbox topic `text`: what the files of these components say by themselves; scans go on to `ocr`."""
    by_id = {str(part.pk): part for part in _waiting(rows)}
    parts = list(by_id.values())
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        outcomes = dict(zip([str(part.pk) for part in parts], pool.map(_read, parts), strict=True))
    failed: dict[int, str] = {}
    with transaction.atomic():
        for row in rows:
            if outcome := outcomes.get(row.key):
                _settle(row, by_id[row.key], outcome, failed)
        for record in {part.version.record_id for part in parts}:
            outbox.enqueue("index", record)
    return failed


def _waiting(rows: Sequence[OutboxRow]) -> QuerySet[Component]:
    """The components of these rows that still have something to read."""
    found = Component.objects.select_related("stored__data_key", "version__record__data_key").filter(pk__in=[UUID(row.key) for row in rows])
    done = TextState.objects.filter(state__in=[State.READY, State.EMPTY]).values("component_id")
    return found.exclude(version__record__state__in=collecting.GONE).exclude(pk__in=done)


def _read(component: Component) -> Outcome:
    """No database in here: it runs beside others."""
    outcome = Outcome()
    try:
        with _spooled(component) as path:
            _extract(path, component.media_type, outcome)
    except (StorageError, SandboxBusy) as error:
        outcome.error = error
    return outcome


@contextmanager
def _spooled(component: Component) -> Iterator[Path]:
    """The plain bytes in a file that only this user can open, for as long as they are needed."""
    with tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, suffix=Path(component.name).suffix[:12]) as file:
        with access.open_as_service(audit.TEXT_SERVICE, component, task="text") as content:
            shutil.copyfileobj(content, file, 1024 * 1024)
        file.flush()
        yield Path(file.name)


def _extract(path: Path, media_type: str, outcome: Outcome) -> None:
    found = extraction.embedded(path, media_type=media_type)
    outcome.pages, outcome.scans, outcome.total = found.pages, found.scans, found.total


def _settle(row: OutboxRow, component: Component, outcome: Outcome, failed: dict[int, str]) -> None:
    if outcome.error:
        _note(row, component, outcome.error, failed)
        return
    texts.keep(component, outcome.pages)
    TextState.objects.update_or_create(component=component, defaults={"pages_total": outcome.total, "error": ""})
    texts.settle(component)
    if outcome.scans:
        outbox.enqueue(OCR, component.pk)


def _note(row: OutboxRow, component: Component, error: Exception, failed: dict[int, str]) -> None:
    """Keep the reason; the row tries again, unless that would be no use."""
    sentence = str(getattr(error, "detail", "") or error)
    if isinstance(error, NO_FAULT):
        row.attempts = min(row.attempts, outbox.ATTEMPTS - 1)
    hopeless = isinstance(error, HOPELESS)
    state = State.FAILED if hopeless or row.attempts >= outbox.ATTEMPTS else State.PENDING
    TextState.objects.update_or_create(component=component, defaults={"state": state, "error": sentence, "attempts": row.attempts})
    if not hopeless:
        failed[row.pk] = sentence


# --- scans ----------------------------------------------------------------------------------------------------------


def handle_ocr(rows: list[OutboxRow]) -> dict[int, str]:
    """Outbox topic `ocr`: the next pages of a component that have to be read from their picture."""
    failed: dict[int, str] = {}
    by_id = {str(part.pk): part for part in _waiting(rows)}
    for row in rows:
        if component := by_id.get(row.key):
            try:
                _read_scans(component)
            except (StorageError, SandboxBusy, extraction.ocr.OcrFailed) as error:
                _note(row, component, error, failed)
    return failed


def _read_scans(component: Component) -> None:
    state, _made = TextState.objects.get_or_create(component=component)
    kept = set(TextPage.objects.filter(component=component).values_list("number", flat=True))
    missing = [number for number in range(1, (state.pages_total or 0) + 1) if number not in kept]
    if missing:
        with _spooled(component) as path:
            for number in missing[:SCANS]:
                _keep_page(component, extraction.read_scan(path, media_type=component.media_type, page=number))
    with transaction.atomic():
        texts.settle(component)
        outbox.enqueue("index", component.version.record_id)
        if len(missing) > SCANS:
            outbox.enqueue(OCR, component.pk)


def _keep_page(component: Component, page: PageText) -> None:
    """Each page for itself: what was read is not lost with what comes after it."""
    with transaction.atomic():
        texts.keep(component, [page])
        TextState.objects.filter(component=component).update(pages_done=TextPage.objects.filter(component=component).count(), error="")
