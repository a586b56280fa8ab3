"""When a person leaves: one act takes everything back and hands on what must go on (SEC-12)."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records import access, audit, entrusting, freezing, lending, lending_states, notices, outbox, picking, reasons, standing
from records.errors import Conflict, DutiesApart, Invalid, NotAllowed
from records.models import (
    OPEN,
    Approver,
    ChainStep,
    Deputy,
    Duty,
    DutyHolder,
    Grant,
    Loan,
    LoanState,
    Proposal,
    Record,
    RecordHand,
    RecordNamed,
    State,
    User,
)
from records.runner import verb

WHO = frozenset({Duty.ADMINISTRATOR, Duty.OFFICER})
Follower = Callable[[User, User], None]
_followers: dict[str, Follower] = {}


def register_follower(name: str, follower: Follower) -> None:
    """`follower(person, actor)` is called inside the transaction: a higher floor takes back what it gave, such as tokens."""
    _followers[name] = follower


@dataclass(frozen=True)
class Left:
    """What was done: how many records went to the successor, how many loans and requests were closed."""

    person: User
    successor: User | None
    records: int
    loans: int


@verb("leave")
def leave(*, actor: User, username: str, successor: str = "", reason: str = "") -> Left:
    """Disable the account, close its loans, take back all that was entrusted, hand its records to a successor; all or nothing.

    Without records to hand over no successor is needed. Raises NotAllowed, Unknown, ReasonMissing, Invalid (`successor`),
    DutiesApart (oneself), Conflict (left already, the only officer, records that the successor may not read).
    """
    person = get(actor, username)
    reasons.need(reason)
    with transaction.atomic():
        standing.hold_officers()
        person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        _may_leave(actor, person)
        freezing.lock_all({*owned_by(person).values_list("pk", flat=True), *_open_loans(person).values_list("record_id", flat=True)})
        heir = _successor(actor, person, successor)
        held = _hand_over(actor, person, heir, reason)
        closed = _close_loans(actor, person, reason)
        _take_back(actor, person, reason)
        audit.record_event(actor=actor, action="leave", subject=f"{username} → {heir.username if heir else '–'}", reason=reason)
        _tell(actor, person, heir)
    return Left(person, heir, held, closed)


def get(actor: User, username: str) -> User:
    """Somebody who is to leave, for administrators and officers. Raises NotAllowed, Unknown."""
    if not actor.has_duty(*WHO):
        raise NotAllowed
    return standing.get(actor, username)


def _may_leave(actor: User, person: User) -> None:
    if person == actor:
        raise DutiesApart(_("Nobody does this for themselves: ask another administrator or the security officer."))
    if not person.is_active:
        raise Conflict(_("This person has left, or may not sign in any more."))
    if DutyHolder.objects.filter(user=person, duty=Duty.OFFICER).exists():
        standing.need_another_officer(person)


# --- the successor --------------------------------------------------------------------------------------------------


def owned_by(person: User) -> QuerySet[Record]:
    """The records that somebody answers for and that still hold something."""
    return Record.objects.filter(owner=person).exclude(state__in=access.EMPTY_STATES)


def _successor(actor: User, person: User, username: str) -> User | None:
    owned = owned_by(person).count()
    if not username and not owned:
        return None
    found = picking.person(username) if username else None
    if found is None or found in (person, actor):
        sentence = _("Name a third person who works here: neither who leaves nor yourself.")
        raise Invalid(errors={"successor": [sentence]})
    closed = owned - _read_without_loans(found, owned_by(person))
    if closed:
        line = ngettext(
            "The successor may not read %(n)d of the records. Name another, or have that confirmed by the security officer first.",
            "The successor may not read %(n)d of the records. Name another, or have them confirmed by the security officer first.",
            closed,
        )
        raise Conflict(line % {"n": closed}, errors={"successor": [line % {"n": closed}]})
    return found


def _read_without_loans(person: User, records: QuerySet[Record]) -> int:
    rights = replace(access.rights_of(person), opened=frozenset())
    return records.filter(access.readable_filter(rights)).count()


def _hand_over(actor: User, person: User, heir: User | None, reason: str) -> int:
    """Records and returned registrations; the steps that their owner takes follow the owner by themselves."""
    if heir is None:
        return 0
    owned = list(owned_by(person).select_related("data_key"))
    for record in owned:
        values = {"owner": [person.username, heir.username]}
        audit.record_event(actor=actor, action="hand-over", record=record, reason=reason, changed=["owner"], values=values)
    Record.objects.filter(pk__in=[record.pk for record in owned]).update(owner=heir, revision=F("revision") + 1)
    if heir.has_duty(Duty.ARCHIVIST):
        for record in access.readable_by(heir).filter(state=State.REGISTERED, returned=True, hands__user=person):
            RecordHand.objects.get_or_create(record=record, user=heir)
    return len(owned)


# --- taking back ----------------------------------------------------------------------------------------------------


def _open_loans(person: User) -> QuerySet[Loan]:
    return Loan.objects.filter(borrower=person, state__in=OPEN)


def _close_loans(actor: User, person: User, reason: str) -> int:
    """What is open on the screen closes at once; paper is called back and stays in the register until it is here."""
    loans = list(_open_loans(person).select_related("approval", "record"))
    for loan in loans:
        name = "recall" if loan.state == LoanState.ACTIVE else "cancel"
        if lending_states.step_for(name, loan):
            lending.close(actor, loan, name, reason)
    return len(loans)


def _take_back(actor: User, person: User, reason: str) -> None:
    entrusting.withdraw_all(Proposal.objects.filter(Q(person=person) | Q(proposed_by=person)), actor=actor, reason=reason)
    _end_deputies(person)
    named = list(RecordNamed.objects.filter(user=person).values_list("record_id", flat=True))
    for record in Record.objects.filter(pk__in=named):
        audit.record_event(actor=actor, action="unname", record=record, subject=person.username, reason=reason)
    RecordNamed.objects.filter(user=person).delete()
    outbox.enqueue_all(("index", pk) for pk in named)
    for grant in Grant.objects.filter(user=person).select_related("record__tier"):
        audit.record_event(actor=actor, action="revoke-grant", record=grant.record, subject=str(grant), reason=reason)
    Grant.objects.filter(user=person).delete()
    _disable(actor, person, reason)


def _end_deputies(person: User) -> None:
    now = timezone.now()
    rows = Deputy.objects.filter(Q(person=person) | Q(deputy=person), until__gt=now)
    rows.filter(since__gte=now).delete()
    rows.update(until=now)


def _disable(actor: User, person: User, reason: str) -> None:
    former = standing.of(person)
    taken = [*sorted(former.duties), *sorted(group.name for group in former.groups), getattr(former.clearance, "slug", "")]
    DutyHolder.objects.filter(user=person).delete()
    person.groups.clear()
    person.is_active, person.clearance, person.borrows_directly = False, None, False
    person.set_unusable_password()  # sessions hold the password's digest: none comes to life again with the account
    person.save(update_fields=["is_active", "clearance", "borrows_directly", "password"])
    for follow in _followers.values():
        follow(person, actor)
    changed = ["is_active", "clearance", "duties", "groups", "borrows_directly"]
    subject = f"{person.username} {' '.join(each for each in taken if each)}"
    audit.record_event(actor=actor, action="change-standing", subject=subject, reason=reason, changed=changed)


def _tell(actor: User, person: User, heir: User | None) -> None:
    """The successor; and the officers, since chains that name the person now fall to the general manager."""
    if heir:
        notices.tell([heir], "records-handed-over", subject=person.username)
    steps = ChainStep.objects.filter(approver=Approver.PERSON, person=person).count()
    officers = User.objects.filter(duty_rows__duty=Duty.OFFICER).exclude(pk=actor.pk)
    notices.tell(officers, "person-left", subject=person.username, chain_steps=steps)
