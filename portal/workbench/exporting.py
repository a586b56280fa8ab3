"""How the values of a register go into a spreadsheet (PRT-7): no formula, the house's own time, numbers as numbers."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.encoding import is_protected_type

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so


def cell(value: Any, *, as_text: bool) -> Any:
    """The value for its cell. Times are those on the clocks here; `as_text` (CSV): written out, since the file knows no times."""
    if isinstance(value, datetime):
        local = timezone.make_naive(value) if timezone.is_aware(value) else value
        return f"{local:%Y-%m-%d %H:%M:%S}" if as_text else local
    return value if is_protected_type(value) else without_formula(str(value))


def without_formula(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
