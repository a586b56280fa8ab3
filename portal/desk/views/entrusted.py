"""What waits for the security officer, deputies, and somebody who leaves (SEC-12, SEC-15, LND-2)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.desk.acting import Act, reason_input
from portal.desk.errors import status_of
from portal.desk.inputs import Input
from records import deputies, entrusting, leaving, proposed
from records.errors import NotAllowed, RecordsError, Unknown
from records.models import Duty, ProposalState, User

MOST = 200  # proposals on one page
WEEK = timedelta(days=7)


# --- proposals ------------------------------------------------------------------------------------------------------


@require_safe
def entrusted(request: HttpRequest) -> HttpResponse:
    """What this person may decide now; what they proposed themselves and waits; what was decided lately."""
    return _entrusted(request)


def _entrusted(request: HttpRequest, proposal_id: UUID | None = None, error: str = "", *, status: int = 200) -> HttpResponse:
    """`error` stands at the card of `proposal_id`, with what was typed there."""
    user: User = request.user  # type: ignore[assignment]
    if not user.has_duty(*entrusting.DECIDERS, Duty.ADMINISTRATOR):
        raise NotAllowed
    waiting = entrusting.waiting_for(user)[:MOST]
    own = entrusting.known_to(user).filter(proposed_by=user, state=ProposalState.PROPOSED)[:MOST]
    words = proposed.said([*waiting, *own])
    cards = [{"said": said, **_typed(request, said.proposal.pk == proposal_id, error)} for said in words[: len(waiting)]]
    alone = "" if any(card["error"] for card in cards) else error
    context = {"cards": cards, "own": words[len(waiting) :], "error": alone, "decides": user.has_duty(*entrusting.DECIDERS)}
    return render(request, "desk/entrusted.html", context, status=status)


def _typed(request: HttpRequest, refused: bool, error: str) -> dict[str, str]:
    return {"error": error, "reason": request.POST.get("reason", "")} if refused else {"error": "", "reason": ""}


@require_POST
def decide(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Accept or reject one proposal."""
    user: User = request.user  # type: ignore[assignment]
    data = request.POST
    try:
        done = entrusting.decide(actor=user, proposal_id=proposal_id, decision=data.get("decision", ""), reason=data.get("reason", ""))
    except (Unknown, NotAllowed):
        raise
    except RecordsError as error:
        return _entrusted(request, proposal_id, _first(error), status=status_of(error))
    messages.success(request, _("Confirmed; it is in force.") if done.state == ProposalState.ACCEPTED else _("Rejected."))
    return redirect("desk:entrusted")


def _first(error: RecordsError) -> str:
    return next((lines[0] for lines in error.errors.values() if lines), error.sentence)


@require_POST
def withdraw(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Take back what one proposed oneself."""
    entrusting.withdraw(actor=request.user, proposal_id=proposal_id)
    messages.success(request, _("Taken back."))
    return redirect("desk:entrusted")


# --- deputies -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def deputy_list(request: HttpRequest) -> HttpResponse:
    """Who approves in my place, and in whose place I do; a form for naming one for a period (LND-2)."""
    user: User = request.user  # type: ignore[assignment]
    data = request.POST
    if request.method != "POST":
        return _deputies(request, {}, {})
    try:
        given = {"deputy": data.get("deputy", "").strip(), "since": data.get("from", "").strip(), "until": data.get("until", "").strip()}
        made = deputies.name(actor=user, **given)
    except RecordsError as error:
        return _deputies(request, data, error.errors, status=status_of(error))
    messages.success(request, _("%(name)s approves in your place for that time.") % {"name": made.deputy})
    return redirect("desk:deputies")


def _deputies(request: HttpRequest, data: Mapping[str, str], errors: Mapping[str, list[str]], *, status: int = 200) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    now, today = timezone.now(), timezone.localdate()
    days = {"from": str(today), "until": str(today + WEEK)}
    fields = [
        Input(
            _("Deputy"),
            "deputy",
            value=data.get("deputy", ""),
            required=True,
            errors=errors.get("deputy", []),
            hint=_("A username or a name."),
        ),
        Input(_("From"), "from", "date", data.get("from", days["from"]), True, errors=errors.get("from", [])),
        Input(_("Until"), "until", "date", data.get("until", days["until"]), True, errors=errors.get("until", []), hint=_("The last day.")),
    ]
    listed = [
        {"row": row, "mine": row.person_id == user.pk, "over": row.until <= now, "coming": row.since > now, "last": _last_day(row.until)}
        for row in deputies.of(user)[:MOST]
    ]
    return render(request, "desk/deputies.html", {"rows": listed, "fields": fields}, status=status)


def _last_day(until: Any) -> Any:
    """`until` is the first moment that is no longer inside."""
    return timezone.localtime(until - timedelta(microseconds=1)).date()


@require_POST
def end_deputy(request: HttpRequest, deputy_id: UUID) -> HttpResponse:
    """End a period early."""
    deputies.end(actor=request.user, deputy_id=deputy_id)
    messages.success(request, _("Ended."))
    return redirect("desk:deputies")


# --- leaving --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, username: str) -> HttpResponse:
    """Somebody leaves: asked in words what happens, then done in one act (SEC-12)."""
    user: User = request.user  # type: ignore[assignment]
    person = leaving.get(user, username)
    if request.method != "POST":
        return _leaving(request, person, {}, {})
    data = request.POST
    try:
        done = leaving.leave(actor=user, username=username, successor=data.get("successor", "").strip(), reason=data.get("reason", ""))
    except (Unknown, NotAllowed):
        raise
    except RecordsError as error:
        alone = "" if error.errors else error.sentence
        return _leaving(request, person, data, error.errors, error=alone, status=status_of(error))
    records = ngettext("%(n)d record was handed over", "%(n)d records were handed over", done.records) % {"n": done.records}
    loans = ngettext("%(n)d loan was closed", "%(n)d loans were closed", done.loans) % {"n": done.loans}
    messages.success(request, _("%(name)s has left: %(records)s, %(loans)s.") % {"name": person, "records": records, "loans": loans})
    return redirect("desk:home")


def _leaving(
    request: HttpRequest, person: User, data: Mapping[str, str], errors: Mapping[str, list[str]], *, error: str = "", status: int = 200
) -> HttpResponse:
    held = leaving.owned_by(person).count()
    hint = ngettext("Takes over %(n)d record; a username.", "Takes over %(n)d records; a username.", held) % {"n": held}
    successor = Input(
        _("Successor"), "successor", value=data.get("successor", ""), required=bool(held), errors=errors.get("successor", []), hint=hint
    )
    warning = _(
        "The account is closed and sessions and tokens end. Loans are called back, requests taken back; clearance, duties, memberships, "
        "grants and deputies go. The trail keeps all of it."
    )
    act = Act(
        _("%(name)s leaves") % {"name": f"{person} ({person.username})"},
        _("Close the account"),
        [successor, reason_input(data, errors)],
        warning=warning,
        danger=True,
        back=reverse("desk:home"),
    )
    return render(request, "desk/act.html", {"act": act, "error": error}, status=status)
