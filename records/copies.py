"""Copies on paper, controlled like originals: numbered, held, due, and returned or destroyed under witness (LND-6, LND-12)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records import access, audit, freezing, lending, lending_states, picking, printing, reasons
from records.errors import Conflict, NotAllowed, StateConflict
from records.models import CopyState, Duty, Loan, LoanCopy, User
from records.runner import verb

S = CopyState
NOT_BACK = frozenset({S.OUT, S.DESTROYING})
WITNESSES = frozenset({Duty.ARCHIVIST, Duty.HEAD, Duty.LEGAL, Duty.MANAGER, Duty.OFFICER})


@dataclass(frozen=True)
class Step:
    """One legal step of a copy: from, verb, to."""

    verb: str
    frm: frozenset[str]
    to: str


TABLE = [
    Step("return", frozenset({S.OUT, S.LOST, S.DESTROYING}), S.RETURNED),  # found again; or not destroyed after all
    Step("destroy", frozenset({S.OUT, S.RETURNED}), S.DESTROYING),
    Step("witness", frozenset({S.DESTROYING}), S.DESTROYED),
    Step("report_loss", frozenset({S.OUT}), S.LOST),
]
VERBS = frozenset(step.verb for step in TABLE)


def step_for(verb: str, state: str) -> Step | None:
    """The row of the table, None when the verb is not legal now."""
    return next((row for row in TABLE if row.verb == verb and state in row.frm), None)


def apply(copy: LoanCopy, verb: str, **updates: Any) -> None:
    """Take the step by compare-and-set on the state that was seen. Raises StateConflict."""
    row = step_for(verb, copy.state)
    if row is None or LoanCopy.objects.filter(pk=copy.pk, state=copy.state).update(state=row.to, **updates) != 1:
        raise StateConflict(_("This copy is not in a state that allows this, or somebody else was first."))
    for name, value in {"state": row.to, **updates}.items():
        setattr(copy, name, value)


# --- verbs ------------------------------------------------------------------------------------------------------------


@verb("return_copy")
def give_back(*, actor: User, copy_id: UUID | str, reason: str = "") -> LoanCopy:
    """An archivist takes one copy in; the last one that was out ends its loan. Raises Unknown, NotAllowed, Conflict."""
    copy = get(actor, copy_id)
    _need_another(actor, copy)
    undone = {"destroyed_by": None, "destroyed_at": None}
    return _done(actor, copy, "return", reason, returned_at=timezone.now(), reason=reason.strip(), **undone)


@verb("destroy_copy")
def destroy(*, actor: User, copy_id: UUID | str, reason: str) -> LoanCopy:
    """An archivist destroys a copy, with a reason; it counts as destroyed once a second person has confirmed it (LND-6)."""
    copy = get(actor, copy_id)
    _need_another(actor, copy)
    reasons.need(reason)
    return _done(actor, copy, "destroy", reason, destroyed_by=actor, destroyed_at=timezone.now(), reason=reason.strip())


@verb("witness_copy")
def witness(*, actor: User, copy_id: UUID | str) -> LoanCopy:
    """A second person confirms under their own account that they saw it destroyed: neither who destroyed it nor who held it."""
    copy = get(actor, copy_id)
    if not actor.has_duty(*WITNESSES):
        raise NotAllowed
    if step_for("witness", copy.state) is None:
        raise StateConflict(_("Nobody says that this copy was destroyed, or it was confirmed already."))
    if actor.pk in (copy.destroyed_by_id, copy.holder_id):
        raise Conflict(_("The witness is a second person: neither who destroyed the copy nor who held it."))
    return _done(actor, copy, "witness", "", witness=actor)


@verb("report_copy_loss")
def report_loss(*, actor: User, copy_id: UUID | str, reason: str) -> LoanCopy:
    """One copy is lost: by its holder or an archivist, with what is known of it (LND-8)."""
    copy = get(actor, copy_id)
    if actor.pk != copy.holder_id:
        lending.need_archivist(actor)
    reasons.need(reason)
    return _done(actor, copy, "report_loss", reason, reason=reason.strip())


@verb("print_copy")
def sheets(*, actor: User, copy_id: UUID | str) -> tuple[LoanCopy, Iterator[bytes]]:
    """The stamped sheets of a copy that is out, as the pieces of a PDF; each printing is in the trail (LND-12).

    For archivists who have the content for their work. Raises Unknown, NotAllowed, Conflict, Gone; while reading what drawing raises.
    """
    copy = get(actor, copy_id)
    _need_another(actor, copy)
    record = access.get_readable(actor, copy.loan.record_id)
    if not access.may_download(actor, record):
        raise NotAllowed
    access.require_content(record)
    if copy.state != S.OUT:
        raise StateConflict(_("Only a copy that is out is printed."))
    pieces = printing.sheets(actor, record, copy)
    audit.record_event(actor=actor, action="print-copy", record=record, subject=copy.number, reason=copy.purpose)
    return copy, pieces


def _need_another(actor: User, copy: LoanCopy) -> None:
    lending.need_archivist(actor)
    if actor.pk == copy.holder_id:
        raise Conflict(_("Nobody does this with a copy of their own: another archivist does it."))


def _done(actor: User, copy: LoanCopy, name: str, why: str, **updates: Any) -> LoanCopy:
    reasons.check(reason=why)
    with transaction.atomic():
        freezing.lock(copy.loan.record)
        apply(copy, name, **updates)
        action = f"{name.replace('_', '-')}-copy"
        audit.record_event(actor=actor, action=action, record=copy.loan.record, subject=copy.number, reason=why)
        _settle(actor, copy.loan)
    return copy


def _settle(actor: User, loan: Loan) -> None:
    """A loan none of whose copies is out any more is over: returned, or lost where all of them are."""
    loan = Loan.objects.select_for_update().select_related("record").get(pk=loan.pk)
    states = set(loan.issued_copies.values_list("state", flat=True))
    name = "report_loss" if states == {S.LOST} else "return"
    if states & NOT_BACK or lending_states.step_for(name, loan) is None:
        return
    back = {"returned_at": timezone.now(), "received_by": None if actor.pk == loan.borrower_id else actor}
    incident = loan.incident or S.LOST in states
    lending_states.apply(loan, name, incident=incident, **(back if name == "return" else {}))
    audit.record_event(actor=actor, action=f"{name.replace('_', '-')}-loan", record=loan.record, subject=loan.number)


# --- looking ----------------------------------------------------------------------------------------------------------


def known_to(user: User) -> QuerySet[LoanCopy]:
    """The copies that this person may know of: those they hold; for the register's keepers those of records that they may know of; and for
    possible witnesses those that wait for one.
    """
    known = Q(holder=user)
    visible = Q(loan__record__in=access.visible_to(user).values("pk"))
    if user.has_duty(*lending.REGISTER_READERS):
        known |= visible
    elif user.has_duty(*WITNESSES):
        known |= visible & (Q(state=S.DESTROYING) | Q(witness=user))
    rows = LoanCopy.objects.filter(known)
    return rows.select_related("loan__record__tier", "loan__record__owner", "holder", "destroyed_by", "witness")


def get(user: User, copy_id: UUID | str) -> LoanCopy:
    """One copy that the person may know of. Raises Unknown."""
    return picking.by_id(known_to(user), copy_id)


def held_by(user: User) -> QuerySet[LoanCopy]:
    """What this person has to bring back, what is due first on top."""
    return known_to(user).filter(holder=user, state__in=NOT_BACK).order_by("due", "number")


def to_witness(user: User) -> QuerySet[LoanCopy]:
    """What waits for a witness, and could be this person."""
    if not user.has_duty(*WITNESSES):
        return LoanCopy.objects.none()
    return known_to(user).filter(state=S.DESTROYING).exclude(Q(holder=user) | Q(destroyed_by=user)).order_by("destroyed_at")


def may(user: User, copy: LoanCopy) -> list[str]:
    """What this person may do with the copy now."""
    other, archivist = user.pk != copy.holder_id, user.has_duty(Duty.ARCHIVIST)
    can = {
        "print": other and archivist and copy.state == S.OUT,
        "return": other and archivist,
        "destroy": other and archivist,
        "witness": other and user.has_duty(*WITNESSES) and user.pk != copy.destroyed_by_id,
        "report_loss": archivist or not other,
    }
    return [name for name, allowed in can.items() if allowed and (name == "print" or step_for(name, copy.state))]
