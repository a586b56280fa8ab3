"""Who may know of what, and read what: the only way to rows of records from above, and the only caller of storage's `open` (SEC-4, SEC-5).

Rights are read from the database at the moment of asking. The object check is the row filter asked about one row.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import BinaryIO
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.utils import timezone

from records import audit, outbox, states
from records.audit import Service
from records.errors import Gone, NotAllowed, Unknown
from records.models import (
    DIGITAL,
    Component,
    Duty,
    Grant,
    KnownBy,
    Loan,
    LoanState,
    Record,
    RecordClass,
    RecordNamed,
    State,
    Tier,
    Use,
    User,
)
from records.rights import Rights
from storage import objects

EMPTY_STATES = frozenset({State.WITHDRAWN, State.DESTROYED, State.TRANSFERRED})
NOBODY = Rights(person="")
_moment: ContextVar[dict[UUID, Rights] | None] = ContextVar("moment", default=None)


@contextmanager
def one_moment() -> Iterator[None]:
    """Rights that are asked for inside are read once for each person: one request, or act, is judged by the rights at its beginning."""
    if _moment.get() is not None:
        yield
        return
    token = _moment.set({})
    try:
        yield
    finally:
        _moment.reset(token)


def rights_of(user: User | AnonymousUser | None, *, search: bool = False) -> Rights:
    """What this person may read and know. Nobody, or somebody who left, has none. `search`: also what only the index has to be told."""
    if not isinstance(user, User) or not user.is_active:
        return NOBODY
    known = _moment.get()
    rights = known.get(user.pk) if known else None
    rights = rights or _read_rights(user)
    if known is not None:
        known[user.pk] = rights
    return replace(rights, withheld=outbox.withheld(), records=_granted_alone(rights)) if search else rights


def _granted_alone(rights: Rights) -> frozenset[str]:
    """Of the records granted one by one those that no class or volume opens anyway: each of them is a term for the index to look up."""
    if not rights.granted_singly:
        return frozenset()
    granted = Record.objects.filter(pk__in=grants_of(UUID(rights.person)).exclude(record=None).values("record_id"))
    alone = granted.exclude(record_class_id__in=[int(pk) for pk in rights.classes]).exclude(volume_id__in=[*rights.volumes])
    return frozenset(map(str, alone.values_list("pk", flat=True)))


def _read_rights(user: User) -> Rights:
    tiers = list(Tier.objects.all())
    on = set(grants_of(user.pk).values_list("record_class_id", "volume_id").distinct())  # those on single records fall together
    return Rights(
        person=str(user.pk),
        **_tiers_by_policy(user, tiers),
        tier_ids={tier.slug: tier.pk for tier in tiers},
        classes=_with_descendants({pk for pk, _volume in on if pk}),
        volumes=frozenset(str(pk) for _class, pk in on if pk),
        granted_singly=(None, None) in on,
        opened=frozenset(map(str, _running(user.pk).values_list("record_id", flat=True))),
    )


def running_loans(user: User, record: Record | None = None) -> list[Loan]:
    """Digital loans that open records for this person now, judged by the clock (LND-4); of one record where it is given.

    None opens a record of a tier that only named people know for somebody who is not named on it.
    """
    loans = _running(user.pk)
    return list(loans.filter(record=record) if record else loans)


def _running(person: UUID) -> QuerySet[Loan]:
    loans = Loan.objects.filter(borrower_id=person, state=LoanState.ACTIVE, use__in=DIGITAL, until__gt=timezone.now())
    mine = RecordNamed.objects.filter(user_id=person).values("record")
    return loans.exclude(Q(record__tier__known_by=KnownBy.NAMED) & ~Q(record__in=mine)).order_by()


def _tiers_by_policy(user: User, tiers: Iterable[Tier]) -> dict[str, frozenset[str]]:
    rank = user.clearance.rank if user.clearance else -1
    sorted_out: dict[str, set[str]] = {}
    for tier in tiers:
        kind = "open" if tier.known_by == KnownBy.EVERYONE else "reader" if tier.known_by == KnownBy.READERS else "named"
        if tier.rank <= rank:
            sorted_out.setdefault(f"{kind}_tiers", set()).add(tier.slug)
        elif tier.listed or kind == "open":
            sorted_out.setdefault(f"listed_{kind}_tiers", set()).add(tier.slug)
    return {name: frozenset(slugs) for name, slugs in sorted_out.items()}


def grants_of(person: UUID) -> QuerySet[Grant]:
    """Everything that says that this person needs to know something: their own, their groups' and department's, and everyone's."""
    groups = User.groups.through.objects.filter(user_id=person).values("group_id")
    departments = User.objects.filter(pk=person).exclude(department=None).values("department_id")
    return Grant.objects.filter(Q(user_id=person) | Q(everyone=True) | Q(group_id__in=groups) | Q(department_id__in=departments)).order_by()


def line_of(record_class_id: int) -> list[int]:
    """A class and those above it, whose grants reach it."""
    return _line(record_class_id, dict(RecordClass.objects.values_list("id", "parent_id")))


def _with_descendants(granted: set[int]) -> frozenset[str]:
    """Class ids as text, with every class below a granted one (classes pass their grants down)."""
    if not granted:
        return frozenset()
    parents = dict(RecordClass.objects.values_list("id", "parent_id"))
    return frozenset(str(pk) for pk in parents if not granted.isdisjoint(_line(pk, parents)))


def _line(pk: int | None, parents: Mapping[int, int | None]) -> list[int]:
    line: list[int] = []
    while pk is not None and pk not in line:
        line.append(pk)
        pk = parents.get(pk)
    return line


# --- rows -----------------------------------------------------------------------------------------------------------


def _need(rights: Rights, *, open_: Iterable[str], readers: Iterable[str], named: Iterable[str]) -> Q:
    granted = Q(record_class_id__in=[int(pk) for pk in rights.classes])
    if rights.volumes:  # subqueries: thousands of ids in a statement cost more than the rest of the page
        granted |= Q(volume_id__in=grants_of(UUID(rights.person)).exclude(volume=None).values("volume_id"))
    if rights.granted_singly:
        granted |= Q(pk__in=grants_of(UUID(rights.person)).exclude(record=None).values("record_id"))
    condition = _of_tiers(rights, open_) | (_of_tiers(rights, readers) & granted) | _opened(rights)
    if rights.person:
        mine = RecordNamed.objects.filter(user_id=rights.person).values("record_id")
        condition |= _of_tiers(rights, named) & Q(pk__in=mine)
    return condition


def _of_tiers(rights: Rights, slugs: Iterable[str]) -> Q:
    return Q(tier_id__in=[rights.tier_ids[slug] for slug in slugs])


def _opened(rights: Rights) -> Q:
    return Q(pk__in=[UUID(pk) for pk in rights.opened])


def _asked_of_row(condition: Q) -> Q:
    """The condition as a question to a row that was found by other means.

    As a plain OR it is a way to find rows, and SQLite takes it: an index for each arm, and all that they find put together.
    """
    return Q(Case(When(condition, then=True), default=False, output_field=BooleanField()))


def readable_filter(rights: Rights) -> Q:
    """Rows that this person reads in full."""
    return _asked_of_row(_need(rights, open_=rights.open_tiers, readers=rights.reader_tiers, named=rights.named_tiers))


def readable_by(user: User | AnonymousUser | None) -> QuerySet[Record]:
    """The records that this person reads in full."""
    return Record.objects.filter(readable_filter(rights_of(user)))


def visible_to(user: User | AnonymousUser | None) -> QuerySet[Record]:
    """The records that this person may know of; each row's `access` is `full` or `listed`."""
    return known_with(rights_of(user))


def known_with(rights: Rights) -> QuerySet[Record]:
    """The records that these rights let one know of; each row's `access` is `full` or `listed`."""
    known = _need(
        rights,
        open_=rights.open_tiers | rights.listed_open_tiers,
        readers=rights.reader_tiers | rights.listed_reader_tiers,
        named=rights.named_tiers | rights.listed_named_tiers,
    )
    cleared = _of_tiers(rights, rights.open_tiers | rights.reader_tiers | rights.named_tiers)
    full = Case(When(cleared | _opened(rights), then=Value("full")), default=Value("listed"))  # of a row that is known
    return Record.objects.filter(_asked_of_row(known)).annotate(access=full)


def get_visible(user: User | AnonymousUser | None, record_id: UUID | str) -> Record:
    """One record that the person may know of; its `access` says `full` or `listed`. Raises Unknown for missing and hidden alike."""
    found = with_related(visible_to(user).filter(pk=_id(record_id))).first()
    if found is None:
        raise Unknown
    return found


def _id(given: UUID | str) -> UUID:
    """Raises Unknown for what cannot be an id: there is nothing under it."""
    try:
        return given if isinstance(given, UUID) else UUID(str(given))
    except ValueError:
        raise Unknown from None


def get_readable(user: User | AnonymousUser | None, record_id: UUID | str) -> Record:
    """One record in full. Raises Unknown when the person may not know of it, NotAllowed when it is only listed for them."""
    record = get_visible(user, record_id)
    if record.access != "full":  # type: ignore[attr-defined]
        raise NotAllowed
    return record


def get_for_verb(user: User, record_id: UUID | str, verb: str) -> Record:
    """One record to do this verb on, in full. Raises Unknown, then NotAllowed when it is only listed or no duty allows the verb."""
    record = get_readable(user, record_id)
    if not user.has_duty(*states.duties_for(verb)) or only_by_loan(user, record):
        raise NotAllowed
    return record


def get_all_for_verb(user: User, record_ids: Sequence[UUID | str], verb: str) -> list[Record]:
    """Records to do this verb on, in the order asked, by one query. Raises Unknown when one of them is hidden, then NotAllowed."""
    wanted = [_id(pk) for pk in record_ids]
    found = {row.pk: row for row in with_related(visible_to(user).filter(pk__in=wanted))}
    if not found.keys() >= set(wanted):
        raise Unknown
    closed = any(row.access != "full" or only_by_loan(user, row) for row in found.values())  # type: ignore[attr-defined]
    if closed or not user.has_duty(*states.duties_for(verb)):
        raise NotAllowed
    return [found[pk] for pk in wanted]


def allowed_verbs(user: User, record: Record) -> list[str]:
    """What this person may do with a record now, as far as state and duties say; the listing of a closed record allows nothing."""
    if getattr(record, "access", "full") != "full":
        return []
    content = [] if record.state in EMPTY_STATES else ["view"] + ["download"] * takes_along(user, record)
    content += ["print"] * (bool(content) and may_print(user, record))
    if only_by_loan(user, record):
        return content
    verbs = {row.verb for row in states.TABLE if record.state in row.frm and user.has_duty(*row.duties)}
    reveal = ["reveal"] if may_reveal(user, record) else []
    if user.pk == record.owner_id and states.transition_for("change_tier", record.state):
        verbs.add("change_tier")  # the owner prolongs (SEC-14)
    if "change_tier" in verbs and record.tier_event:
        verbs.add("declassify_on_event")
    return content + reveal + sorted(verbs)


def with_related(records: QuerySet[Record]) -> QuerySet[Record]:
    """The same rows with what a page shows of them joined in."""
    return records.select_related(
        "record_type", "record_class", "tier", "volume", "owner", "department", "data_key", "registrar", "reviewer"
    )


def only_by_loan(user: User, record: Record) -> bool:
    """Whether nothing but a running loan opens the record for this person: then it is viewed, or taken along stamped, and nothing else."""
    rights = rights_of(user)
    if str(record.pk) not in rights.opened:
        return False
    return not Record.objects.filter(readable_filter(replace(rights, opened=frozenset())), pk=record.pk).exists()


def chosen_classes(user: User) -> QuerySet[RecordClass]:
    """The classes of which this person is a reader."""
    return RecordClass.objects.filter(pk__in=[int(pk) for pk in rights_of(user).classes])


# --- bytes ----------------------------------------------------------------------------------------------------------

REVEALERS = frozenset({Duty.ARCHIVIST, Duty.LEGAL, Duty.MANAGER, Duty.OFFICER})
SERVICE_TASKS = {
    audit.TEXT_SERVICE: {"text"},
    audit.INDEX_SERVICE: {"text"},
    audit.CUSTODIAN_SERVICE: {"fixity"},
    audit.STAMP_SERVICE: {"stamp"},
}


def may_download(user: User, record: Record) -> bool:
    """Whether somebody who reads the record may take its bytes along as they are stored: as the tier says, and archivists for their work.

    Nobody who reads it by a loan alone.
    """
    return (record.tier.readers_download or user.has_duty(Duty.ARCHIVIST)) and not only_by_loan(user, record)


def download_loan(user: User, record: Record) -> Loan | None:
    """The running loan by which somebody takes stamped copies of the record's files along, the newest; None where there is none (LND-4)."""
    if str(record.pk) not in rights_of(user).opened:
        return None
    return next((loan for loan in running_loans(user, record) if loan.use == Use.DOWNLOAD), None)


def takes_along(user: User, record: Record) -> bool:
    """Whether somebody who reads the record may download of it, as it is stored or stamped."""
    return may_download(user, record) or download_loan(user, record) is not None


def may_copy(user: User, record: Record) -> bool:
    """Whether somebody who reads the record may select and copy its text: as the tier says, never by a loan for viewing (LND-4)."""
    return record.tier.readers_copy and not only_by_loan(user, record)


def may_print(user: User, record: Record) -> bool:
    """Whether somebody who reads the record may print its pages: as the tier says, and archivists for their work, as with `may_download`.

    Nobody who reads it by a loan alone: paper goes through a loan of its own (SEC-2).
    """
    return (record.tier.readers_print or user.has_duty(Duty.ARCHIVIST)) and not only_by_loan(user, record)


def may_reveal(user: User, record: Record) -> bool:
    """Whether somebody who reads the record may be shown masked values whole (SEC-6)."""
    return user.has_duty(*REVEALERS) and not only_by_loan(user, record)


def find_component(user: User | AnonymousUser | None, record_id: UUID | str, component_id: UUID | str) -> tuple[Record, Component]:
    """A component of any version of a record that the person reads, its content erased or not. Raises Unknown, NotAllowed (listed)."""
    record = get_readable(user, record_id)
    component = Component.objects.filter(pk=_id(component_id), version__record=record).select_related("stored__data_key", "version").first()
    if component is None:
        raise Unknown
    return record, component


def get_component(user: User | AnonymousUser | None, record_id: UUID | str, component_id: UUID | str) -> tuple[Record, Component]:
    """A component that has content. Raises Unknown, NotAllowed (listed), Gone (content erased)."""
    record, component = find_component(user, record_id, component_id)
    require_content(record)
    return record, component


def require_content(record: Record) -> None:
    """Raises Gone when the content was erased."""
    if record.state in EMPTY_STATES:
        raise Gone


def to_download(user: User, record_id: UUID | str, component_id: UUID | str) -> tuple[Record, Component, Loan | None]:
    """What may be taken along, and by which loan, then stamped. Raises Unknown, NotAllowed: who may not is not told whether there is still
    something to.
    """
    record, component = find_component(user, record_id, component_id)
    if may_download(user, record):
        return record, component, None
    loan = download_loan(user, record)
    if loan is None:
        raise NotAllowed
    return record, component, loan


def open_for_viewing(user: User, record_id: UUID | str, component_id: UUID | str) -> tuple[Record, Component, BinaryIO]:
    """The plain bytes from which page images are drawn; pages that one sitting looks at in a component are one event."""
    record, component = get_component(user, record_id, component_id)
    log_view(user, record, component)
    return record, component, objects.open_object(component.stored)


def log_view(user: User, record: Record, component: Component) -> None:
    """Write that the person looks into a component, once for a sitting: to look at the record is another act (SEC-7)."""
    audit.record_once(actor=user, action="view", record=record, subject=str(component.pk))


@contextmanager
def anew() -> Iterator[None]:
    """Rights that are asked for inside are read again, also in the middle of one moment."""
    token = _moment.set(None)
    try:
        yield
    finally:
        _moment.reset(token)


def open_as_service(service: Service, component: Component, *, task: str) -> BinaryIO:
    """The plain bytes for background work. Raises NotAllowed when the task is not this service's."""
    if task not in SERVICE_TASKS.get(service, set()):
        raise NotAllowed
    return objects.open_object(component.stored)
