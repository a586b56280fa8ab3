"""The loan register with its exports, and the report of a month (LND-7, LND-9, PRT-7, AUD-2)."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import loan_report as printed
from portal import paper, sheets
from portal.desk import lent, rows
from portal.desk.errors import status_of
from portal.desk.inputs import Input
from portal.desk.views.loans import tabs
from records import audit, loan_register, loan_report, reading, secrecy
from records.errors import Invalid
from records.loan_register import Filters
from records.models import Loan, LoanState, Use, User

NAMES = {"since": "from", "until": "to"}  # of parameters, where they are not those of the fields


# --- the register ---------------------------------------------------------------------------------------------------


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Every loan that its keepers may know of, newest first; with `export` as a spreadsheet."""
    user: User = request.user  # type: ignore[assignment]
    filters = _filters(request)
    try:
        found = loan_register.rows(user, filters)
    except Invalid as error:
        return _page(request, filters, [], 0, errors=error.errors, status=status_of(error))
    count = found.count()
    if request.GET.get("export") in ("xlsx", "csv"):
        sheets.need_room(count)
        return _exported(request, user, filters, list(found))
    if any(asdict(filters).values()):
        reading.log_search(user, question=_question(filters), found=count)
    return _page(request, filters, rows.slice_of(request, found), count)


def _filters(request: HttpRequest) -> Filters:
    """As asked; a NUL, which no database takes, is left out."""
    given = {name: request.GET.get(NAMES.get(name, name), "").replace("\0", "").strip()[:200] for name in asdict(Filters())}
    return Filters(**given)


def _question(filters: Filters) -> list[str]:
    return ["register=loans", *(f"{name}={value}" for name, value in asdict(filters).items() if value)]


def _page(
    request: HttpRequest, filters: Filters, loans: list[Loan], count: int, *, errors: dict[str, list[str]] | None = None, status: int = 200
) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    titled = loan_register.titled(user, loans)
    listed = lent.rows_of(loans, user)
    for row in listed:
        row.titled = row.loan.record_id in titled
    context = {
        "rows": listed,
        "fields": _inputs(filters, errors or {}),
        "filtered": any(asdict(filters).values()),
        "shown": [(state, label, rows.url_with(request, state=state, export=None), state == filters.state) for state, label in _views()],
        "exports": [(kind.upper(), rows.url_with(request, export=kind)) for kind in ("xlsx", "csv")],
        "pager": rows.pager_for(request, count),
        **tabs(request),
    }
    return render(request, "desk/loans_register.html", context, status=status)


def _views() -> list[tuple[str, str]]:
    return [
        ("", _("All")),
        (loan_register.OVERDUE, _("Overdue")),
        (loan_register.PAPER_OUT, _("Out")),
        (loan_register.QUEUE, _("Queue")),
    ]


def _inputs(filters: Filters, errors: dict[str, list[str]]) -> list[Input]:
    states = [*_views()[1:], *((value, str(label)) for value, label in LoanState.choices)]
    choices = {
        "state": (_("State"), states, _("every state")),
        "use": (_("Use"), [(value, str(label)) for value, label in Use.choices], _("every use")),
        "department": (_("Department"), [(row.slug, str(row)) for row in reading.departments()], _("every department")),
    }
    words = {"borrower": _("Borrower"), "record": _("Record or loan number"), "since": _("Asked from"), "until": _("Asked until")}
    made = []
    for name in ("state", "use", "borrower", "department", "since", "until", "record"):
        field = Input(words.get(name, ""), NAMES.get(name, name), value=getattr(filters, name), errors=errors.get(name, []))
        if name in choices:
            field.label, field.options, field.blank = choices[name]
            field.kind = "select"
        elif name in NAMES:
            field.kind = "date"
        made.append(field)
    return made


# --- export ---------------------------------------------------------------------------------------------------------


def _exported(request: HttpRequest, user: User, filters: Filters, loans: list[Loan]) -> HttpResponse:
    """The rows of all pages; the act is in the trail (SEC-7)."""
    kind = request.GET["export"]
    table = _table(user, loans)
    audit.record_event(actor=user, action="export", subject=" ".join(_question(filters)), reason=str(len(loans)))
    if kind == "csv":
        return paper.response(sheets.as_csv(*table), "loans.csv", sheets.CSV)
    mark = secrecy.stamp(secrecy.together(loan.record for loan in loans))
    return paper.response(sheets.as_xlsx(_("Loan register"), *table, mark=mark), "loans.xlsx", sheets.XLSX)


def _table(user: User, loans: Sequence[Loan]) -> tuple[list[str], list[list[Any]]]:
    """Headings and rows; a title only where this person may know it (AUD-2)."""
    titled = loan_register.titled(user, loans)
    with_titles = loan_register.reads_titles(user)
    headings = [
        _("Loan number"), _("Record"), *([_("Title")] if with_titles else []), _("Tier"), _("Use"), _("Borrower"), _("Department"),
        _("Purpose"), _("Asked"), _("Until"), _("State"), _("Copies"), _("Pages of each"), _("Issued"), _("Returned"), _("Incident"),
    ]  # fmt: skip
    return headings, [_line(loan, [loan.record.title if loan.record_id in titled else ""] if with_titles else []) for loan in loans]


def _line(loan: Loan, title: list[str]) -> list[Any]:
    state = _("overdue") if loan.overdue else str(LoanState(loan.standing).label)
    asked = [loan.purpose, loan.asked_at, lent.last_day(loan), state, loan.copies, loan.pages, loan.issued_at, loan.returned_at]
    who = [str(loan.get_use_display()), str(loan.borrower), str(loan.borrower.department or "")]
    return [loan.number, loan.record.number or "", *title, secrecy.mark(loan.record), *who, *asked, _("yes") if loan.incident else ""]


# --- the report -----------------------------------------------------------------------------------------------------


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """What was out at the end of a month, or is now; with `format` as PDF or XLSX, which name no titles."""
    user: User = request.user  # type: ignore[assignment]
    asked = request.GET.get("month", "")
    month = loan_report.month_of(asked)
    found = loan_report.of_month(user, month)
    kind = request.GET.get("format", "")
    if kind in ("pdf", "xlsx"):
        audit.record_event(actor=user, action="export", subject=f"report=loans month={found.name}", reason=str(len(found.lines)))
        content = printed.pdf(found) if kind == "pdf" else printed.xlsx(found)
        return paper.response(content, f"loans-{found.name}.{kind}", paper.PDF if kind == "pdf" else sheets.XLSX)
    return render(request, "desk/loans_report.html", _report(request, found) | tabs(request))


def _report(request: HttpRequest, found: loan_report.Report) -> dict[str, Any]:
    running = loan_report.month_of("")
    after = loan_report.after(found.month)
    return {
        "report": found,
        "running": found.month == running,
        "rows": [(line, rows.secret_mark(line.loan.record)) for line in found.lines],
        "before": f"{loan_report.before(found.month):%Y-%m}",
        "after": f"{after:%Y-%m}" if after <= running else "",
        "files": [(kind.upper(), rows.url_with(request, month=found.name, format=kind)) for kind in ("pdf", "xlsx")],
        "sent": loan_report.sent().filter(month=found.month).first(),
    }
