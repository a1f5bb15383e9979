"""Laws that hold for the whole house: one door, mounting opens nothing, laziness."""

from __future__ import annotations

import ast
import pathlib
import subprocess
import sys

import pytest

HOUSE = pathlib.Path(__file__).parents[2]
SLOW = {"asyncio", "dataclasses", "inspect", "pathlib", "json", "subprocess", "tempfile", "logging", "shutil"}
ABOVE = sorted([*HOUSE.glob("commands/**/*.py"), *HOUSE.glob("spatio/agents/**/*.py")])
DOORS = {"provider", "opener", "opened"}
"""What leads from a mount to its provider, past the tree."""


@pytest.mark.parametrize("module", ABOVE, ids=lambda path: str(path.relative_to(HOUSE)))
def test_no_command_and_no_agent_goes_past_the_tree(module: pathlib.Path) -> None:
    tree = ast.parse(module.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("providers"), f"line {node.lineno}"
            names = {alias.name for alias in node.names}
            assert not (node.module == "vfs.provider" and "Provider" in names), f"line {node.lineno}"
        if isinstance(node, ast.Attribute) and node.attr in DOORS:
            on_a_mount = isinstance(node.value, ast.Name) and node.value.id in ("mount", "place")
            assert not on_a_mount, f"line {node.lineno}"


def loaded(code: str) -> set[str]:
    """The modules that a fresh process holds after `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


LIST_AND_READ = """
from vfs.drive import drive
from vfs.mount import Mount, MountTable
from vfs.path import Path
from vfs.tree import Tree
from providers.memory import Memory
table = MountTable()
table.add(Mount(Path.parse("/m"), "memory", Memory))
tree = Tree(table)
async def use():
    await tree.write(Path.parse("/m/a"), b"text")
    await tree.read(Path.parse("/m/a"))
    return [page async for page in tree.list(Path.parse("/m"))]
drive(use())
"""


def test_listing_and_reading_load_nothing_slow() -> None:
    assert not SLOW & loaded(LIST_AND_READ)


def test_the_tree_alone_loads_neither_search_nor_any_provider() -> None:
    modules = loaded("import vfs.tree")
    assert not {"vfs.searching", "vfs.match"} & modules
    assert not [name for name in modules if name.startswith("providers")]


def test_vfs_needs_the_standard_library_only() -> None:
    for module in HOUSE.glob("vfs/*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Import):
                tops = [alias.name.split(".")[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                tops = [(node.module or "").split(".")[0]]
            else:
                continue
            for top in tops:
                assert top == "vfs" or top in sys.stdlib_module_names, f"{module}: {top}"
