"""Watches over the trail for unusual use (AUD-3): each sees every act once, from the oldest to the newest, and keeps what its line needs.

Lines are settings (MUNIMENT_UNUSUAL_…). A watch whose number is 0 is off. A finding says that a line was crossed, never how far exactly.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils import timezone

OPENED = frozenset({"view", "download", "print", "reveal"})  # acts by which somebody comes to know a record
FAILED_SIGN_IN = "sign-in-failed"
DAY = timedelta(days=1)


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
        """The same for the same rule, account and day; a name that was tried is last, and cut where it is long."""
        return f"{self.rule}:{self.day}:{self.actor or self.name}"[:100]


class Act(NamedTuple):
    """What a watch sees of an event."""

    at: datetime
    actor: UUID | None
    name: str
    action: str
    record: UUID | None
    subject: str
    address: str


class Watch:
    """One line: sees acts in the order of time, and notes one finding for each account and day on which it was crossed."""

    def __init__(self, rule: str, limit: int, minutes: int = 0) -> None:
        self.rule, self.limit, self.minutes = rule, limit, minutes
        self.zone = timezone.get_default_timezone()
        self.crossed: dict[tuple[UUID | str, date], Finding] = {}

    def see(self, act: Act) -> None:
        """Take notice of one act."""
        raise NotImplementedError

    def cross(self, act: Act, *, first: datetime | None = None, day: date | None = None, networks: Sequence[str] = ()) -> None:
        """The line was crossed at this act; `first`, `day`: others than those of the act."""
        name, day = act.name if act.actor else act.subject, day or act.at.astimezone(self.zone).date()
        new = Finding(self.rule, act.actor, name, day, first or act.at, act.at, self.limit, self.minutes)
        same = self.crossed.get((act.actor or name, day), new)
        self.crossed[act.actor or name, day] = replace(same, last=act.at, networks=tuple(sorted({*same.networks, *networks})))

    def within(self, before: datetime, act: Act) -> bool:
        """Whether an act at that moment is not older than the minutes."""
        return before >= act.at - timedelta(minutes=self.minutes)


class Often(Watch):
    """Many acts of one kind within the minutes, by one account, or under one name that was tried: crossed by the last of them."""

    def __init__(self, rule: str, limit: int, minutes: int, counts: Callable[[Act], bool]) -> None:
        super().__init__(rule, limit, minutes)
        self.counts = counts
        self.times: dict[UUID | str, deque[datetime]] = defaultdict(lambda: deque(maxlen=limit))

    def see(self, act: Act) -> None:
        """Keep the moments of as many as the line has."""
        if not self.counts(act):
            return
        times = self.times[act.actor or act.subject]
        times.append(act.at)
        if len(times) == self.limit and self.within(times[0], act):
            self.cross(act)


class Anew(Often):
    """Many records opened; one that the account comes back to within the minutes counts once."""

    def __init__(self, rule: str, limit: int, minutes: int) -> None:
        super().__init__(rule, limit, minutes, self._anew)
        self.opened: dict[tuple[UUID | None, UUID], datetime] = {}

    def _anew(self, act: Act) -> bool:
        if act.record is None or act.action not in OPENED:
            return False
        before = self.opened.get((act.actor, act.record))
        self.opened[act.actor, act.record] = act.at
        return before is None or not self.within(before, act)


class Night(Watch):
    """Different records opened in one night of the portal's zone; a night belongs to the day on which it begins."""

    def __init__(self, rule: str, limit: int, hours: tuple[int, int]) -> None:
        super().__init__(rule, limit)
        self.begins, self.ends = hours
        self.opened: dict[tuple[UUID | None, date], dict[UUID, datetime]] = defaultdict(dict)

    def see(self, act: Act) -> None:
        """Keep what was opened in each night, and when first."""
        if act.record is None or act.action not in OPENED or not self._dark(act.at.astimezone(self.zone).hour):
            return
        day = (act.at - timedelta(hours=self.ends)).astimezone(self.zone).date()
        opened = self.opened[act.actor, day]
        opened.setdefault(act.record, act.at)
        if len(opened) >= self.limit:
            self.cross(act, first=next(iter(opened.values())), day=day)

    def _dark(self, hour: int) -> bool:
        if self.begins > self.ends:
            return hour >= self.begins or hour < self.ends
        return self.begins <= hour < self.ends


class Places(Watch):
    """One account from two networks within the minutes: a neighbour's address (the same /24, or /48) is no other place."""

    def __init__(self, rule: str, minutes: int) -> None:
        super().__init__(rule, 2, minutes)
        self.last: dict[UUID, Act] = {}

    def see(self, act: Act) -> None:
        """Keep where each account came from last."""
        if not act.address or act.actor is None:
            return
        before, self.last[act.actor] = self.last.get(act.actor, act), act
        if before.address != act.address and self.within(before.at, act):
            networks = {_network(before.address), _network(act.address)}
            if len(networks) == 2:
                self.cross(act, networks=[*networks])


@lru_cache(maxsize=10_000)
def _network(address: str) -> str:
    """The neighbourhood of an address; what is no address is one of its own."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))


def set_up() -> list[Watch]:
    """The watches that are on, with nothing seen yet."""
    line, minutes = settings, settings.MUNIMENT_UNUSUAL_MINUTES
    watches = [
        Anew("many-records", line.MUNIMENT_UNUSUAL_RECORDS, minutes),
        Often("refusals", line.MUNIMENT_UNUSUAL_REFUSALS, minutes, lambda act: act.action.startswith("refused:")),
        Often("reveals", line.MUNIMENT_UNUSUAL_REVEALS, minutes, lambda act: act.action == "reveal"),
        Often("leaks", line.MUNIMENT_UNUSUAL_LEAKS, 24 * 60, lambda act: act.action == "report-leak"),
        Often("sign-ins", line.MUNIMENT_UNUSUAL_REFUSALS, minutes, lambda act: act.action == FAILED_SIGN_IN),
        *([Places("places", line.MUNIMENT_UNUSUAL_PLACES_MINUTES)] if line.MUNIMENT_UNUSUAL_PLACES_MINUTES else []),
        *([Night("night", line.MUNIMENT_UNUSUAL_NIGHT_RECORDS, night)] if (night := _night()) else []),
    ]
    return [watch for watch in watches if watch.limit]


def _night() -> tuple[int, int] | None:
    """From which hour until which it is night; None where that is no time at all."""
    begins, ends = settings.MUNIMENT_UNUSUAL_NIGHT_FROM % 24, settings.MUNIMENT_UNUSUAL_NIGHT_UNTIL % 24
    return (begins, ends) if begins != ends else None


def longest_memory() -> timedelta:
    """How far before a moment the acts begin that a watch must have seen to judge it."""
    minutes = max(settings.MUNIMENT_UNUSUAL_MINUTES, settings.MUNIMENT_UNUSUAL_PLACES_MINUTES)
    return max(DAY, timedelta(minutes=minutes))
