"""Grants as those see them who set them up: one on something that a person may not know of does not exist for that person (SEC-5)."""

from django.db.models import Q, QuerySet

from records import access, states, volumes
from records.models import Grant, User


def known_to(user: User) -> QuerySet[Grant]:
    """Grants on classes, and on volumes and records that the person may know of; all of them for those who read the trail (AUD-2)."""
    grants = Grant.objects.select_related("group", "department", "user", "record_class", "granted_by")
    if user.has_duty(*states.TRAIL_READERS):
        return grants
    on_known = Q(record_class__isnull=False) | Q(volume__in=volumes.known_to(user).order_by().values("pk"))
    return grants.filter(on_known | Q(record__in=access.visible_to(user).values("pk")))
