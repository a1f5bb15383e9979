"""Every example in a command's help works on the demo, and prints what it says it prints."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from commands import registry
from commands.command import Example
from tests.workspaces import copy_of_demo, run_in

WITHOUT = {
    "connect imap": "needs a person",
    "connect gmail": "needs a person",
    "disconnect work": "needs a person",
    "disconnect gmail": "needs a person",
    "edit": "opens an editor",
    "agent edit": "opens an editor",
    "export": "writes to the host's own folders",
}


def examples() -> Iterator[tuple[str, Example]]:
    for name in registry.TABLE:
        command = registry.find(name)
        assert command is not None
        if command.name == name:
            for one in (command, *registry.parts_of(command)):
                yield from ((one.name, example) for example in one.examples)


EXAMPLES = sorted(set(examples()))


def test_every_command_has_an_example() -> None:
    with_examples = {name for name, _ in EXAMPLES}
    commands = [command for name in registry.TABLE if (command := registry.find(name)) is not None]
    parts = [part for command in commands for part in registry.parts_of(command)]
    assert {command.name for command in [*commands, *parts]} == with_examples


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[f"{name}: {one.line}" for name, one in EXAMPLES])
def test_an_example_works_on_the_demo(name: str, example: Example, tmp_path: pathlib.Path) -> None:
    if example.line.startswith(tuple(WITHOUT)):
        pytest.skip(f"{name} {WITHOUT.get(name, 'needs a person')}")
    answer = run_in(copy_of_demo(tmp_path / "home"), example.line)
    assert answer.status not in (2, 70, 126, 127), answer
    assert "a bug in Spatio" not in answer.err
    if example.prints is not None:
        assert answer.out.rstrip("\n") == example.prints.rstrip("\n")
