"""Scanning, slips, labels, and what lies where (CUS-1, LND-5)."""

import re
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import paper
from portal.accounts.models import organisation_name
from portal.desk import lent, rows
from portal.desk.views.loans import counter_shown, tabs
from records import lending, places, secrecy, volumes
from records.errors import Conflict, NotAllowed, Unknown
from records.models import OUT, Duty, Loan, LoanState, Place, User

IN_ADDRESS = re.compile(r"/q/([^/?#\s]+)")  # what a scanner types is the whole address of the QR code
LONGEST = 200  # characters of what may be scanned


# --- scanning -------------------------------------------------------------------------------------------------------


@require_safe
def scan(request: HttpRequest) -> HttpResponse:
    """What a scanner, or a hand, typed at the counter; without a code the counter asks for one."""
    typed = request.GET.get("code", "").replace("\0", "").strip()
    found = IN_ADDRESS.search(typed)
    code = unquote(found[1]) if found else typed
    if not code or len(code) > LONGEST or "/" in code:
        _need_archivist(request)
        sentence = _("Scan the code of a slip or a label, or type its number.") if not code else _unknown(code)
        return counter_shown(request, scan_error=sentence, status=400)
    return redirect("desk:scanned", code=code)


@require_safe
def scanned(request: HttpRequest, code: str) -> HttpResponse:
    """Lead to what lies under a code: a loan to its next act at the counter, a volume or a place to what should be in it.

    Unknown and hidden alike are said at the counter, whose field stays ready for the next scan (404).
    """
    user: User = request.user  # type: ignore[assignment]
    code = code.replace("\0", "").strip()
    if loan := lending.numbered(user, code):
        return _to_loan(request, user, loan)
    if volume := volumes.numbered(user, code):
        return redirect("desk:volume", volume.pk)
    _need_archivist(request)
    place = places.by_code(code)
    if place is None:
        return counter_shown(request, scan_error=_unknown(code), status=404)
    return redirect("desk:place", code=place.code)


def _unknown(code: str) -> str:
    return _("Nothing is known under “%(code)s”: neither a loan, nor a volume, nor a place.") % {"code": code[:60]}


def _need_archivist(request: HttpRequest) -> None:
    """Who is no archivist has nothing to look for at the counter: there is nothing under the code, known or not."""
    user: User = request.user  # type: ignore[assignment]
    if not user.has_duty(Duty.ARCHIVIST):
        raise Unknown


def _to_loan(request: HttpRequest, user: User, loan: Loan) -> HttpResponse:
    if not user.has_duty(Duty.ARCHIVIST) or loan.borrower_id == user.pk:
        return redirect("desk:loans")
    if not loan.digital and loan.standing == LoanState.APPROVED:
        return redirect("desk:loan-issue", loan.pk)
    if not loan.digital and loan.state in OUT:
        return redirect("desk:loan-return", loan.pk)
    told = {"number": loan.number, "state": LoanState(loan.standing).label}
    sentence = _("%(number)s: %(state)s. There is nothing to do for it at the counter.") % told
    return counter_shown(request, scan_error=sentence, status=409)


# --- places ---------------------------------------------------------------------------------------------------------


@require_safe
def place_list(request: HttpRequest) -> HttpResponse:
    """The tree of places."""
    user: User = request.user  # type: ignore[assignment]
    known = list(places.known_to(user))
    counts, carried = places.counted(user), places.together(user, known)
    listed = [{"place": each, "count": counts.get(each.pk, 0), "carried": carried.get(each.pk)} for each in known]
    return render(request, "desk/places.html", {"rows": listed, **tabs(request)})


@require_safe
def place(request: HttpRequest, code: str) -> HttpResponse:
    """What should be in a place, and who has what is out: of records that this person may know of (SEC-5)."""
    user: User = request.user  # type: ignore[assignment]
    found = places.get(user, code)
    records = places.records_in(user, found)
    shown = rows.slice_of(request, records)
    inside, out = places.below(found), places.loans_of(user, shown)
    count = records.count()
    context = {
        "place": found,
        "carried": places.together(user, inside).get(found.pk),
        "inner": [each for each in inside if each.parent_id == found.pk],
        "rows": [(rows.row_of(record), out.get(record.pk)) for record in shown],
        "out_count": places.out_of(user, found),
        "pager": rows.pager_for(request, count),
        **tabs(request),
    }
    return render(request, "desk/place.html", context)


# --- paper ----------------------------------------------------------------------------------------------------------


@require_safe
def labels(request: HttpRequest, code: str) -> HttpResponse:
    """Labels of a place and of all that lies in it, as PDF."""
    user: User = request.user  # type: ignore[assignment]
    found = places.get(user, code)
    inside = places.below(found)
    carried = places.together(user, inside)
    made = [_label(each, secrecy.stamp(carried.get(each.pk))) for each in inside]
    return paper.response(paper.labels(made, _("Labels %(code)s") % {"code": found.code}), f"labels-{found.code}.pdf")


def _label(of: Place, mark: str) -> paper.Label:
    outer = of.path.rpartition("/")[0]
    return paper.Label(of.code, f"{of.get_kind_display()} {of.name}", f"{organisation_name()} {outer}".strip(), mark)


@require_safe
def slip(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """The loan slip as PDF, for the counter and the borrower (LND-5). Raises Unknown, NotAllowed, Conflict for what is no paper."""
    user: User = request.user  # type: ignore[assignment]
    loan = lending.get(user, loan_id)
    if not user.has_duty(Duty.ARCHIVIST) and user.pk != loan.borrower_id:
        raise NotAllowed
    if loan.digital:
        raise Conflict(_("What is opened on the screen has no slip."))
    titled = not loan.record.tier.needs_reason and lent.named(loan, loan.record, user) is not None
    return paper.response(paper.slip(_slip(loan, titled=titled)), f"{loan.number}.pdf")


def _slip(loan: Loan, *, titled: bool) -> paper.Slip:
    """Slips lie about: above internal they name the record by its number alone (SEC-5)."""
    record = loan.record
    blank = "______"
    facts: list[tuple[str, Any]] = [
        (_("Record"), record.number or ""),
        *([(_("Title"), record.title)] if titled else []),
        (_("Tier"), secrecy.mark(record)),
        (_("Borrower"), f"{loan.borrower} {loan.borrower.department or ''}".strip()),
        (_("Use"), str(loan.get_use_display())),
        (_("Until"), lent.last_day(loan).isoformat()),
        (_("Issued"), _("%(copies)s copies of %(pages)s pages") % {"copies": loan.copies or blank, "pages": loan.pages or blank}),
        (_("Returned"), _("%(copies)s copies of %(pages)s pages") % {"copies": blank, "pages": blank}),
    ]
    signatures = [_("Handed over"), _("Received"), _("Taken back")]
    return paper.Slip(_("Loan slip"), loan.number, facts, signatures, organisation_name())
