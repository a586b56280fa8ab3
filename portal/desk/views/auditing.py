"""The auditor's pages: the trail by record, person, act and day, its export, and unusual use (AUD-2, AUD-3)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import sheets
from portal.desk import rows, words
from portal.desk.inputs import Input
from portal.desk.views.record import event_of
from records import audit as trail
from records import periods, reading, unusual
from records.errors import Invalid
from records.models import AuditEvent, User
from records.watches import Finding

NAMES = ("record", "actor", "action", "from", "to")


@dataclass
class Filter:
    """What of the trail is wanted, as the address says it; `errors` by field."""

    given: dict[str, str]
    wanted: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)

    def of(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """The events that are wanted; none while something is wrong."""
        return events.none() if self.errors else events.filter(**self.wanted)

    @property
    def question(self) -> str:
        """As the trail keeps it: who reads the trail leaves one."""
        return " ".join(["register=audit", *(f"{name}={value}" for name, value in self.given.items() if value)])


def filter_of(request: HttpRequest) -> Filter:
    """Record (number or id), person (username), act, days."""
    made = Filter({name: request.GET.get(name, "").strip().replace("\0", "")[:200] for name in NAMES})
    given, wanted = made.given, made.wanted
    if given["record"]:
        wanted.update(_record(given["record"]))
    if given["actor"]:
        wanted["actor_name__iexact"] = given["actor"]
    if given["action"]:
        wanted["action__startswith" if given["action"] == words.REFUSED else "action"] = given["action"]
    for name, lookup, moment_of in (("from", "at__gte", periods.beginning), ("to", "at__lt", periods.end)):
        if given[name]:
            wanted[lookup] = moment_of(given[name])
            if wanted[lookup] is None:
                made.errors[name] = [_("Write a day like 2026-11-22.")]
    return made


def _record(text: str) -> dict[str, Any]:
    try:
        return {"record_id": UUID(text)}
    except ValueError:
        return {"record_number__iexact": text}


# --- the trail ------------------------------------------------------------------------------------------------------


@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """The trail, for auditor and security officer; records by number, never by title."""
    user: User = request.user  # type: ignore[assignment]
    asked = filter_of(request)
    found = asked.of(reading.events(user))
    count = found.count()
    if any(asked.given.values()) and not asked.errors:
        reading.log_search(user, question=[asked.question], found=count)
    context = {
        "filters": _inputs(asked),
        "filtered": any(asked.given.values()),
        "events": [event_of(row) for row in rows.slice_of(request, found)],
        "pager": rows.pager_for(request, count),
        "exports": [] if asked.errors else _exports(request),
        "tabs": _tabs("audit"),
    }
    return render(request, "desk/audit.html", context, status=400 if asked.errors else 200)


def _inputs(asked: Filter) -> list[Input]:
    given, wrong = asked.given, asked.errors
    return [
        Input(_("Record"), "record", value=given["record"], mono=True, hint=_("Its number, or its id.")),
        Input(_("Person"), "actor", value=given["actor"], hint=_("The username.")),
        Input(_("Act"), "action", "select", given["action"], options=words.acts_to_choose(), blank=_("every act")),
        Input(_("From"), "from", "date", given["from"], errors=wrong.get("from", [])),
        Input(_("To"), "to", "date", given["to"], errors=wrong.get("to", [])),
    ]


def _exports(request: HttpRequest) -> list[tuple[str, str]]:
    query = request.GET.copy()
    query.pop("page", None)
    found = []
    for kind in ("csv", "xlsx"):
        query["as"] = kind
        found.append((kind.upper(), f"{reverse('desk:audit-export')}?{query.urlencode()}"))
    return found


def _tabs(here: str) -> list[dict[str, Any]]:
    named = [("audit", _("Audit trail")), ("unusual", _("Unusual use"))]
    return [{"url": reverse(f"desk:{name}"), "label": label, "here": name == here} for name, label in named]


# --- export ---------------------------------------------------------------------------------------------------------


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The same events as CSV or XLSX; who took them along is an event itself. Raises NotAllowed, Invalid, Conflict (too many)."""
    user: User = request.user  # type: ignore[assignment]
    asked, kind = filter_of(request), request.GET.get("as", "csv")
    found = asked.of(reading.events(user))
    if kind not in ("csv", "xlsx"):
        asked.errors["as"] = [_("Choose csv or xlsx.")]
    if asked.errors:
        raise Invalid(errors=asked.errors)
    count = found.count()
    sheets.need_room(count)
    taken = trail.record_event(actor=user, action="export", subject=asked.question, reason=str(count))
    rows_of = _lines(found.exclude(pk=taken.pk))
    name = f"audit-{timezone.localdate()}.{kind}"
    content = sheets.as_csv(_heads(), rows_of) if kind == "csv" else sheets.as_xlsx("audit", _heads(), rows_of)
    answer = HttpResponse(content, content_type=sheets.CSV if kind == "csv" else sheets.XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _heads() -> list[str]:
    return [_("When"), _("Who"), _("Act"), _("Code"), _("Record"), _("Record id"), _("Subject"), _("Why"), _("Fields"), _("Address")]


def _lines(events: QuerySet[AuditEvent]) -> Iterator[list[Any]]:
    """A line for each event: everything about access, nothing of the content (AUD-2). In the language of the asker."""
    for row in events.iterator(chunk_size=2000):
        number, pk = row.record_number, str(row.record_id or "")
        shown = [row.at, row.actor_name, words.act(row.action), row.action, number, pk, row.subject, row.reason]
        yield [*shown, ", ".join(row.changed), row.from_address]


# --- unusual use ----------------------------------------------------------------------------------------------------


@require_safe
def unusual_use(request: HttpRequest) -> HttpResponse:
    """Lines that accounts crossed in the last fourteen days, for auditor and security officer (AUD-3)."""
    user: User = request.user  # type: ignore[assignment]
    found = unusual.findings(user)
    context = {
        "rows": [_finding(row) for row in rows.slice_of(request, found)],
        "pager": rows.pager_for(request, len(found)),
        "days": unusual.SHOWN.days,
        "tabs": _tabs("unusual"),
    }
    return render(request, "desk/unusual.html", context)


def _finding(row: Finding) -> dict[str, Any]:
    day = row.day.isoformat()
    last = timezone.localtime(row.last).date().isoformat()
    url = f"{reverse('desk:audit')}?{urlencode({'actor': row.name, 'from': day, 'to': last})}" if row.actor else ""
    return {"row": row, "what": words.unusual(row), "url": url}
