"""Why can or can't I see this: for oneself, and for the security officer about anybody (SEC-4)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.desk import lent, rows
from portal.desk.inputs import Input
from records import why
from records.errors import Invalid
from records.models import Duty, KnownBy, Use, User


@require_safe
def access(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Each thing that the tier asks for, whether it is there, and the way to a loan where something is missing."""
    user: User = request.user  # type: ignore[assignment]
    asked, errors = request.GET.get("person", ""), []
    try:
        found = why.explain(actor=user, record_id=record_id, username=asked)
    except Invalid as error:
        found, errors = why.explain(actor=user, record_id=record_id), error.errors["person"]
    person = Input(_("Person"), "person", value=asked, hint=_("The username."), errors=errors)
    own = found.person == user
    context = {
        "found": found,
        "record": found.record,
        "mark": rows.secret_mark(found.record),
        "own": own,
        "points": _points(found),
        "ways": [(Use(way.use).label, " → ".join(way.labels) or _("without approval")) for way in found.ways],
        "borrow_url": lent.borrow_url(user, found.record) if own and found.ways else "",
        "filters": [person] if user.has_duty(Duty.OFFICER) else [],
    }
    return render(request, "desk/access.html", context, status=400 if errors else 200)


def _points(found: why.Explanation) -> list[dict[str, Any]]:
    """What counts for this tier: whether it holds, and in words."""
    tier = {"tier": found.record.tier.label}
    points = [] if found.person.is_active else [_point(False, _("The account is closed."))]
    points.append(_point(found.cleared, (_("Cleared for %(tier)s.") if found.cleared else _("Not cleared for %(tier)s.")) % tier))
    if found.known_by == KnownBy.EVERYONE:
        points.append(_point(True, _("Everyone who is signed in has the need to know.")))
    if found.known_by == KnownBy.READERS:
        points += [_point(True, _granted(grant)) for grant in found.grants]
        points += [] if found.grants else [_point(False, _("No need to know: neither class, volume nor record is open to this person."))]
    if found.known_by == KnownBy.NAMED:
        points.append(_point(found.named, _("Named on the record.") if found.named else _("Not named on the record.")))
    told = [{"number": loan.number, "day": lent.last_day(loan).isoformat()} for loan in found.loans]
    return points + [_point(True, _("Loan %(number)s opens it until %(day)s.") % each) for each in told]


def _point(holds: bool, text: str) -> dict[str, Any]:
    return {"holds": holds, "text": text}


def _granted(grant: why.Granted) -> str:
    on = {"class": _("class %(code)s") % {"code": grant.code}, "volume": _("its volume"), "record": _("this very record")}[grant.on]
    sentences = {
        "group": _("Need to know: %(on)s is open to group %(name)s."),
        "department": _("Need to know: %(on)s is open to department %(name)s."),
        "everyone": _("Need to know: %(on)s is open to everyone."),
        "person": _("Need to know: %(on)s is open to this very person."),
    }
    return sentences[grant.to] % {"on": on, "name": grant.name}
