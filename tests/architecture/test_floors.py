"""The floors and their doors: who may import whom, and who may touch rows and bytes (house.md, Floors and decision 4)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import FLOORS, ROOT, imports, modules, name_of, tree

LOWER = ("storage", "records", "retention")
MANAGERS = {"objects", "_default_manager", "_base_manager"}

ROWS_ALLOWED: dict[str, str] = {}
"""Modules of `portal` and `search` that ask a lower floor's table directly, each with its reason. Everything else asks
`records/access.py` or a query of the floor that owns the table: a row that never arrives cannot leak (SEC-5)."""

BYTES_ALLOWED = {"records/access.py"}
"""Who may open content: it takes an actor and looks at the rights first."""


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


def rows_touched(path: Path) -> list[int]:
    """Lines that reach for the manager of a model of a lower floor."""
    foreign = {local for _line, full, local in imports(path) if full.split(".")[0] in LOWER}
    found = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr in MANAGERS]
    return sorted(node.lineno for node in found if _comes_from(node.value, foreign))


def _comes_from(node: ast.expr, foreign: set[str]) -> bool:
    """Whether an expression is a lower floor's model: an imported name, something of it, or `get_user_model()`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in {"get_user_model", "get_model"}
    return isinstance(node, ast.Name) and node.id in foreign


def test_rows_of_lower_floors_are_asked_through_their_queries() -> None:
    found = {name_of(path): rows_touched(path) for path in modules("portal", "search")}
    assert {name: lines for name, lines in found.items() if lines and name not in ROWS_ALLOWED} == {}


def test_every_exception_for_rows_is_still_needed() -> None:
    assert [name for name in ROWS_ALLOWED if not (ROOT / name).exists() or not rows_touched(ROOT / name)] == []


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
    assert rows_touched(breach) == [3, 4]
