"""Tiers in force: clearance, terms, marks, and changes that a second person confirms (SEC-1 to SEC-3, SEC-13, SEC-14).

What the calendar does to terms is in `terms.py`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records import access, audit, freezing, guards, identifiers, loan_ends, outbox, reasons, states, telling
from records.errors import AboveClearance, Conflict, Invalid, NotAllowed, StateConflict, Unknown
from records.models import Duty, KnownBy, Record, RecordNamed, Tier, TierChange, TierChangeState, User
from records.runner import verb

PERIOD = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?", re.ASCII)
EVENT_LENGTH = 200
DECLASSIFIED = "解密"


def is_cleared(user: User, tier: Tier) -> bool:
    """Whether the person's clearance reaches this tier."""
    return user.clearance is not None and user.clearance.rank >= tier.rank


# --- terms ----------------------------------------------------------------------------------------------------------


def clean_until(value: str | date | None, *, tier: Tier | None, errors: dict[str, list[str]], event: str = "") -> date | None:
    """The last day of the term: a date, a period from today (`P10Y`), or by default the tier's longest term; None for tiers without.

    A tier that knows no longest term asks for a day, or for an event that ends it (SEC-3).
    """
    if tier is None or not tier.needs_reason:
        return None
    today = timezone.localdate()
    longest = longest_from(today, tier)
    if not value and (longest or event):
        return longest
    until = _as_date(value, today) if value else None
    if until is None or until <= today:
        errors["tier_until"] = [_("The term ends on a day to come (2036-11-22), or after a period (P10Y).")]
    elif longest and until > longest:
        errors["tier_until"] = [_("The longest term of this tier is %(years)s years.") % {"years": tier.longest_years}]
    return until


def clean_event(value: str, *, tier: Tier | None, errors: dict[str, list[str]]) -> str:
    """What ends the term before its last day (SEC-3); empty for tiers without a term. It stands in the open, as a title does (SEC-6)."""
    event = value.strip() if tier and tier.needs_reason else ""
    if wrong := reasons.fault_of(event, most=EVENT_LENGTH):
        errors["tier_event"] = [wrong]
    elif identifiers.stands_in(event):
        errors["tier_event"] = [_("An event must not name an identity number or a bank card.")]
    return event


def _as_date(value: str | date, today: date) -> date | None:
    if isinstance(value, date):
        return value
    period = PERIOD.fullmatch(value)
    try:
        if period and any(period.groups()):
            return add_period(today, years=int(period[1] or 0), months=int(period[2] or 0))
        return date.fromisoformat(value)
    except (ValueError, OverflowError):
        return None


def add_period(start: date, *, years: int = 0, months: int = 0) -> date:
    """The same day years and months later; the last day of the month where there is none such."""
    total = start.year * 12 + start.month - 1 + years * 12 + months
    year, month = divmod(total, 12)
    for day in (start.day, 30, 29, 28):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    raise OverflowError


def longest_from(start: date, tier: Tier) -> date | None:
    """The last day of the longest term of a tier; None for tiers without."""
    return add_period(start, years=tier.longest_years) if tier.longest_years and tier.needs_reason else None


def mark(record: Record) -> str:
    """The mark as it is written: `机密★20年`, or `机密★至2031年5月1日` for a term that is no round period (SEC-13).

    Without a term it is the tier's name, for what was secret before with 解密. The event that may end a term is content,
    and stands in no mark.
    """
    tier = record.tier
    if not tier.needs_reason:
        return f"{tier.label}·{DECLASSIFIED}" if record.declassified_on else tier.label
    return f"{tier.name}★{_term(record.tier_from, record.tier_until)}"


def _term(since: date | None, until: date | None) -> str:
    if since is None or until is None:
        return ""
    months = (until.year - since.year) * 12 + until.month - since.month
    if months < 1 or add_period(since, months=months) != until:
        return f"至{until.year}年{until.month}月{until.day}日"
    return f"{months}个月" if months % 12 else f"{months // 12}年"


@dataclass(frozen=True)
class Together:
    """What several records carry as one: a volume, a box, a package (SEC-13)."""

    tier: Tier
    mark: str


def together(records: Iterable[Record]) -> Together | None:
    """The highest tier and the term that ends last of these records; None for none of them.

    The caller gives those that the asker may know of: a mark must not tell of what is hidden (SEC-5).
    """
    held = [record for record in records if record.state not in access.EMPTY_STATES]
    if not held:
        return None
    highest = max((record.tier for record in held), key=lambda tier: tier.rank)
    longest = max(held, key=lambda record: record.tier_until or date.min)
    carried = Record(tier=highest, tier_from=longest.tier_from, tier_until=longest.tier_until)
    return Together(highest, mark(carried))


def stamp(found: Together | None) -> str:
    """The mark as a stamp; empty where nothing in it has a term."""
    return found.mark if found and found.tier.needs_reason else ""


def by_holder(records: QuerySet[Record], holder: str) -> dict[Any, list[Record]]:
    """What `together` needs of these records, by what holds them: a volume, a place. Those of one tier and one term stand there once."""
    kinds = records.exclude(state__in=access.EMPTY_STATES).order_by().values_list(holder, "tier", "tier_from", "tier_until").distinct()
    tiers = Tier.objects.in_bulk()
    found: dict[Any, list[Record]] = defaultdict(list)
    for key, tier, since, until in kinds:
        found[key].append(Record(tier=tiers[tier], tier_from=since, tier_until=until))
    return found


def tier_below(tier: Tier) -> Tier | None:
    """Where a record falls when its term is over: the tier that this one names, else the highest that needs no term (SEC-13).

    None where there is none below: then it keeps its tier.
    """
    named = tier.falls_to
    if named and named.rank < tier.rank and (named.longest_years or not named.needs_reason):
        return named
    return Tier.objects.filter(needs_reason=False, rank__lt=tier.rank).order_by("-rank").first()


# --- a change of tier: two people (SEC-14) --------------------------------------------------------------------------


def may_propose(user: User, record: Record) -> bool:
    """Archivists and security officers, and the owner, who prolongs or lets go (SEC-14): of a record that they read by more than a loan."""
    duty = user.has_duty(*states.duties_for("change_tier")) or user.pk == record.owner_id
    return duty and not access.only_by_loan(user, record)


def get_to_propose(actor: User, record_id: UUID | str) -> Record:
    """A record whose tier or term the person may propose to change. Raises Unknown, NotAllowed."""
    record = access.get_readable(actor, record_id)
    if not may_propose(actor, record):
        raise NotAllowed
    return record


@verb("change_tier")
def propose_tier(
    *, actor: User, record_id: UUID | str, tier: str, reason: str, until: str | date | None = None, event: str | None = None
) -> TierChange:
    """Propose another tier, or for the same another term; it takes effect when a second person accepts it.

    `event`: what ends the new term before its last day; None leaves that of the record, where the tier stays.
    Raises Unknown, NotAllowed, AboveClearance, ReasonMissing, Invalid, Conflict (another proposal is open).
    """
    record = get_to_propose(actor, record_id)
    wanted = Tier.objects.filter(slug=tier).first()
    if wanted is None:
        raise Invalid(errors={"tier": [_("There is no such tier.")]})
    if not is_cleared(actor, wanted):
        raise AboveClearance
    if event is None:
        event = record.tier_event if wanted == record.tier else ""
    day, event = _clean_term(record, wanted, until, event)
    return _propose(record, actor, wanted, reason, until=day, event=event)


def _clean_term(record: Record, wanted: Tier, until: str | date | None, event: str) -> tuple[date | None, str]:
    errors: dict[str, list[str]] = {}
    event = clean_event(event, tier=wanted, errors=errors)
    day = clean_until(until, tier=wanted, errors=errors, event=event)
    if not errors and (wanted, day, event) == (record.tier, record.tier_until, record.tier_event):
        errors["tier"] = [_("That is its tier and term already.")]
    if errors:
        raise Invalid(errors=errors)
    return day, event


@verb("declassify_on_event")
def declassify_on_event(*, actor: User, record_id: UUID | str, reason: str) -> TierChange:
    """Say that the event has happened that ends a record's secrecy; it falls when a second person accepts it (SEC-3, SEC-14).

    Raises Unknown, NotAllowed, ReasonMissing, Conflict (it waits for no event, or another proposal is open).
    """
    record = get_to_propose(actor, record_id)
    below = tier_below(record.tier) if record.tier_event else None
    if below is None:
        raise Conflict(_("The secrecy of this record waits for no event."))
    if below.needs_reason:
        return _propose(record, actor, below, reason, until=longest_from(timezone.localdate(), below), event="")
    return _propose(record, actor, below, reason, until=None, event=record.tier_event)


def _propose(record: Record, actor: User, wanted: Tier, reason: str, *, until: date | None, event: str) -> TierChange:
    reasons.need(reason, _("Say why the tier changes."))
    if states.transition_for("change_tier", record.state) is None:
        raise StateConflict
    values = {"tier": [record.tier.slug, wanted.slug], "tier_until": [record.tier_until, until]}
    with transaction.atomic():
        Record.objects.select_for_update(of=("self",)).get(pk=record.pk)  # two proposals at once: the second is told of the first
        if TierChange.objects.filter(record=record, state=TierChangeState.PROPOSED).exists():
            raise Conflict(_("Another change of tier is waiting to be decided."))
        asked = {"from_tier": record.tier, "tier": wanted, "until": until, "event": event, "reason": reason}
        change = TierChange.objects.create(record=record, proposed_by=actor, **asked)
        audit.record_event(actor=actor, action="propose-tier", record=record, reason=reason, values=values)
        telling.tier_proposed(change, owner_decides=may_decide(record.owner, change))
    return change


def proposed_mark(change: TierChange) -> str:
    """The mark that the record will have once the change is accepted."""
    return mark(Record(tier=change.tier, tier_until=change.until, **_since(change)))


def _since(change: TierChange) -> dict[str, date | None]:
    """When the record was classified: a longer term runs on from where it began; and since when it is not secret any more."""
    if change.tier.needs_reason:
        same = change.tier_id == change.from_tier_id
        return {"tier_from": change.record.tier_from if same else timezone.localdate(change.proposed_at), "declassified_on": None}
    was_secret = change.from_tier.needs_reason
    return {"tier_from": None, "declassified_on": timezone.localdate() if was_secret else change.record.declassified_on}


def may_decide(user: User, change: TierChange) -> bool:
    """Another archivist, the owner or the security officer, cleared for both tiers, who did not propose it."""
    duty = user.has_duty(Duty.ARCHIVIST, Duty.OFFICER) or user.pk == change.record.owner_id
    return duty and is_cleared(user, change.tier) and is_cleared(user, change.from_tier)


def waiting_for(user: User) -> list[TierChange]:
    """Proposals that this person may decide now."""
    open_ones = TierChange.objects.filter(state=TierChangeState.PROPOSED, record__in=access.readable_by(user).values("pk"))
    rows = open_ones.exclude(proposed_by=user).select_related("record", "tier", "from_tier", "proposed_by")
    return [change for change in rows if may_decide(user, change)]


def get_change(actor: User, change_id: UUID | str) -> TierChange:
    """A proposal that the person may decide. Raises Unknown (also for a hidden record's), NotAllowed."""
    rows = TierChange.objects.filter(pk=change_id)
    change = rows.select_related("record__data_key", "tier", "from_tier", "proposed_by", "decided_by").first()
    if change is None:
        raise Unknown
    record = access.get_readable(actor, change.record_id)
    if not may_decide(actor, change) or access.only_by_loan(actor, record):
        raise NotAllowed
    return change


@verb("decide_tier")
def decide_tier(*, actor: User, change_id: UUID | str, decision: str, reason: str = "") -> TierChange:
    """Accept or reject a proposed change; accepting changes the record at once.

    Raises Unknown, NotAllowed, Invalid (decision), ReasonMissing (a rejection without one), Conflict (one's own, or decided already).
    """
    change = get_change(actor, change_id)
    record = access.get_readable(actor, change.record_id)
    if decision not in ("accept", "reject"):
        raise Invalid(errors={"decision": [_("Choose accept or reject.")]})
    if decision == "reject":
        reasons.need(reason, _("Say why it is rejected."))
    reasons.check(reason=reason)
    if change.proposed_by_id == actor.pk:
        raise Conflict(_("Who proposed a change of tier cannot decide it: that takes a second person (SEC-14)."))
    former, accepted = record.tier_until, ["tier", "tier_until"] if decision == "accept" else []
    with transaction.atomic():
        freezing.lock(record)  # as the daily work does, whose change of the same record would wait for this one
        _decide(change, actor, decision, reason)
        if accepted:
            _take_effect(record, change, actor)
        values = {"tier": [change.from_tier.slug, change.tier.slug], "tier_until": [former, change.until]}
        reason = reason or change.reason
        audit.record_event(actor=actor, action=f"{decision}-tier", record=record, reason=reason, changed=accepted, values=values)
        telling.tier_decided(change, record, actor, accepted=decision == "accept")
    change.refresh_from_db()
    return change


def _decide(change: TierChange, actor: User, decision: str, reason: str) -> None:
    state = TierChangeState.ACCEPTED if decision == "accept" else TierChangeState.REJECTED
    updates: dict[str, Any] = {"state": state, "decided_by": actor, "decided_at": timezone.now(), "decision_reason": reason}
    if TierChange.objects.filter(pk=change.pk, state=TierChangeState.PROPOSED).update(**updates) != 1:
        raise StateConflict(_("This proposal was decided already."))


def _take_effect(record: Record, change: TierChange, actor: User) -> None:
    if change.until and change.until < timezone.localdate():
        raise Conflict(_("The term that was proposed is over by now. Reject it; a new one can be proposed."))
    guards.ask_guards("change_tier", record, actor)
    secret = change.tier.needs_reason
    kept = {"tier_reason": _reason(record, change), "tier_event": change.event if secret else ""}
    states.apply(record, "change_tier", tier=change.tier, tier_until=change.until, **kept, **_since(change))
    if change.tier.known_by == KnownBy.NAMED:
        for person in {actor, change.proposed_by, record.owner}:
            RecordNamed.objects.get_or_create(record=record, user=person)
    elif change.from_tier.known_by == KnownBy.NAMED:
        forget_names(record)
    if change.tier.rank > change.from_tier.rank:
        loan_ends.stop_all(record, actor=actor, reason=change.reason)  # a lower tier, or a longer term, closes nothing that was approved
    guards.follow(record)
    outbox.enqueue("index", record.pk, narrowing=True)


def forget_names(record: Record) -> None:
    """Who was named on a record that fell below is not named on what it may become later (SEC-4)."""
    RecordNamed.objects.filter(record=record).delete()


def _reason(record: Record, change: TierChange) -> str:
    """Why it is secret: a longer term leaves that as it is; why it was prolonged stands in the history."""
    if not change.tier.needs_reason:
        return ""
    return record.tier_reason if change.tier_id == change.from_tier_id and record.tier_reason else change.reason
