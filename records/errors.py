"""Everything that the archive refuses, grouped; the docstring is the default sentence, `code` is stable.

`portal` maps the groups to HTTP: Unknown 404, NotAllowed 403, Invalid 400, Conflict 409, Gone 410.
"""

# ruff: noqa: N818 - these are named for what happened, as the field says it

import inspect
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext


class RecordsError(Exception):
    """The archive refused this."""

    code = "records"

    def __init__(self, sentence: str | None = None, *, errors: dict[str, list[str]] | None = None, **details: Any) -> None:
        """`sentence` replaces the default one; `errors` are sentences by field; `details` are facts for the caller."""
        self.sentence = sentence or gettext(inspect.cleandoc(self.__doc__ or ""))
        self.errors = errors or {}
        self.details = details
        super().__init__(self.sentence)


# --- 404: it does not exist, or may not be known of -----------------------------------------------------------------


class Unknown(RecordsError):
    """There is nothing here under this address."""

    code = "unknown"


# --- 403: known, but not this verb ----------------------------------------------------------------------------------


class NotAllowed(RecordsError):
    """You may know of this, but your duties or rights do not allow this act."""

    code = "not-allowed"


class AboveClearance(NotAllowed):
    """This tier is above your own clearance. Ask somebody who is cleared for it."""

    code = "above-clearance"


class PurposeMissing(NotAllowed):
    """Records of this tier are opened for a purpose. State it on the record's page first."""

    code = "purpose-missing"


# --- 400: the input is wrong ----------------------------------------------------------------------------------------


class Invalid(RecordsError):
    """Some of what was given cannot be taken. Each field says why."""

    code = "invalid"


class ReasonMissing(Invalid):
    """A reason is needed. Say in a sentence why."""

    code = "reason-missing"


# --- 409: a rule of the workflow ------------------------------------------------------------------------------------


class Conflict(RecordsError):
    """A rule of the workflow does not allow this now."""

    code = "conflict"


class StateConflict(Conflict):
    """The record is not in a state that allows this, or somebody else was first. Look at it again."""

    code = "state-conflict"


class StaleRevision(Conflict):
    """Somebody changed this record in between. Look at the current one and try again."""

    code = "stale-revision"


class DutiesApart(Conflict):
    """Who registered or changed a record cannot review it: that takes a second person (CAP-3)."""

    code = "duties-apart"


class NotYourTurn(Conflict):
    """It is not your turn to decide this: it waits for somebody else, it is your own request, or you took a step of it already."""

    code = "not-your-turn"


class Frozen(Conflict):
    """A leak of this record was reported. Nothing of it is lent or given out until the security officer has closed the report."""

    code = "frozen"


class NoSchedule(Conflict):
    """This class has no retention schedule, so nothing can be filed into it. An administrator can give it one (RET-12)."""

    code = "no-schedule"


class NeedsVolume(Conflict):
    """Records of this class lie in a volume. Choose one before filing."""

    code = "needs-volume"


class NoNumberRule(Conflict):
    """This class has no number rule, so nothing can be filed into it. An administrator can give it one."""

    code = "no-number-rule"


class NumberReserved(Conflict):
    """This number would begin like those of a tier that is numbered apart. Change the project or the volume, or the number rule."""

    code = "number-reserved"


# --- for whoever runs the house ---------------------------------------------------------------------------------------


class TrailBroken(RecordsError):
    """The audit trail is not the one that was anchored in the store: links were taken out of it, or written anew (AUD-1)."""

    code = "trail-broken"


# --- 410 ------------------------------------------------------------------------------------------------------------


class Gone(RecordsError):
    """The content was erased; what is left is the register entry."""

    code = "gone"


# --- 503: not yet ---------------------------------------------------------------------------------------------------


class NotReady(RecordsError):
    """The stamped copy is being made. Ask again in a moment."""

    code = "not-ready"


# --- 413 and 415 ----------------------------------------------------------------------------------------------------


class FilesRefused(RecordsError):
    """Nothing was stored: some of the files cannot be taken. Each of them says why."""

    code = "files-refused"


# --- in words afterwards ----------------------------------------------------------------------------------------------


def sentence_of(code: str) -> str:
    """The sentence of what was refused under this code, for those who read the trail; empty for a code that is none here."""
    found = next((error for error in _below(RecordsError) if error.code == code), None)
    return found().sentence if found else ""


def _below(error: type[RecordsError]) -> Iterator[type[RecordsError]]:
    for kind in error.__subclasses__():
        yield kind
        yield from _below(kind)
