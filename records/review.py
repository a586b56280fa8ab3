"""Review (复核): a second person checks what the first registered (CAP-3)."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from records import access, audit, guards, outbox, states, telling
from records.errors import DutiesApart, Invalid, ReasonMissing, StateConflict
from records.models import Record, RecordHand, RecordVersion, State, User
from records.runner import verb


@verb("review")
def review(*, actor: User, record_id: UUID | str, decision: str, reason: str = "") -> Record:
    """Accept what was registered, or return it to the registrar with a reason; for a filed record, check its newest version.

    Raises Unknown, NotAllowed, Invalid (decision), ReasonMissing (returned without one), DutiesApart, StateConflict (nothing to review).
    """
    if decision not in ("accept", "return"):
        access.get_for_verb(actor, record_id, "accept")
        raise Invalid(errors={"decision": [_("Choose accept or return.")]})
    record = access.get_for_verb(actor, record_id, decision)
    if decision == "return" and not reason.strip():
        raise ReasonMissing(errors={"reason": [_("Say what has to be corrected.")]})
    if RecordHand.objects.filter(record=record, user=actor).exists():
        raise DutiesApart
    with transaction.atomic():
        guards.ask_guards("review", record, actor)
        (_accept if decision == "accept" else _return)(record, actor)
        audit.record_event(actor=actor, action=f"review-{decision}", record=record, reason=reason)
        if decision == "return":
            telling.review_returned(record)
        outbox.enqueue("index", record.pk)
    return record


def _accept(record: Record, actor: User) -> None:
    unreviewed = RecordVersion.objects.filter(record=record, number=record.current_version, reviewed_by__isnull=True)
    if record.state == State.FILED and not unreviewed.exists():
        raise StateConflict(_("There is nothing left to review on this record."))
    states.apply(record, "accept", returned=False, **({} if record.state == State.FILED else {"reviewer": actor}))
    unreviewed.update(reviewed_by=actor)


def _return(record: Record, actor: User) -> None:
    states.apply(record, "return", returned=True, reviewer=None)
    RecordVersion.objects.filter(record=record, number=record.current_version).update(reviewed_by=None)
