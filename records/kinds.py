"""The kinds of fields (CAP-6): how a value is checked, what is kept of it, what of it is searched, what is shown.

`KINDS` is the registry; a record type's field names one of them by slug. What is kept is plain JSON.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from records import identifiers, values
from records.values import FieldError, clean_line

__all__ = ["KINDS", "KIND_CHOICES", "FieldError", "Kind", "check_choices", "get"]

BABEL_LOCALES = {"zh-hans": "zh_Hans_CN", "zh-hant": "zh_Hant_TW", "en": "en"}
YES = frozenset({"true", "yes", "y", "1", "on", "是"})
NO = frozenset({"false", "no", "n", "0", "off", "否"})


@dataclass(frozen=True)
class Kind:
    """One kind of field.

    `sealed` values are kept masked, and whole only under the record's key (SEC-6). `needs_choices`: its definition lists choices.
    """

    slug: str
    label: str | Promise
    check: Callable[[Any, Sequence[Any]], Any]
    as_text: Callable[[Any, Sequence[Any]], str]
    as_shown: Callable[[Any, Sequence[Any]], str]
    sealed: bool = False
    needs_choices: bool = False

    def parse(self, raw: object, *, choices: Sequence[Any] = ()) -> Any:
        """The clean value to keep, as plain JSON; None when nothing was given. Raises FieldError with one sentence."""
        if raw is None or (isinstance(raw, str) and not raw.strip()) or raw in ({}, []):
            return None
        return self.check(raw, choices)

    def text(self, value: Any, *, choices: Sequence[Any] = ()) -> str:
        """What search matches of a clean value; empty for sealed kinds, which are found by their keyed digest only."""
        return "" if value is None or self.sealed else self.as_text(value, choices)

    def shown(self, value: Any, *, choices: Sequence[Any] = ()) -> str:
        """A clean value as people read it, in the active language; sealed kinds masked. A masked value stays as it is."""
        if value is None:
            return ""
        return self.mask(value) if self.sealed else self.as_shown(value, choices)

    def mask(self, value: str) -> str:
        """A sealed kind's clean value with its middle hidden; one that is masked already stays as it is."""
        return value if identifiers.MASK in value else identifiers.mask(self.slug, value)


def get(slug: str) -> Kind:
    """The kind of this name. Raises FieldError for one that does not exist."""
    try:
        return KINDS[slug]
    except KeyError:
        raise FieldError(_("There is no kind of field “%(kind)s”.") % {"kind": slug}) from None


def check_choices(kind: str, choices: object) -> list[Any]:
    """The choices of a field definition: texts, or objects with `value` and `label`. Raises FieldError."""
    wanted = get(kind).needs_choices
    if not isinstance(choices, list):
        raise FieldError(_("Choices are a list."))
    given = [_choice_value(choice) for choice in choices]
    if wanted and not given:
        raise FieldError(_("A field of this kind needs at least one choice."))
    if len(set(given)) != len(given) or not all(given):
        raise FieldError(_("Each choice has a value of its own."))
    return choices if wanted else []


# --- choices --------------------------------------------------------------------------------------------------------


def _yes_no(raw: object, _choices: Sequence[Any]) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower() if isinstance(raw, str | int) else ""
    if word not in YES | NO:
        raise FieldError(_("Say yes or no."))
    return word in YES


def _choice(raw: object, choices: Sequence[Any]) -> str:
    text = clean_line(raw)
    known = [_choice_value(choice) for choice in choices]
    if text not in known:
        raise FieldError(_("“%(given)s” is none of the choices: %(choices)s.") % {"given": text[:50], "choices": ", ".join(known[:20])})
    return text


def _choice_value(choice: object) -> str:
    return str(choice.get("value") or "") if isinstance(choice, dict) else str(choice)


def _choice_label(value: str, choices: Sequence[Any]) -> str:
    for choice in choices:
        if isinstance(choice, dict) and choice.get("value") == value:
            return str(choice.get("label") or value)
    return value


def _choice_text(value: str, choices: Sequence[Any]) -> str:
    label = _choice_label(value, choices)
    return value if label == value else f"{value} {label}"


# --- parties ------------------------------------------------------------------------------------------------


def _party(raw: object, _choices: Sequence[Any]) -> dict[str, str]:
    """A name, or `{"name"}`. Parties of the register stand among the record's parties: an id here could tell of a hidden one."""
    if isinstance(raw, str):
        raw = {"name": raw}
    if not isinstance(raw, dict) or raw.keys() != {"name"}:
        raise FieldError(_("Give the name of a party."))
    return {"name": clean_line(raw["name"], longest=200)}


def _party_text(value: dict[str, str], _choices: Sequence[Any]) -> str:
    return value.get("name", "")


# --- registry -------------------------------------------------------------------------------------------------------


def _as_is(value: Any, _choices: Sequence[Any]) -> str:
    return str(value)


def _nothing(_value: Any, _choices: Sequence[Any]) -> str:
    return ""


def _money_text(value: dict[str, str], _choices: Sequence[Any]) -> str:
    return f"{value['value']} {value['currency']}"


def _money_shown(value: dict[str, str], _choices: Sequence[Any]) -> str:
    return format_currency(Decimal(value["value"]), value["currency"], locale=BABEL_LOCALES.get(get_language() or "", "en"))


def _date_shown(value: str, _choices: Sequence[Any]) -> str:
    return date_format(date.fromisoformat(value), "DATE_FORMAT")


def _yes_no_shown(value: bool, _choices: Sequence[Any]) -> str:
    return _("yes") if value else _("no")


_ALL = (
    Kind("text", pgettext_lazy("kind of field", "text"), values.a_line, _as_is, _as_is),
    Kind("long-text", pgettext_lazy("kind of field", "long text"), values.some_lines, _as_is, _as_is),
    Kind("date", pgettext_lazy("kind of field", "date"), values.a_date, _as_is, _date_shown),
    Kind("number", pgettext_lazy("kind of field", "number"), values.a_number, _as_is, _as_is),
    Kind("money", pgettext_lazy("kind of field", "amount and currency"), values.an_amount, _money_text, _money_shown),
    Kind("yes-no", pgettext_lazy("kind of field", "yes or no"), _yes_no, _nothing, _yes_no_shown),
    Kind("choice", pgettext_lazy("kind of field", "choice"), _choice, _choice_text, _choice_label, needs_choices=True),
    Kind("party", pgettext_lazy("kind of field", "party"), _party, _party_text, _party_text),
    Kind("identity-number", pgettext_lazy("kind of field", "identity number"), values.an_identity_number, _nothing, _as_is, sealed=True),
    Kind("credit-code", pgettext_lazy("kind of field", "social credit code"), values.a_credit_code, _as_is, _as_is),
    Kind("mobile", pgettext_lazy("kind of field", "mobile number"), values.a_mobile, _nothing, _as_is, sealed=True),
    Kind("certificate-number", pgettext_lazy("kind of field", "certificate number"), values.a_certificate_number, _as_is, _as_is),
    Kind("bank-account", pgettext_lazy("kind of field", "bank account"), values.a_bank_account, _nothing, _as_is, sealed=True),
)
KINDS: dict[str, Kind] = {kind.slug: kind for kind in _ALL}
KIND_CHOICES: list[tuple[str, str | Promise]] = [(kind.slug, kind.label) for kind in _ALL]
