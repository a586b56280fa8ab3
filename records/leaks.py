"""Reports of leaks: made by anyone, they freeze the record at once; examined and closed by the security officer (SEC-10, LND-10)."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records import access, audit, freezing, loan_ends, notices, picking
from records.errors import Invalid, NotAllowed, StateConflict
from records.models import DIGITAL, OUT, AuditEvent, Duty, Leak, LeakState, Loan, Record, User
from records.runner import verb

LONGEST, NUMBER_LENGTH = 2000, 200  # characters
LOOKED_BACK = timedelta(days=30)  # whoever had it open so long before the report is named to the officer
OPENED = ("view", "download", "print", "reveal")  # acts by which somebody came to know the content
# state that a report may be in → verb → state after it
TABLE: dict[str, dict[str, str]] = {
    LeakState.REPORTED: {"examine": LeakState.EXAMINED, "close": LeakState.CLOSED},
    LeakState.EXAMINED: {"close": LeakState.CLOSED},
    LeakState.CLOSED: {},
}


# --- reporting ------------------------------------------------------------------------------------------------------


@verb("report_leak")
def report(*, actor: User, what: str, record_id: UUID | str | None = None, number: str = "") -> Leak:
    """Report that a record leaked: one that the person knows of, or whatever has this number.

    By number the outcome is the same whether there is such a record, hidden or not, or none (SEC-5). Raises Unknown (by id), Invalid.
    """
    record = access.get_visible(actor, record_id) if record_id else None
    what, number = what.strip(), number.strip()
    _check(what, number, by_number=record is None)
    if record is None:
        record = _numbered(number)
    elif record.number:
        number = record.number
    with transaction.atomic():
        leak = Leak.objects.create(reporter=actor, record=record, number=number, what=what)
        if record:
            leak.stopped = _freeze(record)
            Leak.objects.filter(pk=leak.pk).update(stopped=leak.stopped)
        audit.record_event(actor=actor, action="report-leak", record=record, subject="" if record else number, reason=what)
        _tell(leak, actor)
    return leak


def _numbered(number: str) -> Record | None:
    """The record of this number, however wide or large its letters were written; hidden ones too."""
    plain = unicodedata.normalize("NFKC", number)
    same = Q(number_entries__number__iexact=number) | Q(number_entries__number__iexact=plain)
    return Record.objects.filter(same).select_related("owner").first()


def _check(what: str, number: str, *, by_number: bool) -> None:
    errors: dict[str, list[str]] = {}
    if not what:
        errors["what"] = [_("Say what happened, as far as you know.")]
    elif len(what) > LONGEST:
        errors["what"] = [_too_long(what)]
    if by_number and not 1 <= len(number) <= NUMBER_LENGTH:
        errors["number"] = [_("Write the number that stands on the paper.")]
    if errors:
        raise Invalid(errors=errors)


def _too_long(text: str) -> str:
    return _("At most %(most)s characters; these are %(length)s.") % {"most": LONGEST, "length": len(text)}


def _freeze(record: Record) -> int:
    """Stop what is open. Not in the reporter's name: those who read the history are not to learn who reported."""
    freezing.lock(record)
    return loan_ends.stop_all(record, actor=audit.LEAK_SERVICE, reason=_("A leak was reported."))


def _tell(leak: Leak, reporter: User) -> None:
    officers = list(User.objects.filter(is_active=True, duty_rows__duty=Duty.OFFICER))
    notices.tell(officers, "leak-reported", record=leak.record, subject=leak.number[:100], key=leak.pk)
    if leak.record and leak.record.owner not in (*officers, reporter):
        owner = notices.who_know([leak.record.owner], leak.record)
        notices.tell(owner, "leak-reported", record=leak.record, subject=leak.record.number or "")


# --- examining ------------------------------------------------------------------------------------------------------


@verb("examine_leak")
def examine(*, actor: User, leak_id: UUID | str) -> Leak:
    """Take a report up. Raises Unknown, NotAllowed, StateConflict."""
    return _step(get_for_officer(actor, leak_id), "examine", actor, examined_by=actor, examined_at=timezone.now())


@verb("close_leak")
def close(*, actor: User, leak_id: UUID | str, findings: str) -> Leak:
    """Close a report with what was found; with the last open one the record is lent again.

    Raises Unknown, NotAllowed, Invalid, StateConflict.
    """
    leak, findings = get_for_officer(actor, leak_id), findings.strip()
    if not findings:
        raise Invalid(errors={"findings": [_("Say what was found, and what follows from it.")]})
    if len(findings) > LONGEST:
        raise Invalid(errors={"findings": [_too_long(findings)]})
    return _step(leak, "close", actor, reason=findings, findings=findings, closed_by=actor, closed_at=timezone.now())


def get_for_officer(actor: User, leak_id: UUID | str) -> Leak:
    """One report to be dealt with. Raises Unknown, NotAllowed."""
    leak = get(actor, leak_id)
    if not actor.has_duty(Duty.OFFICER):
        raise NotAllowed
    return leak


def _step(leak: Leak, name: str, actor: User, *, reason: str = "", **updates: Any) -> Leak:
    """Take the step by compare-and-set on the state that was seen, with its event; at the end who reported and who owns it are told."""
    to = TABLE[leak.state].get(name)
    with transaction.atomic():
        if to is None or Leak.objects.filter(pk=leak.pk, state=leak.state).update(state=to, **updates) != 1:
            raise StateConflict(_("This report was dealt with already."))
        subject = "" if leak.record else leak.number
        audit.record_event(actor=actor, action=f"{name}-leak", record=leak.record, subject=subject, reason=reason)
        if name == "close":
            notices.tell([leak.reporter], "leak-closed", subject=leak.number[:100], key=leak.pk)
            if leak.record and leak.record.owner_id != leak.reporter_id:
                owner = notices.who_know([leak.record.owner], leak.record)
                notices.tell(owner, "leak-closed", record=leak.record, subject=leak.number[:100])
    for field, value in {"state": to, **updates}.items():
        setattr(leak, field, value)
    return leak


# --- looking --------------------------------------------------------------------------------------------------------


def known_to(user: User) -> QuerySet[Leak]:
    """All reports for the security officer, one's own for anybody else; newest first."""
    rows = Leak.objects.select_related("reporter", "record__owner", "examined_by", "closed_by")
    return rows if user.has_duty(Duty.OFFICER) else rows.filter(reporter=user)


def open_ones() -> QuerySet[Leak]:
    """Reports that are not closed yet."""
    return Leak.objects.exclude(state=LeakState.CLOSED)


def get(user: User, leak_id: UUID | str) -> Leak:
    """One report that the person may know of. Raises Unknown."""
    return picking.by_id(known_to(user), leak_id)


def shown_records(user: User, leaks: list[Leak]) -> dict[UUID, Record]:
    """Of the records that these reports are about, those that the person may know of anyway: a report opens nothing (SEC-5)."""
    ids = {leak.record_id for leak in leaks if leak.record_id}
    return {row.pk: row for row in access.with_related(access.visible_to(user).filter(pk__in=ids))} if ids else {}


@dataclass(frozen=True)
class Opening:
    """Somebody who had the record open: how, how often, first and last."""

    username: str
    name: str
    action: str
    times: int
    first: datetime
    last: datetime


def opened_by(leak: Leak) -> list[Opening]:
    """Who had the record open in the 30 days before the report and since, from the trail; the last one first."""
    if leak.record_id is None:
        return []
    found = AuditEvent.objects.filter(record_id=leak.record_id, at__gte=leak.reported_at - LOOKED_BACK, action__in=OPENED)
    rows = found.order_by().values("actor_name", "actor__display_name", "action")
    rows = rows.annotate(times=Count("pk"), first=Min("at"), last=Max("at")).order_by("-last")
    return [
        Opening(row["actor_name"], row["actor__display_name"] or row["actor_name"], row["action"], row["times"], row["first"], row["last"])
        for row in rows
    ]


def paper_out(leak: Leak) -> list[Loan]:
    """Paper of the record that is not in its place: originals and copies that must come back."""
    if leak.record_id is None:
        return []
    return list(Loan.objects.filter(record=leak.record_id, state__in=OUT).exclude(use__in=DIGITAL).select_related("borrower"))
