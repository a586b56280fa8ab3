"""Tiers in force: clearance, terms, marks, and changes that a second person confirms (SEC-1 to SEC-3, SEC-13, SEC-14)."""

import re
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from records import access, audit, guards, lending, outbox, states, telling
from records.errors import AboveClearance, Conflict, Invalid, NotAllowed, ReasonMissing, StateConflict, Unknown
from records.models import Duty, KnownBy, Record, RecordNamed, Tier, TierChange, TierChangeState, User
from records.runner import verb

PERIOD = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?", re.ASCII)


def is_cleared(user: User, tier: Tier) -> bool:
    """Whether the person's clearance reaches this tier."""
    return user.clearance is not None and user.clearance.rank >= tier.rank


def clean_until(value: str | date | None, *, tier: Tier | None, errors: dict[str, list[str]]) -> date | None:
    """The last day of the term: a date, a period from today (`P10Y`), or by default the tier's longest term; None for tiers without."""
    if tier is None or not tier.needs_reason:
        return None
    today = timezone.localdate()
    longest = add_period(today, years=tier.longest_years) if tier.longest_years else None
    if not value:
        return longest
    until = _as_date(value, today)
    if until is None or until <= today:
        errors["tier_until"] = [_("The term ends on a day to come (2036-11-22), or after a period (P10Y).")]
    elif longest and until > longest:
        errors["tier_until"] = [_("The longest term of this tier is %(years)s years.") % {"years": tier.longest_years}]
    return until


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


def mark(record: Record) -> str:
    """The mark as it is written: `机密★20年`, or only the tier's name where there is no term (SEC-13)."""
    tier = record.tier
    if not tier.needs_reason:
        return tier.label
    if record.tier_from and record.tier_until:
        months = (record.tier_until.year - record.tier_from.year) * 12 + record.tier_until.month - record.tier_from.month
        if months and months % 12 == 0:
            return f"{tier.name}★{months // 12}年"
        return f"{tier.name}★{max(months, 1)}个月"
    return f"{tier.name}★"


# --- a change of tier: two people (SEC-14) --------------------------------------------------------------------------


@verb("change_tier")
def propose_tier(*, actor: User, record_id: UUID | str, tier: str, reason: str, until: str | date | None = None) -> TierChange:
    """Propose another tier, or another term; it takes effect when a second person accepts it.

    Raises Unknown, NotAllowed, AboveClearance, ReasonMissing, Invalid, Conflict (another proposal is open).
    """
    record = access.get_for_verb(actor, record_id, "change_tier")
    errors: dict[str, list[str]] = {}
    wanted = Tier.objects.filter(slug=tier).first()
    if wanted is None:
        raise Invalid(errors={"tier": [_("There is no such tier.")]})
    if not is_cleared(actor, wanted):
        raise AboveClearance
    day = clean_until(until, tier=wanted, errors=errors)
    if errors:
        raise Invalid(errors=errors)
    if not reason.strip():
        raise ReasonMissing(errors={"reason": [_("Say why the tier changes.")]})
    if states.transition_for("change_tier", record.state) is None:
        raise StateConflict
    with transaction.atomic():
        if TierChange.objects.filter(record=record, state=TierChangeState.PROPOSED).exists():
            raise Conflict(_("Another change of tier is waiting to be decided."))
        change = TierChange.objects.create(record=record, from_tier=record.tier, tier=wanted, until=day, reason=reason, proposed_by=actor)
        audit.record_event(actor=actor, action="propose-tier", record=record, reason=reason, values={"tier": [record.tier.slug, tier]})
        telling.tier_proposed(change, owner_decides=may_decide(record.owner, change))
    return change


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
    access.get_readable(actor, change.record_id)
    if not may_decide(actor, change):
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
    if decision == "reject" and not reason.strip():
        raise ReasonMissing(errors={"reason": [_("Say why it is rejected.")]})
    if change.proposed_by_id == actor.pk:
        raise Conflict(_("Who proposed a change of tier cannot decide it: that takes a second person (SEC-14)."))
    with transaction.atomic():
        _decide(change, actor, decision, reason)
        if decision == "accept":
            _take_effect(record, change, actor)
        audit.record_event(actor=actor, action=f"{decision}-tier", record=record, reason=reason or change.reason)
        telling.tier_decided(change, record, actor, accepted=decision == "accept")
    change.refresh_from_db()
    return change


def _decide(change: TierChange, actor: User, decision: str, reason: str) -> None:
    state = TierChangeState.ACCEPTED if decision == "accept" else TierChangeState.REJECTED
    updates: dict[str, Any] = {"state": state, "decided_by": actor, "decided_at": timezone.now(), "decision_reason": reason}
    if TierChange.objects.filter(pk=change.pk, state=TierChangeState.PROPOSED).update(**updates) != 1:
        raise StateConflict(_("This proposal was decided already."))


def _take_effect(record: Record, change: TierChange, actor: User) -> None:
    guards.ask_guards("change_tier", record, actor)
    since = timezone.localdate() if change.tier.needs_reason else None
    states.apply(record, "change_tier", tier=change.tier, tier_reason=change.reason, tier_from=since, tier_until=change.until)
    if change.tier.known_by == KnownBy.NAMED:
        for person in {actor, change.proposed_by, record.owner}:
            RecordNamed.objects.get_or_create(record=record, user=person)
    lending.stop_all(record, actor=actor, reason=change.reason)
    guards.follow(record)
    outbox.enqueue("index", record.pk, narrowing=True)
