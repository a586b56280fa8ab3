"""Small on purpose: sizes of functions and modules, docstrings, and no error that is swallowed (docs/architecture.md, Sizes)."""

import ast
import statistics

from tests.architecture.source import FLOORS, functions, modules, name_of, tree

LONGEST_FUNCTION = 80  # lines; over 40 needs a reason in review
MOST_OVER_FORTY = 0.1  # of all functions: nine in ten stay under 40
LONGEST_MODULE = 400  # lines


def lengths() -> dict[str, int]:
    """Lines of every function, by where it stands."""
    found = {}
    for path in modules(*FLOORS):
        for function in functions(path):
            found[f"{name_of(path)}:{function.lineno} {function.name}"] = (function.end_lineno or 0) - function.lineno + 1
    return found


def test_functions_are_short() -> None:
    found = lengths()
    assert {name: lines for name, lines in found.items() if lines > LONGEST_FUNCTION} == {}
    assert sum(lines > 40 for lines in found.values()) <= MOST_OVER_FORTY * len(found)
    assert statistics.median(found.values()) <= 10


def test_modules_are_short() -> None:
    found = {name_of(path): len(path.read_text().splitlines()) for path in modules(*FLOORS)}
    assert {name: lines for name, lines in found.items() if lines > LONGEST_MODULE} == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [name_of(path) for path in modules(*FLOORS) if path.read_text().strip() and not ast.get_docstring(tree(path))]
    assert silent == []


def test_every_public_function_and_class_has_a_docstring() -> None:
    silent = []
    for path in modules(*FLOORS):
        for node in tree(path).body:
            public = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):  # type: ignore[arg-type]
                silent.append(f"{name_of(path)}:{node.lineno}")
    assert silent == []


def _swallows(handler: ast.ExceptHandler) -> bool:
    broad = handler.type is None or getattr(handler.type, "id", "") in {"Exception", "BaseException"}
    return broad and all(isinstance(step, ast.Pass) for step in handler.body)


def test_no_error_is_swallowed_whole() -> None:
    handlers = [(path, node) for path in modules(*FLOORS) for node in ast.walk(tree(path)) if isinstance(node, ast.ExceptHandler)]
    assert [f"{name_of(path)}:{handler.lineno}" for path, handler in handlers if _swallows(handler)] == []
