"""Registration (登记): a record and its first version in one act; further versions (CAP-3, CAP-7)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from records import access, audit, fields, guards, intake, lookup, outbox, parties, secrecy, states
from records.errors import AboveClearance, Invalid, NotAllowed, ReasonMissing, StateConflict
from records.keeping import kept
from records.models import (
    Component,
    Department,
    Duty,
    KnownBy,
    Original,
    Record,
    RecordClass,
    RecordHand,
    RecordNamed,
    RecordType,
    RecordVersion,
    State,
    Tier,
    User,
    Volume,
)
from records.runner import verb
from storage.models import DataKey, StoredObject

TITLE_LENGTH = 300
Also = Callable[[Record], None]


@dataclass
class Draft:
    """A registration whose every part was checked."""

    title: str
    record_type: RecordType
    record_class: RecordClass
    tier: Tier
    tier_reason: str
    tier_until: date | None
    tier_event: str
    owner: User
    department: Department | None
    volume: Volume | None
    named: list[User]
    fields: fields.CleanFields
    parties: list[parties.PartyGiven]
    original: dict[str, Any] | None
    purpose: str = ""
    basis: str = ""


@dataclass(frozen=True)
class Particulars:
    """A registration as typed: codes, usernames and texts, nothing checked yet (interface.md, POST /records/)."""

    record_type: str
    title: str
    record_class: str
    tier: str | None = None  # None: the class's default
    tier_reason: str = ""
    tier_until: str | date | None = None  # a day, or a period such as P10Y
    tier_event: str = ""  # what ends the term before
    named: Sequence[str] = ()
    owner: str | None = None  # None: the registrar
    department: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    parties: Sequence[Mapping[str, Any]] = ()
    volume: UUID | str | None = None
    original: Mapping[str, Any] | None = None
    purpose: str = ""
    basis: str = ""


@verb("register")
def register(
    *,
    actor: User,
    given: Particulars,
    files: Sequence[intake.Incoming] = (),
    uploads: Sequence[UUID | str] = (),
    also: Also | None = None,
) -> Record:
    """Register a record with its first version; it is visible from now on, waits for review, and its text is being read.

    `also(record)` is called last inside the transaction: what it writes is there exactly when the record is.
    Raises Unknown (a hidden id among what was given), NotAllowed (no archivist), AboveClearance, Invalid with a sentence by
    field, FilesRefused. Nothing is stored unless everything is.
    """
    staged = intake.staged(actor, uploads)
    draft = check_draft(actor=actor, given=given, has_files=bool(files or staged))
    return _store(actor, draft, files, staged, also)


def check_draft(*, actor: User, given: Particulars, has_files: bool = True) -> Draft:
    """Check every part of a registration and name all that is wrong at once. Raises as `register`."""
    look = lookup.Lookup(actor)
    volume = look.volume(given.volume)
    checked_parties, party_errors = parties.clean(given.parties, actor=actor)
    if not actor.has_duty(Duty.ARCHIVIST):
        raise NotAllowed
    record_type, record_class = look.record_type(given.record_type), look.record_class(given.record_class)
    tier = look.tier(given.tier) if given.tier else record_class.default_tier if record_class else None
    if tier and not secrecy.is_cleared(actor, tier):
        raise AboveClearance
    raw_fields, department_slug = _department_apart(given.fields, given.department)
    cleaned = fields.clean(record_type, raw_fields) if record_type else fields.CleanFields()
    department = look.department(department_slug)
    parts: dict[str, Any] = {
        "title": look.title(given.title, most=TITLE_LENGTH),
        "tier_reason": look.text("tier_reason", given.tier_reason, most=500),
        "tier_until": secrecy.clean_until(given.tier_until, tier=tier, errors=look.errors, event=given.tier_event.strip()),
        "tier_event": secrecy.clean_event(given.tier_event, tier=tier, errors=look.errors),
        "owner": look.user("owner", given.owner) or actor,
        "named": [person for name in given.named if (person := look.user("named", name))],
        "original": look.original(given.original),
        "purpose": look.text("purpose", given.purpose, most=500),
        "basis": look.basis(given.basis),
    }
    errors = look.errors | cleaned.errors | party_errors | ({} if has_files else {"files": [_("A record needs at least one file.")]})
    if tier and tier.needs_reason and not parts["tier_reason"]:
        errors["tier_reason"] = [_("This tier needs a reason. Say what makes the record secret.")]
    if record_type:
        errors = _missing_parts(record_type, department, checked_parties) | _missing_grounds(record_type, parts) | errors
    if errors or not (record_type and record_class and tier):
        raise Invalid(errors=errors)
    return Draft(
        **parts,
        record_type=record_type,
        record_class=record_class,
        tier=tier,
        volume=volume,
        department=department,
        fields=cleaned,
        parties=checked_parties,
    )


def _department_apart(raw: Any, department: str | None) -> tuple[dict[str, Any], str | None]:
    """The owning department may stand among the fields as well."""
    if not isinstance(raw, Mapping):
        raise Invalid(errors={"fields": [_("Fields are an object: key and value.")]})
    rest = dict(raw)
    return rest, department or rest.pop("department", None)


def _missing_parts(record_type: RecordType, department: Department | None, given: list[parties.PartyGiven]) -> dict[str, list[str]]:
    errors = {}
    if record_type.needs_department and not department:
        errors["department"] = [_("This type of record needs an owning department.")]
    if record_type.needs_party and not given:
        errors["parties"] = [_("This type of record needs at least one party.")]
    return errors


def _missing_grounds(record_type: RecordType, parts: Mapping[str, Any]) -> dict[str, list[str]]:
    """A type that holds a natural person's data says why they are kept, and on what basis (SEC-9)."""
    missing = [name for name in ("purpose", "basis") if record_type.personal and not parts[name]]
    sentences = {
        "purpose": _("Personal data: say what they are collected for."),
        "basis": _("Personal data: say on what basis they are collected: consent, contract or law."),
    }
    return {name: [sentences[name]] for name in missing}


def _store(actor: User, draft: Draft, files: Sequence[intake.Incoming], uploads: list[Any], also: Also | None) -> Record:
    record_id, key = uuid4(), DataKey.make()
    into: list[StoredObject] = []
    with intake.accepted(files) as good, kept(into):
        sealer = intake.Sealer(key, f"{record_id}/1", into)
        sealed = sealer.files(good) + sealer.uploads(uploads)
        with transaction.atomic():
            key.save()
            record = _write_record(actor, record_id, key, draft)
            intake.use_uploads(uploads)
            RecordHand.objects.create(record=record, user=actor)
            version = RecordVersion.objects.create(record=record, number=1, created_by=actor)
            _after(actor, record, version, intake.add_components(version, sealed), action="register")
            if also:
                also(record)
    return record


def _write_record(actor: User, record_id: UUID, key: DataKey, draft: Draft) -> Record:
    record = Record.objects.create(
        id=record_id,
        data_key=key,
        title=draft.title,
        record_type=draft.record_type,
        record_class=draft.record_class,
        volume=draft.volume,
        tier=draft.tier,
        tier_reason=draft.tier_reason,
        tier_from=timezone.localdate() if draft.tier.needs_reason else None,
        tier_until=draft.tier_until,
        tier_event=draft.tier_event,
        state=State.REGISTERED,
        owner=draft.owner,
        department=draft.department,
        fields=draft.fields.plain,
        date=fields.own_date(draft.record_type, draft.fields.plain),
        purpose=draft.purpose,
        basis=draft.basis,
        registrar=actor,
    )
    fields.seal(record, draft.fields)
    record.made_parties = parties.attach(record, draft.parties, actor=actor, is_new=True)
    name_people(record, draft, actor)
    paper = Original.objects.create(record=record, **draft.original) if draft.original else None
    Record._meta.get_field("original").set_cached_value(record, paper)
    return record


def name_people(record: Record, draft: Draft, actor: User) -> None:
    """Name the people of a record; in a tier that only named people know, registrar and owner too, and somebody who can review it.

    Without a reviewer among them the security officers are named, else nobody could ever check the record (CAP-3).
    """
    people = {person.pk: person for person in draft.named}
    if draft.tier.known_by == KnownBy.NAMED:
        people |= {actor.pk: actor, draft.owner.pk: draft.owner}
        others = [person for pk, person in people.items() if pk != actor.pk]
        if not any(person.has_duty(*states.REVIEWERS) and secrecy.is_cleared(person, draft.tier) for person in others):
            people |= {person.pk: person for person in User.objects.filter(duty_rows__duty=Duty.OFFICER, is_active=True)}
    RecordNamed.objects.bulk_create(RecordNamed(record=record, user=person) for person in people.values())


@verb("add_version")
def add_version(
    *,
    actor: User,
    record_id: UUID | str,
    reason: str,
    files: Sequence[intake.Incoming] = (),
    uploads: Sequence[UUID | str] = (),
    also: Also | None = None,
) -> Record:
    """A new set of files is a new version; earlier ones stay as they are (CAP-7). Before filing the record waits for review again.

    `also` as in `register`. Raises Unknown, NotAllowed, ReasonMissing, Invalid (no file), FilesRefused, StateConflict.
    """
    staged = intake.staged(actor, uploads)
    record = access.get_for_verb(actor, record_id, "add_version")
    if not reason.strip():
        raise ReasonMissing(errors={"reason": [_("Say why there is a new version.")]})
    if not files and not staged:
        raise Invalid(errors={"files": [_("A version needs at least one file.")]})
    number = record.current_version + 1
    into: list[StoredObject] = []
    with intake.accepted(files) as good, kept(into):
        if states.transition_for("add_version", record.state) is None:
            raise StateConflict  # before sealing: the key of what was withdrawn is gone
        sealer = intake.Sealer(record.data_key, f"{record.pk}/{number}", into)
        sealed = sealer.files(good) + sealer.uploads(staged)
        with transaction.atomic():
            guards.ask_guards("add_version", record, actor)
            states.apply(record, "add_version", current_version=number, **reset_review(record))
            intake.use_uploads(staged)
            version = RecordVersion.objects.create(record=record, number=number, reason=reason, created_by=actor)
            RecordHand.objects.get_or_create(record=record, user=actor)
            _after(actor, record, version, intake.add_components(version, sealed), action="add-version", reason=reason)
            if also:
                also(record)
    return record


def reset_review(record: Record) -> dict[str, Any]:
    """What a change does to a review that was made before filing: it has to be made again."""
    return {} if record.state == State.FILED else {"reviewer": None, "returned": False}


def _after(actor: User, record: Record, version: RecordVersion, components: list[Component], *, action: str, reason: str = "") -> None:
    audit.record_event(actor=actor, action=action, record=record, reason=reason, subject=f"v{version.number}")
    guards.follow(record)
    outbox.enqueue_all([("index", record.pk), *(("text", component.pk) for component in components)])
    record.made = (version, components)
