"""What every verb shares: a refusal is written to the trail in a transaction of its own, after the rollback.

Why: docs/architecture.md, decision 12.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db import connection

from records import access, audit
from records.errors import Conflict, NotAllowed, RecordsError, Unknown
from records.models import Record, User

Result = TypeVar("Result")
SUBJECTS = ("record_id", "change_id", "loan_id", "leak_id", "release_id", "volume_id", "number")  # arguments that say what a verb is about


def verb(name: str) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Mark a service function (keyword-only, with `actor`) as the verb `name`."""

    def decorate(function: Callable[..., Result]) -> Callable[..., Result]:
        @wraps(function)
        def run(**arguments: Any) -> Result:
            try:
                with access.one_moment():
                    return function(**arguments)
            except RecordsError as error:
                _write_refusal(name, error, arguments)
                raise

        run.verb = name  # type: ignore[attr-defined]
        return run

    return decorate


def _write_refusal(name: str, error: RecordsError, arguments: dict[str, Any]) -> None:
    actor = arguments.get("actor")
    if not isinstance(actor, User) or not isinstance(error, (NotAllowed, Conflict, Unknown)) or connection.needs_rollback:
        return
    record, subject = _record_of(error, arguments), _subject_of(error, arguments)
    audit.record_event(actor=actor, action=f"refused:{name}", record=record, subject=subject, reason=error.code)
    error.details["written"] = True  # so that nobody above writes it again


def _subject_of(error: RecordsError, arguments: dict[str, Any]) -> str:
    """What the try was about, as it was named; of several records the one that was refused, of a known record its file."""
    if (part := arguments.get("component_id")) and not isinstance(error, Unknown):
        return str(part)
    asked = [error.details.get("record"), *(arguments.get(name) for name in SUBJECTS)]
    named = next((str(each) for each in asked if each), "")
    return named or " ".join(str(each) for each in arguments.get("record_ids") or ())


def _record_of(error: RecordsError, arguments: dict[str, Any]) -> Record | None:
    """The record that the try was about; None where nobody is to know whether there is one."""
    if isinstance(error, Unknown):
        return None
    if record_id := error.details.get("record") or arguments.get("record_id"):
        return Record.objects.filter(pk=record_id).first()
    if change_id := arguments.get("change_id"):
        return Record.objects.filter(tier_changes=change_id).first()
    if number := arguments.get("number"):
        return Record.objects.filter(number_entries__number=number).first()
    return None
