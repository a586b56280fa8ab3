"""Changes of tier that wait for a second person, and the audit trail (SEC-14, AUD-2)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.desk import rows, words
from portal.desk.errors import status_of
from portal.desk.inputs import Input
from portal.desk.views.record import event_of
from records import reading, secrecy
from records.errors import NotAllowed, ReasonMissing, RecordsError, Unknown
from records.models import User
from records.states import REVIEWERS


@require_safe
def tier_list(request: HttpRequest) -> HttpResponse:
    """Proposals that this person may decide."""
    return _tiers(request, {})


@require_POST
def tier_decide(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Confirm or reject one proposal."""
    user: User = request.user  # type: ignore[assignment]
    try:
        change = secrecy.decide_tier(
            actor=user, change_id=change_id, decision=request.POST.get("decision", ""), reason=request.POST.get("reason", "")
        )
    except (Unknown, NotAllowed):
        raise
    except ReasonMissing as error:
        return _tiers(request, {change_id: error.errors.get("reason", [error.sentence])[0]}, status=400)
    except RecordsError as error:
        messages.error(request, error.sentence)
        return _tiers(request, {}, status=status_of(error))
    messages.success(request, _("Confirmed; it is in force.") if change.state == "accepted" else _("Rejected."))
    return redirect("desk:tier-list")


def _tiers(request: HttpRequest, wrong: dict[UUID, str], *, status: int = 200) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    waiting = secrecy.waiting_for(user)
    if not waiting and not user.has_duty(*REVIEWERS):
        raise NotAllowed
    listed = [
        {
            "change": change,
            "record": change.record,
            "mark": rows.secret_mark(change.record),
            "new_mark": secrecy.proposed_mark(change) if change.tier.needs_reason else "",
            "error": wrong.get(change.pk, ""),
        }
        for change in waiting
    ]
    return render(request, "desk/tier_list.html", {"rows": listed}, status=status)


@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """The whole trail, for auditor and security officer; records by number, never by title."""
    user: User = request.user  # type: ignore[assignment]
    found = _filtered(reading.events(user), request)
    given = {name: request.GET.get(name, "") for name in ("actor", "action", "from", "to")}
    filters = [
        Input(_("Person"), "actor", value=given["actor"]),
        Input(
            _("Act"),
            "action",
            "select",
            given["action"],
            options=words.acts_to_choose(),
            blank=_("every act"),
        ),
        Input(_("From"), "from", "date", given["from"]),
        Input(_("To"), "to", "date", given["to"]),
    ]
    context = {
        "heading": _("Audit trail"),
        "lead": _("Who did or was refused what, when and from where. Nothing here can be changed; the chain proves it."),
        "filters": filters,
        "filtered": any(given.values()),
        "events": [event_of(row) for row in rows.slice_of(request, found)],
        "pager": rows.pager_for(request, found.count()),
    }
    return render(request, "desk/history.html", context)


def _filtered(events: Any, request: HttpRequest) -> Any:
    if actor := request.GET.get("actor", "").strip():
        events = events.filter(actor_name__iexact=actor)
    if action := request.GET.get("action", ""):
        events = events.filter(action__startswith=action) if action == words.REFUSED else events.filter(action=action)
    if since := _day(request, "from"):
        events = events.filter(at__date__gte=since)
    if until := _day(request, "to"):
        events = events.filter(at__date__lte=until)
    return events


def _day(request: HttpRequest, name: str) -> Any:
    try:
        return parse_date(request.GET.get(name, ""))
    except ValueError:
        return None
