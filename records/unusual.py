"""Unusual use, found in the trail by windows over it (AUD-3): a finding says that a line was crossed, never how far exactly.

Lines are settings (MUNIMENT_UNUSUAL_…). A rule whose number is 0 is off.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, DateTimeField, ExpressionWrapper, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import ExtractHour, Lag, TruncDate
from django.utils import timezone

from records import notices
from records.errors import NotAllowed
from records.models import AuditEvent, Duty, Notice, User
from records.states import TRAIL_READERS

OPENED = ("view", "download", "print", "reveal")  # acts by which somebody comes to know a record
KIND = "unusual-use"  # of the notice
DAY = timedelta(days=1)
SHOWN = timedelta(days=14)  # what the page looks back
JUDGED = timedelta(days=2)  # what the hourly job looks back: a day without it loses nothing


@dataclass(frozen=True)
class Finding:
    """One line that one account crossed on one day of the portal's zone: at least `limit` within `minutes`, between `first` and `last`.

    `actor` is None for sign-ins that failed, whose `name` is the one that was tried. `networks`: where it came from, for two places.
    """

    rule: str
    actor: UUID | None
    name: str
    day: date
    first: datetime
    last: datetime
    limit: int
    minutes: int = 0
    networks: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The same for the same rule, account and day."""
        return f"{self.rule}:{self.actor or self.name}:{self.day}"[:100]


def findings(user: User, *, since: datetime | None = None) -> list[Finding]:
    """What was unusual in the last fourteen days, or since then; the latest first. For auditor and security officer: NotAllowed."""
    if not user.has_duty(*TRAIL_READERS):
        raise NotAllowed
    return found_since(since or timezone.now() - SHOWN)


def found_since(since: datetime) -> list[Finding]:
    """Everything that crossed a line at or after this moment; the latest first."""
    found = [finding for rule in RULES for finding in rule(since) if finding.last >= since]
    return sorted(found, key=lambda finding: (finding.last, finding.rule), reverse=True)


def tell_new() -> int:
    """Tell the security officers of every finding once; of one about an officer the auditors too. Returns how many were new."""
    found = found_since(timezone.now() - JUDGED)
    told = set(Notice.objects.filter(kind=KIND, key__in=[finding.key for finding in found]).values_list("key", flat=True))
    new = [finding for finding in found if finding.key not in told]
    holders = User.objects.filter(is_active=True, duty_rows__duty__in=[Duty.OFFICER, Duty.AUDITOR]).distinct() if new else []
    for finding in new:
        about: dict[str, Any] = {"rule": finding.rule, "day": str(finding.day)}
        notices.tell(_listeners(finding, holders), KIND, subject=finding.name[:100], key=finding.key, **about)
    return len(new)


def _listeners(finding: Finding, holders: Any) -> list[User]:
    """The officers but for the one it is about; where that leaves nobody, or it is about one, the auditors too."""
    officers = [user for user in holders if user.has_duty(Duty.OFFICER) and user.pk != finding.actor]
    about_officer = any(user.pk == finding.actor and user.has_duty(Duty.OFFICER) for user in holders)
    auditors = [user for user in holders if user.has_duty(Duty.AUDITOR)] if about_officer or not officers else []
    return [*officers, *(user for user in auditors if user.pk != finding.actor)]


# --- rules ----------------------------------------------------------------------------------------------------------


def many_records(since: datetime) -> Iterator[Finding]:
    """Many records opened anew by one account in a short time. A record that one comes back to in between counts once."""
    limit, minutes = settings.MUNIMENT_UNUSUAL_RECORDS, settings.MUNIMENT_UNUSUAL_MINUTES
    window = timedelta(minutes=minutes)
    opened = _acts(since - window).filter(action__in=OPENED, record_id__isnull=False)
    again = opened.annotate(before=_one_before("at", "actor_id", "record_id")).filter(before__gt=F("at") - window)
    yield from _often("many-records", opened.exclude(pk__in=again.values("pk")), limit, minutes)


def repeated_refusals(since: datetime) -> Iterator[Finding]:
    """One account that is refused again and again: it tries doors."""
    limit, minutes = settings.MUNIMENT_UNUSUAL_REFUSALS, settings.MUNIMENT_UNUSUAL_MINUTES
    tries = _acts(since - timedelta(minutes=minutes)).filter(action__startswith="refused:")
    yield from _often("refusals", tries, limit, minutes)


def many_reveals(since: datetime) -> Iterator[Finding]:
    """Many masked values shown whole (SEC-6)."""
    limit, minutes = settings.MUNIMENT_UNUSUAL_REVEALS, settings.MUNIMENT_UNUSUAL_MINUTES
    yield from _often("reveals", _acts(since - timedelta(minutes=minutes)).filter(action="reveal"), limit, minutes)


def many_leaks(since: datetime) -> Iterator[Finding]:
    """Many reports of leaks within a day: each freezes a record, so they could be abused (SEC-10)."""
    limit = settings.MUNIMENT_UNUSUAL_LEAKS
    yield from _often("leaks", _acts(since - DAY).filter(action="report-leak"), limit, 24 * 60)


def failed_sign_ins(since: datetime) -> Iterator[Finding]:
    """Many sign-ins under one name that failed."""
    limit, minutes = settings.MUNIMENT_UNUSUAL_REFUSALS, settings.MUNIMENT_UNUSUAL_MINUTES
    tries = AuditEvent.objects.filter(at__gte=since - timedelta(minutes=minutes), action="sign-in-failed")
    yield from _often("sign-ins", tries, limit, minutes, by="subject")


def at_night(since: datetime) -> Iterator[Finding]:
    """Records opened in one night of the portal's zone; a night belongs to the day on which it begins."""
    limit, first_hour, last_hour = settings.MUNIMENT_UNUSUAL_NIGHT_RECORDS, *_night()
    if not limit or first_hour == last_hour:
        return
    shifted = ExpressionWrapper(F("at") - timedelta(hours=last_hour), DateTimeField())
    zone = timezone.get_default_timezone()
    dark = Q(hour__gte=first_hour) | Q(hour__lt=last_hour) if first_hour > last_hour else Q(hour__gte=first_hour, hour__lt=last_hour)
    opened = _acts(since - DAY).filter(action__in=OPENED, record_id__isnull=False)
    nights = (
        opened.annotate(hour=ExtractHour("at", tzinfo=zone))
        .filter(dark)
        .annotate(day=TruncDate(shifted, tzinfo=zone))
        .order_by()
        .values("actor_id", "actor_name", "day")
    )
    for row in nights.annotate(many=Count("record_id", distinct=True), first=Min("at"), last=Max("at")).filter(many__gte=limit):
        yield Finding("night", row["actor_id"], row["actor_name"], row["day"], row["first"], row["last"], limit)


def _night() -> tuple[int, int]:
    """From which hour until which it is night."""
    return settings.MUNIMENT_UNUSUAL_NIGHT_FROM % 24, settings.MUNIMENT_UNUSUAL_NIGHT_UNTIL % 24


def two_places(since: datetime) -> Iterator[Finding]:
    """One account from two networks within a short time: a neighbour's address (the same /24, or /48) is no other place."""
    minutes = settings.MUNIMENT_UNUSUAL_PLACES_MINUTES
    if not minutes:
        return
    window = timedelta(minutes=minutes)
    here = _acts(since - window).exclude(from_address="")
    moved = here.annotate(before=_one_before("at", "actor_id"), address=_one_before("from_address", "actor_id"))
    moved = moved.filter(before__gte=F("at") - window).exclude(address=F("from_address"))
    earlier = AuditEvent.objects.filter(actor_id=OuterRef("actor_id"), at__lt=OuterRef("at")).exclude(from_address="").order_by("-at")
    seen: dict[tuple[Any, ...], Finding] = {}
    for row in _by_day(moved, "actor_id", "actor_name", "from_address", "address", address=Subquery(earlier.values("from_address")[:1])):
        if place := _place(row, minutes):
            same = seen.get((place.actor, place.day))
            seen[place.actor, place.day] = _joined(same, place) if same else place
    yield from seen.values()


def _place(row: dict[str, Any], minutes: int) -> Finding | None:
    networks = tuple(sorted({_network(row["from_address"]), _network(row["address"] or "")}))
    if len(networks) < 2:
        return None
    return Finding("places", row["actor_id"], row["actor_name"], row["day"], row["first"], row["last"], 2, minutes, networks)


def _joined(one: Finding, other: Finding) -> Finding:
    """Two moves of one account on one day."""
    networks = tuple(sorted({*one.networks, *other.networks}))
    return replace(one, first=min(one.first, other.first), last=max(one.last, other.last), networks=networks)


def _network(address: str) -> str:
    """The neighbourhood of an address; what is no address is one of its own."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))


RULES: tuple[Callable[[datetime], Iterator[Finding]], ...] = (
    many_records,
    at_night,
    repeated_refusals,
    failed_sign_ins,
    two_places,
    many_leaks,
    many_reveals,
)


# --- windows --------------------------------------------------------------------------------------------------------


def _acts(since: datetime) -> QuerySet[AuditEvent]:
    """What people did; background services are not asked."""
    return AuditEvent.objects.filter(at__gte=since, actor__isnull=False)


def _often(rule: str, events: QuerySet[AuditEvent], limit: int, minutes: int, *, by: str = "actor_id") -> Iterator[Finding]:
    """Accounts with `limit` of these events within the minutes: the one `limit - 1` before is not older than that."""
    if not limit:
        return
    if limit > 1:
        events = events.annotate(earlier=_one_before("at", by, places=limit - 1)).filter(earlier__gte=F("at") - timedelta(minutes=minutes))
    names = ("actor_id", "actor_name") if by == "actor_id" else (by,)
    for row in _by_day(events, *names):
        name = row.get("actor_name") or row.get(by) or ""
        yield Finding(rule, row.get("actor_id"), str(name), row["day"], row["first"], row["last"], limit, minutes)


def _one_before(column: str, *partition: str, places: int = 1) -> Window:
    """This column of the event that stands so many places before, among those of the same partition."""
    return Window(Lag(column, places), partition_by=[F(name) for name in partition], order_by=[F("at").asc(), F("id").asc()])


def _by_day(events: QuerySet[AuditEvent], *names: str, **more: Any) -> Any:
    """One row a day of the portal's zone for each combination of these columns (`more`: as computed), with the first and last moment."""
    chosen = AuditEvent.objects.filter(pk__in=events.values("pk")).annotate(**more)
    days = chosen.annotate(day=TruncDate("at", tzinfo=timezone.get_default_timezone())).order_by().values(*names, "day")
    return days.annotate(first=Min("at"), last=Max("at"))
