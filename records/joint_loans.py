"""Loans of several records, asked for in one act, all or none: of those that are named, or of a volume as a whole (LND-1, SEC-13)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from records import freezing, lending, secrecy, volumes
from records.errors import Conflict, RecordsError
from records.models import Loan, LoanPolicy, LoanState, Record, State, Use, User
from records.runner import verb

Also = Callable[[list[Loan]], None]


@verb("request_loan")
def request_all(*, actor: User, record_ids: Sequence[UUID], also: Also | None = None, **asked: Any) -> list[Loan]:
    """Ask for the same use of several records, as `lending.request` does for one; a loan each, in the order asked.

    `also(loans)` is called last inside the transaction. Raises as `lending.request`; `details["record"]` says of which.
    """
    with transaction.atomic():
        freezing.lock_all(record_ids)
        loans = [_asked(actor, pk, asked) for pk in dict.fromkeys(record_ids)]
        if also:
            also(loans)
    return loans


def _asked(actor: User, record_id: UUID, asked: dict[str, Any]) -> Loan:
    try:
        return lending.ask(actor, record_id, **asked)
    except RecordsError as error:
        error.details.setdefault("record", str(record_id))
        raise


def need_new(loans: list[Loan]) -> None:
    """An `also` for pages, whose forms are sent twice, from two tabs or with the back button; clients of the API have keys for that.

    Raises Conflict where the borrower asked for the same use of the record already and that is not decided.
    """
    for loan in loans:
        same = Loan.objects.filter(lending.in_state(LoanState.REQUESTED), record=loan.record_id, borrower=loan.borrower_id, use=loan.use)
        if earlier := same.exclude(pk=loan.pk).first():
            raise Conflict(_("%(number)s asks for this already and waits to be decided.") % {"number": earlier.number})


@verb("request_loan")
def request_volume(
    *,
    actor: User,
    volume_id: UUID | str,
    use: str,
    purpose: str,
    until: str | date | datetime,
    copies: int | None = None,
    borrower: str | None = None,
    also: Also | None = None,
) -> list[Loan]:
    """Ask for the use of what one may know of in a volume, in the order of its numbers, all approved as the highest tier in it asks.

    What one reads anyway needs no loan. Who is asked is told once. Raises as `request_all`, and Conflict where nothing has to be borrowed.
    """
    volume = volumes.get(actor, volume_id)
    lender = lending.borrower_of(actor, borrower)
    end = lending.clean(use, purpose, until, copies)
    items = list(volumes.items_of(actor, volume.pk))
    lent = _to_lend(lender, items, use)
    carried = secrecy.together(items) or secrecy.Together(lent[0].tier, "")
    policy = lending.policy_for(carried.tier, use, end)
    asked: dict[str, Any] = {"use": use, "purpose": purpose.strip(), "until": end, "copies": copies, "told": f"volume:{uuid4()}"}
    with transaction.atomic():
        freezing.lock_all(record.pk for record in lent)
        loans = [lending.write(actor, lender, record, policy, **asked) for record in lent]
        if also:
            also(loans)
    return loans


def _to_lend(lender: User, items: Iterable[Record], use: str) -> list[Record]:
    lent = [record for record in items if record.state == State.FILED and use not in lending.needless(lender, record)]
    if not lent:
        raise Conflict(_("Nothing of this volume has to be borrowed for this use."))
    for record in lent:
        lending.judge(lender, record, use)
    return lent


def uses(items: Iterable[Record]) -> list[str]:
    """The uses for which these items are lent together: those of the highest tier among them; none where nothing is filed."""
    held = [record for record in items if record.state == State.FILED]
    found = secrecy.together(held)
    lent = set(LoanPolicy.objects.filter(tier=found.tier).values_list("use", flat=True)) if found else set()
    return [use for use in Use.values if use in lent]
