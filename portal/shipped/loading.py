"""Loads the shipped data files; safe to run at every start, also by several machines at once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from records.models import (
    Chain,
    ChainStep,
    FieldDefinition,
    Grant,
    LoanPolicy,
    NumberRule,
    RecordClass,
    RecordType,
    Schedule,
    Tier,
    TypeSchedule,
)

FOLDER = Path(__file__).parent
OWN_LANGUAGE = "zh-hans"


def rows(name: str) -> Iterator[dict[str, Any]]:
    """The rows of one data file, in its order."""
    yield from json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["rows"]


def load() -> dict[str, int]:
    """Add every shipped row whose code is not there yet; returns how many of each kind were added. Nothing that exists is changed."""
    with transaction.atomic():
        return {
            "tiers": sum(_tier(row) for row in rows("tiers")),
            "schedules": sum(_schedule(row) for row in rows("schedules")),
            "number rules": sum(_rule(row) for row in rows("number_rules")),
            "record types": sum(_record_type(order, row) for order, row in enumerate(rows("record_types"))),
            "classes": sum(_class(row) for row in rows("classes")),
            "approval chains": sum(_chain(row) for row in rows("chains")),
            "loan policies": sum(_loan_policy(row) for row in rows("loan_policies")),
        }


def _names(row: dict[str, Any]) -> dict[str, Any]:
    """`name` in the organisation's language, `names` in the others."""
    names = dict(row.pop("name"))
    return {"name": names[OWN_LANGUAGE], "names": names}


def _tier(row: dict[str, Any]) -> bool:
    if Tier.objects.filter(slug=row["slug"]).exists() or Tier.objects.filter(rank=row["rank"]).exists():
        return False
    falls_to = row.pop("falls_to")
    Tier.objects.create(**_names(row), **row, falls_to=Tier.objects.filter(slug=falls_to).first())
    return True


def _chain(row: dict[str, Any]) -> bool:
    """A chain comes with its steps; steps that an administrator took away from it do not come back."""
    names, steps = _names(row), row.pop("steps")
    made, new = Chain.objects.get_or_create(slug=row.pop("slug"), defaults=names)
    if new:
        ChainStep.objects.bulk_create(ChainStep(chain=made, order=order, **_step(step)) for order, step in enumerate(steps))
    return new


def _step(step: str | dict[str, Any]) -> dict[str, Any]:
    """A duty alone; or a committee with its votes, whose group is made and waits for members."""
    if isinstance(step, str):
        return {"approver": step}
    return step | {"committee": Group.objects.get_or_create(name=step["committee"])[0]}


def _loan_policy(row: dict[str, Any]) -> bool:
    tier, chain = Tier.objects.filter(slug=row["tier"]).first(), Chain.objects.filter(slug=row["chain"]).first()
    return bool(tier) and LoanPolicy.objects.get_or_create(tier=tier, use=row["use"], defaults={"chain": chain})[1]


def _schedule(row: dict[str, Any]) -> bool:
    names = _names(row)
    return Schedule.objects.get_or_create(slug=row.pop("slug"), defaults=names | row)[1]


def _rule(row: dict[str, Any]) -> bool:
    return NumberRule.objects.get_or_create(name=row.pop("name"), defaults=row)[1]


def _record_type(order: int, row: dict[str, Any]) -> bool:
    """A type comes with its fields; fields that an administrator took away from it do not come back."""
    names, fields = _names(row), row.pop("fields")
    made, new = RecordType.objects.get_or_create(slug=row.pop("slug"), defaults=names | row | {"order": order})
    if new:
        FieldDefinition.objects.bulk_create(
            FieldDefinition(record_type=made, order=place, **_names(field), **field) for place, field in enumerate(fields)
        )
    return new


def _class(row: dict[str, Any]) -> bool:
    if RecordClass.objects.filter(code=row["code"]).exists():
        return False
    by_type, everyone = row.pop("type_schedules"), row.pop("everyone", False)
    found = {
        "default_tier": Tier.objects.get(slug=row.pop("default_tier")),
        "number_rule": NumberRule.objects.get(name=row.pop("number_rule")),
        "schedule": Schedule.objects.get(slug=row.pop("schedule")),
    }
    made = RecordClass.objects.create(**_names(row), **row, **found)
    for record_type, schedule in by_type.items():
        TypeSchedule.objects.create(
            record_class=made, record_type=RecordType.objects.get(slug=record_type), schedule=Schedule.objects.get(slug=schedule)
        )
    if everyone:
        Grant.objects.create(record_class=made, everyone=True)
    return True
