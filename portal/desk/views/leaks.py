"""Leaks on the desk: reporting one, and the security officer's list and page (SEC-10)."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.desk import acting, rows, words
from portal.desk.acting import Act, Errors
from portal.desk.errors import status_of
from portal.desk.inputs import Input
from records import access, leaks
from records.errors import NotAllowed, RecordsError, Unknown
from records.models import Duty, Leak, LeakState, Record, User

CHIPS = {LeakState.REPORTED: "bad", LeakState.EXAMINED: "wait", LeakState.CLOSED: ""}
Data = Mapping[str, str]


# --- reporting ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def of_record(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Report a leak of a record that one may know of, read or not."""
    record = access.get_visible(request.user, record_id)

    def draw(_record: Record, data: Data, errors: Errors) -> Act:
        return Act(_("Report a leak"), _("Report it"), [_what(data, errors)], warning=_freezes())

    def do(user: User) -> str:
        leaks.report(actor=user, record_id=record.pk, what=request.POST.get("what", ""))
        return _done()

    return acting.ask_or_do(request, record, draw=draw, do=do, done=reverse("desk:record", args=[record.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
def by_number(request: HttpRequest) -> HttpResponse:
    """Report a leak of whatever has a number; what follows looks the same whether there is such a record (SEC-5)."""
    user: User = request.user  # type: ignore[assignment]
    if request.method != "POST":
        return _form(request, {}, {})
    try:
        leaks.report(actor=user, number=request.POST.get("number", ""), what=request.POST.get("what", ""))
    except RecordsError as error:
        return _form(request, request.POST, error.errors, status=status_of(error))
    messages.success(request, _done())
    return redirect("desk:leaks")


def _form(request: HttpRequest, data: Data, errors: Errors, *, status: int = 200) -> HttpResponse:
    hint = _("As it stands on the paper; you need not be able to find it here.")
    number = Input(
        _("Number"), "number", value=data.get("number", ""), required=True, mono=True, hint=hint, errors=list(errors.get("number", []))
    )
    act = Act(_("Report a leak"), _("Report it"), [number, _what(data, errors)], warning=_freezes(), back=reverse("desk:leaks"))
    return render(request, "desk/act.html", {"act": act}, status=status)


def _what(data: Data, errors: Errors) -> Input:
    hint = _("What was seen, where, when, and who may have it. Security officer and auditor read it, nobody else.")
    return Input(_("What happened"), "what", "long", data.get("what", ""), True, half=False, hint=hint, errors=list(errors.get("what", [])))


def _freezes() -> str:
    return _("Loans of the record stop at once and nothing of it is lent until the security officer has closed the report.")


def _done() -> str:
    return _("Reported. The security officer was told; anything of it that was lent is called back.")


# --- looking and dealing --------------------------------------------------------------------------------------------


@require_safe
def leak_list(request: HttpRequest) -> HttpResponse:
    """All reports for the security officer, one's own for anybody else."""
    user: User = request.user  # type: ignore[assignment]
    found = leaks.known_to(user)
    state = request.GET.get("state", "")
    if state in LeakState.values:
        found = found.filter(state=state)
    page = rows.slice_of(request, found)
    context = {
        "rows": _rows(page, user),
        "officer": user.has_duty(Duty.OFFICER),
        "states": [("", _("all")), *LeakState.choices],
        "state": state,
        "pager": rows.pager_for(request, found.count()),
    }
    return render(request, "desk/leaks.html", context)


def _rows(page: list[Leak], user: User) -> list[dict[str, object]]:
    known = leaks.shown_records(user, page)
    return [
        {"leak": leak, "chip": CHIPS[LeakState(leak.state)], "record": known.get(leak.record_id) if leak.record_id else None}
        for leak in page
    ]


@require_safe
def leak_page(request: HttpRequest, leak_id: UUID) -> HttpResponse:
    """One report; for the security officer with who had the record open, and what is still out."""
    return _page(request, leaks.get(request.user, leak_id))  # type: ignore[arg-type]


def _page(request: HttpRequest, leak: Leak, error: str = "", *, status: int = 200) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    officer = user.has_duty(Duty.OFFICER)
    context = {
        **_rows([leak], user)[0],
        "officer": officer,
        "openings": [(each, words.act(each.action)) for each in leaks.opened_by(leak)] if officer else [],
        "out": leaks.paper_out(leak) if officer else [],
        "steps": leaks.TABLE[leak.state] if officer else {},
        "error": error,
        "findings": request.POST.get("findings", ""),
    }
    return render(request, "desk/leak.html", context, status=status)


@require_POST
def examine(request: HttpRequest, leak_id: UUID) -> HttpResponse:
    """Take a report up."""
    leaks.examine(actor=request.user, leak_id=leak_id)
    return redirect("desk:leak", leak_id)


@require_POST
def close(request: HttpRequest, leak_id: UUID) -> HttpResponse:
    """Close it with findings; the freeze is lifted."""
    user: User = request.user  # type: ignore[assignment]
    try:
        leaks.close(actor=user, leak_id=leak_id, findings=request.POST.get("findings", ""))
    except (Unknown, NotAllowed):
        raise
    except RecordsError as error:
        sentence = next((lines[0] for lines in error.errors.values()), error.sentence)
        return _page(request, leaks.get(user, leak_id), sentence, status=status_of(error))
    messages.success(request, _("Closed. The record may be lent again, unless another report of it is open."))
    return redirect("desk:leaks")
