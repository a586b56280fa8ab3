"""Files coming in: what each is, all or nothing; sealed into the store before any row is written (docs/architecture.md, decision 6)."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records import access, audit
from records.errors import FilesRefused, Invalid, NotAllowed, Unknown
from records.keeping import kept
from records.models import Component, Duty, Record, RecordVersion, Upload, User
from records.runner import verb
from storage import formats, objects, scans
from storage.errors import KeyDestroyed, NoSuchObject
from storage.models import DataKey, StoredObject

UNUSED_FOR = timedelta(hours=24)  # then a staged upload is erased
NAME_LENGTH = 255


@dataclass(frozen=True)
class Incoming:
    """A file as it was sent: its name is only a name, what it is its content says (CAP-2)."""

    name: str
    content: BinaryIO


@dataclass(frozen=True)
class Accepted:
    """A file that was opened and found whole, lying in the spool folder."""

    name: str
    path: Path
    format: "formats.Format"
    verdict: dict[str, Any]


@dataclass(frozen=True)
class Sealed:
    """A component to be: its row's values, its bytes verified in the store."""

    id: UUID
    name: str
    media_type: str
    pages: int | None
    verdict: dict[str, Any]
    stored: StoredObject


@contextmanager
def accepted(files: Sequence[Incoming]) -> Iterator[list[Accepted]]:
    """Open every file in the sandbox. Raises FilesRefused naming each bad one (`too_large`: a limit was passed); nothing is stored."""
    with ExitStack() as stack:
        good: list[Accepted] = []
        errors: dict[str, list[str]] = {}
        too_large = False
        for file in files:
            try:
                good.append(_open_one(stack, file))
            except formats.NotAccepted as error:
                errors.setdefault(clean_name(file.name), []).append(str(error))
                too_large = too_large or isinstance(error, formats.TooLarge)
        if errors:
            raise FilesRefused(errors=errors, too_large=too_large)
        yield good


def _open_one(stack: ExitStack, file: Incoming) -> Accepted:
    path = _on_disk(stack, file)
    found = formats.recognise(path, name=file.name)
    return Accepted(clean_name(file.name), path, found, _judged(path, found))


def _judged(path: Path, found: "formats.Format") -> dict[str, Any]:
    """What the scan is like (CAP-14); nothing for one that takes too much to judge: it can be read all the same."""
    try:
        return scans.judge(path, media_type=found.media_type)
    except formats.NotAccepted:
        return {}


def _on_disk(stack: ExitStack, file: Incoming) -> Path:
    """The file's own path in the spool, or a copy of it there while the work lasts."""
    own = getattr(file.content, "temporary_file_path", None)
    if own:
        return Path(own())
    spool = stack.enter_context(tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR))  # noqa: SIM115 - the stack closes it
    file.content.seek(0)
    shutil.copyfileobj(file.content, spool, 1024 * 1024)
    spool.flush()
    return Path(spool.name)


def clean_name(name: str) -> str:
    """The last part of a file's name, without control characters, shortened from its start; never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(character for character in last if character.isprintable())[-NAME_LENGTH:] or "file"


@dataclass
class Sealer:
    """Seals files for one version of one record; `into` collects what must be dropped when the transaction fails."""

    data_key: DataKey
    bound_to: str
    into: list[StoredObject]

    def files(self, files: Sequence[Accepted]) -> list[Sealed]:
        """Put accepted files into the store."""
        sealed = []
        for file in files:
            with file.path.open("rb") as content:
                sealed.append(self._seal(content, file.name, file.format.media_type, file.format.pages, file.verdict))
        return sealed

    def uploads(self, uploads: Sequence[Upload]) -> list[Sealed]:
        """Seal staged uploads anew, under the record's key and bound to the record. Raises Invalid for one that was erased meanwhile."""
        sealed = []
        try:
            for upload in uploads:
                with objects.open_object(upload.stored) as content:
                    sealed.append(self._seal(content, upload.name, upload.media_type, upload.pages, upload.verdict))
        except (NoSuchObject, KeyDestroyed):
            raise _used() from None  # its time was over just now
        return sealed

    def _seal(self, content: BinaryIO, name: str, media_type: str, pages: int | None, verdict: dict[str, Any]) -> Sealed:
        component_id = uuid4()
        stored = objects.put(content, data_key=self.data_key, associated=f"{self.bound_to}/{component_id}")
        self.into.append(stored)
        return Sealed(component_id, name, media_type, pages, verdict, stored)


def add_components(version: RecordVersion, sealed: Sequence[Sealed]) -> list[Component]:
    """Write the rows of verified bytes inside the running transaction."""
    StoredObject.objects.bulk_create(part.stored for part in sealed)
    return Component.objects.bulk_create(
        Component(
            id=part.id,
            version=version,
            order=order,
            name=part.name,
            media_type=part.media_type,
            size=part.stored.size,
            sha256=part.stored.sha256,
            pages=part.pages,
            verdict=part.verdict,
            stored=part.stored,
        )
        for order, part in enumerate(sealed)
    )


# --- staged uploads -------------------------------------------------------------------------------------------------


@verb("upload")
def upload(*, actor: User, file: Incoming) -> Upload:
    """Stage one file, sealed under a key of its own, for a record to come. Raises NotAllowed, FilesRefused."""
    if not actor.has_duty(Duty.ARCHIVIST):
        raise NotAllowed
    with accepted([file]) as (only,):
        key, upload_id = DataKey.make(), uuid4()
        into: list[StoredObject] = []
        with kept(into), only.path.open("rb") as content:
            stored = objects.put(content, data_key=key, associated=f"upload/{upload_id}")
            into.append(stored)
            with transaction.atomic():
                return _stage(actor, upload_id, only, key, stored)


def _stage(actor: User, upload_id: UUID, file: Accepted, key: DataKey, stored: StoredObject) -> Upload:
    key.save()
    stored.save()
    row = Upload.objects.create(
        id=upload_id,
        user=actor,
        name=file.name,
        media_type=file.format.media_type,
        size=stored.size,
        sha256=stored.sha256,
        pages=file.format.pages,
        verdict=file.verdict,
        stored=stored,
    )
    audit.record_event(actor=actor, action="upload", subject=str(row.pk))
    return row


def staged(actor: User, ids: Sequence[UUID | str]) -> list[Upload]:
    """The person's own unused uploads in the order asked. Raises Unknown for any other id, Invalid for one that was used."""
    try:
        wanted = [UUID(str(pk)) for pk in ids]
    except ValueError:
        raise Unknown from None
    if not wanted:
        return []
    found = {row.pk: row for row in Upload.objects.filter(user=actor, pk__in=wanted).select_related("stored__data_key")}
    if len(found) != len(set(wanted)):
        raise Unknown
    if any(row.used_at for row in found.values()):
        raise _used()
    return [found[pk] for pk in wanted]


def use_uploads(uploads: Sequence[Upload]) -> None:
    """Mark uploads as used inside the transaction that made a record of them; their own bytes are erased later."""
    if not uploads:
        return
    used = Upload.objects.filter(pk__in=[row.pk for row in uploads], used_at__isnull=True).update(used_at=timezone.now())
    if used != len(uploads):
        raise _used()


def _used() -> Invalid:
    return Invalid(errors={"uploads": [_("This upload was used already. Upload the file again.")]})


def erase_uploads() -> int:
    """Erase uploads that were used, or lay unused for 24 hours; returns how many. Safe to repeat.

    What lay too long is marked as used before its bytes go: no registration takes it up from then on.
    """
    now = timezone.now()
    Upload.objects.filter(created_at__lt=now - UNUSED_FOR, used_at__isnull=True).update(used_at=now)
    rows = list(Upload.objects.filter(used_at__isnull=False).select_related("stored__data_key")[:500])
    objects.erase(*[row.stored for row in rows])
    for row in rows:
        stored, key = row.stored, row.stored.data_key
        with transaction.atomic():
            row.delete()
            stored.delete()
            key.delete()
    return len(rows)


def duplicates_of(actor: User, digests: Sequence[str], *, apart_from: Record | None = None) -> list[Record]:
    """Records, as far as this person may read them, that hold the same bytes (CAP-9).

    Always the same work: whether it took longer would tell that somebody's hidden record holds them.
    """
    found = _holding(actor, digests)
    if apart_from is not None:
        found = found.exclude(pk=apart_from.pk)
    return list(found[:20])


def holding(actor: User, digests: Sequence[str]) -> dict[str, list[Record]]:
    """By SHA-256 the records that hold these bytes, as far as this person may read them (CAP-9)."""
    records = {record.pk: record for record in _holding(actor, digests)}
    parts = Component.objects.filter(sha256__in=digests, version__record__in=list(records)).order_by("version__record__created_at")
    found: dict[str, list[Record]] = {}
    for digest, pk in parts.values_list("sha256", "version__record_id").distinct():
        found.setdefault(digest, []).append(records[pk])
    return found


def _holding(actor: User, digests: Sequence[str]) -> QuerySet[Record]:
    """Oldest first; without those whose bytes were erased."""
    same = Component.objects.filter(sha256__in=digests)
    readable = access.readable_by(actor).exclude(state__in=access.EMPTY_STATES)
    return readable.filter(pk__in=same.order_by().values("version__record_id")).order_by("created_at")
