"""Parties: one person or organisation once, found again by exact identity number or credit code, named as each record states it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery, prefetch_related_objects
from django.utils.translation import gettext as _

from records import access, fields, identifiers, kinds, picking
from records.errors import Invalid, Unknown
from records.models import KnownBy, Party, PartyIdentifier, PartyKind, PartyRole, Record, RecordParty, User
from storage import crypto
from storage.models import DataKey

IDENTITIES = {"identity_number": "identity-number", "credit_code": "credit-code", "mobile": "mobile", "bank_account": "bank-account"}
NAMING = frozenset({"identity_number", "credit_code"})  # these name one party; a telephone or an account may be shared
NAME_LENGTH = 200


@dataclass(frozen=True)
class PartyGiven:
    """A party as typed: an `id` of one that the person may see, or a name with kind; and identifiers. An empty name: as it is known."""

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
        rows = rows.filter(Q(name__icontains=text) | Q(identifiers__digest__in=fields.digests(text)))
    newest = rows.order_by().values("party_id").annotate(newest=Max("id")).values("newest")
    return RecordParty.objects.filter(pk__in=newest).select_related("party").prefetch_related("identifiers").order_by("-id")


def beginning(user: User, text: str, *, most: int) -> list[Known]:
    """Parties for completing a name: of records that this person reads, by how such a record's name of them begins."""
    return as_known(find(user).filter(folded__startswith=fold(text))[:most]) if fold(text) else []


def stated_to(user: User) -> QuerySet[Party]:
    """`known_to`, each party with the name `stated` by the newest record that this person reads."""
    rows = RecordParty.objects.filter(party=OuterRef("pk"), record__in=access.readable_by(user).values("pk")).order_by("-pk")
    return known_to(user).annotate(stated=Subquery(rows.values("name")[:1]))


def as_known(rows: Iterable[RecordParty]) -> list[Known]:
    """Rows of `find` as they may be shown."""
    return [Known(row.party_id, row.name, row.party.kind, [each.masked for each in row.identifiers.all()]) for row in rows]


def clean(raw: Any, *, actor: User) -> tuple[list[PartyGiven], dict[str, list[str]]]:
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
    party = _known_party(actor, entry["id"]) if entry.get("id") else None
    identities = []
    for key in [key for key in IDENTITIES if entry.get(key)]:
        try:
            identities.append((key, kinds.get(IDENTITIES[key]).parse(str(entry[key]), choices=[])))
        except kinds.FieldError as error:
            wrong(key, str(error))
    name = str(entry.get("name") or "").strip()
    if not (name or party) or len(name) > NAME_LENGTH or "\0" in name:
        wrong("name", _("A party needs a name of at most %(length)s characters.") % {"length": NAME_LENGTH})
    if party:
        return PartyGiven(role, name, party.kind, party.pk, tuple(identities))
    kind = str(entry.get("kind") or (PartyKind.PERSON if entry.get("identity_number") else PartyKind.ORGANISATION))
    if kind not in PartyKind.values:
        wrong("kind", _("Choose one of: %(choices)s.") % {"choices": ", ".join(PartyKind.values)})
    return PartyGiven(role, name, kind, None, tuple(identities))


def _known_party(actor: User, party_id: Any) -> Party:
    return picking.by_id(known_to(actor), party_id)


Places = dict[tuple[UUID, str], RecordParty]


@dataclass(frozen=True)
class Stated:
    """What records state of a party: its name, and an identifier of each kind."""

    name: str = ""
    identifiers: Mapping[str, PartyIdentifier] = field(default_factory=dict)


def attach(record: Record, given: list[PartyGiven], *, actor: User, is_new: bool = False) -> list[RecordParty]:
    """Set the record's parties inside the running transaction: those that the actor may know of are found again, others made.

    `is_new`: the record was made in this transaction and has none yet. Returns the rows in their order. A party that stays keeps the
    name and the identifiers that this record states, but for those that are given; one chosen by id brings along those that are known.

    What hidden records say of a party plays no part: that two entries are one party, or are not, would tell of them (SEC-5). Raises
    Unknown for the id of a party of which only such records speak.
    """
    known = _stated_for(record, actor)
    found = _found_or_made(given, known)
    former = {} if is_new else _stated_by(record)
    if former:
        record.party_rows.all().delete()
    rows: Places = {}
    held: dict[tuple[UUID, str], dict[str, PartyIdentifier]] = defaultdict(dict)
    for order, (entry, party) in enumerate(found):
        stated = former.get(party.pk) or (_stated_of(party, known) if entry.id else Stated())
        place, name = (party.pk, entry.role), entry.name or stated.name
        rows.setdefault(place, RecordParty(record=record, party=party, role=entry.role, order=order, name=name, folded=fold(name)))
        typed = {IDENTITIES[key]: _identify(party, IDENTITIES[key], value) for key, value in entry.identities}
        held[place] = {**stated.identifiers, **held[place], **typed}
    return _save(rows, held)


def _save(rows: Places, held: Mapping[tuple[UUID, str], Mapping[str, PartyIdentifier]]) -> list[RecordParty]:
    made = RecordParty.objects.bulk_create(rows.values())
    through = RecordParty.identifiers.through
    through.objects.bulk_create(
        through(recordparty_id=row.pk, partyidentifier_id=each.pk) for place, row in rows.items() for each in held[place].values()
    )
    prefetch_related_objects(made, "identifiers")
    return made


def _stated_by(record: Record) -> dict[UUID, Stated]:
    """By party what the record states now, in whichever role."""
    found: dict[UUID, Stated] = {}
    for row in record.party_rows.prefetch_related("identifiers"):
        before = found.get(row.party_id, Stated(row.name))
        found[row.party_id] = Stated(before.name, {**{each.kind: each for each in row.identifiers.all()}, **before.identifiers})
    return found


def _stated_of(party: Party, known: QuerySet[RecordParty]) -> Stated:
    """The newest name, and the newest identifier of each kind, that these rows state. Raises Unknown where none speaks of the party."""
    rows = known.filter(party=party)
    newest = rows.last()
    if newest is None:
        raise Unknown
    identifiers = PartyIdentifier.objects.filter(record_rows__in=rows.order_by().values("pk")).order_by("pk")
    return Stated(newest.name, {each.kind: each for each in identifiers})


def _stated_for(record: Record, actor: User) -> QuerySet[RecordParty]:
    """What records say of parties that the actor reads; those of a hidden tier only where this record is of one itself."""
    records = access.readable_by(actor)
    if record.tier.known_by != KnownBy.NAMED:
        records = records.exclude(tier__known_by=KnownBy.NAMED)
    return RecordParty.objects.filter(record__in=records.values("pk")).select_related("party").order_by("pk")


def _found_or_made(given: list[PartyGiven], known: QuerySet[RecordParty]) -> list[tuple[PartyGiven, Party]]:
    found: list[tuple[PartyGiven, Party]] = []
    for entry in given:
        here = next((party for other, party in found if _is_same(entry, other)), None)
        party = Party.objects.get(pk=entry.id) if entry.id else _known(entry, known) or here or _make(entry)
        found.append((entry, party))
    return found


def _known(entry: PartyGiven, known: QuerySet[RecordParty]) -> Party | None:
    """By identity first. Organisations are one by their full name too, unless their codes differ; people of one name are several."""
    rows = known.filter(party__kind=entry.kind)
    for key, value in entry.identities:
        if key in NAMING:
            stated = {"identifiers__kind": IDENTITIES[key], "identifiers__digest": fields.digest(IDENTITIES[key], value)}
            if row := rows.filter(**stated).first():
                return row.party
    if entry.kind != PartyKind.ORGANISATION:
        return None
    named = rows.filter(folded=fold(entry.name))
    if "credit_code" in dict(entry.identities):
        named = named.exclude(party_id__in=rows.filter(identifiers__kind="credit-code").values("party_id"))
    row = named.first()
    return row.party if row else None


def _is_same(entry: PartyGiven, other: PartyGiven) -> bool:
    """Whether two entries of one record, neither named by id, are the same party, by the same rules."""
    if entry.id or other.id or entry.kind != other.kind:
        return False
    mine, others = ({key: value for key, value in each.identities if key in NAMING} for each in (entry, other))
    if mine.items() & others.items():
        return True
    differ = "credit_code" in mine and "credit_code" in others
    return entry.kind == PartyKind.ORGANISATION and fold(entry.name) == fold(other.name) and not differ


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


def stated_in(record: Record) -> list[dict[str, Any]]:
    """The parties of a record as it states them, with whole numbers: for the sealed values of the trail, never to be shown as it is."""
    rows = record.party_rows.select_related("party").prefetch_related("identifiers__party__data_key")
    return [
        {"id": str(row.party_id), "name": row.name, "role": row.role} | {each.kind: open_identifier(each) for each in row.identifiers.all()}
        for row in rows
    ]


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
