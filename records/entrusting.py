"""Proposed by one, confirmed by the security officer: what widens anybody's rights, or eases a rule of the house (SEC-15).

Nobody decides about themselves, nor about what they proposed; for what an officer proposed or is to get, another officer decides,
else the general manager. What narrows takes effect at once and is not here.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit, entrusted, notices, picking, reasons, set_up, states
from records.errors import Conflict, DutiesApart, Invalid, NotAllowed, StateConflict
from records.models import Duty, Proposal, ProposalState, Trust, User
from records.office import Office
from records.runner import verb

DECIDERS = (Duty.OFFICER, Duty.MANAGER)


def need_reason(reason: str) -> None:
    """Raises ReasonMissing for an empty one, Invalid for one that is too long."""
    reasons.need(reason, _("Say why: this waits for the security officer."))


def begin(*, actor: User, kind: Trust, payload: dict[str, Any], reason: str, person: User | None = None) -> Proposal:
    """A proposal that waits for its second person, inside the running transaction.

    Raises ReasonMissing, DutiesApart (about oneself), Conflict (the same waits already).
    """
    need_reason(reason)
    if person == actor:
        raise DutiesApart(_("Nobody changes their own rights: another person proposes it (SEC-15)."))
    same = Proposal.objects.filter(kind=kind, person=person, state=ProposalState.PROPOSED)
    if any(each.payload == payload for each in same):
        raise Conflict(_("The same waits for the security officer already."))
    asked = {"kind": kind, "person": person, "payload": payload, "reason": reason.strip()}
    proposal = Proposal.objects.create(proposed_by=actor, **asked)
    _write(actor, "propose-entrusting", proposal, reason)
    notices.tell(deciders(proposal), "grant-proposed", key=proposal.pk, of=kind)
    if person and kind == Trust.MAIL:
        notices.tell([person], "grant-mail", key=proposal.pk)  # while the former address still is theirs
    return proposal


@verb("propose_set_up")
def propose_set_up(*, actor: User, row: Model, changes: dict[str, Any], reason: str) -> Proposal:
    """Propose a change of the set-up that opens or eases something: `changes` by column of the row, which stays as it is (SEC-15).

    Raises NotAllowed (administrators only), ReasonMissing, Conflict.
    """
    if not actor.has_duty(Duty.ADMINISTRATOR):
        raise NotAllowed
    with transaction.atomic():
        return begin(actor=actor, kind=Trust.SETUP, payload=set_up.as_kept(row, changes), reason=reason)


def _write(actor: User, action: str, proposal: Proposal, reason: str) -> None:
    subject = f"{proposal} {entrusted.code_of(proposal)}".strip()
    audit.record_event(actor=actor, action=action, record=entrusted.record_of(proposal), subject=subject, reason=reason)


# --- deciding -------------------------------------------------------------------------------------------------------


def deciders(proposal: Proposal, office: Office | None = None) -> list[User]:
    """Who may decide it now: officers, else general managers; who is to gain by it as a member only where nobody else is left."""
    people = list((office or Office()).people.values())
    apart = {proposal.proposed_by_id, proposal.person_id}
    gaining = apart | entrusted.receivers(proposal, people)
    for duty, out in [(duty, out) for out in (gaining, apart) for duty in DECIDERS]:
        found = [user for user in people if user.pk not in out and duty in {row.duty for row in user.duty_rows.all()}]
        if found:
            return found
    return []


@verb("decide_entrusting")
def decide(*, actor: User, proposal_id: UUID | str, decision: str, reason: str = "") -> Proposal:
    """Accept or reject; accepting takes effect at once.

    Raises Unknown, NotAllowed, Invalid (decision), ReasonMissing (a rejection without one), DutiesApart (one's own),
    StateConflict (decided already, or it fits no more).
    """
    proposal = get_for_decision(actor, proposal_id)
    if decision not in ("accept", "reject"):
        raise Invalid(errors={"decision": [_("Choose accept or reject.")]})
    if decision == "reject":
        reasons.need(reason, _("Say why it is rejected."))
    reasons.check(reason=reason)
    if actor not in deciders(proposal):
        raise DutiesApart(_("This waits for somebody else: nobody decides about themselves, nor about what they proposed (SEC-15)."))
    with transaction.atomic():
        entrusted.hold(proposal)
        _decide(proposal, actor, decision, reason)
        if decision == "accept":
            entrusted.take_effect(proposal)
        _write(actor, f"{decision}-entrusting", proposal, reason or proposal.reason)
        about = [proposal.person] if proposal.person and decision == "accept" else []
        notices.tell([proposal.proposed_by, *about], f"grant-{proposal.state}", key=proposal.pk, of=proposal.kind)
    return proposal


def get_for_decision(actor: User, proposal_id: UUID | str) -> Proposal:
    """One that the person's duties let them decide, whether or not it waits for them. Raises Unknown, NotAllowed."""
    proposal = get(actor, proposal_id)
    if not actor.has_duty(*DECIDERS):
        raise NotAllowed
    return proposal


def _decide(proposal: Proposal, actor: User, decision: str, reason: str) -> None:
    state = ProposalState.ACCEPTED if decision == "accept" else ProposalState.REJECTED
    updates: dict[str, Any] = {"state": state, "decided_by": actor, "decided_at": timezone.now(), "decision_reason": reason.strip()}
    if Proposal.objects.filter(pk=proposal.pk, state=ProposalState.PROPOSED).update(**updates) != 1:
        raise StateConflict(_("This proposal was decided already."))
    for name, value in updates.items():
        setattr(proposal, name, value)


@verb("withdraw_proposal")
def withdraw(*, actor: User, proposal_id: UUID | str) -> Proposal:
    """Take back what one proposed oneself. Raises Unknown, NotAllowed, StateConflict."""
    proposal = get(actor, proposal_id)
    if proposal.proposed_by_id != actor.pk:
        raise NotAllowed
    with transaction.atomic():
        if not withdraw_all(Proposal.objects.filter(pk=proposal.pk), actor=actor):
            raise StateConflict(_("This proposal was decided already."))
    proposal.refresh_from_db()
    return proposal


def withdraw_all(rows: QuerySet[Proposal], *, actor: User, reason: str = "") -> int:
    """Close those of these that are open, inside the running transaction; returns how many."""
    found = list(rows.filter(state=ProposalState.PROPOSED).select_related("person"))
    for proposal in found:
        Proposal.objects.filter(pk=proposal.pk, state=ProposalState.PROPOSED).update(state=ProposalState.WITHDRAWN)
        _write(actor, "withdraw-proposal", proposal, reason)
    return len(found)


# --- looking --------------------------------------------------------------------------------------------------------


def waiting_for(user: User) -> list[Proposal]:
    """What this person may decide now, the oldest first."""
    if not user.has_duty(*DECIDERS):
        return []
    rows = list(_related(Proposal.objects.filter(state=ProposalState.PROPOSED)).order_by("proposed_at"))
    office = Office() if rows else None
    return [proposal for proposal in rows if user in deciders(proposal, office)]


def known_to(user: User) -> QuerySet[Proposal]:
    """One's own proposals; all of them for those who decide and those who read the trail (AUD-2); for administrators all but on records."""
    if user.has_duty(*DECIDERS, *states.TRAIL_READERS):
        return _related(Proposal.objects.all())
    mine = Q(proposed_by=user)
    if user.has_duty(Duty.ADMINISTRATOR):
        mine |= ~Q(kind__in=[Trust.GRANT, Trust.NAMED])
    return _related(Proposal.objects.filter(mine))


def _related(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    return rows.select_related("person__department", "person__clearance", "proposed_by", "decided_by")


def get(user: User, proposal_id: UUID | str) -> Proposal:
    """One proposal that the person may know of. Raises Unknown."""
    return picking.by_id(known_to(user), proposal_id)
