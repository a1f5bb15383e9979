"""What a one-shot command loads: the hot path stays light, and its project modules are pinned."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from spatio.demo.pdf import document
from tests.workspaces import run_in

DATA = pathlib.Path(__file__).parent / "data" / "imports"
LOOPS = {"aiosqlite", "asyncio", "concurrent.futures"}
SHAPES = {"dataclasses", "inspect", "json", "pydantic", "tomllib"}
HOST = {"logging", "pathlib", "shutil", "subprocess", "tempfile"}
READERS = {"pypdf", "zipfile"}
CLIENTS = {"httpx", "keyring", "openai", "prompt_toolkit", "rich", "sqlalchemy", "sqlmodel", "typer"}
HEAVY = LOOPS | SHAPES | HOST | READERS | CLIENTS
OURS = ("commands", "providers", "spatio", "vfs")
PROBE = """
import os, sys
before = set(sys.modules)
leave = os._exit
def tell(status):
    with open(os.environ["LOADED"], "w") as file:
        file.write("\\n".join(sorted(set(sys.modules) - before)))
    leave(status)
os._exit = tell
from spatio.entry import main
main()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("workspace")
    run(folder, "-c", "echo an invoice for Claire > /notes/a.md; echo plain > /notes/b.md")
    run_in(folder, "cat > /files/c.pdf", stdin=document("Invoice", ["kept as text"]))
    return folder


def run(home: pathlib.Path, *words: str) -> set[str]:
    """The modules that a one-shot command loaded beyond the interpreter's own."""
    loaded = home / "loaded"
    env = {**os.environ, "SPATIO_HOME": str(home), "LOADED": str(loaded)}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *words], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(loaded.read_text().split())


@pytest.mark.parametrize(
    "words",
    [
        ("ls", "/notes"),
        ("cat", "/notes/a.md"),
        ("cat", "/files/c.pdf"),
        ("grep", "-r", "invoice", "/notes"),
        ("search", "invoice"),
        ("echo", "hello"),
        ("-c", "echo new > /notes/c.md"),
        ("-c", "ls /notes | head -1"),
        ("-c", "cat /notes/a.md | grep invoice | wc -l"),
    ],
    ids=" ".join,
)
def test_a_one_shot_command_on_local_data_loads_nothing_heavy(
    home: pathlib.Path, words: tuple[str, ...]
) -> None:
    loaded = run(home, *words)
    assert not {name for name in loaded if name in HEAVY or name.partition(".")[0] in HEAVY}


@pytest.mark.parametrize(
    "words",
    [("ls", "/notes"), ("search", "invoice"), ("grep", "-r", "invoice", "/notes")],
    ids=lambda words: words[0],
)
def test_the_modules_behind_a_command_are_pinned(home: pathlib.Path, words: tuple[str, ...]) -> None:
    """A new name here costs every start: add it to the list only when the command cannot do without it."""
    ours = sorted(name for name in run(home, *words) if name.partition(".")[0] in OURS)
    pinned = (DATA / f"{words[0]}.txt").read_text().split()
    assert ours == pinned


def test_a_note_is_shown_without_any_reader_of_documents(home: pathlib.Path) -> None:
    loaded = run(home, "cat", "/notes/a.md")
    assert not {name for name in loaded if name.startswith("providers.rendering")}


def test_the_second_start_with_a_config_needs_no_parser(home: pathlib.Path) -> None:
    (home / "config.toml").write_text('[mounts."/more"]\nprovider = "memory"\n')
    try:
        run(home, "ls", "/notes")
        assert "tomllib" not in run(home, "ls", "/notes")
    finally:
        (home / "config.toml").unlink()


def test_help_and_version_load_no_command_line_library(home: pathlib.Path) -> None:
    for words in (("--help",), ("--version",)):
        loaded = run(home, *words)
        assert "typer" not in loaded
        assert "spatio.workspace" not in loaded
