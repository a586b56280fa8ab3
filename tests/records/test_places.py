"""Places as a tree, what a text names, and where a returned original lies (CUS-1, LND-5)."""

import pytest

from records import counter, lending, places
from records.errors import Conflict, Invalid, NotAllowed, Unknown
from records.models import AuditEvent, Original, Place
from tests.factories import filed, loan_policies, person, registered, secret
from tests.records.test_lending import TOMORROW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tree():
    """A site with a room, a cabinet with a shelf, a safe and a box."""
    loan_policies()
    for code, name, kind, parent in (
        ("HQ", "总部", "site", None),
        ("R1", "档案室", "room", "HQ"),
        ("A", "A柜", "cabinet", "R1"),
        ("A-3", "3层", "shelf", "A"),
        ("B07", "7号盒", "box", "A-3"),
        ("S1", "保险柜", "safe", "R1"),
    ):
        made(code=code, name=name, kind=kind, parent=parent)


def made(who="archivist", **given):
    return places.make(actor=person(who), **{"name": "某处", "kind": "box", **given})


def test_a_path_names_all_that_it_lies_in():
    assert places.by_code("b07").path == "总部/档案室/A柜/3层/7号盒"
    assert AuditEvent.objects.filter(action="make-place", subject="B07").exists()


@pytest.mark.parametrize("text", ["B07", " b07 ", "总部/档案室/A柜/3层/7号盒", "总部 / 档案室／A柜 > 3层 / 7号盒"])
def test_code_and_path_name_a_place(text):
    assert places.named(text).code == "B07"


@pytest.mark.parametrize("text", ["", "  ", "档案室", "B0", "总部/7号盒", "B07\0", "/", "\0"])
def test_what_names_none(text):
    assert places.named(text) is None


def test_a_new_name_reaches_what_lies_in_it():
    room = places.by_code("R1")
    room.name = "一号库"
    places.settle(room)
    assert places.by_code("B07").path == "总部/一号库/A柜/3层/7号盒"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "C 1"}, "code"),
        ({"code": ""}, "code"),
        ({"code": "C/1"}, "code"),
        ({"code": "C1", "name": " "}, "name"),
        ({"code": "C1", "kind": "bag"}, "kind"),
        ({"code": "C1", "parent": "nowhere"}, "parent"),
        ({"code": "C1", "kind": "room", "parent": "A"}, "parent"),
        ({"code": "C1", "kind": "box", "parent": "B07"}, "parent"),
        ({"code": "C1", "capacity": -1}, "capacity"),
    ],
)
def test_bad_input_is_refused_by_field(given, field):
    with pytest.raises(Invalid) as refused:
        made(**given)
    assert list(refused.value.errors) == [field]
    assert Place.objects.count() == 6


def test_a_code_is_given_once_and_by_archivists():
    with pytest.raises(Conflict):
        made(code="B07")
    for who in ("staff", "manager", "admin", "auditor"):
        with pytest.raises(NotAllowed):
            made(who, code="C1")
        with pytest.raises(NotAllowed):
            places.known_to(person(who))


def test_a_place_becomes_no_narrower_than_what_lies_in_it():
    shelf = places.by_code("A-3")
    shelf.kind = "box"
    with pytest.raises(Invalid) as refused:
        places.check(shelf)
    assert list(refused.value.errors) == ["kind"]


def test_a_registered_original_is_tied_to_the_place_that_its_words_name():
    tied, loose = registered(original={"pages": 9, "place": "a-3"}), registered(original={"pages": 9, "place": "C2"})
    assert tied.original.at.code == "A-3"
    assert tied.original.as_dict() == {"pages": 9, "place": "总部/档案室/A柜/3层"}
    assert loose.original.as_dict() == {"pages": 9, "place": "C2"}
    made(code="C2", name="2号盒", parent="A")
    assert Original.objects.get(record=loose).at.code == "C2"


def lent(record):
    loan = lending.request(actor=person("staff"), record_id=record.pk, use="original", purpose="核对", until=TOMORROW)
    lending.decide(actor=person("archivist2"), loan_id=loan.pk, decision="approve")
    return counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=9)


@pytest.mark.parametrize(("typed", "home"), [("", "A-3"), ("S1", "S1"), ("总部/档案室/A柜", "A"), ("窗台", "窗台")])
def test_what_comes_back_lies_where_it_was_put(typed, home):  # LND-5
    record = filed(original={"pages": 9, "place": "A-3"})
    loan = lent(record)
    assert places.home_of(record) == "A-3"
    counter.give_back(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=9, place=typed)
    assert places.home_of(record) == home


def test_paper_that_nobody_wrote_down_has_a_place_from_its_return_on():
    record = filed()
    loan = lent(record)
    counter.give_back(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=9, place="B07")
    assert (places.home_of(record), Original.objects.get(record=record).pages) == ("B07", 9)


def test_what_should_be_in_it_and_who_has_it_instead():  # CUS-1, SEC-5
    there, away = filed(original={"pages": 9, "place": "B07"}), filed(original={"pages": 9, "place": "A-3"})
    filed("registrar", "officer", original={"pages": 9, "place": "B07"}, named=["registrar", "officer"], **secret("top-secret"))
    loan = lent(away)
    archivist, shelf = person("archivist"), places.get(person("archivist"), "A-3")
    found = list(places.records_in(archivist, shelf))
    assert {record.pk for record in found} == {there.pk, away.pk}
    assert places.loans_of(archivist, found) == {away.pk: loan}
    assert [place.code for place in places.below(shelf)] == ["A-3", "B07"]


def test_an_unknown_code_is_nothing():
    with pytest.raises(Unknown):
        places.get(person("archivist"), "Z9")
    with pytest.raises(NotAllowed):
        places.get(person("staff"), "B07")
