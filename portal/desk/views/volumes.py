"""A volume (案卷) as one: what is in it, its mark, its label, and borrowing all of it (SEC-13, CUS-1)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from portal import paper
from portal.accounts.models import organisation_name
from portal.desk import acting, rows
from portal.desk.acting import Act, Errors
from portal.desk.views.borrowing import Data, answers, ask_or_do, questions
from records import joint_loans, places, secrecy, volumes
from records.errors import Conflict
from records.models import Duty, Record, User, Volume


@require_safe
def volume(request: HttpRequest, volume_id: UUID) -> HttpResponse:
    """Its items in the order of their numbers, as far as this person may know of them, each marked by its own tier."""
    user: User = request.user  # type: ignore[assignment]
    found = volumes.get(user, volume_id)
    items = volumes.items_of(user, found.pk)
    shown = rows.slice_of(request, items)
    out = places.loans_of(user, shown) if user.has_duty(Duty.ARCHIVIST) else {}
    context = {
        "volume": found,
        "carried": volumes.together(user, [found]).get(found.pk),
        "rows": [(rows.row_of(record), out.get(record.pk)) for record in shown],
        "pager": rows.pager_for(request, items.count()),
        "uses": joint_loans.uses(shown),
    }
    return render(request, "desk/volume.html", context)


@require_safe
def label(request: HttpRequest, volume_id: UUID) -> HttpResponse:
    """The label of the binder as PDF. Raises Unknown, Conflict before it has a number."""
    user: User = request.user  # type: ignore[assignment]
    found = volumes.get(user, volume_id)
    if not found.number:
        raise Conflict(_("A volume has a label once it has its number: file the first of its records."))
    mark = secrecy.stamp(volumes.together(user, [found]).get(found.pk))
    name, line = (_range(user, found), "") if mark else (found.title, _range(user, found))  # labels lie about, as slips do (SEC-5)
    made = paper.Label(found.number, name, f"{organisation_name()} {line}".strip(), mark)
    return paper.response(paper.labels([made], _("Labels %(code)s") % {"code": found.number}), f"label-{found.pk}.pdf")


def _range(user: User, of: Volume) -> str:
    """The first and the last number in it (CUS-1)."""
    numbers = list(volumes.items_of(user, of.pk).exclude(number=None).values_list("number", flat=True))
    return "" if not numbers else numbers[0] if len(numbers) == 1 else f"{numbers[0]} – {numbers[-1]}"


@ask_or_do
def borrow(request: HttpRequest, volume_id: UUID) -> HttpResponse:
    """Ask for all of it in one act, approved as the highest tier in it asks (SEC-13)."""
    user: User = request.user  # type: ignore[assignment]
    found = volumes.get(user, volume_id)
    items = list(volumes.items_of(user, found.pk))
    uses = joint_loans.uses(items)
    if not uses and request.method != "POST":
        raise Conflict(_("Nothing of this volume is filed yet: there is nothing to borrow."))
    back = reverse("desk:volume", args=[found.pk])

    def draw(_about: None, data: Data, errors: Errors) -> Act:
        fields = questions(user, uses, data, errors)
        return Act(_("Borrow the whole volume"), _("Ask for it"), fields, detail=_detail(found, items), back=back)

    return acting.ask_or_do(request, None, draw=draw, do=lambda actor: _asked(actor, found, request.POST), done=reverse("desk:loans"))


def _detail(found: Volume, items: list[Record]) -> str:
    told: dict[str, Any] = {"volume": found, "n": len(items)}
    line = ngettext("%(volume)s, %(n)d record.", "%(volume)s, %(n)d records.", len(items)) % told
    return " ".join([line, _("Each gets a loan of its own; all are approved as the highest tier among them asks.")])


def _asked(actor: User, found: Volume, data: Data) -> str:
    made = joint_loans.request_volume(actor=actor, volume_id=found.pk, also=joint_loans.need_new, **answers(data))
    told = {"n": len(made), "first": made[0].number}
    return (
        ngettext("%(n)d loan is asked for, beginning with %(first)s.", "%(n)d loans are asked for, beginning with %(first)s.", len(made))
        % told
    )
