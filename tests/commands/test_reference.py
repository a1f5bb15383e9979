"""docs/commands.md says what the commands declare."""

from __future__ import annotations

import pathlib

from commands import registry
from commands.reference import reference

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_of_commands_is_up_to_date() -> None:
    commands = [command for name in registry.TABLE if (command := registry.find(name)) is not None]
    assert PAGE.read_text(encoding="utf-8") == reference(commands), "run: scripts/docs"


def test_every_command_has_its_place_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in registry.TABLE:
        command = registry.find(name)
        assert command is not None
        assert f"### `{command.name}`\n" in text
