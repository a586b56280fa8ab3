"""Inputs of forms: from a record type's definitions to what a template draws, and from what was posted to what a verb takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from records.intake import Incoming
from records.models import FieldDefinition, Level

CURRENCIES = ["CNY", "USD", "EUR", "HKD", "JPY", "GBP"]
LOOKS = {"long-text": "long", "choice": "select"}
MONO = frozenset({"identity-number", "credit-code", "mobile", "certificate-number", "bank-account"})
WIDE = frozenset({"long-text"})


@dataclass
class Input:
    """One input as `desk/input.html` draws it; `errors` are the sentences that stand at it."""

    label: str | Promise
    name: str
    kind: str = "text"
    value: str = ""
    required: bool = False
    important: bool = False
    half: bool = True
    errors: list[str] = field(default_factory=list)
    hint: str | Promise = ""
    options: Iterable[tuple[Any, Any]] = ()
    blank: str = ""
    units: list[str] = field(default_factory=lambda: CURRENCIES)
    unit: str = "CNY"
    suggestions: tuple[str, ...] = ()
    mono: bool = False

    @property
    def id(self) -> str:
        """The element's id, made of the name."""
        return self.name.replace(".", "-")


def of_definition(definition: FieldDefinition, value: Any, errors: Mapping[str, list[str]]) -> Input:
    """The input of one field of a type; `value` as typed or as kept."""
    made = Input(
        label=definition.label,
        name=f"f.{definition.key}",
        kind=LOOKS.get(definition.kind, definition.kind),
        required=definition.level == Level.REQUIRED,
        important=definition.level == Level.IMPORTANT,
        half=definition.kind not in WIDE,
        errors=list(errors.get(f"fields.{definition.key}", [])),
        hint=definition.help,
        mono=definition.kind in MONO,
    )
    _give_value(made, definition, value)
    return made


def _give_value(made: Input, definition: FieldDefinition, value: Any) -> None:
    if definition.kind == "money":
        given = value if isinstance(value, Mapping) else {}
        made.value, made.unit = str(given.get("value", "")), str(given.get("currency") or "CNY")
        made.units = CURRENCIES if made.unit in CURRENCIES else [made.unit, *CURRENCIES]
        return
    if definition.kind == "yes-no":
        made.options = [("true", _("yes")), ("false", _("no"))]
        made.value = {True: "true", False: "false"}.get(value, value or "")
        return
    if definition.kind == "choice":
        made.options, made.blank = [_choice(choice) for choice in definition.choices], "–"
    made.value = str(value.get("name") or value.get("id") or "") if isinstance(value, Mapping) else str(value or "")


def _choice(choice: Any) -> tuple[str, str]:
    if isinstance(choice, Mapping):
        return str(choice["value"]), str(choice.get("label") or choice["value"])
    return str(choice), str(choice)


def files_of(request: HttpRequest) -> list[Incoming]:
    """The files of a form that was sent without scripts."""
    return [Incoming(file.name or "", cast(BinaryIO, file)) for file in request.FILES.getlist("files")]


def typed_fields(definitions: Iterable[FieldDefinition], data: QueryDict) -> dict[str, Any]:
    """What was typed into the fields of a type, by key, as the verbs take it; what was left empty is an empty text."""
    return {definition.key: _typed(definition, data) for definition in definitions if f"f.{definition.key}" in data}


def _typed(definition: FieldDefinition, data: QueryDict) -> Any:
    value = data.get(f"f.{definition.key}", "").strip()
    if definition.kind == "money":
        return {"value": value, "currency": data.get(f"f.{definition.key}.currency", "CNY")} if value else ""
    return value
