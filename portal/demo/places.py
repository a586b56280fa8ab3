"""The demo's places: the rooms, cabinets and shelves that its originals name, and the safe."""

from collections.abc import Callable

from records import places
from records.models import Place, User

# code, name, kind, code of the place it lies in
PLACES = (
    ("ZB", "总部", "site", None),
    ("ZB-A", "A库", "room", "ZB"),
    ("ZB-A-01", "01柜", "cabinet", "ZB-A"),
    ("ZB-A-01-1", "1层", "shelf", "ZB-A-01"),
    ("ZB-A-03", "03柜", "cabinet", "ZB-A"),
    ("ZB-A-03-2", "2层", "shelf", "ZB-A-03"),
    ("ZB-A-07", "07柜", "cabinet", "ZB-A"),
    ("ZB-A-07-2", "2层", "shelf", "ZB-A-07"),
    ("ZB-B", "B库", "room", "ZB"),
    ("ZB-B-02", "02柜", "cabinet", "ZB-B"),
    ("ZB-B-02-4", "4层", "shelf", "ZB-B-02"),
    ("ZB-X1", "保险柜1", "safe", "ZB"),
    ("XM", "项目部", "site", None),
    ("XM-1", "资料室", "room", "XM"),
    ("XM-1-01", "1柜", "cabinet", "XM-1"),
)


def load(keeper: User, say: Callable[[str], None]) -> None:
    """Set up what is missing; originals that were registered with such a path are tied to it."""
    known = set(Place.objects.values_list("code", flat=True))
    missing = [place for place in PLACES if place[0] not in known]
    for code, name, kind, parent in missing:
        places.make(actor=keeper, code=code, name=name, kind=kind, parent=parent)
    say(f"places: {len(missing)} added")
