"""Files (案卷): volumes that hold items belonging together."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from records import access, audit, identifiers, picking, secrecy
from records.errors import Invalid, NotAllowed
from records.models import Duty, RecordClass, User, Volume
from records.runner import verb

TITLE_LENGTH = 300


def known_to(user: User) -> QuerySet[Volume]:
    """Volumes that the person may know of: one of whose items they know (SEC-13), or, for archivists, those that they made themselves.

    Not whichever is empty: a volume that others knew as empty would be gone for them with its first hidden item (SEC-5).
    """
    items = Q(records__in=access.visible_to(user).values("pk"))
    if user.has_duty(Duty.ARCHIVIST):
        items |= Q(created_by=user, record_class__in=access.chosen_classes(user).values("pk"))
    return Volume.objects.filter(items).select_related("record_class").distinct()


@verb("create_volume")
def create_volume(*, actor: User, title: str, record_class: str) -> Volume:
    """A new, empty volume; numbered when the first of its records is filed. Raises NotAllowed, Invalid."""
    if not actor.has_duty(Duty.ARCHIVIST):
        raise NotAllowed
    errors = {}
    chosen: RecordClass | None = access.chosen_classes(actor).filter(code=record_class, active=True).first()
    if chosen is None:
        errors["record_class"] = [_("There is no such class.")]
    title = title.strip()
    if not title or len(title) > TITLE_LENGTH or "\0" in title:
        errors["title"] = [_("A volume needs a title of at most %(most)s characters.") % {"most": TITLE_LENGTH}]
    elif identifiers.stands_in(title):
        errors["title"] = [_("A title must not hold an identity number or a bank card. Put it into its field.")]
    if errors or chosen is None:
        raise Invalid(errors=errors)
    with transaction.atomic():
        volume = Volume.objects.create(title=title, record_class=chosen, created_by=actor)
        audit.record_event(actor=actor, action="create-volume", subject=str(volume.pk))
    return volume


def get(user: User, volume_id: UUID | str) -> Volume:
    """One volume that the person may know of. Raises Unknown."""
    return picking.by_id(known_to(user), volume_id)


def numbered(user: User, number: str) -> Volume | None:
    """The volume of this number, if the person may know of it."""
    return known_to(user).filter(number__iexact=number).first()


def together(user: User, rows: Iterable[Volume]) -> dict[UUID, secrecy.Together]:
    """By volume the highest tier and the longest term of what the person may know of in it (SEC-13); two queries.

    For its mark, label, list and export alike. A volume in which the person knows of nothing is not among them (SEC-5).
    """
    held = secrecy.by_holder(access.visible_to(user).filter(volume__in=[row.pk for row in rows]), "volume")
    return {pk: found for pk, records in held.items() if (found := secrecy.together(records))}


def items_of(user: User, volume_id: UUID) -> QuerySet:
    """The volume's records that the person may know of, in the order of their numbers."""
    return access.with_related(access.visible_to(user).filter(volume_id=volume_id)).order_by("number", "created_at")
