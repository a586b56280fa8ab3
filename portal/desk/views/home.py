"""What a person has to do today (PRT-1)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.accounts.models import organisation_name
from portal.desk import menu, rows, words
from portal.desk.templatetags.desk import ago
from portal.models import Job
from records import reading, terms
from records.models import Duty, User
from search import indexing

SHOWN = 10  # records in a list of the home page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    user: User = request.user  # type: ignore[assignment]
    context = {
        "greeting": _greeting(user),
        "today_line": formats.date_format(timezone.localdate(), "DATE_FORMAT"),
        "big_search": not user.has_duty(Duty.ARCHIVIST),
        "waits": _waits(request),
        "lists": _lists(user),
        "cards": _cards(user),
    }
    return render(request, "desk/home.html", context)


def _greeting(user: User) -> str:
    hour = timezone.localtime().hour
    greetings = {
        "night": _("Good night, %(name)s"),
        "morning": _("Good morning, %(name)s"),
        "afternoon": _("Good afternoon, %(name)s"),
        "evening": _("Good evening, %(name)s"),
    }
    part = "night" if hour < 5 else "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    return greetings[part] % {"name": user.get_full_name()}


def _waits(request: HttpRequest) -> list[dict[str, Any]]:
    counts = menu.waiting(request)
    user: User = request.user  # type: ignore[assignment]
    found = []
    if "review" in counts:
        found.append(_wait("desk:review-list", counts["review"], _("to review"), _("registered by others")))
    if "file" in counts:
        found.append(_wait("desk:file-list", counts["file"], _("to file"), _("reviewed, waiting for a number")))
        found.append(_wait("desk:returned", counts["returned"], _("returned to you"), _("to be corrected"), late=True))
        found.append(_wait("desk:register", reading.uploads_of(user).count(), _("files not registered"), _("erased after 24 hours")))
    if counts.get("tiers"):
        found.append(_wait("desk:tier-list", counts["tiers"], _("changes of tier"), _("proposed by others")))
    if ends := terms.ending(user, timezone.localdate()).count():
        found.append(_wait("desk:tiers-ending", ends, _("terms end soon"), _("prolong them, or let them end")))
    if counts.get("entrusted"):
        found.append(_wait("desk:entrusted", counts["entrusted"], _("to confirm"), _("clearances, duties, grants")))
    if counts["loans"]:
        found.append(_wait("desk:loans-waiting", counts["loans"], _("requests for loans"), _("wait for your decision")))
    if counts.get("releases"):
        found.append(_wait("desk:releases", counts["releases"], _("releases to outside"), _("wait for your vote")))
    if counts.get("leaks"):
        found.append(_wait("desk:leaks", counts["leaks"], _("leak reports"), _("open: their records are frozen"), late=True))
    return found


def _wait(name: str, count: int, label: str, hint: str, *, late: bool = False) -> dict[str, Any]:
    return {"url": reverse(name), "count": count, "label": label, "hint": hint, "late": late}


def _lists(user: User) -> list[dict[str, Any]]:
    return [
        {
            "title": _("Lately registered"),
            "rows": [rows.row_of(record) for record in reading.recent(user, most=SHOWN)],
            "more_url": f"{reverse('desk:search')}?sort=date",
            "icon": "inbox",
            "empty": _("No records yet"),
            "empty_hint": _("What is registered and open to you stands here, newest first."),
        }
    ]


def _jobs() -> list[dict[str, Any]]:
    """What runs by itself, how it went last time, and whether the index keeps up (PRT-1, administrator)."""
    lines = [
        {"label": words.job(job.name), "value": _("failed") if job.failed else ago(job.finished) or "–", "late": job.failed}
        for job in Job.objects.all()
    ]
    behind = indexing.is_behind()  # no number: that would count records which the administrator may not know of (SEC-5)
    return [*lines, {"label": _("Search index"), "value": _("behind") if behind else _("up to date"), "late": behind}]


def _cards(user: User) -> list[dict[str, Any]]:
    cards = []
    if user.has_duty(Duty.ADMINISTRATOR):
        lines = [(_("People and duties"), "/workbench/"), (_("Types, classes, tiers"), "/workbench/")]
        cards.append({"title": _("Workbench"), "rows": [{"label": label, "url": url, "value": "›"} for label, url in lines]})
        cards.append({"title": _("Regular jobs"), "rows": _jobs()})
    if user.has_duty(Duty.OFFICER, Duty.AUDITOR):
        cards.append(
            {
                "title": _("Audit trail"),
                "rows": [
                    {"label": _("Who saw, changed or was refused what"), "url": reverse("desk:audit"), "value": "›"},
                    {"label": _("Unusual use"), "url": reverse("desk:unusual"), "value": "›"},
                ],
            }
        )
    hint = _("A number or part of one, a name, words from the text. “Quotation marks” keep words together, -minus leaves one out.")
    cards.append({"title": _("How to search"), "text": hint})
    more = [(_("Regulations and notices"), "/pages/"), (_("Report a leak"), reverse("desk:leak-report"))]
    cards.append({"title": organisation_name(), "rows": [{"label": label, "url": url, "value": "›"} for label, url in more]})
    return cards
