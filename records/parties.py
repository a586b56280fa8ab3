"""Parties: one person or organisation once, found again by exact identity number or credit code, named as each record states it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from records import access, fields, identifiers, kinds
from records.errors import Invalid, Unknown
from records.models import Party, PartyIdentifier, PartyKind, PartyRole, Record, RecordParty, User
from storage import crypto
from storage.models import DataKey

IDENTITIES = {"identity_number": "identity-number", "credit_code": "credit-code", "mobile": "mobile", "bank_account": "bank-account"}
NAME_LENGTH = 200


@dataclass(frozen=True)
class PartyGiven:
    """A party as typed: an `id` of one that the person may see, or a name with kind and identifiers."""

    role: str
    name: str
    kind: str
    id: UUID | None = None
    identities: tuple[tuple[str, str], ...] = ()


def known_to(user: User) -> QuerySet[Party]:
    """Parties of records that this person reads; nobody else's exist for them (SEC-5)."""
    return Party.objects.filter(record_rows__record__in=access.readable_by(user).values("pk")).distinct()


@dataclass(frozen=True)
class Known:
    """A party as records that the asker reads name it; its numbers masked."""

    id: UUID
    name: str
    kind: str
    identifiers: list[str]


def find(user: User, text: str = "") -> QuerySet[RecordParty]:
    """Parties of records that this person reads, newest first: one row each, as the newest such record names it.

    `text`: part of a name that such a record states, or a whole identity number, credit code, telephone or account (SEC-6).
    """
    rows = RecordParty.objects.filter(record__in=access.readable_by(user).values("pk"))
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(identifier__digest=fields.digest("identity-number", text)))
    newest = rows.order_by().values("party_id").annotate(newest=Max("id")).values("newest")
    return RecordParty.objects.filter(pk__in=newest).select_related("party", "identifier").order_by("-id")


def as_known(rows: Iterable[RecordParty]) -> list[Known]:
    """Rows of `find` as they may be shown."""
    return [Known(row.party_id, row.name, row.party.kind, [row.identifier.masked] if row.identifier else []) for row in rows]


def clean(raw: Any, *, actor: User, record: Record | None = None) -> tuple[list[PartyGiven], dict[str, list[str]]]:
    """Check a list of parties as typed; returns them with sentences by `parties.<place>.<key>`. Raises Unknown for a hidden id."""
    if not isinstance(raw, (list, tuple)) or not all(isinstance(entry, Mapping) for entry in raw):
        return [], {"parties": [_("Parties are a list of objects with a name and a role.")]}
    errors: dict[str, list[str]] = {}
    given = [_clean_one(place, entry, actor, errors) for place, entry in enumerate(raw)]
    return given, errors


def _clean_one(place: int, entry: Mapping[str, Any], actor: User, errors: dict[str, list[str]]) -> PartyGiven:
    def wrong(key: str, sentence: str) -> None:
        errors.setdefault(f"parties.{place}.{key}", []).append(sentence)

    role = str(entry.get("role") or PartyRole.OTHER)
    if role not in PartyRole.values:
        wrong("role", _("Choose one of: %(choices)s.") % {"choices": ", ".join(PartyRole.values)})
    if entry.get("id"):
        party = _known_party(actor, entry["id"])
        stated = RecordParty.objects.filter(party=party, record__in=access.readable_by(actor).values("pk")).first()
        return PartyGiven(role, stated.name if stated else party.name, party.kind, party.pk)
    identities = []
    for key in [key for key in IDENTITIES if entry.get(key)]:
        try:
            identities.append((key, kinds.get(IDENTITIES[key]).parse(str(entry[key]), choices=[])))
        except kinds.FieldError as error:
            wrong(key, str(error))
    name = str(entry.get("name") or "").strip()
    if not name or len(name) > NAME_LENGTH or "\0" in name:
        wrong("name", _("A party needs a name of at most %(length)s characters.") % {"length": NAME_LENGTH})
    kind = str(entry.get("kind") or (PartyKind.PERSON if entry.get("identity_number") else PartyKind.ORGANISATION))
    if kind not in PartyKind.values:
        wrong("kind", _("Choose one of: %(choices)s.") % {"choices": ", ".join(PartyKind.values)})
    return PartyGiven(role, name, kind, None, tuple(identities))


def _known_party(actor: User, party_id: Any) -> Party:
    try:
        return known_to(actor).get(pk=UUID(str(party_id)))
    except (ValueError, Party.DoesNotExist):
        raise Unknown from None


def attach(record: Record, given: list[PartyGiven]) -> None:
    """Set the record's parties inside the running transaction: known ones are found again, new ones made."""
    record.party_rows.all().delete()
    seen: set[tuple[UUID, str]] = set()
    for order, entry in enumerate(given):
        party, identifier = _find_or_make(entry)
        if (party.pk, entry.role) not in seen:
            RecordParty.objects.create(record=record, party=party, name=entry.name, role=entry.role, order=order, identifier=identifier)
            seen.add((party.pk, entry.role))


def _find_or_make(entry: PartyGiven) -> tuple[Party, PartyIdentifier | None]:
    if entry.id:
        return Party.objects.get(pk=entry.id), None
    party = _found_by_identity(entry) or _organisation_by_name(entry) or _make(entry)
    identifier = None
    for key, value in entry.identities:
        made = _identify(party, IDENTITIES[key], value)
        identifier = identifier or made
    return party, identifier


def _found_by_identity(entry: PartyGiven) -> Party | None:
    wanted = [
        (IDENTITIES[key], fields.digest(IDENTITIES[key], value))
        for key, value in entry.identities
        if key in ("identity_number", "credit_code")
    ]
    for kind, digest in wanted:
        row = PartyIdentifier.objects.filter(kind=kind, digest=digest).select_related("party").first()
        if row:
            return row.party
    return None


def _organisation_by_name(entry: PartyGiven) -> Party | None:
    """Organisations are one by their full name, unless their credit codes differ; people of one name are several."""
    if entry.kind != PartyKind.ORGANISATION:
        return None
    named = Party.objects.filter(kind=entry.kind, folded=fold(entry.name)).order_by("created_at")
    if dict(entry.identities).get("credit_code"):
        named = named.exclude(identifiers__kind="credit-code")
    return named.first()


def _make(entry: PartyGiven) -> Party:
    return Party.objects.create(kind=entry.kind, name=entry.name, folded=fold(entry.name))


def _identify(party: Party, kind: str, value: str) -> PartyIdentifier:
    digest = fields.digest(kind, value)
    existing = party.identifiers.filter(kind=kind, digest=digest).first()
    if existing:
        return existing
    if party.data_key is None:
        party.data_key = DataKey.make()
        party.data_key.save()
        party.save(update_fields=["data_key"])
    sealed = crypto.seal_value(party.data_key.material(), value.encode(), associated=f"party/{party.pk}/{kind}".encode())
    with transaction.atomic():
        return PartyIdentifier.objects.create(party=party, kind=kind, sealed=sealed, digest=digest, masked=identifiers.mask(kind, value))


def open_identifier(identifier: PartyIdentifier) -> str:
    """The whole value; callers log that it was shown (SEC-6)."""
    party = identifier.party
    if party.data_key is None:
        raise Invalid
    return crypto.open_value(
        party.data_key.material(), bytes(identifier.sealed), associated=f"party/{party.pk}/{identifier.kind}".encode()
    ).decode()


def fold(name: str) -> str:
    """The form in which names are compared: half width, without spaces, case aside."""
    return identifiers.normalise(name)[:NAME_LENGTH]
