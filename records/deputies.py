"""Deputies: named by the person in whose place they approve, for a period (LND-2)."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit, periods, picking
from records.errors import Invalid, StateConflict
from records.models import Deputy, User
from records.runner import verb


def of(user: User) -> QuerySet[Deputy]:
    """The person's own deputies, and those whose deputy they are; the newest first."""
    return Deputy.objects.filter(Q(person=user) | Q(deputy=user)).select_related("person", "deputy")


def get(user: User, deputy_id: UUID | str) -> Deputy:
    """One of `of`. Raises Unknown."""
    return picking.by_id(of(user), deputy_id)


@verb("name_deputy")
def name(*, actor: User, deputy: str, since: str, until: str) -> Deputy:
    """Let somebody approve in one's own place from `since` until `until` (days count whole), once for a day. Raises Invalid."""
    errors: dict[str, list[str]] = {}
    person = picking.person(deputy)
    if person is None or person == actor:
        errors["deputy"] = [_("Name another person who works here.")]
    begins, ends = periods.beginning(since), periods.end(until)
    if begins is None:
        errors["from"] = [_("Write a day like 2026-11-22, or a time like 2026-11-22T17:00:00+08:00.")]
    if ends is None or ends <= timezone.now() or (begins and ends <= begins):
        errors["until"] = [_("The end is a day to come (2026-12-31), after the beginning.")]
    if errors or person is None or begins is None or ends is None:
        raise Invalid(errors=errors)
    if Deputy.objects.filter(person=actor, deputy=person, since__lt=ends, until__gt=begins).exists():
        raise Invalid(errors={"deputy": [_("%(name)s stands in for you on some of these days already.") % {"name": person}]})
    with transaction.atomic():
        made = Deputy.objects.create(person=actor, deputy=person, since=begins, until=ends)
        audit.record_event(actor=actor, action="name-deputy", subject=person.username)
    return made


@verb("end_deputy")
def end(*, actor: User, deputy_id: UUID | str) -> Deputy:
    """End a period early: by who named the deputy, or by the deputy. Raises Unknown, StateConflict (over already)."""
    found, now = get(actor, deputy_id), timezone.now()
    if found.until <= now:
        raise StateConflict(_("This period is over already."))
    with transaction.atomic():
        if found.since < now:
            Deputy.objects.filter(pk=found.pk).update(until=now)
        else:
            Deputy.objects.filter(pk=found.pk).delete()  # it never held
        audit.record_event(actor=actor, action="end-deputy", subject=found.deputy.username)
    found.until = now
    return found
