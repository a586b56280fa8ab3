"""What pages and API show of records: every read goes through `access`, and a look at a record is in the trail (SEC-7)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from records import access, audit, entrusting, fields, intake, leaks, lending, releases, secrecy, states
from records.errors import Invalid, NotAllowed, Unknown
from records.models import (
    INVERSE,
    AuditEvent,
    Component,
    Department,
    Duty,
    Record,
    RecordHand,
    RecordParty,
    RecordType,
    RecordVersion,
    Relation,
    RelationKind,
    State,
    Tier,
    Upload,
    User,
)

UUID_IN_TEXT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Related:
    """One relation as seen from a record: how (`amends`, or `is amended by` with `inverse`), and the other record."""

    kind: str
    label: str
    inverse: bool
    record: Record


@dataclass(frozen=True)
class Detail:
    """A record as somebody may see it. When it is only listed, everything beyond the record's listing is empty."""

    record: Record
    full: bool
    mark: str
    may: list[str]
    version: RecordVersion | None
    components: list[Component]
    parties: list[RecordParty]
    relations: list[Related]
    duplicates: list[Record]
    original: dict[str, Any] | None
    missing_important: list[str]


def detail(user: User, record_id: UUID | str) -> Detail:
    """Everything a record's page shows; the look is logged. Raises Unknown."""
    record = access.get_visible(user, record_id)
    return show(user, record)


def show(user: User, record: Record, *, log: bool = True) -> Detail:
    """`detail` of a row that came from `access`; without `log` for the answer to a verb, which has an event of its own."""
    full = getattr(record, "access", "full") == "full"
    if not full:
        if log:
            audit.record_once(actor=user, action="view-listing", record=record)
        return Detail(record, False, secrecy.mark(record), [], None, [], [], [], [], None, [])
    if log:
        audit.record_once(actor=user, action="view", record=record)
    version, components = _current_version(record)
    is_new = record.made is not None and record.current_version == 1  # nothing leads to it yet
    return Detail(
        record=record,
        full=True,
        mark=secrecy.mark(record),
        may=access.allowed_verbs(user, record),
        version=version,
        components=components,
        parties=parties_of(record) if record.made_parties is None else record.made_parties,
        relations=[] if is_new else relations_of(user, record),
        duplicates=intake.duplicates_of(user, [part.sha256 for part in components], apart_from=record),
        original=record.original.as_dict() if hasattr(record, "original") else None,
        missing_important=fields.missing_important(record.record_type, record.fields),
    )


def _current_version(record: Record) -> tuple[RecordVersion | None, list[Component]]:
    if record.made:
        return record.made
    version = RecordVersion.objects.filter(record=record, number=record.current_version).select_related("created_by", "reviewed_by").first()
    return version, list(version.components.all()) if version else []


def versions(user: User, record_id: UUID | str) -> list[RecordVersion]:
    """All versions, newest first, with their components. Raises Unknown, NotAllowed (listed only)."""
    record = access.get_readable(user, record_id)
    return list(record.versions.select_related("created_by", "reviewed_by").prefetch_related("components"))


def relations_of(user: User, record: Record) -> list[Related]:
    """Relations to records that the person may know of, from both ends (CAP-8)."""
    rows = list(Relation.objects.filter(Q(source=record) | Q(target=record)).order_by("created_at"))
    ids = {row.target_id if row.source_id == record.pk else row.source_id for row in rows}
    known = {other.pk: other for other in access.with_related(access.visible_to(user).filter(pk__in=ids))} if ids else {}
    return [related for row in rows if (related := _seen_from(record, row, known))]


def _seen_from(record: Record, row: Relation, known: dict[UUID, Record]) -> Related | None:
    inverse = row.source_id != record.pk
    other = known.get(row.source_id if inverse else row.target_id)
    if other is None:
        return None
    kind = RelationKind(row.kind)
    return Related(kind.value, str(INVERSE[kind] if inverse else kind.label), inverse, other)


# --- queues ---------------------------------------------------------------------------------------------------------


def to_review(user: User) -> QuerySet[Record]:
    """What this person may review now: registered by others, or filed with a new version that nobody checked, oldest first (CAP-3)."""
    if not user.has_duty(*states.REVIEWERS):
        return Record.objects.none()
    unchecked = RecordVersion.objects.filter(number=F("record__current_version"), reviewed_by__isnull=True).values("record_id")
    mine = RecordHand.objects.filter(user=user).values("record_id")
    waiting = Q(state=State.REGISTERED, returned=False) | Q(state=State.FILED, pk__in=unchecked)
    rows = access.readable_by(user).filter(waiting).exclude(pk__in=mine)
    return access.with_related(rows).order_by("created_at", "id")


def to_file(user: User) -> QuerySet[Record]:
    """Reviewed records that wait for their number, oldest first."""
    if not user.has_duty(*states.ARCHIVISTS):
        return Record.objects.none()
    return access.with_related(access.readable_by(user).filter(state=State.REVIEWED)).order_by("record_class__code", "created_at", "id")


def returned_to(user: User) -> QuerySet[Record]:
    """What review gave back to this person for correction."""
    rows = access.readable_by(user).filter(state=State.REGISTERED, returned=True, hands__user=user)
    return access.with_related(rows).order_by("created_at", "id")


def recent(user: User, *, most: int = 10) -> list[Record]:
    """The newest records that the person may know of."""
    return list(access.with_related(access.visible_to(user)).order_by("-created_at", "-id")[:most])


def counts(user: User) -> dict[str, int]:
    """What waits for this person, for the badges of the menu; a duty's counts are not asked for without it."""
    waiting = {"loans": lending.waiting_for(user).count()}
    if user.has_duty(*entrusting.DECIDERS):
        waiting["entrusted"] = len(entrusting.waiting_for(user))
    if votes := releases.waiting_for(user).count():
        waiting["releases"] = votes
    if user.has_duty(Duty.OFFICER):
        waiting["leaks"] = leaks.open_ones().count()
    if user.has_duty(*states.REVIEWERS):
        waiting["review"] = to_review(user).count()
        waiting["tiers"] = len(secrecy.waiting_for(user))
    if user.has_duty(*states.ARCHIVISTS):
        waiting["file"] = to_file(user).count()
        waiting["returned"] = returned_to(user).count()
    return waiting


# --- what can be chosen ---------------------------------------------------------------------------------------------


def record_types() -> QuerySet[RecordType]:
    """Active types with their fields."""
    return RecordType.objects.filter(active=True).prefetch_related("fields")


def record_type(slug: str) -> RecordType:
    """One active type with its fields. Raises Unknown."""
    found = record_types().filter(slug=slug).first()
    if found is None:
        raise Unknown
    return found


def tiers(user: User) -> list[Tier]:
    """All tiers, lowest first; which of them the person may register in is a question of clearance."""
    return list(Tier.objects.select_related("falls_to"))


def tier(slug: str) -> Tier | None:
    """One tier."""
    return Tier.objects.filter(slug=slug).first()


def department(slug: str) -> Department | None:
    """One department."""
    return Department.objects.filter(slug=slug).first()


def uploads_of(user: User) -> QuerySet[Upload]:
    """The person's staged files that wait for a registration."""
    return Upload.objects.filter(user=user, used_at__isnull=True).order_by("created_at")


def by_number(user: User, text: str) -> Record:
    """The record with this number, or at this address, that the person may know of. Raises Invalid (`record`) for any other."""
    known = access.visible_to(user)
    found = known.filter(number=text.strip()).first() if text.strip() else None
    address = UUID_IN_TEXT.search(text)
    if found is None and address:
        found = known.filter(pk=address[0]).first()
    if found is None:
        raise Invalid(errors={"record": [_("There is no record with this number.")]})
    return found


def parties_of(record: Record) -> list[RecordParty]:
    """The parties of a record that came from `access`, in their order."""
    return list(record.party_rows.select_related("party").prefetch_related("identifiers"))


def departments() -> QuerySet[Department]:
    """All departments, by code."""
    return Department.objects.all()


def classes_in_use(user: User) -> dict[str, int]:
    """How many records the person may know of, by class code."""
    rows = access.visible_to(user).order_by().values("record_class__code").annotate(count=Count("pk"))
    return {row["record_class__code"]: row["count"] for row in rows}


# --- trail ----------------------------------------------------------------------------------------------------------


def history(user: User, record_id: UUID | str) -> QuerySet[AuditEvent]:
    """A record's events, newest first, for those who read it; without those of relations to records that they may not know of."""
    record = access.get_readable(user, record_id)
    found = AuditEvent.objects.filter(record_id=record.pk).exclude(_of_hidden_relations(user, record))
    if not user.has_duty(*states.TRAIL_READERS):
        found = found.exclude(action__in=["report-leak", "refused:report_leak"])  # who reported is the officer's to know (SEC-10)
    return found.select_related("actor").order_by("-at", "-id")


def _of_hidden_relations(user: User, record: Record) -> Q:
    """Events whose subject is another record that is hidden; and all refused tries to relate, which do not say to which record."""
    pairs = Relation.objects.filter(Q(source=record) | Q(target=record)).values_list("source_id", "target_id")
    others = {each for pair in pairs for each in pair} - {record.pk}
    hidden = others - set(access.visible_to(user).filter(pk__in=others).values_list("pk", flat=True))
    subjects = [f"{kind} {pk}" for pk in hidden for kind in RelationKind.values]
    return Q(action="relate", subject__in=subjects) | Q(action="refused:relate")


def events(user: User) -> QuerySet[AuditEvent]:
    """The whole trail, newest first, for auditor and security officer (AUD-2). Raises NotAllowed."""
    if not user.has_duty(*states.TRAIL_READERS):
        raise NotAllowed
    return AuditEvent.objects.select_related("actor").order_by("-at", "-id")


def log_search(user: User, *, question: Sequence[str], found: int) -> None:
    """Write that somebody searched: what for and how many were found (SEC-7)."""
    audit.record_event(actor=user, action="search", subject=" ".join(question), reason=str(found))
