"""Counting tries, so that passwords cannot be guessed (PRT-6). The state is in the database: every process sees it.

A try is written before the password is looked at, so tries at the same time cannot slip past the count.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from portal.accounts.models import Try
from storage.crypto import keyed_digest

WINDOW = timedelta(minutes=15)  # tries within it count
KEPT = timedelta(days=1)  # then they are forgotten
# How many tries in a window: one name from one address; one name from anywhere; one address for any name (an office behind one address).
LIMITS = {"sign-in": (5, 100, 60), "reset": (3, 5, 20)}


def take(kind: str, *, name: str, address: str) -> datetime | None:
    """Count one try. None: go ahead; a time: too many, wait until then, and this try is not counted."""
    until = waits_until(kind, name=name, address=address)
    if until is not None:
        return until
    now = timezone.now()
    mine = Try.objects.create(kind=kind, name=_folded(name), address=address[:64], at=now)
    if waits_until(kind, name=name, address=address, over=1) is not None:
        mine.delete()
        return now + WINDOW
    Try.objects.filter(at__lt=now - KEPT).delete()
    return None


def waits_until(kind: str, *, name: str, address: str, over: int = 0) -> datetime | None:
    """When the next try is taken; None: now. `over` is how many tries beyond the limits are still well."""
    digest, address = _folded(name), address[:64]
    together, by_name, by_address = LIMITS[kind]
    recent = Try.objects.filter(kind=kind, at__gt=timezone.now() - WINDOW).order_by("-at")
    ends = []
    for tries, limit in (
        (recent.filter(name=digest, address=address), together),
        (recent.filter(name=digest), by_name),
        (recent.filter(address=address), by_address),
    ):
        deciding = list(tries.values_list("at", flat=True)[limit + over - 1 : limit + over])
        ends += [at + WINDOW for at in deciding]
    return max(ends, default=None)


def forget(kind: str, *, name: str, address: str) -> None:
    """Drop the count of one name from one address: the person got in."""
    Try.objects.filter(kind=kind, name=_folded(name), address=address[:64]).delete()


def _folded(name: str) -> str:
    return keyed_digest(name.strip().casefold(), purpose="sign-in")
