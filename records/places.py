"""Places of paper: setting them up, finding them by what was typed or scanned, putting an original back (CUS-1, LND-5)."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from records import access, audit, lending, secrecy
from records.errors import Conflict, Invalid, NotAllowed, Unknown
from records.models import DEPTH, Duty, Loan, Original, Place, PlaceKind, Record, Use, User
from records.runner import verb

SEPARATORS = re.compile(r"\s*[/／>＞]\s*")  # as people write a path
KEEPERS = frozenset({Duty.ARCHIVIST})


# --- setting up -----------------------------------------------------------------------------------------------------


@verb("make_place")
def make(*, actor: User, code: str, name: str, kind: str, parent: str | None = None, capacity: int | None = None) -> Place:
    """A new place; `parent` is the code of the one it lies in. Raises NotAllowed, Invalid by field, Conflict for a code in use."""
    need_keeper(actor)
    outer = _outer(parent)
    place = Place(code=code.strip(), name=name.strip(), kind=kind, parent=outer, capacity=capacity)
    check(place)
    try:
        with transaction.atomic():
            settle(place)
            audit.record_event(actor=actor, action="make-place", subject=place.code)
    except IntegrityError:
        raise Conflict(_("There is a place with this code already.")) from None
    return place


def _outer(code: str | None) -> Place | None:
    found = by_code(code) if code else None
    if code and found is None:
        raise Invalid(errors={"parent": [_("There is no place with this code.")]})
    return found


def need_keeper(actor: User) -> None:
    """Raises NotAllowed for whoever does not look after the paper."""
    if not actor.has_duty(*KEEPERS):
        raise NotAllowed


def check(place: Place) -> None:
    """A place lies in a wider one, so that nothing is in itself (CUS-1). Raises Invalid by field."""
    try:
        place.clean_fields(exclude=["path", "parent"])
    except ValidationError as error:
        raise Invalid(errors=error.message_dict) from None
    if place.parent and DEPTH[PlaceKind(place.parent.kind)] >= DEPTH[PlaceKind(place.kind)]:
        raise Invalid(errors={"parent": [_("A place lies in a wider one: site, room, cabinet or safe, shelf, box.")]})
    narrowest = [DEPTH[PlaceKind(inner.kind)] for inner in Place.objects.filter(parent=place.pk)]
    if narrowest and min(narrowest) <= DEPTH[PlaceKind(place.kind)]:
        raise Invalid(errors={"kind": [_("What lies in it is as wide as that.")]})


def settle(place: Place) -> None:
    """Save a place that was checked, with the paths of what lies in it; originals whose words name it are tied to it."""
    with transaction.atomic():
        place.path = f"{place.parent.path}/{place.name}" if place.parent else place.name
        place.save()
        Original.objects.filter(Q(place__iexact=place.code) | Q(place=place.path), at=None).update(at=place)
        for inner in Place.objects.filter(parent=place).select_related("parent"):
            settle(inner)


# --- finding --------------------------------------------------------------------------------------------------------


def known_to(user: User) -> QuerySet[Place]:
    """All places, for those who look after the paper. Raises NotAllowed."""
    need_keeper(user)
    return Place.objects.select_related("parent")


def get(user: User, code: str) -> Place:
    """One place by its code. Raises NotAllowed, Unknown."""
    need_keeper(user)
    found = by_code(code)
    if found is None:
        raise Unknown
    return found


def by_code(text: str) -> Place | None:
    """The place of this code, however its letters are written."""
    code = text.strip()
    if not code or "\0" in code:  # no database is asked for a NUL
        return None
    return Place.objects.select_related("parent").filter(code__iexact=code).first()


def named(text: str) -> Place | None:
    """The place that a text names, by its code or its path; None where it names none, or more than one."""
    if found := by_code(text):
        return found
    path = "/".join(SEPARATORS.split(text.strip()))
    same = list(Place.objects.filter(path__iexact=path)[:2]) if path and "\0" not in path else []
    return same[0] if len(same) == 1 else None


def below(place: Place) -> list[Place]:
    """The place and all that lies in it, by path."""
    found, edge = [place], [place.pk]
    while inner := list(Place.objects.filter(parent__in=edge)):
        found, edge = [*found, *inner], [each.pk for each in inner]
    return sorted(found, key=lambda each: each.path)


def records_in(user: User, place: Place) -> QuerySet[Record]:
    """Records whose originals belong there, or in what lies in it: those that this person may know of (SEC-5)."""
    rows = access.visible_to(user).filter(original__at__in=[each.pk for each in below(place)])
    return rows.select_related("tier", "original__at").order_by("original__at__path", "number", "created_at")


def counted(user: User) -> dict[Any, int]:
    """How many originals belong directly into each place, by its id: of records that this person may know of (SEC-5)."""
    rows = access.visible_to(user).filter(original__at__isnull=False).order_by().values("original__at").annotate(count=Count("pk"))
    return {row["original__at"]: row["count"] for row in rows}


def together(user: User, within: Sequence[Place]) -> dict[Any, secrecy.Together]:
    """By the id of each of these places the highest tier and the longest term of what belongs in it, or in what lies in it (SEC-13).

    `within` holds a place with all that lies in it, as `below` gives them, or all there are. Of what the person may know of; a place in
    which that is nothing is not among them (SEC-5).
    """
    outer = {place.pk: place.parent_id for place in within}
    carried: dict[Any, list[Record]] = defaultdict(list)
    held = secrecy.by_holder(access.visible_to(user).filter(original__at__in=list(outer)), "original__at")
    for place, records in held.items():
        for each in _line(place, outer):
            carried[each] += records
    return {pk: found for pk, records in carried.items() if (found := secrecy.together(records))}


def _line(place: Any, outer: Mapping[Any, Any]) -> Iterator[Any]:
    """The place and those around it, as far as they are given."""
    while place in outer:
        yield place
        place = outer[place]


def out_of(user: User, place: Place) -> int:
    """How many of the originals that belong there somebody has instead, of those that this person may know of."""
    return lending.out(user).filter(record__original__at__in=[each.pk for each in below(place)], use=Use.ORIGINAL).count()


def loans_of(user: User, records: Sequence[Record]) -> dict[Any, Loan]:
    """Who has the original instead, by the record's id (CUS-1)."""
    out = lending.out(user).filter(record__in=[record.pk for record in records], use=Use.ORIGINAL)
    return {loan.record_id: loan for loan in out}


# --- putting back ---------------------------------------------------------------------------------------------------


def home_of(record: Record) -> str:
    """Where the original belongs, in words that name it: the code of its place, else what was written down; empty: nothing known."""
    paper = Original.objects.filter(record=record).select_related("at").first()
    if paper is None:
        return ""
    return paper.at.code if paper.at else paper.place


def put_back(loan: Loan) -> None:
    """Write down where a returned original now is, inside the running transaction; nothing said: where it was before (LND-5)."""
    if loan.use != Use.ORIGINAL or not loan.place:
        return
    where = {"place": loan.place, "at": named(loan.place)}
    if not Original.objects.filter(record=loan.record).update(**where):
        Original.objects.create(record=loan.record, pages=loan.pages or 1, **where)
