"""help_text and overview: what `--help` and `help` print, plain text in 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from commands.command import Command, Field
from commands.registry import parts_of
from vfs.action import Effect

WIDTH = 80
INDENT = 2
COLUMN = 26

GROUPS = (
    "Files", "Text", "Records", "Finding", "Notes and tasks", "Mail", "Calendar", "Money",
    "Agents", "Workspace", "Shell",
)  # fmt: skip
"""The headings of the overview, in this order; others follow by name."""

UNDONE = " (`undo` takes it back)"
EFFECTS = (
    (Effect.READ, "reads"),
    (Effect.WRITE, f"writes{UNDONE}"),
    (Effect.DELETE, f"deletes{UNDONE}"),
    (Effect.SEND, "sends something out of the workspace"),
    (Effect.SPEND, "spends money"),
    (Effect.RUN, "runs code"),
)


def help_text(command: Command[Any]) -> str:
    """The whole help of one command, ending in a newline."""
    parts = [f"{command.name} - {command.summary}"]
    if not command.description.startswith("Usage:"):
        parts.append(f"Usage: {usage(command)}")
    if command.also:
        parts.append(f"Also: {', '.join(command.also)}")
    parts.extend(_paragraphs(command.description))
    fields = command.args.FIELDS
    operands = [(_shown_operand(field), _explained(field)) for field in fields if not field.flags]
    options = [(_shown_option(field), _explained(field)) for field in fields if field.flags]
    if command.parts:
        inner = [(part.name.partition(" ")[2], part.summary) for part in parts_of(command)]
        parts.append(f"Subcommands ({command.name} NAME --help explains one):\n" + _columns(inner))
    if operands:
        parts.append("Operands:\n" + _columns(operands))
    parts.append("Options:\n" + _columns([*options, ("--help", "show this help")]))
    if command.examples:
        parts.append("Examples:\n" + "\n".join(_example_lines(command)))
    effects = "; ".join(words for effect, words in EFFECTS if effect in command.effects)
    if Effect.RUN in command.effects:
        # What runs acts beside the tree, where nothing is journalled.
        effects = effects.replace(UNDONE, "")
    if effects:
        parts.append("\n".join(wrapped(f"Effects: {effects}.", WIDTH)))
    return "\n\n".join(parts) + "\n"


def overview(commands: Iterable[Command[Any]]) -> str:
    """All commands under their headings, one line each, whatever other names they have."""
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name in GROUPS}
    named = {command.name: command for command in commands}
    for _, command in sorted(named.items()):
        groups.setdefault(command.group or "Others", []).append((command.name, command.summary))
    parts = [f"{name}:\n{_columns(rows, column=14)}" for name, rows in groups.items() if rows]
    parts.append("COMMAND --help shows the options and examples of one.")
    return "\n\n".join(parts) + "\n"


def usage(command: Command[Any]) -> str:
    """The one line that shows how a command is called."""
    words = [command.name]
    fields = command.args.FIELDS
    if any(field.flags for field in fields):
        words.append("[OPTION]...")
    for field in fields:
        if not field.flags:
            name = field.metavar + ("..." if field.many else "")
            words.append(name if field.required else f"[{name}]")
    if command.args.RAW and not fields:
        words.append("[WORD]...")
    return " ".join(words)


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` characters, broken at spaces."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines


def _paragraphs(text: str) -> list[str]:
    """Paragraphs between empty lines; one with indented lines is kept as it is."""
    found = []
    for block in text.strip("\n").split("\n\n"):
        lines = block.strip("\n").split("\n")
        if any(line.startswith(" ") for line in lines):
            found.append("\n".join(lines))
        elif block.strip():
            found.append("\n".join(wrapped(block, WIDTH)))
    return found


def _shown_operand(field: Field) -> str:
    return field.metavar + ("..." if field.many else "")


def _shown_option(field: Field) -> str:
    flags = ["-NUM" if flag == "-#" else flag for flag in field.flags]
    shown = ", ".join(flags)
    if field.is_switch:
        return shown
    long = flags[-1].startswith("--")
    if field.bare is not None:
        return f"{shown}[={field.metavar}]" if long else f"{shown}[{field.metavar}]"
    return f"{shown}={field.metavar}" if long else f"{shown} {field.metavar}"


def _explained(field: Field) -> str:
    return f"{field.help}: {', '.join(field.choices)}" if field.choices else field.help


def _columns(rows: Sequence[tuple[str, str]], column: int = COLUMN) -> str:
    lines = []
    for left, right in rows:
        texts = wrapped(right, WIDTH - column) or [""]
        head = " " * INDENT + left
        if len(head) + 2 > column:
            lines.append(head)
        else:
            lines.append(f"{head:<{column}}{texts.pop(0)}".rstrip())
        lines.extend(" " * column + text for text in texts)
    return "\n".join(lines)


def _example_lines(command: Command[Any]) -> list[str]:
    lines = []
    for example in command.examples:
        lines.append(f"  $ {example.line}")
        lines.extend(f"      {text}" for text in wrapped(example.does, WIDTH - 6))
    return lines
