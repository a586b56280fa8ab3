"""Terms of secrecy in time: what falls by itself when its term is over, who is told before, who lets it go (SEC-3, SEC-13, SEC-14).

A term's last day belongs to it. What is over falls when the daily work has run: until then nobody reads more than before.
Every function is given the day; the caller asks the clock.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records import access, audit, guards, notices, outbox, reasons, secrecy, states
from records.errors import Conflict
from records.models import Duty, KnownBy, Record, TermEnd, TierChange, TierChangeState, User
from records.runner import verb

AHEAD = (90, 30)  # days before the last one on which somebody is told
RUNNING = Q(tier__needs_reason=True, tier_until__isnull=False, state__in=[*states.BEFORE_FILING, "filed"])
DECIDERS = frozenset({Duty.ARCHIVIST, Duty.OFFICER})


# --- the end of a term ----------------------------------------------------------------------------------------------


def declassify(today: date) -> int:
    """Let every record fall whose term ended before this day, each in a transaction of its own; returns how many fell.

    Safe to repeat. Loans that are open go on: who borrowed it may have no grant, and nothing was closed to them.
    """
    over = Record.objects.filter(RUNNING, tier_until__lt=today).order_by("tier_until", "pk")
    return sum(_each(over.values_list("pk", flat=True), lambda pk: _fall(pk, today)))


def _each(ids: Iterable[UUID], work: Callable[[UUID], bool]) -> Iterator[bool]:
    """One that fails stays as it was and holds up none after it. Raises ExceptionGroup of what failed, in the end."""
    failed = []
    for pk in list(ids):
        try:
            with transaction.atomic():
                done = work(pk)
        except Exception as error:  # noqa: BLE001 - told in the end
            error.add_note(f"record {pk}")
            failed.append(error)
        else:
            yield done
    if failed:
        raise ExceptionGroup("The term of these records could not be judged.", failed)


def _fall(pk: UUID, today: date) -> bool:
    """False when somebody was first: it was prolonged, declassified or withdrawn in between."""
    rows = Record.objects.select_for_update(of=("self",)).filter(RUNNING, pk=pk, tier_until__lt=today)
    record = rows.select_related("tier__falls_to", "data_key", "record_class", "record_type", "own_schedule").first()
    below = secrecy.tier_below(record.tier) if record else None
    if record is None or below is None:
        return False
    former, over = record.tier, record.tier_until
    updates = _fallen(record, below, today)
    states.apply(record, "declassify", tier=below, tier_event="", **updates)
    TierChange.objects.filter(record=record, state=TierChangeState.PROPOSED).update(state=TierChangeState.LAPSED)
    values = {"tier": [former.slug, below.slug], "tier_until": [over, record.tier_until]}
    audit.record_event(actor=audit.CUSTODIAN_SERVICE, action="declassify", record=record, changed=values, values=values)
    if below.known_by != KnownBy.NAMED:
        secrecy.forget_names(record)
    guards.follow(record)
    outbox.enqueue("index", record.pk, narrowing=True)  # who knew of a listing may not be a reader of the lower tier
    return True


def _fallen(record: Record, below: Any, today: date) -> dict[str, Any]:
    """What becomes of reason and term: a lower tier that is secret too runs its own longest term from here."""
    if below.needs_reason:
        return {"tier_from": today, "tier_until": secrecy.longest_from(today, below)}
    return {"tier_reason": "", "tier_from": None, "tier_until": None, "declassified_on": today}


# --- before it ends -------------------------------------------------------------------------------------------------


def tell_ahead(today: date) -> int:
    """Tell of terms that end within 90 and within 30 days; returns how many notices were due. Safe to repeat.

    Once for a record, a term and a distance, also after days off: a notice that was missed is sent as long as it is still true.
    Nobody is told of what somebody let go.
    """
    soon = Record.objects.filter(RUNNING, tier_until__gte=today, tier_until__lte=today + timedelta(days=AHEAD[0]))
    return sum(_each(soon.order_by("tier_until", "pk").values_list("pk", flat=True), lambda pk: _tell(pk, today)))


def _tell(pk: UUID, today: date) -> bool:
    rows = Record.objects.select_for_update(of=("self",)).filter(RUNNING, pk=pk).select_related("tier", "owner")
    record = rows.first()
    left = (_last_day(record) - today).days if record else -1
    distance = min((days for days in AHEAD if 0 <= left <= days), default=None)
    if record is None or distance is None:
        return False
    end, _new = TermEnd.objects.get_or_create(record=record, tier=record.tier, until=_last_day(record))
    if end.let_go_at or (end.told is not None and end.told <= distance):
        return False
    TermEnd.objects.filter(pk=end.pk).update(told=distance)
    details = {"until": end.until.isoformat()}
    notices.tell(_to_tell(record), f"tier-ends-{distance}", record=record, subject=record.number or "", key=record.pk, **details)
    return True


def _to_tell(record: Record) -> list[User]:
    """The owner who reads it. Where the owner does not: those who may decide, for what only named people know the named ones.

    An owner who merely knows of it is told, too, though others must decide.
    """
    known = access.visible_to(record.owner).filter(pk=record.pk).first()
    told = [record.owner] if known else []
    if known and known.access == "full":  # type: ignore[attr-defined]
        return told
    others = User.objects.filter(is_active=True).exclude(pk=record.owner_id).select_related("clearance")
    by_name = record.tier.known_by == KnownBy.NAMED
    others = others.filter(named_rows__record=record) if by_name else others.filter(duty_rows__duty__in=DECIDERS)
    return told + [user for user in others.distinct() if access.readable_by(user).filter(pk=record.pk).exists()]


def ending(user: User, today: date) -> QuerySet[Record]:
    """Records whose term ends within 90 days, the first to end first: all that archivist and security officer read, of others their own."""
    rows = access.readable_by(user).filter(RUNNING, tier_until__lte=today + timedelta(days=AHEAD[0]))
    if not user.has_duty(*DECIDERS):
        rows = rows.filter(owner=user)
    return access.with_related(rows).order_by("tier_until", "pk")


def decisions(records: Iterable[Record]) -> dict[UUID, TermEnd]:
    """By record who decided to let its present term end; one query."""
    held = {record.pk: (record.tier_id, record.tier_until) for record in records}
    rows = TermEnd.objects.filter(record__in=held, let_go_at__isnull=False).select_related("let_go_by")
    return {row.record_id: row for row in rows if held[row.record_id] == (row.tier_id, row.until)}


@verb("let_go")
def let_term_end(*, actor: User, record_id: UUID | str, today: date, reason: str = "") -> TermEnd:
    """Decide that a term which ends soon is not prolonged: nobody is reminded of it any more (SEC-14). It can still be prolonged.

    Raises Unknown, NotAllowed, Conflict (no term that ends within 90 days, or decided already).
    """
    record = secrecy.get_to_propose(actor, record_id)
    if not _ends_soon(record, today):
        raise Conflict(_("The secrecy of this record does not end soon."))
    reasons.check(reason=reason)
    decided = {"let_go_by": actor, "let_go_at": timezone.now(), "let_go_reason": reason.strip()}
    with transaction.atomic():
        end, _new = TermEnd.objects.get_or_create(record=record, tier=record.tier, until=_last_day(record))
        if TermEnd.objects.filter(pk=end.pk, let_go_at=None).update(**decided) != 1:
            raise Conflict(_("Somebody decided already to let it end."))
        audit.record_event(actor=actor, action="let-go", record=record, reason=reason)
    end.refresh_from_db()
    return end


def _ends_soon(record: Record, today: date) -> bool:
    return record.tier.needs_reason and _last_day(record) <= today + timedelta(days=AHEAD[0])


def _last_day(record: Record) -> date:
    return record.tier_until or date.max
