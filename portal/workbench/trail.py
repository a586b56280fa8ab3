"""Searches and exports of the registers leave a trail (SEC-7)."""

from typing import Any

from django.db.models import QuerySet

from records import audit, reading
from search.text import sensitive


def searched(view: Any, found: int) -> None:
    """Somebody looked for something in a register: what for, and how many rows there were."""
    reading.log_search(view.request.user, question=_question(view), found=found)


def exported(view: Any, rows: int) -> None:
    """Somebody took a register along: which, what it was narrowed to, and how many rows."""
    audit.record_event(actor=view.request.user, action="export", subject=" ".join(_question(view)), reason=str(rows))


def _question(view: Any) -> list[str]:
    """The register, the words with sensitive numbers masked (SEC-6), and the filters."""
    words = [sensitive.mask(view.search_query)] if view.is_searching else []
    filters = view.filters.form if view.is_filtering else None
    named = [f"{name}={_shown(filters.cleaned_data[name])}" for name in filters.changed_data] if filters else []
    return [f"register={view.export_filename}", *words, *named]


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, QuerySet | list | tuple) else str(value)
