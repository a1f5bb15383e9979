"""reference: docs/commands.md, written from what the commands declare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from commands.command import Command
from commands.helptext import GROUPS, help_text
from commands.registry import parts_of

HEAD = """# Commands

Written by `scripts/docs` from what each command declares; `COMMAND --help` prints the same.
"""


def reference(commands: Iterable[Command[Any]]) -> str:
    """The page: a list of all commands under their headings, then the help of each."""
    groups: dict[str, list[Command[Any]]] = {name: [] for name in GROUPS}
    for command in sorted({command.name: command for command in commands}.values(), key=lambda one: one.name):
        groups.setdefault(command.group or "Others", []).append(command)
    parts = [HEAD]
    for name, members in groups.items():
        if members:
            links = ", ".join(f"[`{command.name}`](#{_anchor(command.name)})" for command in members)
            parts.append(f"**{name}**: {links}\n")
    for name, members in groups.items():
        if members:
            parts.append(f"## {name}\n")
        for command in members:
            parts.append(f'<a id="{_anchor(command.name)}"></a>\n\n### `{command.name}`\n')
            parts.append(f"```text\n{help_text(command)}```\n")
            for part in parts_of(command):
                parts.append(f'<a id="{_anchor(part.name)}"></a>\n\n#### `{part.name}`\n')
                parts.append(f"```text\n{help_text(part)}```\n")
    return "\n".join(parts)


def _anchor(name: str) -> str:
    plain = {"[": "bracket", ":": "colon", ".": "dot"}.get(name, name)
    return f"command-{plain.replace(' ', '-')}"
