"""Requests on their way through a chain: begun, decided step by step, withdrawn (LND-2, SEC-15).

A loan, and later a destruction order, begins one and looks at its state; what follows from it is theirs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records import reasons
from records.errors import Invalid, NotYourTurn, StateConflict
from records.models import Approval, ApprovalState, ApprovalStep, Approver, Chain, ChainStep, Deputy, Duty, DutyHolder, Record, User
from records.office import DUTIES, Office, Request

DECISIONS = ("approve", "reject")
# The life of a request as a table: from, verb, to. `approve` is that of the last step; the others leave it where it is.
TABLE = {
    (ApprovalState.REQUESTED, "approve"): ApprovalState.APPROVED,
    (ApprovalState.REQUESTED, "reject"): ApprovalState.REJECTED,
    (ApprovalState.REQUESTED, "withdraw"): ApprovalState.WITHDRAWN,
}
VERBS = frozenset(verb for _frm, verb in TABLE)


@dataclass(frozen=True)
class Turn:
    """The step that an approval waits on: who may take it, and which deputies in whose place."""

    step: ApprovalStep
    takers: list[User]
    stand_ins: dict[User, User]

    @property
    def people(self) -> list[User]:
        """Everybody who may take it now."""
        return [*self.takers, *(deputy for deputy in self.stand_ins if deputy not in self.takers)]


def begin(*, chain: Chain, asker: User, entered_by: User | None = None, record: Record | None = None) -> Approval:
    """A request for all steps of the chain, inside the running transaction. A committee has a step for each vote.

    Neither the asker nor who entered it for the asker takes a step of it.
    """
    approval = Approval.objects.create(chain=chain, asker=asker, entered_by=entered_by or asker, record=record)
    rules = [rule for rule in chain.steps.all() for _vote in range(rule.votes)]
    ApprovalStep.objects.bulk_create(_step(approval, order, rule) for order, rule in enumerate(rules))
    _advance(approval)
    return approval


def _step(approval: Approval, order: int, rule: ChainStep) -> ApprovalStep:
    asked = {"approver": rule.approver, "committee": rule.committee, "person": rule.person, "days": rule.days}
    return ApprovalStep(approval=approval, asker=approval.asker, order=order, **asked)


def decide(*, approval: Approval, actor: User, decision: str, reason: str = "") -> Approval:
    """Take the step whose turn it is, oneself or in another's place, inside the running transaction.

    Raises Invalid (no such decision), ReasonMissing (a rejection without one), StateConflict (closed already, or somebody was
    first), NotYourTurn (out of turn, one's own, or nobody's deputy).
    """
    if decision not in DECISIONS:
        raise Invalid(errors={"decision": [_("Choose approve or reject.")]})
    if decision == "reject":
        reasons.need(reason, _("Say why it is rejected."))
    reasons.check(reason=reason)
    locked = Approval.objects.select_for_update(of=("self",)).select_related("asker", "record__owner").get(pk=approval.pk)
    turn = turn_of(locked)
    if turn is None:
        raise StateConflict(_("This request was decided already."))
    if actor not in turn.people:
        raise NotYourTurn
    _take(turn, actor, decision, reason)
    if decision == "reject":
        close(locked, "reject")
    else:
        _advance(locked)
    return locked


def _take(turn: Turn, actor: User, decision: str, reason: str) -> None:
    in_place_of = None if actor in turn.takers else turn.stand_ins[actor]
    taken = {"decided_by": actor, "on_behalf_of": in_place_of, "decision": decision, "reason": reason.strip(), "decided_at": timezone.now()}
    if ApprovalStep.objects.filter(pk=turn.step.pk, decided_by=None).update(**taken) != 1:
        raise StateConflict(_("Somebody else took this step first."))


def withdraw(approval: Approval) -> None:
    """Close a request that nobody needs any more. Raises StateConflict when it was decided already."""
    close(approval, "withdraw")


def _advance(approval: Approval) -> None:
    """It is the next step's turn; after the last one the request is approved."""
    following = approval.steps.filter(decided_by=None).first()
    if following is None:
        close(approval, "approve")
        return
    ApprovalStep.objects.filter(pk=following.pk).update(waiting_since=timezone.now())


def close(approval: Approval, verb: str) -> None:
    """Take a step of the table, by compare-and-set on the state that was seen. Raises StateConflict."""
    to, now = TABLE.get((ApprovalState(approval.state), verb)), timezone.now()
    if to is None or Approval.objects.filter(pk=approval.pk, state=approval.state).update(state=to, closed_at=now) != 1:
        raise StateConflict(_("This request was decided already."))
    approval.state, approval.closed_at = to, now


# --- whose turn -----------------------------------------------------------------------------------------------------


def turn_of(approval: Approval, office: Office | None = None) -> Turn | None:
    """The step that waits, None when the request is closed. Reads people and deputies unless `office` was read already."""
    if approval.state != ApprovalState.REQUESTED:
        return None
    steps = list(approval.steps.all())
    step = next((each for each in steps if each.decided_by_id is None), None)
    if step is None:
        return None
    office, request = office or Office(), _request(approval, steps)
    takers = office.takers(step, request)
    return Turn(step, takers, office.stand_ins(takers, request))


def _request(approval: Approval, steps: Sequence[ApprovalStep]) -> Request:
    taken = {pk for step in steps for pk in (step.decided_by_id, step.on_behalf_of_id) if pk} | {approval.entered_by_id}
    record = approval.record
    owner, department = (record.owner, record.department_id) if record else (None, None)
    return Request(approval.asker, owner, department, frozenset(taken))


def _open_requests() -> QuerySet[Approval]:
    """All that wait for somebody, the oldest first, with what `turn_of` asks of each."""
    rows = Approval.objects.filter(state=ApprovalState.REQUESTED).order_by("asked_at")
    return rows.select_related("asker", "record__owner").prefetch_related("steps")


def _in_reach_of(user: User) -> QuerySet[Approval]:
    """Those of which somebody in whose place this person may act could take a step: every page asks, and few people decide anything.

    For general manager and security officer all: theirs is what nobody else is left for.
    """
    now = timezone.now()
    represented = Deputy.objects.filter(deputy=user, since__lte=now, until__gt=now).values("person")
    people = User.objects.filter(Q(pk=user.pk) | Q(pk__in=represented))
    duties = set(DutyHolder.objects.filter(user__in=people).values_list("duty", flat=True))
    if not duties.isdisjoint({Duty.MANAGER, Duty.OFFICER}):
        return _open_requests()
    asked = Q(approver__in=[approver for approver, duty in DUTIES.items() if duty in duties])
    asked |= Q(committee__in=Group.objects.filter(user__in=people)) | Q(person__in=people)
    asked |= Q(approver=Approver.OWNER, approval__record__owner__in=people)
    return _open_requests().filter(pk__in=ApprovalStep.objects.filter(asked, decided_by=None).values("approval"))


def waiting_for(user: User, office: Office | None = None) -> list[Approval]:
    """Requests whose step this person may take now, oneself or as a deputy."""
    requests = list(_in_reach_of(user))
    if not requests:
        return []
    office = office or Office()
    return [approval for approval in requests if (turn := turn_of(approval, office)) and user in turn.people]


def late(office: Office | None = None) -> Iterable[tuple[Approval, Turn]]:
    """Requests whose step waits longer than its days, with the people to be reminded."""
    office = office or Office()
    for approval in _open_requests():
        turn = turn_of(approval, office)
        if turn and turn.step.waiting_since and turn.step.waiting_since + timedelta(days=turn.step.days) < office.at:
            yield approval, turn
