"""schema_of and words_of: a command as a tool that an agent's model can call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commands.command import Command, Field, Usage

Json = dict[str, Any]


def schema_of(command: Command[Any]) -> Json:
    """The JSON schema of the command's arguments, an object that allows nothing else."""
    if command.args.RAW:
        words = {"type": "array", "items": {"type": "string"}, "description": "the words after the name"}
        return _object({"words": words}, ["words"])
    fields = command.args.FIELDS
    return _object(
        {field.name: _property(field) for field in fields}, [field.name for field in fields if field.required]
    )


def words_of(command: Command[Any], values: Mapping[str, Any]) -> list[str]:
    """The words that call `command` with `values`, which came as JSON.

    Raises Usage for a name that the schema does not have and a value that is none of its type.
    """
    if command.args.RAW:
        _no_others(values, {"words"})
        return [str(word) for word in _list(values.get("words", []), "words")]
    fields = {field.name: field for field in command.args.FIELDS}
    _no_others(values, fields)
    options: list[str] = []
    operands: list[str] = []
    for name, field in fields.items():
        value = values.get(name)
        if value is None or value is False:
            continue
        each = _list(value, name) if field.many else [value]
        if field.flags:
            options.extend(_option(field, item) for item in each)
        else:
            operands.extend(_plain(item, name) for item in each)
    return [*options, "--", *operands] if operands else options


def _object(properties: Mapping[str, Json], required: list[str]) -> Json:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


def _property(field: Field) -> Json:
    kind = "boolean" if field.is_switch else {int: "integer", float: "number"}.get(field.kind, "string")  # type: ignore[call-overload]
    found: Json = {"type": kind}
    if field.choices:
        found["enum"] = list(field.choices)
    if field.many:
        found = {"type": "array", "items": found}
        if field.required:
            found["minItems"] = 1
    found["description"] = field.help
    return found


def _option(field: Field, value: Any) -> str:
    flag = next((flag for flag in field.flags if flag.startswith("--")), field.flags[0])
    if field.is_switch:
        if value is not True:
            raise Usage(f"{field.name} must be true or false, but is {value!r}")
        return flag
    text = _plain(value, field.name)
    return f"{flag}={text}" if flag.startswith("--") else f"{flag}{text}"


def _plain(value: Any, name: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Usage(f"{name} must be text or a number, but is {value!r}")
    return str(value)


def _list(value: Any, name: str) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, str):
        return [value]
    raise Usage(f"{name} must be a list, but is {value!r}")


def _no_others(values: Mapping[str, Any], known: Mapping[str, Field] | set[str]) -> None:
    for name in values:
        if name not in known:
            raise Usage(f"there is no argument {name}")
