"""The floors and their doors: who may import whom, and who may touch rows and bytes (docs/architecture.md, Floors and decision 4)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import FLOORS, imports, modules, name_of, tree

LOWER = ("storage", "records", "retention")
MANAGERS = {"objects", "_default_manager", "_base_manager"}


SET_UP = {
    *{"Tier", "Schedule", "NumberRule", "RecordType", "FieldDefinition", "RecordClass", "TypeSchedule", "Grant"},
    *{"Chain", "ChainStep", "LoanPolicy"},
}
SERVICE = "background work of a named service: it answers no person"
FILTERED = "asked with the filters of records/access.py in the query, or of records that passed them"

ROWS_ALLOWED: dict[str, tuple[set[str], str]] = {
    "portal/accounts/": ({"User", "DutyHolder", "Tier"}, "signing in asks for people before there is an actor to ask as"),
    "portal/management/commands/issue_token.py": ({"User"}, "whoever types commands on the machine is nobody's actor"),
    "portal/shipped/": (SET_UP, "adds what Muniment ships, before there is anybody"),
    "portal/demo/borrowing.py": ({"User", "Loan"}, "moves back in time what it made by the verbs"),
    "portal/demo/outside.py": ({"User", "Release", "Leak", "Proposal"}, "finds again what it invented"),
    "portal/demo/places.py": ({"Place"}, "finds again what it invented"),
    "portal/demo/organisation.py": ({"Department", "User", "DutyHolder", "Tier", "RecordClass", "Grant"}, "makes the people there are"),
    "portal/demo/loading.py": ({"AuditEvent", "User", "Record", "Volume", "RecordHand"}, "finds again what it invented"),
    "portal/workbench/forms.py": ({"AuditEvent"}, "the trail knows a field's former key"),
    "portal/workbench/summary.py": ({"User"}, "how many people may sign in, for those who set them up"),
    "search/collecting.py": ({"Component", "Record", "RecordClass"}, SERVICE),
    "search/extracting.py": ({"Component"}, SERVICE),
    "search/indexing.py": ({"OutboxRow"}, SERVICE),
    "search/labels.py": ({"Record", "RecordParty", "Party"}, FILTERED),
    "search/passages.py": ({"Component"}, FILTERED),
}
"""Places in `portal` and `search` that ask a lower floor's table directly: which tables, and why. Everything else asks
`records/access.py` or a query of the floor that owns the table: a row that never arrives cannot leak (SEC-5)."""

BYTES_ALLOWED = {
    "records/access.py": "it takes an actor and looks at the rights first",
    "records/taking.py": "it asks `access.to_download` first, and again before each piece",
    "records/printing.py": "`access.may_print`, or `copies.sheets`, was asked whether the person may, and each page asks again",
    "records/intake.py": "what an actor has staged is sealed anew under the record's own key, when that actor registers it",
}
"""Who may open content, each with its reason."""


def upward(floor: str) -> Iterator[str]:
    """Imports from a floor to one above it."""
    above = FLOORS[FLOORS.index(floor) + 1 :]
    for path in modules(floor):
        for line, full, _local in imports(path):
            if full.split(".")[0] in above:
                yield f"{name_of(path)}:{line} imports {full}"


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_imports_only_those_below_it(floor: str) -> None:
    assert list(upward(floor)) == []


def test_no_floor_imports_the_tests() -> None:
    found = [f"{name_of(path)}:{line}" for path in modules(*FLOORS) for line, full, _ in imports(path) if full.split(".")[0] == "tests"]
    assert found == []


def rows_touched(path: Path) -> list[tuple[int, str]]:
    """Line and model of every reach for the manager of a lower floor's model."""
    foreign = {local for _line, full, local in imports(path) if full.split(".")[0] in LOWER}
    found = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr in MANAGERS]
    return sorted((node.lineno, model) for node in found if (model := _model_of(node.value, foreign)))


def _model_of(node: ast.expr, foreign: set[str]) -> str:
    """The lower floor's model that an expression is: an imported name, something of it, or `get_user_model()`; else empty."""
    last = node.attr if isinstance(node, ast.Attribute) else ""
    while isinstance(node, ast.Attribute):
        node = node.value
    if isinstance(node, ast.Call):
        return "User" if isinstance(node.func, ast.Name) and node.func.id == "get_user_model" else ""
    return (last or node.id) if isinstance(node, ast.Name) and node.id in foreign else ""


def breaches() -> Iterator[str]:
    """Every reach for a row that no exception covers."""
    for path in modules("portal", "search"):
        allowed = {model for place, (models, _why) in ROWS_ALLOWED.items() if name_of(path).startswith(place) for model in models}
        yield from (f"{name_of(path)}:{line} {model}" for line, model in rows_touched(path) if model not in allowed)


def test_rows_of_lower_floors_are_asked_through_their_queries() -> None:
    assert list(breaches()) == []


def test_every_exception_for_rows_is_still_needed() -> None:
    stale = []
    for place, (models, _why) in ROWS_ALLOWED.items():
        touched = {model for path in modules("portal", "search") if name_of(path).startswith(place) for _line, model in rows_touched(path)}
        stale += [f"{place} {model}" for model in models - touched]
    assert stale == []


def test_only_the_access_module_opens_content() -> None:
    openers = {"open_object", "read_range"}
    found = []
    for path in modules("records", "retention", "search", "portal"):
        for node in ast.walk(tree(path)):
            named = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            if named in openers and name_of(path) not in BYTES_ALLOWED:
                found.append(f"{name_of(path)}:{node.lineno}")
    assert found == []


def test_this_check_sees_a_breach(tmp_path: Path) -> None:
    breach = tmp_path / "breach.py"
    breach.write_text("from records.models import Record\nfrom records import models as m\nRecord.objects.all()\nm.Record._base_manager\n")
    assert rows_touched(breach) == [(3, "Record"), (4, "Record")]
