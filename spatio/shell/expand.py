"""Expander: from words as they were written to the words that a command gets.

In the order of POSIX: braces, tilde, parameters, substitutions, arithmetic, wildcards, quote removal.
Three things differ from other shells, on purpose: `$x` is one word and its wildcards are text;
`$(…)` becomes one word a line; a pattern that matches nothing raises NoMatch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from spatio.shell.arithmetic import calculate
from spatio.shell.ast import (
    Arithmetic,
    HereText,
    Literal,
    Parameter,
    Part,
    Quoted,
    Script,
    Substitution,
    Word,
)
from spatio.shell.braces import expand_braces
from spatio.shell.flow import NoMatch, ShellError, Unset
from spatio.shell.globbing import expand_glob, is_pattern
from spatio.shell.patterns import escaped
from spatio.shell.transform import substring, transformed
from spatio.shell.variables import BLANKS, Variables

if TYPE_CHECKING:
    from vfs.path import Path
    from vfs.tree import Tree

Fragment = tuple[str, bool]
"""Text, and whether it is quoted: no wildcard in it counts."""


class Surroundings(Protocol):
    """What expansion needs of the shell that it happens in."""

    variables: Variables

    @property
    def tree(self) -> Tree: ...
    @property
    def cwd(self) -> Path: ...
    def has_option(self, name: str) -> bool: ...
    def special(self, name: str) -> str: ...
    async def substitute(self, script: Script) -> str: ...


class Fields:
    """The words that one word becomes, while it is expanded."""

    def __init__(self) -> None:
        self.done: list[list[Fragment]] = []
        self.open: list[Fragment] | None = None

    def add(self, text: str, *, quoted: bool, present: bool) -> None:
        """Adds to the open word; empty text begins one only when it is `present`."""
        if not text and not present:
            return
        if self.open is None:
            self.open = []
        self.open.append((text, quoted))

    def cut(self) -> None:
        """Ends the open word."""
        if self.open is not None:
            self.done.append(self.open)
            self.open = None


class Expander:
    """Expands words in a shell. `loose` notes the unquoted values that another shell would split."""

    def __init__(self, shell: Surroundings) -> None:
        self.shell = shell
        self.variables = shell.variables
        self.loose: list[str] = []

    # -- whole words

    async def words(self, words: Sequence[Word]) -> list[str]:
        """The words of a command. Raises NoMatch, ShellError."""
        expanded: list[str] = []
        for word in words:
            if word.plain is not None:
                expanded.append(word.plain)
            elif word.braces:
                for one in expand_braces(word):
                    if one.parts:
                        expanded += [one.plain] if one.plain is not None else await self._word(one)
            else:
                expanded += await self._word(word)
        return expanded

    async def _word(self, word: Word) -> list[str]:
        fields = Fields()
        for part in self._tilde(word.parts):
            await self._part(part, fields)
        fields.cut()
        found: list[str] = []
        globs = not self.shell.has_option("noglob")
        for fragments in fields.done:
            if globs and any(not quoted and is_pattern(text) for text, quoted in fragments):
                pattern = "".join([escaped(text) if quoted else text for text, quoted in fragments])
                matches = await expand_glob(self.shell.tree, self.shell.cwd, pattern)
                if matches is None:
                    found.append("".join([text for text, _ in fragments]))
                elif not matches:
                    raise NoMatch("".join([text for text, _ in fragments]))
                else:
                    found += matches
            else:
                found.append("".join([text for text, _ in fragments]))
        return found

    async def text(self, word: Word, *, assigned: bool = False) -> str:
        """The word as one text, without splitting and wildcards: an assigned value, a here-string."""
        if word.plain is not None and not (assigned and "~" in word.plain):
            return word.plain
        return "".join([text for text, _ in await self._fragments(word, assigned)])

    async def pattern(self, word: Word) -> str:
        """The word as a pattern in which quoted text is literal."""
        if len(word.parts) == 1 and isinstance(word.parts[0], Literal) and word.parts[0].quoted:
            return escaped(word.parts[0].text)
        fragments = await self._fragments(word, False, patterns=True)
        return "".join([escaped(text) if quoted else text for text, quoted in fragments])

    async def _fragments(self, word: Word, assigned: bool, *, patterns: bool = False) -> list[Fragment]:
        fragments: list[Fragment] = []
        for part in self._tilde(word.parts, assigned):
            if isinstance(part, Literal):
                fragments.append((part.text, part.quoted))
            else:
                loose = patterns and not isinstance(part, (Quoted, Arithmetic)) and not part.quoted
                fragments.append((await self._joined(part), not loose))
        return fragments

    async def here(self, here: HereText) -> str:
        """The body of a here-document."""
        return await self.text(here.word)

    async def number(self, word: Word) -> int:
        """The value of an arithmetic expression. Raises ShellError."""
        return calculate(await self.text(word), self.variables)

    def _tilde(self, parts: tuple[Part, ...], assigned: bool = False) -> tuple[Part, ...]:
        """The parts with a `~` at the start (of an assignment: after each colon, too) replaced."""
        places = range(len(parts)) if assigned else range(min(len(parts), 1))
        if not any(isinstance(parts[place], Literal) and "~" in str(parts[place][0]) for place in places):
            return parts
        home = self.variables.get("HOME")
        replaced = list(parts)
        for place in places:
            part = parts[place]
            if isinstance(part, Literal) and not part.quoted:
                text = self._homes(part.text, home or "/", assigned, place == 0, place == len(parts) - 1)
                replaced[place] = part._replace(text=text)
        return tuple(replaced)

    @staticmethod
    def _homes(text: str, home: str, assigned: bool, first: bool, last: bool) -> str:
        pieces = text.split(":") if assigned else [text]
        for index, piece in enumerate(pieces):
            if not (index or first):
                continue
            if piece.startswith("~/"):
                pieces[index] = home.rstrip("/") + piece[1:]
            elif piece == "~" and (last or index < len(pieces) - 1):
                pieces[index] = home
        return ":".join(pieces)

    # -- parts

    async def _part(self, part: Part, fields: Fields) -> None:
        if isinstance(part, Literal):
            fields.add(part.text, quoted=part.quoted, present=True)
        elif isinstance(part, Quoted):
            await self._quoted(part.parts, fields)
        elif isinstance(part, Parameter):
            await self._parameter(part, fields)
        elif isinstance(part, Substitution):
            lines = (await self.shell.substitute(part.script)).split("\n")
            self.loose += [line for line in lines if " " in line or "\t" in line][:1]
            self._several(lines, fields)
        else:
            fields.add(str(await self.number(part.text)), quoted=True, present=True)

    async def _quoted(self, parts: tuple[Part, ...], fields: Fields) -> None:
        only_arguments = bool(parts)
        for part in parts:
            if (
                isinstance(part, Parameter)
                and part.name == "@"
                and (values := await self._list(part)) is not None
            ):
                for index, value in enumerate(values):
                    if index:
                        fields.cut()
                    fields.add(value, quoted=True, present=True)
                continue
            only_arguments = False
            fields.add(await self._joined(part), quoted=True, present=True)
        if not only_arguments:
            fields.add("", quoted=True, present=True)

    def _several(self, values: Sequence[str], fields: Fields) -> None:
        """Values of which each is a word; the first joins what stands before, the last what follows."""
        for index, value in enumerate(values):
            if index:
                fields.cut()
            fields.add(value, quoted=True, present=False)

    async def _parameter(self, part: Parameter, fields: Fields) -> None:
        if part.name in {"@", "*"} and (values := await self._list(part)) is not None:
            self._several(values, fields)
            return
        chosen = await self._alternative(part)
        if isinstance(chosen, Word):
            for inner in self._tilde(chosen.parts):
                if isinstance(inner, Literal) and not inner.quoted:
                    self._blank_separated(inner, fields)
                else:
                    await self._part(inner, fields)
            return
        if any(char in chosen for char in " \t\n*?["):
            self.loose.append(chosen)
        fields.add(chosen, quoted=True, present=False)

    @staticmethod
    def _blank_separated(literal: Literal, fields: Fields) -> None:
        for index, text in enumerate(re.split(r"[ \t\n]+", literal.text)):
            if index:
                fields.cut()
            fields.add(text, quoted=False, present=False)

    async def _joined(self, part: Part) -> str:
        """A part as one text."""
        if isinstance(part, Literal):
            return part.text
        if isinstance(part, Quoted):
            return "".join([await self._joined(inner) for inner in part.parts])
        if isinstance(part, Substitution):
            return await self.shell.substitute(part.script)
        if isinstance(part, Arithmetic):
            return str(await self.number(part.text))
        if part.name in {"@", "*"} and (values := await self._list(part)) is not None:
            separator = " " if part.name == "@" else (self.variables.values.get("IFS", BLANKS))[:1]
            return separator.join(values)
        chosen = await self._alternative(part)
        if isinstance(chosen, str):
            return chosen
        return "".join([await self._joined(inner) for inner in chosen.parts])

    # -- parameters

    async def _list(self, part: Parameter) -> list[str] | None:
        """What `$@` and `$*` stand for; None when an operator makes another thing of them."""
        args = self.variables.args
        if part.indirect or part.length:
            return None
        if not part.op:
            return args
        if part.op == ":":
            offset, length = await self._range(part)
            whole = [self.variables.name, *args] if offset == 0 else ["", *args]
            chosen: list[str] = substring(whole, offset, length)
            return chosen
        if part.op[0] in "#%/^,@":
            return [await self._changed(part, value) for value in args]
        if part.op[-1] == "+" and part.op[0] in ":+":
            return None if args else []
        return args if args else None

    def value(self, name: str) -> str | None:
        """The value of a parameter; None when it is not set."""
        if name[0].isdigit():
            index = int(name)
            if not index:
                return self.variables.name
            return self.variables.args[index - 1] if index <= len(self.variables.args) else None
        if name in {"@", "*"}:
            return " ".join(self.variables.args) if self.variables.args else None
        if name in "?#$!-" or name in {"RANDOM", "SECONDS", "LINENO"}:
            return self.variables.get(name) if name in self.variables.values else self.shell.special(name)
        return self.variables.get(name)

    async def _alternative(self, part: Parameter) -> str | Word:
        """The parameter's text, or the word that its operator puts in its place."""
        name = part.name
        value = self.value(name)
        if part.indirect:
            name = value or ""
            value = self.value(name) if re.fullmatch(r"\w+|[@*#?$!-]", name) else None
        op = part.op
        if part.length:
            return str(len(self.variables.args) if name in {"@", "*"} else len(self._checked(name, value)))
        if op in {"-", ":-", "=", ":=", "?", ":?", "+", ":+"} and part.word is not None:
            missing = value is None or (op[0] == ":" and not value)
            if op[-1] == "+":
                return "" if missing else part.word
            if not missing:
                return value or ""
            if op[-1] == "-":
                return part.word
            return await self._assigned_or_refused(name, op, part.word)
        if not op:
            return self._checked(name, value)
        if op == ":":
            offset, length = await self._range(part)
            text: str = substring(self._checked(name, value), offset, length)
            return text
        return await self._changed(part, self._checked(name, value))

    async def _assigned_or_refused(self, name: str, op: str, word: Word) -> str:
        text = await self.text(word)
        if op[-1] == "?":
            raise Unset(
                f"{name}: {text or ('parameter null or not set' if op[0] == ':' else 'parameter not set')}"
            )
        if not (name[0].isalpha() or name[0] == "_"):
            raise ShellError(f"${name}: cannot assign in this way")
        self.variables.set(name, text)
        return text

    def _checked(self, name: str, value: str | None) -> str:
        if value is not None:
            return value
        if self.shell.has_option("nounset") and name not in {"@", "*"}:
            raise Unset(f"{name}: unbound variable")
        return ""

    async def _range(self, part: Parameter) -> tuple[int, int | None]:
        offset = await self.number(part.word) if part.word is not None else 0
        return offset, None if part.second is None else await self.number(part.second)

    async def _changed(self, part: Parameter, value: str) -> str:
        pattern = "" if part.word is None else await self.pattern(part.word)
        by = "" if part.second is None else await self._replacement(part.second, part.quoted)
        return transformed(part.op, value, pattern, by)

    async def _replacement(self, word: Word, in_quotes: bool) -> str:
        """What stands in place of a match; a NUL marks each unquoted `&`, the match itself."""
        texts: list[str] = []
        for text, quoted in await self._fragments(word, False, patterns=True):
            if in_quotes:
                texts.append(re.sub(r"\\(&)|&", lambda found: found.group(1) or "\0", text))
            else:
                texts.append(text if quoted else text.replace("&", "\0"))
        return "".join(texts)
