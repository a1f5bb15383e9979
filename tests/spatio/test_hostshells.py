"""Completion in the host's shells, asked as a person would: with the Tab key."""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from spatio.hostshells import SCRIPTS
from tests.spatio.pty import Person
from tests.workspaces import copy_of_demo, outside_env

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return copy_of_demo(tmp_path_factory.mktemp("complete") / "home")


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder for PATH with `spatio` in it."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "spatio"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m spatio "$@"\n')
    script.chmod(0o755)
    return folder


def asked(home: pathlib.Path, shell: str, line: str) -> list[str]:
    word = re.split(r"[\s]", line)[-1]
    done = subprocess.run(
        [sys.executable, "-m", "spatio", "--complete", shell, line, word],
        capture_output=True, env=outside_env(home), cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.stderr == b""
    return done.stdout.decode().splitlines()


def test_commands_verbs_and_paths_are_offered(home: pathlib.Path) -> None:
    assert {"demo", "diff", "doctor", "du"} <= set(asked(home, "bash", "spatio d"))
    assert asked(home, "bash", "spatio ls /no") == ["/notes/"]
    assert asked(home, "bash", "spatio cat /notes/meeting-n") == ["/notes/meeting-notes.md"]
    assert asked(home, "bash", "spatio demo cat /notes/meeting-n") == ["/notes/meeting-notes.md"]
    assert "--recursive" in asked(home, "bash", "spatio ls --")
    assert asked(home, "bash", "spatio completion z") == ["zsh"]


def test_an_agent_and_its_subcommands_are_offered(home: pathlib.Path) -> None:
    assert "run" in asked(home, "bash", "spatio agent r")
    assert asked(home, "bash", "spatio agent run summ") == ["summarizer"]


def test_nothing_is_said_where_nothing_fits(home: pathlib.Path) -> None:
    for line in (
        "spatio nosuch --",
        "spatio cat /none/x",
        "spatio -c 'ls /n",
        "spatio ls > /t",
        "spatio doctor ",
    ):
        assert asked(home, "bash", line) == []


def test_a_name_that_acts_on_terminals_is_not_offered(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    for name in ("bad\x1b[2J", "bad\u202ename", "bad-but-good"):
        (tmp_path / name).write_text("")
    subprocess.run(
        [sys.executable, "-m", "spatio", "mount", "/odd", "local", f"path={tmp_path}"],
        env=outside_env(home), cwd=ROOT, check=True,
    )  # fmt: skip
    for shell in SCRIPTS:
        assert [one.partition("\t")[0] for one in asked(home, shell, "spatio cat /odd/bad")] == [
            "/odd/bad-but-good"
        ]


def person(shell: str, home: pathlib.Path, commands: pathlib.Path) -> Iterator[Person]:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    start = {
        "bash": [program, "--norc", "--noprofile", "-i"],
        "zsh": [program, "-f", "-i"],
        "fish": [program, "--no-config", "-i"],
    }[shell]
    before = outside_env(home)
    env = {**before, "PATH": f"{commands}:{before['PATH']}", "PS1": "READY ", "HOME": str(home)}
    someone = Person(start, env=env)
    try:
        yield someone
    finally:
        someone.gone()


@pytest.fixture
def bash(home: pathlib.Path, commands: pathlib.Path) -> Iterator[Person]:
    yield from person("bash", home, commands)


@pytest.fixture
def zsh(home: pathlib.Path, commands: pathlib.Path) -> Iterator[Person]:
    yield from person("zsh", home, commands)


@pytest.fixture
def fish(home: pathlib.Path, commands: pathlib.Path) -> Iterator[Person]:
    yield from person("fish", home, commands)


def test_in_bash(bash: Person) -> None:
    bash.says("source <(spatio completion bash); echo lo''aded")
    bash.sees("^loaded")
    bash.types("spatio cat /notes/meeting-n\t")
    bash.sees(r"spatio cat /notes/meeting-notes\.md")
    bash.types("\x15spatio l''s /no\t")
    bash.sees(r"spatio l''s /notes/")
    bash.types("\x15spatio --home=/nowhere ba\tx")
    bash.sees(r"spatio --home=/nowhere ba")


def test_in_zsh(zsh: Person) -> None:
    zsh.says("autoload -U compinit; compinit -u -D; source <(spatio completion zsh); echo lo''aded")
    zsh.sees("^loaded")
    zsh.types("spatio cat /notes/meeting-n\t")
    zsh.sees(r"spatio cat /notes/meeting-notes\.md")
    zsh.types("\x15spatio ls /no\t")
    zsh.sees(r"spatio ls /notes/")


def test_in_fish(fish: Person) -> None:
    fish.says("spatio completion fish | source; echo lo''aded")
    fish.sees("^loaded")
    fish.types("spatio cat /notes/meeting-n\t")
    fish.sees(r"spatio cat /notes/meeting-notes\.md")
