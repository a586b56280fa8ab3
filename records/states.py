"""The life of a record as a table: from, verb, to, who, and whether two people are asked for (docs/architecture.md, decision 3)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F

from records.errors import StateConflict
from records.models import Duty, Record, State

BEFORE_FILING = frozenset({State.WORKING, State.REGISTERED, State.REVIEWED})
ARCHIVISTS = frozenset({Duty.ARCHIVIST})
REVIEWERS = frozenset({Duty.ARCHIVIST, Duty.OFFICER})
TRAIL_READERS = frozenset({Duty.AUDITOR, Duty.OFFICER})  # that they learn what exists is the stated exception to SEC-5 (AUD-2)


@dataclass(frozen=True)
class Transition:
    """One legal step: `verb` takes a record from any of `frm` to `to`, by somebody with one of `duties` who may read it."""

    verb: str
    frm: frozenset[str]
    to: str
    duties: frozenset[str]


TABLE = [
    Transition("change", BEFORE_FILING, State.REGISTERED, ARCHIVISTS),
    Transition("change", frozenset({State.FILED}), State.FILED, ARCHIVISTS),
    Transition("add_version", BEFORE_FILING, State.REGISTERED, ARCHIVISTS),
    Transition("add_version", frozenset({State.FILED}), State.FILED, ARCHIVISTS),
    Transition("accept", frozenset({State.REGISTERED}), State.REVIEWED, REVIEWERS),
    Transition("accept", frozenset({State.FILED}), State.FILED, REVIEWERS),  # a new version of a filed record
    Transition("return", frozenset({State.REGISTERED, State.REVIEWED}), State.REGISTERED, REVIEWERS),
    Transition("file", frozenset({State.REVIEWED}), State.FILED, ARCHIVISTS),
    Transition("withdraw", BEFORE_FILING, State.WITHDRAWN, ARCHIVISTS),
    Transition("void", frozenset({State.FILED}), State.REVIEWED, ARCHIVISTS),  # the number goes, the record may be filed anew (NUM-2)
    Transition("move", BEFORE_FILING, State.REGISTERED, ARCHIVISTS),  # into a class for which nobody checked it
    Transition("move", frozenset({State.FILED}), State.FILED, ARCHIVISTS),
    Transition("relate", BEFORE_FILING | {State.FILED}, "", ARCHIVISTS),  # an empty `to`: the state stays
    Transition("change_tier", BEFORE_FILING | {State.FILED}, "", ARCHIVISTS | {Duty.OFFICER}),
    Transition("declassify", BEFORE_FILING | {State.FILED}, "", frozenset()),  # by the calendar: nobody's duty (SEC-3)
    Transition("set_schedule", BEFORE_FILING | {State.FILED}, "", ARCHIVISTS | {Duty.LEGAL}),
]
VERBS = frozenset(transition.verb for transition in TABLE)


def transition_for(verb: str, state: str) -> Transition | None:
    """The row of the table, or None when the verb is not legal in that state."""
    return next((row for row in TABLE if row.verb == verb and state in row.frm), None)


def duties_for(verb: str) -> frozenset[str]:
    """Everybody who may ever do the verb."""
    return frozenset().union(*(row.duties for row in TABLE if row.verb == verb))


def apply(record: Record, verb: str, **updates: Any) -> None:
    """Take the step by compare-and-set on the state and revision that were seen, and count the revision up.

    Raises StateConflict when the table has no such step, or somebody was first.
    """
    row = transition_for(verb, record.state)
    if row is None:
        raise StateConflict(state=record.state, verb=verb)
    updates["state"] = row.to or record.state
    seen = Record.objects.filter(pk=record.pk, state=record.state, revision=record.revision)
    if seen.update(revision=F("revision") + 1, **updates) != 1:
        raise StateConflict(state=record.state, verb=verb)
    record.revision += 1
    for name, value in updates.items():
        setattr(record, name, value)
