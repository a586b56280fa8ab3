"""A record as its page shows it: what stands where, in words; nothing is decided here."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.desk import lent, rows
from records import kinds, reading, releases
from records.models import Duty, FieldDefinition, KnownBy, Level, Loan, Record, Trigger, User
from retention import schedules
from storage import scans

MONO = frozenset({"credit-code", "certificate-number"})


@dataclass
class Fact:
    """One line of the description; a masked one may be shown whole by an act of its own (SEC-6)."""

    label: str | Promise
    value: str = ""
    key: str = ""
    masked: bool = False
    mono: bool = False
    missing: bool = False
    url: str = ""
    reveal_url: str = ""


@dataclass
class Act:
    """Something this person may do with the record now."""

    label: str
    url: str
    icon: str
    danger: bool = False
    primary: bool = False


@dataclass
class Note:
    """A card with an edge: why something is closed, returned or waits."""

    title: str
    text: str
    kind: str = "wait"
    url: str = ""
    link: str = ""


@dataclass
class Page:
    """Everything `desk/record.html` draws beside the record itself."""

    mark: str
    crumbs: list[dict[str, str]] = field(default_factory=list)
    sub: list[str] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    more: list[Act] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    retention: dict[str, Any] | None = None
    versions: list[dict[str, Any]] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    relations: list[dict[str, Any]] = field(default_factory=list)
    relate_url: str = ""
    history: list[dict[str, Any]] = field(default_factory=list)
    history_url: str = ""
    download_url: str = ""
    print_url: str = ""
    version: Any = None
    old_version: bool = False
    unreviewed: bool = False
    why: str = ""
    why_url: str = ""
    missing: str = ""
    look: Any = None


def crumbs(record: Record) -> list[dict[str, str]]:
    """From all records down to this one's class and year, each a search."""
    search = reverse("desk:search")
    code = record.record_class.code
    found = [{"label": _("Records"), "url": search}, {"label": str(record.record_class), "url": f"{search}?record_class={code}"}]
    if record.year:
        found.append({"label": str(record.year), "url": f"{search}?record_class={code}&year={record.year}"})
    if record.volume:
        found.append({"label": str(record.volume), "url": reverse("desk:volume", args=[record.volume_id])})
    return found


def sub_line(detail: reading.Detail, version: Any, components: Iterable[Any]) -> list[str]:
    """What stands under the title: version, pages, where the paper is."""
    pages = sum(part.pages or 0 for part in components)
    parts = [_("version %(n)s") % {"n": version.number}] if version else []
    if pages:
        parts.append(ngettext("%(n)s page", "%(n)s pages", pages) % {"n": pages})
    if detail.original:
        place = detail.original["place"] or _("place not stated")
        parts.append(_("original: %(pages)s pages, %(place)s") % {"pages": detail.original["pages"], "place": place})
    return parts


# --- facts ----------------------------------------------------------------------------------------------------------


def facts(detail: reading.Detail) -> list[Fact]:
    """The description: the type's fields, the parties, and what is kept about every record."""
    record = detail.record
    if not detail.full:
        return _listing(record)
    may_reveal = "reveal" in detail.may
    shown = [fact for row in record.record_type.fields.all() if (fact := _of_field(row, record, may_reveal))]
    return shown[:1] + _parties(detail, may_reveal) + shown[1:] + _kept(record)


def _listing(record: Record) -> list[Fact]:
    year = [Fact(_("Year"), str(record.year))] if record.year else []
    return [Fact(_("Type"), record.record_type.label), Fact(_("Class"), str(record.record_class)), *year]


def _of_field(definition: FieldDefinition, record: Record, may_reveal: bool) -> Fact | None:
    value = record.fields.get(definition.key)
    if value in (None, ""):
        return Fact(definition.label, key=definition.key, missing=True) if definition.level == Level.IMPORTANT else None
    kind = kinds.get(definition.kind)
    reveal = reverse("desk:reveal", args=[record.pk, definition.key]) if kind.sealed and may_reveal else ""
    shown = kind.shown(value, choices=definition.choices)
    return Fact(definition.label, shown, definition.key, masked=kind.sealed, mono=definition.kind in MONO, reveal_url=reveal)


def _parties(detail: reading.Detail, may_reveal: bool) -> list[Fact]:
    found = []
    for row in detail.parties:
        url = f"{reverse('desk:search')}?party={row.party_id}"
        found.append(Fact(row.get_role_display(), row.name, url=url))
        for each in row.identifiers.all():
            key = f"parties.{row.order}.{each.kind}"
            reveal = reverse("desk:reveal", args=[detail.record.pk, key]) if may_reveal else ""
            found.append(Fact(kinds.get(each.kind).label, each.masked, key.replace(".", "-"), masked=True, reveal_url=reveal))
    return found


def _kept(record: Record) -> list[Fact]:
    found = []
    if record.department:
        found.append(Fact(_("Owning department"), record.department.label))
    if record.tier_reason:
        found.append(Fact(_("Reason of the tier"), record.tier_reason))
    if record.tier_until:
        found.append(Fact(_("Secret until"), record.tier_until.isoformat()))
    if record.tier_event:
        found.append(Fact(_("Or until this event"), record.tier_event))
    if record.declassified_on:
        found.append(Fact(_("Declassified on"), record.declassified_on.isoformat()))
    if record.purpose or record.basis:
        found.append(Fact(_("Purpose of collecting"), " · ".join(part for part in (record.purpose, record.get_basis_display()) if part)))
    return [*found, Fact(_("Owner"), record.owner.get_full_name())]


# --- acts -----------------------------------------------------------------------------------------------------------

# verb as `access.allowed_verbs` names it, name of the URL, word, icon, whether it cannot be undone
ACTS: list[tuple[str, str, Any, str, bool]] = [
    ("change", "desk:change", lambda: _("Change"), "pencil", False),
    ("add_version", "desk:add-version", lambda: _("New version"), "layers", False),
    ("change_tier", "desk:propose-tier", lambda: _("Change the tier"), "stamp", False),
    ("declassify_on_event", "desk:declassify", lambda: _("The event has happened"), "stamp", False),
    ("move", "desk:move", lambda: _("Move to another class or volume"), "folder-input", False),
    ("relate", "desk:relate", lambda: _("Relate to another record"), "link", False),
    ("withdraw", "desk:withdraw", lambda: _("Withdraw"), "trash-2", True),
    ("void", "desk:void", lambda: _("Void the number"), "ban", True),
]


def acts(detail: reading.Detail, user: User, *, may_review: bool) -> tuple[list[Act], list[Act]]:
    """Acts in the open, and those behind "More"; each leads to a page of its own."""
    record = detail.record
    open_ones = []
    if may_review:
        open_ones.append(Act(_("Review"), reverse("desk:review", args=[record.pk]), "check", primary=True))
    if "file" in detail.may and user.has_duty(Duty.ARCHIVIST):
        open_ones.append(Act(_("To file"), reverse("desk:file-list"), "archive", primary=True))
    found = [Act(word(), reverse(name, args=[record.pk]), icon, danger) for verb, name, word, icon, danger in ACTS if verb in detail.may]
    changes = [act for act in found if act.icon == "pencil"]
    return open_ones + changes, [act for act in found if act not in changes]


def outside(detail: reading.Detail, user: User) -> list[Act]:
    """What goes out of the house, wanted or not: a release to outside, and a report of a leak by whoever knows of the record."""
    record, found = detail.record, []
    if detail.full and record.state == "filed" and releases.may_ask(user, record):
        found.append(Act(_("Give to an outside organisation"), reverse("desk:ask-release", args=[record.pk]), "briefcase"))
    return [*found, Act(_("Report a leak"), reverse("desk:report-leak", args=[record.pk]), "megaphone")]


def freeze() -> Note:
    """Why nothing of it is lent (SEC-10)."""
    text = _("A leak was reported. Nothing of it is lent or given out until the security officer has closed the report.")
    return Note(_("Frozen"), text, "bad")


def borrow(url: str, *, first: bool) -> list[Act]:
    """The way to a loan, where there is one. `first`: it is the next thing to do, for whom the record is closed."""
    return [Act(_("Borrow"), url, "book-open", primary=first)] if url else []


# --- notes and reasons ----------------------------------------------------------------------------------------------


def notes(detail: reading.Detail, return_reason: str, way_in: dict[str, str] | None = None) -> list[Note]:
    """What stands in the way, in words, with the way on."""
    record, found = detail.record, []
    if not detail.full:
        text = _("You may know of this record by its number and title. Reading it needs a clearance for %(tier)s, or an approved loan.")
        found.append(Note(_("Closed to you"), text % {"tier": record.tier.label}, **(way_in or {})))
    if detail.full and record.returned and record.state == "registered":
        link = {"url": reverse("desk:change", args=[record.pk]), "link": _("Correct it")} if "change" in detail.may else {}
        found.append(Note(_("Returned by review"), return_reason, "bad", **link))
    if record.state in {"withdrawn", "destroyed"}:
        found.append(Note(record.get_state_display().capitalize(), _("Its content was erased; what is left is this entry."), "bad"))
    for other in detail.duplicates:
        url = reverse("desk:record", args=[other.pk])
        found.append(Note(_("The same bytes lie elsewhere"), other.title, "wait", url, other.number or _("Open")))
    return found


def on_loan(loans: Iterable[Loan]) -> list[Note]:
    """By which loans somebody reads who may not otherwise, and until when (LND-4)."""
    told = [{"number": loan.number, "day": lent.last_day(loan).isoformat()} for loan in loans]
    lines = [_("Loan %(number)s opens it until %(day)s.") % each for each in told]
    return [Note(_("On loan to you"), " ".join(lines), "", reverse("desk:loans"), _("My loans"))] if lines else []


def scan(components: Iterable[Any], original: dict[str, Any] | None) -> list[Note]:
    """What the scan was found to be like when it came in, and whether pages are missing that the paper has (CAP-14)."""
    parts = list(components)
    lines = [f"{part.name}: {line}" if len(parts) > 1 else line for part in parts for line in scans.sentences(part.verdict)]
    pages, declared = sum(part.pages or 0 for part in parts), (original or {}).get("pages")
    if pages and declared and pages != declared:
        lines += scans.sentences({"warnings": [{"code": "page-count", "pages": [], "found": pages, "declared": declared}]})
    return [Note(_("The scan"), " ".join(lines))] if lines else []


def why(record: Record) -> str:
    """Why this person may read the record, in one line."""
    tier = {"tier": record.tier.label, "code": record.record_class.code}
    if record.tier.known_by == KnownBy.EVERYONE:
        return _("Everyone who is signed in may read this tier.")
    if record.tier.known_by == KnownBy.NAMED:
        return _("You may read it because you are named on it and cleared for %(tier)s.") % tier
    return _("You may read it because class %(code)s (or this very record) is open to you and you are cleared for %(tier)s.") % tier


def retention(record: Record) -> dict[str, Any] | None:
    """When it is due, or what that waits for (RET-2)."""
    if not record.due and not record.waiting_for:
        return None
    schedule = schedules.schedule_of(record)
    parts = [schedule.label if schedule else "", schedule.basis if schedule else ""]
    return {"due": record.due, "waiting": _waiting(record), "holds": 0, "schedule": " · ".join(part for part in parts if part)}


def _waiting(record: Record) -> str:
    """What the due date waits for, in words; or that it never comes."""
    code = record.waiting_for
    if code == schedules.PERMANENT:
        return _("Kept for good.")
    if code == schedules.NO_SCHEDULE:
        return _("No due date yet: its class has no retention schedule.")
    definition = next((row for row in record.record_type.fields.all() if row.key == code), None)
    event = definition.label if definition else str(Trigger(code).label) if code in Trigger.values else code
    return _("No due date yet: it waits for “%(event)s”.") % {"event": event}


def relations(detail: reading.Detail) -> list[dict[str, Any]]:
    """Relations from both ends (CAP-8)."""
    return [
        {"kind": row.label, "title": row.record.title, "number": row.record.number, "url": reverse("desk:record", args=[row.record.pk])}
        for row in detail.relations
    ]


def page_of(detail: reading.Detail) -> Page:
    """What every page about the record begins with."""
    record = detail.record
    why_url = reverse("desk:access", args=[record.pk])
    return Page(mark=rows.secret_mark(record), crumbs=crumbs(record), facts=facts(detail), why=why_line(detail), why_url=why_url)


def why_line(detail: reading.Detail) -> str:
    """`why` for those who read it; nothing for a listing, whose note says what is closed."""
    return why(detail.record) if detail.full else ""
