"""The house rules that a reader relies on: small modules, small functions, imports on top, few comments."""

from __future__ import annotations

import ast
import io
import pathlib
import re
import tokenize

import pytest

ROOT = pathlib.Path(__file__).parents[1]
PACKAGES = ("vfs", "commands", "providers", "spatio")
MODULE_LINES = 400
FUNCTION_LINES = 60
COMMENT_SHARE = 0.06
VAGUE = re.compile(r"(Manager|Helper|Helpers|Util|Utils|Impl|Base|Info|Data)$|^(Base|Abstract)[A-Z]")
NAMED_WELL = {"AgentInfo", "RunInfo"}
"""Words of the field that only look vague."""
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def modules() -> list[pathlib.Path]:
    found = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    assert len(found) > 100
    return found


def shown(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT))


ALL = pytest.mark.parametrize("path", modules(), ids=shown)


@ALL
def test_a_module_is_small_enough_to_read(path: pathlib.Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MODULE_LINES


@ALL
def test_a_function_fits_on_a_screen(path: pathlib.Path) -> None:
    long = [
        f"{node.name} in line {node.lineno}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= FUNCTION_LINES
    ]
    assert not long


@ALL
def test_imports_stand_at_the_top(path: pathlib.Path) -> None:
    inside = [
        f"line {child.lineno}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.walk(node)
        if isinstance(child, ast.Import | ast.ImportFrom)
    ]
    assert not inside, "laziness lives at module borders: a table of strings and import_module"


@ALL
def test_a_module_says_what_it_is(path: pathlib.Path) -> None:
    text = path.read_text("utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))


@ALL
def test_names_say_what_they_name(path: pathlib.Path) -> None:
    vague = [
        node.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and VAGUE.search(node.name) and node.name not in NAMED_WELL
    ]
    assert not vague


def comments(path: pathlib.Path) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def test_comments_are_few() -> None:
    lines = sum(1 for path in modules() for line in path.read_text("utf-8").splitlines() if line.strip())
    assert sum(len(comments(path)) for path in modules()) / lines <= COMMENT_SHARE


def test_nothing_is_left_unfinished() -> None:
    assert not [shown(path) for path in modules() for text in comments(path) if UNFINISHED.search(text)]


def test_only_the_edges_print() -> None:
    """What a command says goes through its streams."""
    printing = [
        shown(path)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not printing


def test_every_package_is_typed() -> None:
    assert all((ROOT / package / "py.typed").exists() for package in PACKAGES)
