"""Changes of the set-up that open or ease something: kept as codes and values, and carried out when they are confirmed (SEC-15)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field, Model
from django.utils.translation import gettext as _

from records import outbox
from records.errors import StateConflict
from records.models import Chain, ChainStep, LoanPolicy, RecordClass, Tier

# By the name that a proposal keeps: the table, and what of it waits for the security officer.
WAITING: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "tier": (
        Tier,
        (
            *("rank", "known_by", "listed", "readers_download", "readers_copy", "readers_print", "watermark"),
            *("needs_reason", "longest_years", "falls_to", "number_prefix"),
        ),
    ),
    "recordclass": (RecordClass, ("parent", "default_tier")),
    "loanpolicy": (LoanPolicy, ("tier", "use", "chain", "longest_days")),
    "chain": (Chain, ()),  # of a chain its steps wait
}
STEPS = "steps"
STEP_FIELDS = ("approver", "committee_id", "person_id", "votes", "days")


def hold_back(row: Model) -> dict[str, Any]:
    """Take out of a changed, unsaved row what of it waits: returns the new values by column, and puts the former ones back."""
    _table, names = WAITING[row._meta.model_name or ""]
    columns = [row._meta.get_field(name).attname for name in names]  # type: ignore[union-attr]
    former = type(row)._base_manager.filter(pk=row.pk).values(*columns).first()
    wished = {column: getattr(row, column) for column in columns}
    if former is None:
        return wished
    for column, value in former.items():
        setattr(row, column, value)
    return {column: value for column, value in wished.items() if former[column] != value}


def as_kept(row: Model, changes: dict[str, Any]) -> dict[str, Any]:
    """The payload of a proposal."""
    return {"table": row._meta.model_name, "row": row.pk, "changes": changes}


def take_effect(payload: dict[str, Any]) -> None:
    """Carry a confirmed change out. Raises StateConflict when the row is gone, or the change fits it no more."""
    table, _names = WAITING[payload["table"]]
    row = table._base_manager.filter(pk=payload["row"]).first() if payload["row"] else table()
    if row is None:
        raise StateConflict(_("What was to be changed is no longer there."))
    changes = dict(payload["changes"])
    steps = changes.pop(STEPS, None)
    for column, value in changes.items():
        setattr(row, column, value)
    try:
        row.full_clean()
    except ValidationError as error:
        raise StateConflict(" ".join(error.messages)) from None
    row.save()
    _follow(row, changes, steps)


def _follow(row: Model, changes: dict[str, Any], steps: list[dict[str, Any]] | None) -> None:
    if steps is not None:
        ChainStep.objects.filter(chain_id=row.pk).delete()
        ChainStep.objects.bulk_create(ChainStep(chain_id=row.pk, order=order, **step) for order, step in enumerate(steps))
    if isinstance(row, RecordClass) and "parent_id" in changes:
        class_moved(row)


def class_moved(row: RecordClass) -> None:
    """Due dates and index follow: the records of this class and of those below it are found under the whole line of its classes."""
    outbox.enqueue("due", "all")
    for each in below(row):
        outbox.enqueue_all(("index", pk) for pk in each.records.order_by().values_list("pk", flat=True))


def below(top: RecordClass) -> list[RecordClass]:
    """This class and all below it."""
    found = [top]
    for each in found:
        found += [child for child in each.children.all() if child not in found]
    return found


def columns_of(payload: dict[str, Any]) -> list[tuple[Field, Any]]:
    """The fields that a proposal changes, with their new values as kept."""
    table, _names = WAITING[payload["table"]]
    by_column = {field.attname: field for field in table._meta.concrete_fields}
    return [(by_column[column], value) for column, value in payload["changes"].items() if column in by_column]
