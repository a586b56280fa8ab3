"""The life of a loan as a table: from, verb, to (interface.md, Loans; docs/architecture.md, decision 3)."""

from dataclasses import dataclass
from typing import Any

from records.errors import StateConflict
from records.models import Loan, LoanState

S = LoanState
DIGITAL, PAPER = True, False


@dataclass(frozen=True)
class Step:
    """One legal step of digital or of paper loans."""

    verb: str
    digital: bool
    frm: frozenset[str]
    to: str


TABLE = [
    Step("approve", DIGITAL, frozenset({S.REQUESTED}), S.ACTIVE),
    Step("approve", PAPER, frozenset({S.REQUESTED}), S.APPROVED),
    *(Step("reject", kind, frozenset({S.REQUESTED}), S.REJECTED) for kind in (DIGITAL, PAPER)),
    *(Step("cancel", kind, frozenset({S.REQUESTED, S.APPROVED}), S.CANCELLED) for kind in (DIGITAL, PAPER)),
    Step("issue", PAPER, frozenset({S.APPROVED}), S.ACTIVE),
    Step("return", DIGITAL, frozenset({S.ACTIVE}), S.RETURNED),
    Step("return", PAPER, frozenset({S.ACTIVE, S.RECALLED, S.LOST}), S.RETURNED),
    *(Step("recall", kind, frozenset({S.ACTIVE}), S.RECALLED) for kind in (DIGITAL, PAPER)),
    Step("report_loss", PAPER, frozenset({S.ACTIVE, S.RECALLED}), S.LOST),
    Step("expire", DIGITAL, frozenset({S.REQUESTED, S.ACTIVE}), S.EXPIRED),
    Step("expire", PAPER, frozenset({S.REQUESTED, S.APPROVED}), S.EXPIRED),
]
VERBS = frozenset(step.verb for step in TABLE)


def step_for(verb: str, loan: Loan) -> Step | None:
    """The row of the table, None when the verb is not legal now."""
    return next((row for row in TABLE if row.verb == verb and row.digital == loan.digital and loan.state in row.frm), None)


def apply(loan: Loan, verb: str, **updates: Any) -> None:
    """Take the step by compare-and-set on the state that was seen. Raises StateConflict."""
    row = step_for(verb, loan)
    if row is None or Loan.objects.filter(pk=loan.pk, state=loan.state).update(state=row.to, **updates) != 1:
        raise StateConflict
    for name, value in {"state": row.to, **updates}.items():
        setattr(loan, name, value)
