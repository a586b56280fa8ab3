"""Borrowing: asked for, approved, prolonged, recalled, lost, looked up; what goes over the counter is in `counter.py` (LND-1 to LND-10)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records import access, approvals, audit, freezing, issued, lending_states, periods, picking, reasons, renditions, serials, telling
from records.audit import Service
from records.errors import Conflict, Invalid, NotAllowed, StateConflict
from records.models import (
    DIGITAL,
    OUT,
    ApprovalState,
    Duty,
    KnownBy,
    Loan,
    LoanPolicy,
    LoanState,
    Record,
    State,
    Tier,
    Use,
    User,
)
from records.office import Office
from records.runner import verb

MOST_COPIES = 99
SERIES = "JY"  # of the loans' numbers: 借阅
REGISTER_READERS = frozenset({Duty.ARCHIVIST, Duty.MANAGER, Duty.OFFICER, Duty.AUDITOR})


# --- asking ---------------------------------------------------------------------------------------------------------


@verb("request_loan")
def request(
    *,
    actor: User,
    record_id: UUID | str,
    use: str,
    purpose: str,
    until: str | date | datetime,
    copies: int | None = None,
    borrower: str | None = None,
) -> Loan:
    """Ask for the use of a record; where its tier asks for no approval the loan holds at once (LND-1 to LND-3).

    An original without `until` is read on the premises and back the same day; a later day is for the approvers to agree to (LND-5).

    Raises Unknown, NotAllowed (borrowing for another without being an archivist), Invalid, and Conflict: one reads it anyway,
    is blocked by what is overdue, the record is not filed, or this use is not lent.
    """
    return ask(actor, record_id, use=use, purpose=purpose, until=until, copies=copies, borrower=borrower)


def ask(
    actor: User, record_id: UUID | str, *, use: str, purpose: str, until: str | date | datetime, copies: int | None, borrower: str | None
) -> Loan:
    """`request` inside the verb that does it for several."""
    record = access.get_visible(actor, record_id)
    lender = borrower_of(actor, borrower)
    end = clean(use, purpose, until, copies)
    policy = policy_for(record.tier, use, end)
    judge(lender, record, use)
    return write(actor, lender, record, policy, use=use, purpose=purpose.strip(), until=end, copies=copies)


def borrower_of(actor: User, username: str | None) -> User:
    """For whom it is asked: oneself, or by archivists somebody else. Raises NotAllowed, Invalid."""
    if not username or username == actor.username:
        return actor
    if not actor.has_duty(Duty.ARCHIVIST):
        raise NotAllowed(_("Only archivists register loans for others."))
    found = picking.person(username)
    if found is None:
        raise Invalid(errors={"borrower": [_("There is nobody of this name.")]})
    return found


def clean(use: str, purpose: str, until: str | date | datetime, copies: int | None) -> datetime:
    """The end of the loan. Raises Invalid for what cannot be asked for so, by field."""
    errors: dict[str, list[str]] = {}
    if use not in Use.values:
        errors["use"] = [_("Choose view, download, copy or original.")]
    if wrong := reasons.fault_of(purpose) if purpose.strip() else _("Say what it is needed for."):
        errors["purpose"] = [wrong]
    if use == Use.COPY and not 1 <= (copies or 0) <= MOST_COPIES:
        errors["copies"] = [_("Say how many copies, 1 to %(most)d.") % {"most": MOST_COPIES}]
    end = periods.end(until or (timezone.localdate() if use == Use.ORIGINAL else ""))  # on the premises, back the same day (LND-5)
    if end is None or end <= timezone.now():
        errors["until"] = [_("The end is a day to come (2026-12-31).")]
    if errors or end is None:
        raise Invalid(errors=errors)
    return end


def policy_for(tier: Tier, use: str, end: datetime) -> LoanPolicy:
    """What a tier asks for before this use. Raises Conflict (not lent for it), Invalid (beyond its longest period)."""
    policy = LoanPolicy.objects.filter(tier=tier, use=use).select_related("chain").first()
    if policy is None:
        raise Conflict(_("Records of this tier are not lent for this use."))
    if policy.longest_days and end > timezone.now() + timedelta(days=policy.longest_days + 1):
        raise Invalid(errors={"until": [_("Loans of this tier last %(days)d days at most.") % {"days": policy.longest_days}]})
    return policy


def judge(lender: User, record: Record, use: str) -> None:
    """Raises StateConflict, NotAllowed, Conflict where this person cannot borrow the record for this use now."""
    if record.state != State.FILED:
        raise StateConflict(_("This record is not filed yet; it can be borrowed once it has its number."))
    if record.tier.known_by == KnownBy.NAMED and not access.visible_to(lender).filter(pk=record.pk).exists():
        raise NotAllowed(_("Records of this tier are lent to the people named on them only."))
    if use in needless(lender, record):
        raise Conflict(_("You can open it: no loan is needed."))
    need_unblocked(lender)


def needless(person: User, record: Record) -> set[str]:
    """The uses that somebody has without a loan."""
    if not access.readable_by(person).filter(pk=record.pk).exists():
        return set()
    return {Use.VIEW, Use.DOWNLOAD} if access.may_download(person, record) else {Use.VIEW}


def uses(person: User, record: Record) -> list[str]:
    """The uses of a record that somebody may ask for: those that its tier lends and the person does not have already.

    Archivists ask for others too, who may not read it. Nothing is lent before it is filed.
    """
    if record.state != State.FILED:
        return []
    lent = set(LoanPolicy.objects.filter(tier=record.tier_id).values_list("use", flat=True))
    if not person.has_duty(Duty.ARCHIVIST):
        lent -= needless(person, record)
    return [use for use in Use.values if use in lent]


def need_unblocked(person: User) -> None:
    """Raises Conflict for somebody who is `blocked`."""
    if blocked(person):
        raise Conflict(_("Something borrowed is overdue. Bring it back first."))


def blocked(person: User) -> bool:
    """Whether the person has paper that should have come back, and so borrows nothing more (LND-7)."""
    return overdue().filter(borrower=person).exists()


def overdue() -> QuerySet[Loan]:
    """Paper that should have come back."""
    return Loan.objects.filter(state__in=[LoanState.ACTIVE, LoanState.RECALLED], until__lte=timezone.now()).exclude(use__in=DIGITAL)


def write(actor: User, lender: User, record: Record, policy: LoanPolicy, *, told: str = "", **values: Any) -> Loan:
    """The request with its approval, event and notices; of several under one name `told` only the first is told of."""
    direct = lender.borrows_directly and actor.has_duty(Duty.ARCHIVIST) and actor != lender
    with transaction.atomic():
        freezing.need_unfrozen(record)
        _need_as_judged(record)
        approval = None
        if policy.chain and not direct:
            approval = approvals.begin(chain=policy.chain, asker=lender, entered_by=actor, record=record)
        agreed = approval is None or approval.state == ApprovalState.APPROVED
        state = LoanState.REQUESTED if not agreed else LoanState.ACTIVE if values["use"] in DIGITAL else LoanState.APPROVED
        asked = {"record": record, "borrower": lender, "asked_by": actor, "approval": approval, "state": state, "since": timezone.now()}
        loan = Loan.objects.create(number=serials.following(SERIES, [record.tier]), **asked, **values)
        audit.record_event(actor=actor, action="request-loan", record=record, subject=loan.number, reason=loan.purpose)
        telling.loan_requested(loan, actor, once=told)
    return loan


def _need_as_judged(record: Record) -> None:
    """Under the record's lock: what was judged holds. Raises StateConflict where its tier or state changed since (LND-2, LND-10)."""
    if not Record.objects.filter(pk=record.pk, tier=record.tier_id, state=State.FILED).exists():
        raise StateConflict


# --- deciding -------------------------------------------------------------------------------------------------------


@verb("decide_loan")
def decide(*, actor: User, loan_id: UUID | str, decision: str, reason: str = "") -> Loan:
    """Take the step whose turn it is. Raises Unknown, NotAllowed, Invalid, ReasonMissing, StateConflict, NotYourTurn."""
    loan = get(actor, loan_id)
    if loan.approval is None or loan.standing != LoanState.REQUESTED:
        raise StateConflict(_("This request was decided already."))
    with transaction.atomic():
        freezing.lock(loan.record)
        if decision == "approve":
            freezing.need_unfrozen(loan.record)
        approval = approvals.decide(approval=loan.approval, actor=actor, decision=decision, reason=reason)
        if approval.state == ApprovalState.APPROVED:
            lending_states.apply(loan, "approve", since=timezone.now())
        elif approval.state == ApprovalState.REJECTED:
            lending_states.apply(loan, "reject", end_reason=reason.strip())
        audit.record_event(actor=actor, action=f"{decision}-loan", record=loan.record, subject=loan.number, reason=reason)
        telling.loan_decided(loan, approval, actor, ahead=queue_position(loan))
    return loan


@verb("cancel_loan")
def cancel(*, actor: User, loan_id: UUID | str, reason: str = "") -> Loan:
    """Take a request back, or give up what was approved and not issued: by the borrower, or an archivist with a reason."""
    loan = get(actor, loan_id)
    if actor.pk not in (loan.borrower_id, loan.asked_by_id):
        need_archivist(actor)
        reasons.need(reason)
    return close(actor, loan, "cancel", reason)


def close(actor: User | Service, loan: Loan, name: str, reason: str, **updates: Any) -> Loan:
    """Take a step that ends a request or a loan, with its event; what still waits for approval waits no more.

    Raises Invalid (`reason`), StateConflict.
    """
    reasons.check(reason=reason)
    with transaction.atomic():
        freezing.lock(loan.record)
        was = loan.state
        lending_states.apply(loan, name, end_reason=reason.strip(), **updates)
        if was == LoanState.REQUESTED and loan.approval:
            approvals.withdraw(loan.approval)
        if loan.use == Use.DOWNLOAD:
            renditions.erase_soon(loan)
        audit.record_event(actor=actor, action=f"{name.replace('_', '-')}-loan", record=loan.record, subject=loan.number, reason=reason)
        telling.loan_closed(loan, name, actor, was=was)
    return loan


def need_archivist(actor: User) -> None:
    """Raises NotAllowed for anybody else."""
    if not actor.has_duty(Duty.ARCHIVIST):
        raise NotAllowed


# --- afterwards -----------------------------------------------------------------------------------------------------


@verb("extend_loan")
def extend(*, actor: User, loan_id: UUID | str, until: str | date | datetime, reason: str) -> Loan:
    """A new loan that prolongs this one and goes through the chain anew (LND-8, LND-11).

    Raises Conflict while this one is overdue, or others wait for the original.
    """
    loan = get(actor, loan_id)
    if actor.pk != loan.borrower_id:
        raise NotAllowed
    reasons.need(reason)
    if loan.standing != LoanState.ACTIVE or loan.overdue:
        raise StateConflict(_("Only a running loan can be prolonged."))
    if loan.use == Use.ORIGINAL and Loan.objects.filter(in_state(LoanState.APPROVED), record=loan.record, use=Use.ORIGINAL).exists():
        raise Conflict(_("Others wait for this original."))
    need_unblocked(actor)
    end = clean(loan.use, reason, until, loan.copies)
    _need_more(loan, end)
    policy = policy_for(loan.record.tier, loan.use, end)
    return write(actor, actor, loan.record, policy, use=loan.use, purpose=reason.strip(), until=end, copies=loan.copies, extends=loan)


def _need_more(loan: Loan, end: datetime) -> None:
    """Raises Invalid for an end before the present one, Conflict while another request to prolong it waits."""
    if end < loan.until:
        raise Invalid(errors={"until": [_("The loan runs longer than that already.")]})
    if asked := Loan.objects.filter(in_state(LoanState.REQUESTED), extends=loan).first():
        raise Conflict(_("%(number)s asks for this already and waits to be decided.") % {"number": asked.number})


@verb("recall_loan")
def recall(*, actor: User, loan_id: UUID | str, reason: str) -> Loan:
    """Call a running loan back, with a reason: what was open closes at once, paper is to come back (LND-8)."""
    loan = get(actor, loan_id)
    if not actor.has_duty(Duty.ARCHIVIST, Duty.OFFICER) and actor.pk != loan.record.owner_id:
        raise NotAllowed
    reasons.need(reason)
    return close(actor, loan, "recall", reason)


@verb("report_loss")
def report_loss(*, actor: User, loan_id: UUID | str, reason: str) -> Loan:
    """Paper is lost: by the borrower or an archivist, with what is known of it (LND-8)."""
    loan = get(actor, loan_id)
    if actor.pk != loan.borrower_id:
        need_archivist(actor)
    reasons.need(reason)
    with transaction.atomic():
        freezing.lock(loan.record)
        issued.lose(loan, reason)
        return close(actor, loan, "report_loss", reason, incident=True)


# --- looking --------------------------------------------------------------------------------------------------------


def queue_position(loan: Loan) -> int:
    """How many are before this one for the same original: 0, it is the next. Copies and digital loans wait for nobody."""
    return queue_positions([loan])[loan.pk]


def queue_positions(loans: Sequence[Loan]) -> dict[UUID, int]:
    """`queue_position` of each of these, by one query."""
    positions = {loan.pk: 0 for loan in loans}
    waiting = [loan for loan in loans if loan.use == Use.ORIGINAL and loan.state in (LoanState.REQUESTED, LoanState.APPROVED)]
    holds = Q(state=LoanState.APPROVED, until__gt=timezone.now()) | Q(state__in=OUT)
    others = list(Loan.objects.filter(holds, record__in={loan.record_id for loan in waiting}, use=Use.ORIGINAL))
    for loan in waiting:
        same = [other for other in others if other.record_id == loan.record_id and other.pk != loan.pk]
        positions[loan.pk] = sum(other.state in OUT or other.asked_at < loan.asked_at for other in same)
    return positions


def in_state(state: str) -> Q:
    """Loans whose `standing` this is now, whether or not the nightly work wrote an end by the clock down already."""
    over = Q(until__lte=timezone.now())
    ended = over & (Q(state__in=[LoanState.REQUESTED, LoanState.APPROVED]) | Q(state=LoanState.ACTIVE, use__in=DIGITAL))
    return Q(state=state) | ended if state == LoanState.EXPIRED else Q(state=state) & ~ended


def waiting_for(user: User) -> QuerySet[Loan]:
    """Requests whose step this person may take now, oneself or as a deputy; the oldest first."""
    ids = [approval.pk for approval in approvals.waiting_for(user)]
    return _related(Loan.objects.filter(approval__in=ids).filter(in_state(LoanState.REQUESTED))).order_by("asked_at")


def mine(user: User) -> QuerySet[Loan]:
    """What this person borrows or asked for in another's name; the newest first."""
    return _related(Loan.objects.filter(Q(borrower=user) | Q(asked_by=user)))


def asked_for(user: User, record: Record) -> Loan | None:
    """The person's own request for this record that still waits to be decided."""
    return Loan.objects.filter(in_state(LoanState.REQUESTED), borrower=user, record=record).first()


def to_issue(user: User) -> QuerySet[Loan]:
    """Paper that is approved and waits at the counter, of records that this person may know of; the oldest first."""
    return _paper(user).filter(in_state(LoanState.APPROVED)).order_by("asked_at")


def out(user: User) -> QuerySet[Loan]:
    """Paper that is not in its place, of records that this person may know of; what is due first stands first."""
    return _paper(user).filter(state__in=OUT).order_by("until")


def _paper(user: User) -> QuerySet[Loan]:
    return _related(Loan.objects.filter(record__in=access.visible_to(user).values("pk")).exclude(use__in=DIGITAL))


def _related(loans: QuerySet[Loan]) -> QuerySet[Loan]:
    rows = loans.select_related(
        "record__tier", "record__owner", "borrower__department", "extends", "approval__asker", "approval__record__owner"
    )
    return rows.prefetch_related("approval__steps__decided_by", "approval__steps__on_behalf_of")


def known_to(user: User, office: Office | None = None) -> QuerySet[Loan]:
    """The loans that this person may know of: one's own, those that wait or waited for one, and for the register's keepers
    those of all records that they may know of.
    """
    mine = Q(borrower=user) | Q(asked_by=user) | Q(approval__steps__decided_by=user)
    waiting = [approval.pk for approval in approvals.waiting_for(user, office)]
    known = mine | Q(approval__in=waiting)
    if user.has_duty(*REGISTER_READERS):
        known |= Q(record__in=access.visible_to(user).values("pk"))
    rows = Loan.objects.filter(pk__in=Loan.objects.filter(known).values("pk"))
    return _related(rows)


def everything() -> QuerySet[Loan]:
    """All loans there are, for the report and for who reads the register without titles (LND-9, AUD-2)."""
    return _related(Loan.objects.all())


def get(user: User, loan_id: UUID | str) -> Loan:
    """One loan that the person may know of. Raises Unknown."""
    return picking.by_id(known_to(user), loan_id)


def numbered(user: User, number: str) -> Loan | None:
    """The loan of this number, however its letters are written, if the person may know of it."""
    return known_to(user).filter(number__iexact=number).first()
