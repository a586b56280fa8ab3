"""The registration form: what it shows for a class and a type, what was typed, and what the verb is given."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from portal.desk import inputs, parties, rows
from portal.desk.inputs import Input
from portal.desk.parties import PartyRow
from records import access, fields, reading, secrecy, volumes
from records.models import Basis, KnownBy, RecordClass, RecordType, Tier, User
from records.registration import Particulars

REMEMBERED = ("record_class", "record_type", "tier", "department", "volume")
AT_INPUTS = {
    "title",
    "record_class",
    "record_type",
    "tier",
    "tier_reason",
    "tier_until",
    "tier_event",
    "department",
    "volume",
    "named",
    "purpose",
    "basis",
    "original",
}


@dataclass
class Form:
    """The form as `desk/register_body.html` draws it."""

    record_type: RecordType
    first: list[Input]
    fields: list[Input]
    secrecy: list[Input]
    parties: list[PartyRow]
    party_errors: list[str]
    needs_party: bool
    error: str = ""
    missing: str = ""
    split: str = "one"
    tier_default: str = ""
    hint: str = ""
    blank_party: PartyRow = field(default_factory=PartyRow)


@dataclass
class Choices:
    """What this person may choose from, and what is chosen now."""

    classes: list[RecordClass]
    types: list[RecordType]
    tiers: list[Tier]
    record_class: RecordClass
    record_type: RecordType
    tier: Tier


class NothingToChoose(Exception):  # noqa: N818 - named for what happened
    """This person reads no class, or there is no type yet: nothing can be registered."""


def choices(user: User, data: Mapping[str, str]) -> Choices:
    """Classes the person reads, open types, tiers within the person's clearance. Raises NothingToChoose."""
    classes = list(access.chosen_classes(user).filter(active=True).select_related("default_tier"))
    types = list(reading.record_types())
    tiers = [tier for tier in reading.tiers(user) if secrecy.is_cleared(user, tier)]
    if not (classes and types and tiers):
        raise NothingToChoose
    record_class = _chosen_class(user, classes, data.get("record_class"))
    record_type = next((row for row in types if row.slug == data.get("record_type")), types[0])
    untouched = data.get("tier") == data.get("tier_default")  # another class brings its own tier, unless one was chosen
    wanted = record_class.default_tier.slug if untouched or not data.get("tier") else data["tier"]
    return Choices(classes, types, tiers, record_class, record_type, next((row for row in tiers if row.slug == wanted), tiers[0]))


def _chosen_class(user: User, classes: list[RecordClass], code: str | None) -> RecordClass:
    """The class that was chosen, else the one that holds most of what this person knows of."""
    found = next((row for row in classes if row.code == code), None)
    if found is None:
        used = reading.classes_in_use(user)
        found = max(classes, key=lambda row: used.get(row.code, 0))
    return found


def form_for(
    request: HttpRequest, data: QueryDict | dict[str, str], errors: Mapping[str, list[str]] | None = None, error: str = ""
) -> Form:
    """The form with what was typed; `errors` by field as the verbs name them."""
    user: User = request.user  # type: ignore[assignment]
    errors = errors or {}
    chosen = choices(user, data)
    definitions = list(chosen.record_type.fields.all())
    posted = data if isinstance(data, QueryDict) else QueryDict()
    typed = inputs.typed_fields(definitions, posted)
    return Form(
        record_type=chosen.record_type,
        first=_first(chosen, data, errors),
        fields=[inputs.of_definition(row, typed.get(row.key), errors) for row in definitions],
        secrecy=_secrecy(user, chosen, data, errors),
        parties=parties.rows_from(posted, errors) or parties.blank_rows(),
        party_errors=list(errors.get("parties", [])),
        needs_party=chosen.record_type.needs_party,
        error=error or _general(errors),
        missing=missing_names(chosen.record_type, typed) if typed else "",
        split=posted.get("split", "one"),
        tier_default=chosen.record_class.default_tier.slug,
        hint=_("Everything marked * is needed; the rest can follow until it is filed."),
    )


def missing_names(record_type: RecordType, values: dict[str, Any]) -> str:
    """The names of important fields that are empty, in one line (CAP-5)."""
    keys = set(fields.missing_important(record_type, values))
    return _(", ").join(row.label for row in record_type.fields.all() if row.key in keys)


def _general(errors: Mapping[str, list[str]]) -> str:
    """What has no input of its own to stand at."""
    known = ("fields.", "parties")
    return " ".join(sentence for key, lines in errors.items() if key not in AT_INPUTS and not key.startswith(known) for sentence in lines)


def _first(chosen: Choices, data: Mapping[str, str], errors: Mapping[str, list[str]]) -> list[Input]:
    return [
        Input(
            _("Class"),
            "record_class",
            "select",
            chosen.record_class.code,
            options=[(row.code, str(row)) for row in chosen.classes],
            errors=errors.get("record_class", []),
        ),
        Input(
            _("Type"),
            "record_type",
            "select",
            chosen.record_type.slug,
            options=[(row.slug, row.label) for row in chosen.types],
            errors=errors.get("record_type", []),
        ),
        Input(_("Title"), "title", value=data.get("title", ""), required=True, half=False, errors=errors.get("title", [])),
    ]


Given = Callable[[str], dict[str, Any]]  # what was typed under a name, and what is wrong with it


def _secrecy(user: User, chosen: Choices, data: Mapping[str, str], errors: Mapping[str, list[str]]) -> list[Input]:
    def given(name: str) -> dict[str, Any]:
        return {"value": data.get(name, ""), "errors": errors.get(name, [])}

    tier = Input(_("Tier"), "tier", "select", chosen.tier.slug, options=_named(chosen.tiers), errors=errors.get("tier", []))
    return [tier, *_of_tier(chosen.tier, given), *_place(user, chosen, given), *_purpose(chosen.record_type, given), *_paper(data, errors)]


def _of_tier(tier: Tier, given: Given) -> list[Input]:
    """What the tier asks for besides."""
    found = []
    if tier.needs_reason:
        longest = _("Empty: the longest term, %(years)s years.") % {"years": tier.longest_years} if tier.longest_years else ""
        found.append(Input(_("Secret until"), "tier_until", "date", hint=longest, **given("tier_until")))
        found.append(Input(_("Or until this event"), "tier_event", half=False, **given("tier_event")))
        found.append(Input(_("Reason of the tier"), "tier_reason", required=True, half=False, **given("tier_reason")))
    if tier.known_by == KnownBy.NAMED:
        hint = _("Usernames, separated by commas. Only they will know that this record exists.")
        found.append(Input(_("Named people"), "named", half=False, hint=hint, **given("named")))
    return found


def _place(user: User, chosen: Choices, given: Given) -> list[Input]:
    """Department and volume."""
    needed = chosen.record_type.needs_department
    departments = _named(reading.departments())
    found = [
        Input(_("Owning department"), "department", "select", options=departments, blank="–", required=needed, **given("department")),
    ]
    held = rows.volume_options(user, volumes.known_to(user).filter(record_class=chosen.record_class))
    if held or chosen.record_class.needs_volume:
        found.append(Input(_("Volume"), "volume", "select", options=held, blank="–", **given("volume")))
    return found


def _named(rows: Iterable[Any]) -> list[tuple[str, str]]:
    """Rows to choose from, by slug."""
    return [(row.slug, row.label) for row in rows]


def _purpose(record_type: RecordType, given: Given) -> list[Input]:
    """Why personal data are kept."""
    if not record_type.personal:
        return []
    return [
        Input(_("Purpose of collecting"), "purpose", required=True, **given("purpose")),
        Input(_("Basis"), "basis", "select", options=Basis.choices, blank="–", required=True, **given("basis")),
    ]


def _paper(data: Mapping[str, str], errors: Mapping[str, list[str]]) -> list[Input]:
    """The original on paper."""
    pages, place = data.get("original_pages", ""), data.get("original_place", "")
    return [
        Input(_("Pages of the original"), "original_pages", "number", value=pages, errors=errors.get("original", [])),
        Input(_("Place of the original"), "original_place", value=place, errors=errors.get("original.place", [])),
    ]


def particulars(user: User, data: QueryDict, *, title: str | None = None) -> Particulars:
    """What was typed, as `register` takes it."""
    definitions = list(choices(user, data).record_type.fields.all())
    return Particulars(
        record_type=data.get("record_type", ""),
        record_class=data.get("record_class", ""),
        title=data.get("title", "") if title is None else title,
        tier=data.get("tier") or None,
        tier_reason=data.get("tier_reason", ""),
        tier_until=data.get("tier_until", "").strip() or None,
        tier_event=data.get("tier_event", ""),
        named=[name.strip() for name in data.get("named", "").replace("，", ",").split(",") if name.strip()],
        department=data.get("department") or None,
        fields=inputs.typed_fields(definitions, data),
        parties=parties.given(data),
        volume=data.get("volume") or None,
        original=_original(data),
        purpose=data.get("purpose", ""),
        basis=data.get("basis", ""),
    )


def _original(data: QueryDict) -> dict[str, Any] | None:
    pages, place = data.get("original_pages", "").strip(), data.get("original_place", "").strip()
    if not pages and not place:
        return None
    return {"pages": int(pages) if pages.isascii() and pages.isdecimal() and len(pages) < 9 else pages, "place": place}


def remember(request: HttpRequest, data: QueryDict) -> None:
    """Keep class, type, tier, department and volume for the next registration of this sitting."""
    request.session["register"] = {name: data.get(name, "") for name in REMEMBERED}


def remembered(request: HttpRequest) -> dict[str, str]:
    """What the last registration of this sitting chose."""
    return dict(request.session.get("register", {}))
