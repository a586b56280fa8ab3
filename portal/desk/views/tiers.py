"""Tiers and their terms on the desk: proposing another, an event that happened, what ends soon and is let go (SEC-3, SEC-14)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.desk import acting, rows
from portal.desk.acting import Act, Draw, Errors, reason_input
from portal.desk.inputs import Input
from records import reading, secrecy, terms
from records.errors import NotAllowed
from records.models import Record, User

ask_or_do = require_http_methods(["GET", "HEAD", "POST"])


@ask_or_do
def propose_tier(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Another tier or term, for a second person to confirm (SEC-14)."""
    user: User = request.user  # type: ignore[assignment]

    def draw(record: Record, data: dict[str, str], errors: Errors) -> Act:
        options = [(row.slug, row.label) for row in reading.tiers(user) if secrecy.is_cleared(user, row)]
        hint = _("A day (2036-11-22) or a period (P10Y); empty: the longest of the tier.")
        until, event = data.get("until", ""), data.get("event", record.tier_event)
        fields = [
            Input(_("Tier"), "tier", "select", data.get("tier", record.tier.slug), options=options, errors=errors.get("tier", [])),
            Input(_("Secret until"), "until", value=until, hint=hint, errors=errors.get("tier_until", [])),
            event_input(event, errors),
            reason_input(data, errors),
        ]
        detail = _("The same tier with a later end prolongs it. It takes effect when a second person confirms it.")
        return Act(_("Change the tier"), _("Propose"), fields, detail=detail)

    def do(actor: User) -> str:
        data = request.POST
        given = {"tier": data.get("tier", ""), "reason": data.get("reason", "")}
        until = data.get("until", "").strip() or None
        secrecy.propose_tier(actor=actor, record_id=record_id, until=until, event=data.get("event"), **given)
        return _("Proposed. A second person decides.")

    return _carry_out(request, record_id, draw, do)  # type: ignore[arg-type]


def event_input(value: str, errors: Errors) -> Input:
    """What ends a term before its last day."""
    hint = _("For instance “once the project is public”. When it has happened, one says so and a second person confirms it.")
    return Input(_("Or until this event"), "event", value=value, half=False, hint=hint, errors=errors.get("tier_event", []))


@ask_or_do
def declassify(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """The event that ends the secrecy has happened; a second person confirms it (SEC-3)."""

    def draw(record: Record, data: dict[str, str], errors: Errors) -> Act:
        detail = _("The record falls to the tier below when a second person confirms it.")
        warning = _("It is secret until: %(event)s") % {"event": record.tier_event} if record.tier_event else ""
        return Act(_("The event has happened"), _("Propose"), [reason_input(data, errors)], warning=warning, detail=detail)

    def do(actor: User) -> str:
        secrecy.declassify_on_event(actor=actor, record_id=record_id, reason=request.POST.get("reason", ""))
        return _("Proposed. A second person decides.")

    return _carry_out(request, record_id, draw, do)  # type: ignore[arg-type]


@ask_or_do
def let_go(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """A term that ends soon is not prolonged (SEC-14)."""

    def draw(record: Record, data: dict[str, str], errors: Errors) -> Act:
        day = record.tier_until.isoformat() if record.tier_until else "–"
        detail = _("The last day of its secrecy is %(day)s. The day after it falls by itself; nobody is reminded any more.") % {"day": day}
        return Act(_("Let the secrecy end"), _("Let it end"), [reason_input(data, errors, required=False)], detail=detail)

    def do(actor: User) -> str:
        terms.let_term_end(actor=actor, record_id=record_id, today=timezone.localdate(), reason=request.POST.get("reason", ""))
        return _("Noted. Until its last day it can still be prolonged.")

    return _carry_out(request, record_id, draw, do, done=reverse("desk:tiers-ending"))  # type: ignore[arg-type]


def _carry_out(request: HttpRequest, record_id: UUID, draw: Draw, do: acting.Do, *, done: str = "") -> HttpResponse:
    """An act of whoever may propose a change of tier, the owner among them."""
    record = secrecy.get_to_propose(request.user, record_id)  # type: ignore[arg-type]
    return acting.ask_or_do(request, record, draw=draw, do=do, done=done or reverse("desk:record", args=[record_id]))


@require_safe
def ending(request: HttpRequest) -> HttpResponse:
    """Terms that end within 90 days: for archivists and security officer all that they read, for others their own (SEC-14)."""
    user: User = request.user  # type: ignore[assignment]
    today = timezone.localdate()
    found = terms.ending(user, today)
    count = found.count()
    if not count and not user.has_duty(*terms.DECIDERS):
        raise NotAllowed
    records = rows.slice_of(request, found)
    let_go_of = terms.decisions(records)
    listed = [
        {"row": rows.row_of(record), "left": (record.tier_until - today).days, "let_go": let_go_of.get(record.pk)} for record in records
    ]
    return render(request, "desk/tiers_ending.html", {"rows": listed, "count": count, "pager": rows.pager_for(request, count)})
