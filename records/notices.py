"""Telling people: the verbs write what happened, in their own transaction; words, pages and mail are made of it above (PRT-8)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Case, QuerySet, When
from django.utils import timezone

from records import access, outbox
from records.errors import Unknown
from records.models import Notice, Record, User

TOPIC = "notices"  # one row for each notice; a higher floor mails it


def tell(
    people: Iterable[User], kind: str, *, record: Record | None = None, subject: str = "", key: object = "", once: str = "", **details: Any
) -> None:
    """Tell each of these people, inside the running transaction. Who has left is told nothing.

    `subject`: a number that they know already, never a title; `key`: the id that the notice leads to; `details`: JSON, no values of
    fields; `once`: nobody is told a second time under this name (reminders).
    """
    told = {person.pk: person for person in people if person.is_active}
    if once:
        for pk in Notice.objects.filter(once=once, person__in=told).values_list("person", flat=True):
            del told[pk]
    same = {"kind": kind, "record": record, "subject": subject, "key": str(key), "once": once, "details": details}
    made = [Notice(person=person, **same) for person in told.values()]
    Notice.objects.bulk_create(made, ignore_conflicts=bool(once))  # of two who remind at once the second tells nobody
    outbox.enqueue_all((TOPIC, notice.pk) for notice in made)


def who_know(people: Iterable[User], record: Record) -> list[User]:
    """Those of them who may know of the record: nobody else is told anything about it (SEC-5)."""
    return [person for person in people if access.visible_to(person).filter(pk=record.pk).exists()]


def settle(*kinds: str, record: Record, **which: object) -> None:
    """What called for an act is read once it is done, by whomever: nobody is led to what waits no more, or mailed it in a digest."""
    Notice.objects.filter(kind__in=kinds, record=record, read_at=None, **which).update(read_at=timezone.now())


# --- reading --------------------------------------------------------------------------------------------------------


def of(person: User) -> QuerySet[Notice]:
    """What somebody was told: first what was not read, then the rest, each newest first."""
    return all_of(person).order_by(Case(When(read_at=None, then=0), default=1), "-created_at", "pk")


def all_of(person: User) -> QuerySet[Notice]:
    """What somebody was told, newest first."""
    return Notice.objects.filter(person=person).order_by("-created_at", "pk")


def unread(person: User) -> QuerySet[Notice]:
    """What somebody was told and has not read, newest first."""
    return all_of(person).filter(read_at=None)


def get(person: User, notice_id: UUID) -> Notice:
    """One of the person's own. Raises Unknown: somebody else's does not exist."""
    found = Notice.objects.filter(person=person, pk=notice_id).first()
    if found is None:
        raise Unknown
    return found


def mark_read(person: User, notice_id: UUID) -> Notice:
    """Note that the person has read it; doing it again changes nothing. Raises Unknown."""
    found = get(person, notice_id)
    if found.read_at is None:
        found.read_at = timezone.now()
        unread(person).filter(pk=found.pk).update(read_at=found.read_at)
    return found


def mark_all_read(person: User) -> int:
    """Note that the person has read everything; returns how many that were."""
    return unread(person).update(read_at=timezone.now())


def known_records(notices: Iterable[Notice], person: User) -> dict[UUID | None, Record]:
    """The records of these notices that the person may know of now, by one question: only those are named (SEC-5)."""
    wanted = {notice.record_id for notice in notices if notice.record_id}
    return {record.pk: record for record in access.visible_to(person).filter(pk__in=wanted)} if wanted else {}
