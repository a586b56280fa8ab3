"""Copies on paper on the desk: the list, and what is done with one (LND-6, LND-12)."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.content import printed
from portal.desk import acting, held, lent, rows
from portal.desk.acting import Act, Errors, reason_input
from portal.desk.views.loans import tabs
from records import copies
from records.errors import NotAllowed
from records.models import Duty, LoanCopy, Record, User

ask_or_do = require_http_methods(["GET", "HEAD", "POST"])
Data = Mapping[str, str]
Ask = Callable[[LoanCopy, Data, Errors], Act]
Perform = Callable[[User, LoanCopy, str], object]


@require_safe
def copy_list(request: HttpRequest) -> HttpResponse:
    """What is out, or with `?all=1` every copy that the person may know of; what waits for a witness stands first."""
    user: User = request.user  # type: ignore[assignment]
    found = copies.known_to(user)
    everything = request.GET.get("all") == "1"
    if not everything:
        found = found.filter(state__in=copies.NOT_BACK).order_by("state", "due", "number")  # `destroying` comes before `out`
    listed = held.rows_of(rows.slice_of(request, found), user)
    context = {"rows": listed, "everything": everything, "pager": rows.pager_for(request, found.count()), **tabs(request)}
    return render(request, "desk/copies.html", context)


def _carry_out(
    request: HttpRequest, copy_id: UUID, *, ask: Ask, perform: Perform, said: str, may: Callable[[User, LoanCopy], bool]
) -> HttpResponse:
    """Ask, and by POST do it. Raises Unknown for copies that the person may not know of, NotAllowed for acts of others."""
    user: User = request.user  # type: ignore[assignment]
    copy = copies.get(user, copy_id)
    if not may(user, copy):
        raise NotAllowed
    done = reverse("desk:copies")

    def draw(_record: Record, data: Data, errors: Errors) -> Act:
        act = ask(copy, data, errors)
        act.title, act.back = f"{act.title} {copy.number}", done
        act.detail = f"{copy.holder} · {copy.purpose}"
        return act

    def do(actor: User) -> str:
        perform(actor, copy, request.POST.get("reason", ""))
        return said % {"number": copy.number}

    return acting.ask_or_do(request, lent.named(copy, copy.loan.record, user), draw=draw, do=do, done=done)


def _archivist(user: User, _copy: LoanCopy) -> bool:
    return user.has_duty(Duty.ARCHIVIST)


def _holder_or_archivist(user: User, copy: LoanCopy) -> bool:
    return user.pk == copy.holder_id or _archivist(user, copy)


@ask_or_do
def give_back(request: HttpRequest, copy_id: UUID) -> HttpResponse:
    """One copy is taken in."""

    def ask(_copy: LoanCopy, data: Data, errors: Errors) -> Act:
        return Act(_("Take in the copy"), _("Take in"), [reason_input(data, errors, required=False)])

    def perform(actor: User, copy: LoanCopy, reason: str) -> object:
        return copies.give_back(actor=actor, copy_id=copy.pk, reason=reason)

    return _carry_out(request, copy_id, ask=ask, perform=perform, said=_("%(number)s is back."), may=_archivist)


@ask_or_do
def destroy(request: HttpRequest, copy_id: UUID) -> HttpResponse:
    """One copy is destroyed; a second person confirms it."""

    def ask(_copy: LoanCopy, data: Data, errors: Errors) -> Act:
        warning = _("Destroy it before a witness, who confirms it under their own account: neither you nor its holder.")
        return Act(_("Destroy the copy"), _("It is destroyed"), [reason_input(data, errors)], warning=warning, danger=True)

    def perform(actor: User, copy: LoanCopy, reason: str) -> object:
        return copies.destroy(actor=actor, copy_id=copy.pk, reason=reason)

    return _carry_out(request, copy_id, ask=ask, perform=perform, said=_("%(number)s is destroyed; a witness confirms it."), may=_archivist)


@ask_or_do
def witness(request: HttpRequest, copy_id: UUID) -> HttpResponse:
    """The second person's word."""

    def ask(copy: LoanCopy, _data: Data, _errors: Errors) -> Act:
        told = {"who": copy.destroyed_by or "–", "reason": copy.reason or "–"}
        warning = _("%(who)s says that this copy was destroyed: %(reason)s Confirm it only if you saw it.") % told
        return Act(_("Witness the destruction of the copy"), _("I saw it destroyed"), warning=warning)

    def perform(actor: User, copy: LoanCopy, _reason: str) -> object:
        return copies.witness(actor=actor, copy_id=copy.pk)

    return _carry_out(
        request,
        copy_id,
        ask=ask,
        perform=perform,
        said=_("%(number)s: its destruction is witnessed."),
        may=lambda user, _copy: user.has_duty(*copies.WITNESSES),
    )


@ask_or_do
def report_loss(request: HttpRequest, copy_id: UUID) -> HttpResponse:
    """One copy cannot be found."""

    def ask(_copy: LoanCopy, data: Data, errors: Errors) -> Act:
        fields = [reason_input(data, errors, hint=_("What is known: when it was last seen, and where."))]
        warning = _("It is written down as an incident.")
        return Act(_("Report a loss"), _("Report it lost"), fields, warning=warning, danger=True)

    def perform(actor: User, copy: LoanCopy, reason: str) -> object:
        return copies.report_loss(actor=actor, copy_id=copy.pk, reason=reason)

    return _carry_out(request, copy_id, ask=ask, perform=perform, said=_("%(number)s is reported lost."), may=_holder_or_archivist)


@require_safe
def print_copy(request: HttpRequest, copy_id: UUID) -> StreamingHttpResponse:
    """The sheets of a copy, every page stamped."""
    return printed(request.user, copy_id)  # type: ignore[arg-type]
