"""Registers as spreadsheets (PRT-7): no formula, the house's own time, numbers as numbers."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.encoding import is_protected_type
from django.utils.translation import gettext as _

from records.errors import Conflict

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
WIDEST = 60  # characters of a column
Rows = Iterable[Sequence[Any]]
MOST = 100_000  # rows of one file


def need_room(count: int) -> None:
    """Raises Conflict for more rows than one file takes: it is made in memory, and a spreadsheet of more is read by nobody."""
    if count > MOST:
        raise Conflict(_("These are %(count)s rows; one file takes %(most)s. Narrow it by days.") % {"count": count, "most": MOST})


def cell(value: Any, *, as_text: bool) -> Any:
    """The value for its cell. Times are those on the clocks here; `as_text` (CSV): written out, since the file knows no times."""
    if isinstance(value, datetime):
        local = timezone.make_naive(value) if timezone.is_aware(value) else value
        return f"{local:%Y-%m-%d %H:%M:%S}" if as_text else local
    return value if is_protected_type(value) else without_formula(str(value))


def without_formula(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def as_csv(headings: Sequence[str], rows: Rows) -> bytes:
    """The table as CSV, marked as UTF-8: Excel takes Chinese for something else otherwise."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([cell(value, as_text=True) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(title: str, headings: Sequence[str], rows: Rows, *, mark: str = "") -> bytes:
    """The table as a workbook of one sheet, its headings in sight while one scrolls, its columns as wide as what is in them.

    `mark`: the stamp of all that it names together, above each sheet of paper and among the file's properties (SEC-13).
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    sheet.oddHeader.right.text = book.properties.category = mark or None
    lines = [[_kept(cell(value, as_text=False)) for value in row] for row in rows]
    for place, width in enumerate(_widths([list(headings), *lines]), start=1):
        sheet.column_dimensions[_letter(place)].width = width
    sheet.append([_bold(sheet, heading, Font(bold=True)) for heading in headings])
    for line in lines:
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _kept(value: Any) -> Any:
    """Control characters, which the format has no place for, are left out."""
    return "".join(each for each in value if each >= " " or each in "\t\n\r") if isinstance(value, str) else value


def _bold(sheet: Any, heading: str, font: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    made = WriteOnlyCell(sheet, value=heading)
    made.font = font
    return made


def _letter(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(place))


def _widths(lines: Sequence[Sequence[Any]]) -> list[int]:
    """In characters; a Chinese one takes the room of two."""
    columns = zip(*lines, strict=True)
    return [min(WIDEST, 2 + max(sum(2 if each > "\u2e80" else 1 for each in str(value)) for value in column)) for column in columns]
