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
    asked = arguments.get("record_id")
    record = Record.objects.filter(pk=asked).first() if asked and not isinstance(error, Unknown) else None
    audit.record_event(actor=actor, action=f"refused:{name}", record=record, subject=str(asked or ""), reason=error.code)
    error.details["written"] = True  # so that nobody above writes it again
