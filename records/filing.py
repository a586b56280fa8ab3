"""Filing (归档): the act that gives the number and makes the record part of the archive (NUM-1, NUM-4)."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from records import access, audit, guards, numbering, outbox, states
from records.errors import Invalid, RecordsError, StateConflict
from records.models import Record, State, User
from records.runner import verb

BATCH = 500  # records in one transaction: more would hold the scope's lock too long


@verb("file")
def file_record(*, actor: User, record_id: UUID | str) -> Record:
    """Give the record its number and make it part of the archive.

    Raises Unknown, NotAllowed, StateConflict (not reviewed, or filed already), NoSchedule, NoNumberRule, NeedsVolume.
    """
    record = access.get_for_verb(actor, record_id, "file")
    with transaction.atomic():
        _file(record, actor)
    return record


@verb("file_batch")
def file_batch(*, actor: User, record_ids: Sequence[UUID | str]) -> list[Record]:
    """File in the order given, all or nothing (NUM-4). Raises as `file_record`; `details["record"]` names the one that was refused."""
    records = access.get_all_for_verb(actor, record_ids[:BATCH], "file")
    if not record_ids or len(record_ids) > BATCH or len({str(pk) for pk in record_ids}) != len(record_ids):
        raise Invalid(errors={"records": [_("Name 1 to %(most)s records, each once.") % {"most": BATCH}]})
    with transaction.atomic():
        for record in records:
            _check(record, actor)
        numbering.lock_scopes(records, actor=actor)
        for record in records:
            _file(record, actor)
    return records


def _check(record: Record, actor: User) -> None:
    try:
        if states.transition_for("file", record.state) is None:
            sentence = _("It has a number already.") if record.state == State.FILED else _("Only a reviewed record can be filed.")
            raise StateConflict(sentence)
        guards.ask_guards("file", record, actor)
    except RecordsError as error:
        error.details["record"] = str(record.pk)
        raise


def _file(record: Record, actor: User) -> None:
    _check(record, actor)
    number = numbering.give_number(record, actor=actor)
    now = timezone.now()
    states.apply(record, "file", number=number, filed_at=now, filed_by=actor, date=record.date or timezone.localdate(now))
    audit.record_event(actor=actor, action="file", record=record)
    guards.follow(record)
    outbox.enqueue("index", record.pk)
