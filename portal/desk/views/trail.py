"""Changes of tier that wait for a second person (SEC-14)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.desk import rows
from portal.desk.errors import status_of
from records import secrecy
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
