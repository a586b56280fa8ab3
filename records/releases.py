"""Records given to outside organisations: asked for, agreed by the confidentiality committee, given, back again (SEC-11)."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records import access, approvals, audit, freezing, notices, picking, reasons, serials
from records.errors import Conflict, Invalid, NotAllowed, StateConflict
from records.models import (
    ApprovalState,
    Approver,
    Chain,
    Duty,
    Record,
    Release,
    ReleaseForm,
    ReleaseState,
    State,
    TierChange,
    TierChangeState,
    User,
)
from records.runner import verb

CHAIN = "outside-release"  # the shipped chain; an organisation may change its steps, never do without the committee
SERIES = "WT"  # of the releases' numbers: 外提
MOST = 50  # records of one release
KEEPERS = frozenset({Duty.ARCHIVIST, Duty.LEGAL, Duty.MANAGER, Duty.OFFICER, Duty.AUDITOR})
ASKERS = frozenset({Duty.ARCHIVIST, Duty.LEGAL})  # and whoever owns the records
S = ReleaseState
TABLE: dict[str, dict[str, str]] = {  # verb → state that it may be in → state after it
    "approve": {S.REQUESTED: S.APPROVED},
    "reject": {S.REQUESTED: S.REJECTED},
    "give": {S.APPROVED: S.GIVEN},
    "return": {S.GIVEN: S.RETURNED},
    "close": {S.GIVEN: S.CLOSED},
    "cancel": {S.REQUESTED: S.CANCELLED, S.APPROVED: S.CANCELLED},
}
LONGEST = {"organisation": 200, "recipient": 200, "purpose": 500, "basis": 500}  # characters


# --- asking ---------------------------------------------------------------------------------------------------------


def may_ask(user: User, record: Record) -> bool:
    """Whether somebody who reads the record may ask to give it out: archivists, legal, its owner; nobody by a loan alone."""
    return (user.has_duty(*ASKERS) or user.pk == record.owner_id) and not access.only_by_loan(user, record)


def get_askable(user: User, record_ids: Iterable[UUID | str]) -> list[Record]:
    """Records that this person may ask to give out, each once. Raises Unknown when one is hidden, then NotAllowed."""
    records = [access.get_visible(user, pk) for pk in dict.fromkeys(map(str, record_ids))]
    if not all(record.access == "full" and may_ask(user, record) for record in records):  # type: ignore[attr-defined]
        raise NotAllowed
    return records


@verb("request_release")
def request(
    *,
    actor: User,
    record_ids: Sequence[UUID | str],
    organisation: str,
    recipient: str,
    purpose: str,
    basis: str,
    form: str,
    until: str | date | None = None,
) -> Release:
    """Ask to give records to an outside organisation; it waits for the committee.

    `until`: the last day on which they may be out; None or empty: for good. Raises Unknown, NotAllowed (listed only, or no duty),
    Invalid, StateConflict (not filed), Frozen, Conflict (no committee is set up, or the same waits already).
    """
    records = get_askable(actor, record_ids)
    asked = {"organisation": organisation, "recipient": recipient, "purpose": purpose, "basis": basis}
    asked = {name: text.strip() for name, text in asked.items()}
    end = _clean(records, asked, form, until)
    if any(record.state != State.FILED for record in records):
        raise StateConflict(_("Only filed records are given out."))
    with transaction.atomic():
        for record in sorted(records, key=lambda row: row.pk):  # in one order, so that two requests do not wait for each other
            freezing.need_unfrozen(record)
        values = {**asked, "form": form, "until": end}
        _need_new(actor, records, values)
        return _written(actor, records, **values)


def _need_new(actor: User, records: Sequence[Record], values: dict[str, Any]) -> None:
    """A form that is sent twice asks once. Raises Conflict where the same, word for word, waits for the committee."""
    waiting = Release.objects.filter(requester=actor, state=S.REQUESTED, **values).prefetch_related("records")
    if same := next((each for each in waiting if set(each.records.all()) == set(records)), None):
        raise Conflict(_("%(number)s asks for this already and waits to be decided.") % {"number": same.number})


def _clean(records: Sequence[Record], asked: dict[str, str], form: str, until: str | date | None) -> date | None:
    errors = {name: [_("This field is required.")] for name, text in asked.items() if not text}
    long = [name for name, text in asked.items() if len(text) > LONGEST[name]]
    errors |= {name: [_("At most %(most)s characters.") % {"most": LONGEST[name]}] for name in long}
    if form not in ReleaseForm.values:
        errors["form"] = [_("Choose paper or digital.")]
    if not 1 <= len(records) <= MOST:
        errors["records"] = [_("Name 1 to %(most)d records.") % {"most": MOST}]
    end = _day(until)
    if until and (end is None or end < timezone.localdate()):
        errors["until"] = [_("The last day is today or one to come (2026-12-31); empty: for good.")]
    if errors:
        raise Invalid(errors=errors)
    return end


def _day(given: str | date | None) -> date | None:
    try:
        return date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        return None


def _written(actor: User, records: Sequence[Record], **values: Any) -> Release:
    approval = approvals.begin(chain=_chain(), asker=actor, record=records[0] if len(records) == 1 else None)
    number = serials.following(SERIES, [record.tier for record in records])
    release = Release.objects.create(number=number, requester=actor, approval=approval, **values)
    release.records.set(records)
    _log(actor, release, "request-release", records, reason=release.purpose)
    turn = approvals.turn_of(approval)
    notices.tell(turn.people if turn else [], "release-requested", subject=release.number, key=release.pk)
    return release


def _chain() -> Chain:
    found = Chain.objects.filter(slug=CHAIN).first()
    if found is None or not found.steps.filter(approver=Approver.COMMITTEE).exists():
        raise Conflict(_("There is no committee that could agree. An administrator sets up the chain “outside-release”."))
    return found


def _log(actor: User, release: Release, action: str, records: Iterable[Record], *, reason: str = "") -> None:
    """One event for each record, so that each history has it."""
    for record in records:
        audit.record_event(actor=actor, action=action, record=record, subject=release.number, reason=reason)


# --- deciding -------------------------------------------------------------------------------------------------------


@verb("decide_release")
def decide(*, actor: User, release_id: UUID | str, decision: str, reason: str = "") -> Release:
    """A vote of the committee.

    Raises Unknown, Invalid, ReasonMissing, StateConflict, NotYourTurn, Frozen, Conflict (a tier was raised since it was asked for).
    """
    release = get(actor, release_id)
    if release.state != S.REQUESTED:
        raise StateConflict(_("This request was decided already."))
    with transaction.atomic():
        _lock(release)
        if decision == "approve":
            _need_as_asked(release)
        approval = approvals.decide(approval=release.approval, actor=actor, decision=decision, reason=reason)
        if approval.state == ApprovalState.APPROVED:
            _apply(release, "approve")
            people = [release.requester, *User.objects.filter(is_active=True, duty_rows__duty=Duty.ARCHIVIST)]
            notices.tell(_who_know(people, release), "release-approved", subject=release.number, key=release.pk)
        elif approval.state == ApprovalState.REJECTED:
            _apply(release, "reject", note=reason.strip())
            notices.tell([release.requester], "release-rejected", subject=release.number, key=release.pk)
        _log(actor, release, f"{decision}-release", release.records.all(), reason=reason)
    return release


def _who_know(people: Iterable[User], release: Release) -> list[User]:
    return [person for person in dict.fromkeys(people) if known_to(person).filter(pk=release.pk).exists()]


def _lock(release: Release) -> None:
    """Every step begins with it, as those of loans do: then no two hold a release and its approval each and wait for the other's."""
    freezing.lock_all(release.records.values_list("pk", flat=True))


def _need_as_asked(release: Release) -> None:
    """Under the lock: nothing of it is frozen (SEC-10), and no tier was raised since it was asked for. Raises Frozen, Conflict."""
    for record in release.records.order_by("pk"):
        freezing.need_unfrozen(record)
    changes = TierChange.objects.filter(record__releases=release, state=TierChangeState.ACCEPTED, decided_at__gt=release.asked_at)
    if changes.filter(tier__rank__gt=F("from_tier__rank")).exists():
        raise Conflict(_("The tier of a record was raised since this was asked for. Ask for it anew."))


def _apply(release: Release, name: str, **updates: Any) -> None:
    """Take the step by compare-and-set on the state that was seen. Raises StateConflict."""
    to = TABLE[name].get(release.state)
    if to is None or Release.objects.filter(pk=release.pk, state=release.state).update(state=to, **updates) != 1:
        raise StateConflict(_("This release is not in a state that allows this. Look at it again."))
    for field, value in {"state": to, **updates}.items():
        setattr(release, field, value)


# --- giving and ending ----------------------------------------------------------------------------------------------


@verb("give_release")
def give(*, actor: User, release_id: UUID | str, note: str = "") -> Release:
    """Hand out what was agreed, by an archivist who reads it.

    Raises Unknown, NotAllowed, StateConflict, Frozen, Conflict (its last day is past, or a tier was raised since it was asked for).
    """
    release = _for_archivist(actor, release_id)
    reasons.check(note=note)
    if any(not access.readable_by(actor).filter(pk=record.pk).exists() for record in release.records.all()):
        raise NotAllowed
    if release.until and release.until < timezone.localdate():
        raise Conflict(_("The last day of this release is past. Ask for it anew."))
    with transaction.atomic():
        _lock(release)
        _need_as_asked(release)
        if release.records.exclude(state=State.FILED).exists():
            raise StateConflict(_("Only filed records are given out."))
        _apply(release, "give", given_by=actor, given_at=timezone.now(), note=note.strip())
        _log(actor, release, "give-release", release.records.all(), reason=f"{release.organisation}, {release.recipient}")
        if actor != release.requester:
            notices.tell([release.requester], "release-given", subject=release.number, key=release.pk)
    return release


@verb("return_release")
def give_back(*, actor: User, release_id: UUID | str, note: str = "") -> Release:
    """Take in what came back, with its condition. Raises Unknown, NotAllowed, StateConflict."""
    return _end(_for_archivist(actor, release_id), "return", actor, note)


@verb("close_release")
def close(*, actor: User, release_id: UUID | str, reason: str) -> Release:
    """End a release that does not come back: given for good, or a copy that was destroyed there. Raises ReasonMissing besides."""
    release = _for_archivist(actor, release_id)
    reasons.need(reason)
    return _end(release, "close", actor, reason)


@verb("cancel_release")
def cancel(*, actor: User, release_id: UUID | str, reason: str = "") -> Release:
    """Take a request back, or give up what was agreed: by who asked, or an archivist with a reason."""
    release = get(actor, release_id)
    if actor.pk != release.requester_id:
        release = _for_archivist(actor, release_id)
        reasons.need(reason)
    return _end(release, "cancel", actor, reason)


def _end(release: Release, name: str, actor: User, note: str) -> Release:
    reasons.check(note=note)
    with transaction.atomic():
        _lock(release)
        waiting = release.state == S.REQUESTED
        _apply(release, name, ended_by=actor, ended_at=timezone.now(), note=note.strip())
        if waiting:
            approvals.withdraw(release.approval)
        _log(actor, release, f"{name}-release", release.records.all(), reason=note.strip())
        if actor.pk != release.requester_id:
            notices.tell([release.requester], f"release-{release.state}", subject=release.number, key=release.pk)
    return release


def _for_archivist(actor: User, release_id: UUID | str) -> Release:
    release = get(actor, release_id)
    if not actor.has_duty(Duty.ARCHIVIST):
        raise NotAllowed
    return release


# --- looking --------------------------------------------------------------------------------------------------------


def known_to(user: User) -> QuerySet[Release]:
    """The releases that this person may know of: one's own, those that wait or waited for one, and for the register's keepers those
    of which they may know every record; newest first.
    """
    known: Any = Q(requester=user) | Q(approval__steps__decided_by=user) | Q(approval__in=_waiting(user))
    if user.has_duty(*KEEPERS):
        items = Release.records.through.objects.filter(release_id=OuterRef("pk"))
        known = known | ~Exists(items.exclude(record_id__in=access.visible_to(user).values("pk")))
    return _related(Release.objects.filter(pk__in=Release.objects.filter(known).values("pk")))


def _waiting(user: User) -> list[UUID]:
    return [approval.pk for approval in approvals.waiting_for(user)]


def _related(rows: QuerySet[Release]) -> QuerySet[Release]:
    joined = rows.select_related("requester__department", "given_by", "ended_by", "approval__asker", "approval__record__owner")
    return joined.prefetch_related("records__tier", "approval__steps__decided_by", "approval__steps__on_behalf_of")


def waiting_for(user: User) -> QuerySet[Release]:
    """Requests whose vote this person may give now, oneself or as a deputy; the oldest first."""
    return _related(Release.objects.filter(approval__in=_waiting(user), state=S.REQUESTED)).order_by("asked_at")


def known_records(user: User, rows: Iterable[Release]) -> set[UUID]:
    """The ids of those of the records of these releases that the person may know of; by one query."""
    return picking.known_among(user, (record.pk for row in rows for record in row.records.all()))


def get(user: User, release_id: UUID | str) -> Release:
    """One release that the person may know of. Raises Unknown."""
    return picking.by_id(known_to(user), release_id)
