"""FND-10, SEC-5: for every person, all answers of search are the same whether a hidden record exists or not."""

import datetime
import random
from typing import Any

import pytest
from django.contrib.auth.models import Group

from records import access
from records.models import Grant, Record, RecordClass, Tier, User, Volume
from search import finding
from search.query import Sort
from tests import factories
from tests.search.people import index, row

pytestmark = pytest.mark.django_db
WORDS = ["采购", "合同", "违约", "责任", "租赁", "宏远", "补充"]
QUESTIONS = ["", "合同", "采购 责任", "-违约", "26-1", "宏远"]  # more of them in the engines' contract
PEOPLE = ["admin", "archivist", "registrar", "staff", "staff2", "head", "manager", "legal", "officer", "auditor"]


def organisation(dice: random.Random) -> None:
    """Classes, tiers, clearances and grants at random, on top of the cast."""
    internal = Tier.objects.get(slug="internal")
    for code in ("R1", "R2", "R3"):
        parent = dice.choice([None, *RecordClass.objects.all()])
        RecordClass.objects.create(code=code, name=code, parent=parent, default_tier=internal)
    for tier in Tier.objects.filter(slug__in=["secret", "confidential", "top-secret"]):
        tier.listed = dice.random() < 0.5
        tier.save()
    for _grant in range(6):
        to: dict[str, Any] = dice.choice(
            [{"user": factories.person(dice.choice(PEOPLE))}, {"group": dice.choice(list(Group.objects.all()))}, {"everyone": True}]
        )
        Grant.objects.create(record_class=dice.choice(list(RecordClass.objects.all())), **to)
    for user in User.objects.filter(username__in=dice.sample(PEOPLE, 3)):
        user.clearance = dice.choice(list(Tier.objects.all()))
        user.save()


def some_record(dice: random.Random, serial: int) -> Record:
    """A record at random."""
    tier = dice.choice(list(Tier.objects.all())).slug
    record = row(
        "".join(dice.choices(WORDS, k=3)),
        tier=tier,
        record_class=dice.choice(["HT", "GZ", "DK", "R1", "R2", "R3"]),
        record_type=dice.choice(["contract", "general"]),
        number=f"HT-2026-{serial}" if dice.random() < 0.5 else None,
        date=dice.choice([None, datetime.date(2026, dice.randint(1, 3), dice.randint(1, 2))]),
        department=dice.choice(["sales", "legal"]),
        fields={"project": ["滨江", "云海"][serial % 2]} if serial % 5 else {},
        parties=tuple(dice.sample(["宏远公司", "中信公司", "永盛公司"], dice.randint(0, 2))),
        named=tuple(dice.sample(PEOPLE, dice.randint(0, 2))),
        pages=("".join(dice.choices([*WORDS, "。"], k=12)),) if dice.random() < 0.7 else (),
    )
    if dice.random() < 0.2:
        volume = Volume.objects.create(title="卷", record_class=record.record_class, created_by=record.owner)
        Record.objects.filter(pk=record.pk).update(volume=volume)
        Grant.objects.create(volume=volume, user=factories.person(dice.choice(PEOPLE)))
    if dice.random() < 0.2:
        Grant.objects.create(record=record, user=factories.person(dice.choice(PEOPLE)))
    return record


def answers(username: str) -> list[object]:
    """Everything that search tells a person, whatever they ask."""
    person = factories.person(username)
    told: list[object] = [finding.suggest(person, question) for question in QUESTIONS]
    asked: list[dict[str, Any]] = [{"text": question} for question in QUESTIONS]
    asked += [{"sort": sort, "page": 2, "page_size": 3} for sort in Sort]
    asked += [{"filters": {"state": ["filed"], "year": ["2026"]}}, {"filters": {"project": ["滨江"]}}, {"date_from": "2026-02-01"}]
    for values in asked:
        found = finding.search(person, log=False, **values)
        told.append((found.count, found.facets, [(result.as_dict(), result.title_html, result.hit_pages) for result in found.results]))
    return told


@pytest.mark.parametrize("seed", range(4))
def test_answers_are_the_same_without_the_hidden_record(seed: int) -> None:
    dice = random.Random(seed)
    organisation(dice)
    index(*(some_record(dice, serial) for serial in range(12)))
    before = {name: answers(name) for name in PEOPLE}
    newcomer = some_record(dice, 12)
    index(newcomer)
    strangers = [name for name in PEOPLE if not access.visible_to(factories.person(name)).filter(pk=newcomer.pk).exists()]
    assert strangers
    assert {name: answers(name) for name in strangers} == {name: before[name] for name in strangers}


@pytest.mark.parametrize("seed", range(3))
def test_the_index_knows_the_same_as_the_database(seed: int) -> None:
    dice = random.Random(100 + seed)
    organisation(dice)
    index(*(some_record(dice, serial) for serial in range(25)))
    for name in PEOPLE:
        person = factories.person(name)
        found = finding.search(person, page_size=200, log=False)
        assert {result.record.pk for result in found.results} == set(access.visible_to(person).values_list("pk", flat=True))
        read = {result.record.pk for result in found.results if result.full}
        assert read == set(access.readable_by(person).values_list("pk", flat=True))
        assert found.count == len(found.results)
