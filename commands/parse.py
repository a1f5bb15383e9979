"""parse: a command's words to its Arguments, the GNU way.

Options may stand anywhere before `--`, short ones in clusters (`-la`, `-n3`), long ones shortened
as far as they stay unique (`--rec`). A word such as `-3` is the option with the flag `-#`, else an
operand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from commands.command import Arguments, Command, Field, Usage
from commands.nearest import nearest

A = TypeVar("A", bound=Arguments)


def parse(command: Command[A], words: Sequence[str]) -> A:
    """The arguments that `words` spell. Raises Usage with the command's status for a wrong call."""
    if command.args.RAW:
        return command.args(words=tuple(words))
    try:
        return _Reading(command).read(words)
    except Usage as wrong:
        wrong.status = command.misuse
        wrong.hint = wrong.hint or f"run: {command.name} --help"
        raise


def value_of(field: Field, word: str, shown: str) -> Any:
    """The value that `word` spells for `field`, which messages call `shown`. Raises Usage."""
    if field.choices and word not in field.choices:
        near = nearest(word, field.choices)
        raise Usage(
            f"{shown} must be one of {', '.join(field.choices)}, but is '{word}'",
            hint=f"did you mean {near}?" if near else None,
        )
    if field.kind is None or field.kind is str:
        return word
    try:
        return field.kind(word)
    except ValueError as wrong:
        if field.kind is int:
            raise Usage(f"{shown} must be a whole number, but is '{word}'") from None
        if field.kind is float:
            raise Usage(f"{shown} must be a number, but is '{word}'") from None
        raise Usage(f"{shown}: {wrong}") from None


def is_number(word: str) -> bool:
    """Whether a word is a negative number rather than an option."""
    return len(word) > 1 and word[0] == "-" and word[1:].replace(".", "", 1).isdecimal()


class _Reading(Generic[A]):
    """One pass over the words of one call."""

    def __init__(self, command: Command[A]) -> None:
        self.args = command.args
        self.flags: dict[str, Field] = {flag: field for field in command.args.FIELDS for flag in field.flags}
        self.values: dict[str, Any] = {}
        self.given: list[str] = []
        self.rest: list[str] = []

    def read(self, words: Sequence[str]) -> A:
        at = 0
        while at < len(words):
            word = words[at]
            at += 1
            if word == "--":
                self.rest.extend(words[at:])
                break
            if word.startswith("--"):
                at = self.long(words, at)
            elif len(word) > 1 and word[0] == "-" and not self.operand_after_all(word):
                at = self.short(words, at)
            else:
                self.rest.append(word)
                if self.args.OPTIONS_FIRST:
                    self.rest.extend(words[at:])
                    break
        self.operands()
        return self.args(given=tuple(self.given), **self.values)

    def operand_after_all(self, word: str) -> bool:
        return is_number(word) and "-#" not in self.flags and f"-{word[1]}" not in self.flags

    def keep(self, field: Field, value: Any) -> None:
        self.given.append(field.name)
        if field.many:
            self.values.setdefault(field.name, []).append(value)
        else:
            self.values[field.name] = value

    def long(self, words: Sequence[str], at: int) -> int:
        name, equals, value = words[at - 1].partition("=")
        field = self.flags.get(name) or self.shortened(name)
        if field.is_switch:
            if equals:
                raise Usage(f"{name} takes no value")
            self.keep(field, True)
            return at
        if not equals and field.bare is not None:
            value = field.bare
        elif not equals:
            if at == len(words):
                raise Usage(f"{name} needs a value: {field.metavar}")
            value = words[at]
            at += 1
        self.keep(field, value_of(field, value, name))
        return at

    def shortened(self, name: str) -> Field:
        fits = [flag for flag in self.flags if flag.startswith(name) and len(name) > 2]
        if len({self.flags[flag].name for flag in fits}) == 1:
            return self.flags[fits[0]]
        if fits:
            raise Usage(f"{name} may be {' or '.join(sorted(fits))}")
        near = nearest(name, [flag for flag in self.flags if flag.startswith("--")])
        raise Usage(f"unknown option {name}", hint=f"did you mean {near}?" if near else None)

    def short(self, words: Sequence[str], at: int) -> int:
        word = words[at - 1]
        if word[1].isdecimal() and "-#" in self.flags and f"-{word[1]}" not in self.flags:
            self.keep(self.flags["-#"], value_of(self.flags["-#"], word[1:], "-NUM"))
            return at
        for place, letter in enumerate(word[1:], 1):
            flag = f"-{letter}"
            field = self.flags.get(flag)
            if field is None:
                raise self.unknown(word, flag)
            if field.is_switch:
                self.keep(field, True)
                continue
            value = word[place + 1 :]
            if not value and field.bare is not None:
                value = field.bare
            elif not value:
                if at == len(words):
                    raise Usage(f"{flag} needs a value: {field.metavar}")
                value = words[at]
                at += 1
            self.keep(field, value_of(field, value, flag))
            break
        return at

    def unknown(self, word: str, flag: str) -> Usage:
        if f"-{word}" in self.flags:
            return Usage(f"unknown option {flag}", hint=f"did you mean -{word}?")
        swapped = flag.swapcase()
        return Usage(
            f"unknown option {flag}", hint=f"did you mean {swapped}?" if swapped in self.flags else None
        )

    def operands(self) -> None:
        fields = [field for field in self.args.FIELDS if not field.flags]
        needed = sum(field.required for field in fields)
        words = self.rest
        for field in fields:
            needed -= field.required
            spare = len(words) - needed
            if field.many:
                take = max(spare, 0)
            else:
                take = 1 if spare > 0 else 0
            if not take and field.required:
                raise Usage(f"missing operand {field.metavar}")
            taken, words = words[:take], words[take:]
            if taken:
                values = [value_of(field, word, field.metavar) for word in taken]
                self.values[field.name] = values if field.many else values[0]
        if words:
            raise Usage(f"extra operand '{words[0]}'")
