"""The registry, and what every command in it must have: help, examples, a schema, a place."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from commands import registry
from commands.command import Arguments, Command, Context, Example, Reading, Shape, Usage, operand, option
from commands.helptext import GROUPS, help_text, overview, wrapped
from commands.nearest import nearest
from commands.parse import parse
from commands.schema import schema_of, words_of
from commands.stream import Io
from vfs.action import Effect

NAMES = sorted(registry.TABLE)


def found(name: str) -> Command[Arguments]:
    command = registry.find(name.partition(" ")[0])
    assert command is not None
    part, rest = registry.narrowed(command, name.split()[1:])
    assert not rest
    return part


PARTS = [part.name for name in NAMES for part in registry.parts_of(found(name))]


def test_the_table_is_sorted() -> None:
    assert list(registry.TABLE) == NAMES


@pytest.mark.parametrize("name", NAMES + PARTS)
def test_every_command_declares_itself(name: str) -> None:
    command = found(name)
    assert name in (command.name, *command.also)
    assert command.summary[:1].islower() or not command.summary[:1].isalpha()
    assert not command.summary.endswith(".")
    assert command.group in GROUPS
    assert command.examples
    assert all(example.line and example.does for example in command.examples)


@pytest.mark.parametrize("name", NAMES + PARTS)
def test_every_option_and_operand_explains_itself(name: str) -> None:
    flags: set[str] = set()
    for field in found(name).args.FIELDS:
        assert field.help, field.name
        assert not flags & set(field.flags)
        flags.update(field.flags)


@pytest.mark.parametrize("name", NAMES + PARTS)
def test_help_fits_eighty_columns_and_shows_everything(name: str) -> None:
    command = found(name)
    text = help_text(command)
    examples = {f"  $ {example.line}" for example in command.examples}
    assert text.startswith(f"{command.name} - {command.summary}\n\nUsage: ")
    assert text.endswith("\n")
    assert all(len(line) <= 80 for line in text.splitlines() if line not in examples)
    assert examples <= set(text.splitlines())
    for field in command.args.FIELDS:
        assert all(flag in text for flag in field.flags if flag != "-#")


@pytest.mark.parametrize("name", NAMES + PARTS)
def test_every_command_is_a_tool_that_takes_nothing_else(name: str) -> None:
    schema = schema_of(found(name))
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) <= set(schema["properties"])


@pytest.mark.parametrize("name", NAMES)
def test_how_its_words_are_read_agrees_with_the_small_table(name: str) -> None:
    assert found(name).reading in (registry.reading_of(name), Reading.TEXT, Reading.WORDS)
    if name in registry.READINGS:
        assert found(name).reading is registry.READINGS[name]


def test_finding_one_command_loads_no_other() -> None:
    code = (
        "import sys; from commands import registry; registry.find('pwd'); "
        "print(*sorted(m for m in sys.modules if m.startswith('commands')))"
    )
    root = pathlib.Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [
        "commands",
        "commands.command",
        "commands.pwd",
        "commands.registry",
        "commands.stream",
    ]


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    assert registry.find("nonesuch") is None
    assert registry.nearest("sl") == "ls"
    assert registry.nearest("mkdri") == "mkdir"
    assert registry.nearest("sear") == "search"
    assert registry.nearest("xyzzyplugh") is None


def test_a_part_is_a_command_of_its_own_with_the_words_after_its_name() -> None:
    mail = found("mail")
    part, words = registry.narrowed(mail, ["list", "-n", "3"])
    assert (part.name, list(words)) == ("mail list", ["-n", "3"])
    assert part.effects is Effect.READ
    assert registry.narrowed(mail, ["-n", "3"]) == (mail, ["-n", "3"])
    assert registry.narrowed(found("ls"), ["list"])[0].name == "ls"
    assert all(part.effects in mail.effects for part in registry.parts_of(mail))


def test_how_words_are_read_is_known_without_loading() -> None:
    assert registry.reading_of("where") is Reading.EXPRESSION
    assert registry.reading_of("@mail") is Reading.TEXT
    assert registry.reading_of("task", "add") is Reading.TEXT
    assert registry.reading_of("task", "done") is Reading.WORDS
    assert registry.reading_of("ls") is Reading.WORDS


def test_the_overview_names_every_command_once() -> None:
    commands = {found(name).name: found(name) for name in NAMES}
    text = overview(commands.values())
    starts = [line.split()[0] for line in text.splitlines() if line.startswith("  ") and line[2] != " "]
    assert sorted(starts) == sorted(commands)
    assert all(len(line) <= 80 for line in text.splitlines())


class Args(Arguments):
    path: str = operand("PATH", help="which")
    more: list[str] = operand("MORE", many=True, required=False, help="others")
    count: int | None = option("-n", "--count", kind=int, help="how many")
    form: str = option("--form", choices=("a", "b"), default="a", help="which form")
    tags: list[str] = option("-t", many=True, help="tags")


async def _run(ctx: Context, args: Args, io: Io) -> int:
    return 0


TOOL = Command("tool", "does", Args, _run, writes=Shape.BYTES, examples=[Example("tool x", "it")])


def test_a_schema_tells_types_choices_and_what_is_required() -> None:
    schema = schema_of(TOOL)
    assert schema["required"] == ["path"]
    assert schema["properties"]["count"] == {"type": "integer", "description": "how many"}
    assert schema["properties"]["form"]["enum"] == ["a", "b"]
    assert schema["properties"]["more"] == {
        "type": "array",
        "items": {"type": "string"},
        "description": "others",
    }


def test_a_tools_values_become_words_that_mean_the_same() -> None:
    values = {"path": "-rf", "more": ["--count=9", "x"], "count": 3, "form": "b", "tags": ["-a", "b"]}
    words = words_of(TOOL, values)
    args = parse(TOOL, words)
    assert (args.path, args.more, args.count, args.form, args.tags) == (
        "-rf",
        ["--count=9", "x"],
        3,
        "b",
        ["-a", "b"],
    )


@pytest.mark.parametrize(
    "values",
    [{"other": 1}, {"path": {"a": 1}}, {"path": "x", "more": 3}, {"path": True}, {"path": "x", "tags": [[]]}],
)
def test_values_that_do_not_fit_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(Usage):
        words_of(TOOL, values)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("sl", "ls"),
        ("serch", "search"),
        ("gerp", "grep"),
        ("LS", "ls"),
        ("q", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_one_slip_away(word: str, meant: str | None) -> None:
    assert nearest(word, ["ls", "search", "grep", "rm"]) == meant


def test_text_is_wrapped_at_spaces() -> None:
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("", 7) == []
    assert wrapped("unbreakable words", 5) == ["unbreakable", "words"]
