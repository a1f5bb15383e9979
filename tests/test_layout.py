"""The house rules that a reader relies on: small modules, small functions, imports on top, few comments."""

from __future__ import annotations

import ast
import functools
import io
import pathlib
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator

ROOT = pathlib.Path(__file__).parents[1]
PACKAGES = ("vfs", "commands", "providers", "spatio")
MODULE_LINES = 400
FUNCTION_LINES = 60
COMMENT_SHARE = 0.06
VAGUE = re.compile(r"(Manager|Helper|Helpers|Util|Utils|Impl|Base|Info|Data)$|^(Base|Abstract)[A-Z]")
NAMED_WELL = {"AgentInfo", "RunInfo"}
"""Words of the field that only look vague."""
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


@functools.cache
def modules() -> list[pathlib.Path]:
    found = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    assert len(found) > 100
    return found


def shown(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT))


def offenders(check: Callable[[str, ast.Module], Iterable[str]]) -> list[str]:
    """What `check` finds in the modules, each with its place."""
    return [f"{shown(path)}: {what}" for path in modules() for what in check(*parsed(path))]


@functools.cache
def parsed(path: pathlib.Path) -> tuple[str, ast.Module]:
    text = path.read_text("utf-8")
    return text, ast.parse(text)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_a_module_is_small_enough_to_read() -> None:
    def check(text: str, tree: ast.Module) -> Iterator[str]:
        if text.count("\n") > MODULE_LINES:
            yield f"{text.count(chr(10))} lines"

    assert not offenders(check)


def test_a_function_fits_on_a_screen() -> None:
    def check(text: str, tree: ast.Module) -> Iterator[str]:
        for node in functions(tree):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{node.name} has {lines} lines"

    assert not offenders(check)


def test_imports_stand_at_the_top() -> None:
    """Laziness lives at module borders: a table of strings and import_module."""

    def check(text: str, tree: ast.Module) -> Iterator[str]:
        for node in functions(tree):
            for child in ast.walk(node):
                if isinstance(child, ast.Import | ast.ImportFrom):
                    yield f"line {child.lineno}"

    assert not offenders(check)


def test_a_module_says_what_it_is() -> None:
    def check(text: str, tree: ast.Module) -> Iterator[str]:
        if text.strip() and not ast.get_docstring(tree):
            yield "no docstring"

    assert not offenders(check)


def test_names_say_what_they_name() -> None:
    def check(text: str, tree: ast.Module) -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and VAGUE.search(node.name) and node.name not in NAMED_WELL:
                yield node.name

    assert not offenders(check)


@functools.cache
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

    def check(text: str, tree: ast.Module) -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                yield f"line {node.lineno}"

    assert not offenders(check)


def test_every_package_is_typed() -> None:
    assert all((ROOT / package / "py.typed").exists() for package in PACKAGES)
