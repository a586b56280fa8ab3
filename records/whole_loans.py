"""A volume borrowed as a whole: one act, a loan for each of its items, all approved as the highest tier among them asks (SEC-13)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from records import lending, secrecy, volumes
from records.errors import Conflict
from records.models import Loan, LoanPolicy, Record, State, Use, User
from records.runner import verb


@verb("request_volume_loan")
def request(
    *,
    actor: User,
    volume_id: UUID | str,
    use: str,
    purpose: str,
    until: str | date | datetime,
    copies: int | None = None,
    borrower: str | None = None,
) -> list[Loan]:
    """Ask for the use of what one may know of in a volume, all or none, in the order of its numbers; what is open anyway needs no loan.

    Raises Unknown, NotAllowed, Invalid, Conflict as `lending.request` does, and Conflict where nothing of it has to be borrowed.
    """
    volume = volumes.get(actor, volume_id)
    lender = lending.borrower_of(actor, borrower)
    end = lending.clean(use, purpose, until, copies)
    items = list(volumes.items_of(actor, volume.pk))
    lent = _to_lend(lender, items, use)
    carried = secrecy.together(items) or secrecy.Together(lent[0].tier, "")
    policy = lending.policy_for(carried.tier, use, end)
    asked: dict[str, Any] = {"use": use, "purpose": purpose.strip(), "until": end, "copies": copies, "told": f"volume:{uuid4()}"}
    with transaction.atomic():  # by one order of rows: no deadlock
        made = {each.pk: lending.write(actor, lender, each, policy, **asked) for each in sorted(lent, key=lambda each: each.pk)}
    return [made[each.pk] for each in lent]


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
