"""Telling people: the verbs write what happened, in their own transaction; words, pages and mail are made of it above (PRT-8)."""

from collections.abc import Iterable
from typing import Any

from records import outbox
from records.models import Notice, Record, User

TOPIC = "notices"  # one row for each notice; a higher floor mails it


def tell(people: Iterable[User], kind: str, *, record: Record | None = None, subject: str = "", key: object = "", **details: Any) -> None:
    """Tell each of these people, once, inside the running transaction. Who has left is told nothing.

    `subject`: a number that they know already, never a title; `key`: the id that the notice leads to; `details`: JSON, no values of fields.
    """
    told = {person.pk: person for person in people if person.is_active}
    same = {"kind": kind, "record": record, "subject": subject, "key": str(key), "details": details}
    made = Notice.objects.bulk_create(Notice(person=person, **same) for person in told.values())
    outbox.enqueue_all((TOPIC, notice.pk) for notice in made)
