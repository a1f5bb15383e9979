"""Parser: the shell language by recursive descent, straight from the text to `spatio.shell.ast`.

`Parser(text).line()` reads one complete command line after the other, so that an alias or an
error on a later line comes to bear only when it is reached. `parse(text)` reads all of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from commands.command import Reading
from commands.registry import reading_of
from spatio.shell.ast import (
    AndOr,
    Assignment,
    Command,
    Function,
    HereText,
    Host,
    Literal,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Statement,
    Word,
)
from spatio.shell.compound import OPENERS, CompoundParser
from spatio.shell.scanner import NAME
from spatio.shell.syntax import Incomplete, ShellSyntax
from spatio.shell.words import WordParser, word_of

_REDIRECT = re.compile(r"([0-9]{1,4})?(&>>|&>|<<<|<<-|<<|<>|<&|>>|>&|>\||<|>)")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?)=(?!\()")
_ARRAY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=\(")
_CLOSERS = frozenset(["then", "elif", "else", "fi", "do", "done", "esac", "}"])
_HOST = re.compile(r"![^\s(=;&|<>)]")
NO_ALIASES: Mapping[str, str] = {}


class Parser(CompoundParser):
    """Reads command lines from a text."""

    def __init__(
        self,
        text: str,
        *,
        final: bool = True,
        aliases: Mapping[str, str] = NO_ALIASES,
        reading: Callable[[str, str], Reading] = reading_of,
        depth: int = 0,
    ) -> None:
        super().__init__(text, final=final, depth=depth)
        self.aliases = aliases
        self.reading = reading
        self.not_sums: set[int] = set()
        self.expanding: dict[str, int] = {}
        self.command_start = -1
        self.command_words: list[Word] = []
        self.command_reading = Reading.WORDS

    # -- lists

    def line(self) -> Script | None:
        """The next complete command line; None at the end of the text. Raises ShellSyntax."""
        self.skip_newlines()
        if self.at >= self.end:
            self.read_here_texts()
            return None
        start = self.at
        script = self.script()
        if self.at < self.end and not self.starts("\n"):
            raise self.unexpected()
        if self.starts("\n"):
            self.newline()
        self.read_here_texts()
        return script._replace(start=start)

    def whole(self) -> Script:
        """All of the text as one script. Raises ShellSyntax."""
        statements: list[Statement] = []
        while (line := self.line()) is not None:
            statements.extend(line.statements)
        return Script(tuple(statements), 0, self.end)

    def substituted(self) -> Script:
        start = self.at
        script = self.body()
        if not self.starts(")"):
            raise self.unexpected(")") if self.at < self.end else Incomplete(")", start)
        self.at += 1
        return script

    def within(self, text: str) -> WordParser:
        parser = Parser(text, aliases=self.aliases, reading=self.reading, depth=self.depth)
        parser.deeper()
        return parser

    def newline(self) -> None:
        self.at += 1
        self.read_here_texts()

    def skip_newlines(self) -> None:
        self.skip_blanks()
        while self.starts("\n"):
            self.newline()
            self.skip_blanks()

    def body(self) -> Script:
        """Statements over any number of lines, up to what closes them; at least none."""
        start = self.at
        statements: list[Statement] = []
        self.skip_newlines()
        while not self.closing():
            statements.extend(self.script().statements)
            if not self.starts("\n"):
                break
            self.skip_newlines()
        return Script(tuple(statements), start, self.at)

    def closing(self) -> bool:
        """Whether something stands here that no command can begin with, or the text ends."""
        if self.at >= self.end or self.peek() in {")", ";;", ";&", ";;&"}:
            return True
        return self.reserved() in _CLOSERS

    def script(self) -> Script:
        """Statements on one line (here-documents and bodies may reach further)."""
        start = self.at
        statements: list[Statement] = []
        while True:
            work = self.and_or()
            self.skip_blanks()
            separator = self.peek()
            background = separator == "&"
            text = self.text[work.start : self.at].strip() if background else ""
            statements.append(Statement(work, background, text, work.start, self.at))
            if separator not in {";", "&"}:
                break
            self.at += 1
            self.skip_blanks()
            if self.starts("\n") or self.closing():
                break
        return Script(tuple(statements), start, self.at)

    def and_or(self) -> AndOr:
        first = self.pipeline()
        rest: list[tuple[str, Pipeline]] = []
        self.skip_blanks()
        while (operator := self.peek()) in {"&&", "||"}:
            self.at += 2
            self.skip_newlines()
            rest.append((operator, self.pipeline()))
            self.skip_blanks()
        return AndOr(first, tuple(rest), first.start, self.at)

    def pipeline(self) -> Pipeline:
        self.skip_blanks()
        start = self.at
        negated = False
        while self.starts("!") and self.text[self.at + 1 : self.at + 2] in {" ", "\t", "\n", "", "("}:
            negated = not negated
            self.at += 1
            self.skip_blanks()
        if negated and (self.at >= self.end or self.peek() in {"\n", ";"}):
            return Pipeline((), (False,), negated, start, self.at)
        stages = [self.command()]
        joined: list[bool] = []
        self.skip_blanks()
        while (operator := self.peek()) in {"|", "|&"}:
            joined.append(operator == "|&")
            self.at += len(operator)
            self.skip_newlines()
            stages.append(self.command())
            self.skip_blanks()
        return Pipeline(tuple(stages), (*joined, False), negated, start, self.at)

    # -- commands

    def command(self) -> Command:
        """One stage of a pipeline. Raises ShellSyntax."""
        self.skip_blanks()
        if self.at >= self.end:
            raise self.unexpected("a command")
        opener = self.opener()
        if opener in OPENERS:
            return self.compound(opener)
        if opener in _CLOSERS:
            raise self.unexpected()
        if _HOST.match(self.text, self.at):
            return self.host()
        return self.simple()

    def simple(self) -> Command:
        self.command_start = start = self.at
        assignments: list[Assignment] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        reading = Reading.WORDS
        outer, self.open_in_words = self.open_in_words, 0
        self.command_words, self.command_reading = words, reading
        check_alias = True
        while True:
            self.skip_blanks(comments=reading is not Reading.TEXT)
            if reading is not Reading.EXPRESSION and (redirect := self.redirect()):
                redirects.append(redirect)
                continue
            if not words and (assignment := self.assignment()):
                assignments.append(assignment)
                continue
            before = self.at
            word = self.word(reading)
            if word is None:
                break
            if check_alias:
                check_alias = self._alias(word, before)
                if self.at == before:
                    continue
            words.append(word)
            if len(words) == 1 and word.plain is not None and not assignments:
                self.skip_blanks(comments=False)
                if self.starts("(") and self.reading(word.plain, "") is Reading.WORDS:
                    self.open_in_words = outer
                    return self._defined(word, start)
            if len(words) <= 2:
                reading = self.command_reading = self._reading(words)
            elif reading is Reading.WORDS and not check_alias:
                self.easy_words(words)
        self.open_in_words = outer
        if not words and not assignments and not redirects:
            raise self.unexpected("a command")
        return Simple(tuple(assignments), tuple(words), tuple(redirects), reading, start, self.at)

    def _reading(self, words: list[Word]) -> Reading:
        name = words[0].plain
        if name is None:
            return Reading.WORDS
        second = words[1].plain if len(words) > 1 else ""
        return self.reading(name, second or "")

    def _alias(self, word: Word, before: int) -> bool:
        """Puts an alias in place of its name; returns whether the next word may be one, too."""
        name = word.plain
        replacement = self.aliases.get(name) if name and not word.parts[0][1] else None
        if replacement is None or name is None or self.expanding.get(name, -1) >= self.at:
            return False
        grown = len(replacement) - (self.at - before)
        self.expanding = {key: stop + grown for key, stop in self.expanding.items() if stop >= self.at}
        self.text = self.text[:before] + replacement + self.text[self.at :]
        self.end = len(self.text)
        self.at = before
        self.expanding[name] = before + len(replacement)
        return True

    def assignment(self) -> Assignment | None:
        found = _ASSIGNMENT.match(self.text, self.at)
        if not found:
            if _ARRAY.match(self.text, self.at):
                raise ShellSyntax("arrays are not part of this language", self.at)
            return None
        start, self.at = self.at, found.end()
        value = self.word() or Word((), "", False, self.at, self.at)
        return Assignment(found.group(1), value, bool(found.group(2)), start, self.at)

    def _defined(self, name: Word, start: int) -> Command:
        self.at += 1
        self.skip_blanks()
        if not self.starts(")"):
            self.at -= 1
            raise self.unexpected()
        self.at += 1
        return self.function_body(name.plain or "", start)

    def function_body(self, name: str, start: int) -> Function:
        self.skip_newlines()
        opener = self.opener()
        if opener not in OPENERS or opener == "function":
            raise self.unexpected("the body of the function")
        body = self.command()
        return Function(name, body, start, self.at)

    def host(self) -> Host:
        """`!CMD`: up to a single `|`, or the end of the line or of what it stands in."""
        start = self.at
        self.at += 1
        depth = 0
        while self.at < self.end and not self.starts("\n"):
            char = self.text[self.at]
            if char in "'\"":
                close = self.text.find(char, self.at + 1)
                if close < 0:
                    raise Incomplete(char, self.at)
                self.at = close
            elif char == "\\" or self.starts("||"):
                self.at += 1
            elif char == "|" or (char == ")" and not depth):
                break
            else:
                depth += {"(": 1, ")": -1}.get(char, 0)
            self.at += 1
        self.at = min(self.at, self.end)
        return Host(self.text[start + 1 : self.at].strip(), start, self.at)

    # -- redirects and here-documents

    def redirect(self) -> Redirect | None:
        found = _REDIRECT.match(self.text, self.at)
        if not found:
            return None
        self._no_process()
        start = self.at
        fd = int(found.group(1)) if found.group(1) else None
        op = found.group(2)
        self.at = found.end()
        self.skip_blanks()
        self._no_process()
        if op in {"<<", "<<-"}:
            return self._here(fd, op, start)
        target = self.word()
        if target is None:
            raise self.unexpected("a file name")
        return Redirect(fd, op, target, start, self.at)

    def _no_process(self) -> None:
        if self.starts("<(") or self.starts(">("):
            raise ShellSyntax("process substitution is not part of this language", self.at, hint="use a pipe")

    def _here(self, fd: int | None, op: str, start: int) -> Redirect:
        begin = self.at
        word = self.word()
        if word is None:
            raise self.unexpected("the delimiter of a here-document")
        quoted = not all(isinstance(part, Literal) and not part.quoted for part in word.parts)
        delimiter = re.sub(r"\\(.)|[\"']", r"\1", self.text[begin : self.at], flags=re.DOTALL)
        here = HereText(delimiter, quoted=quoted, strip=op == "<<-", start=start)
        self.pending.append(here)
        return Redirect(fd, "<<", here, start, self.at)

    def read_here_texts(self) -> None:
        """Reads the here-documents whose lines begin here."""
        pending, self.pending = self.pending, []
        for here in pending:
            lines: list[str] = []
            while True:
                if self.at >= self.end:
                    if not self.final:
                        raise Incomplete(here.delimiter, here.start)
                    break
                stop = self.text.find("\n", self.at)
                stop = self.end if stop < 0 else stop
                text = self.text[self.at : stop]
                self.at = min(stop + 1, self.end)
                text = text.lstrip("\t") if here.strip else text
                if text == here.delimiter:
                    break
                lines.append(text + "\n")
            body = "".join(lines)
            if here.quoted:
                here.word = word_of([Literal(body, True, here.start, self.at)], here.start, self.at)
            else:
                here.word = self.within(body).here_word()

    def opener(self) -> str:
        """The reserved word or parenthesis that stands here, or ""."""
        if self.starts("("):
            return "((" if self.starts("((") else "("
        return self.reserved()

    def reserved(self) -> str:
        """The unquoted word that stands here if it could be a reserved one, or ""."""
        found = NAME.match(self.text, self.at)
        text = found.group() if found else self.text[self.at : self.at + 1]
        if text == "[":
            text = self.text[self.at : self.at + 2]
        if text not in RESERVED:
            return ""
        after = self.text[self.at + len(text) : self.at + len(text) + 1]
        return text if not after or after in " \t\r\n;&|<>()" or (after == "\\" and text) else ""


RESERVED = frozenset(OPENERS) | _CLOSERS | {"in"}


def parse(text: str, *, final: bool = True, aliases: Mapping[str, str] = NO_ALIASES) -> Script:
    """All of `text`. Raises ShellSyntax, and Incomplete where more text could make it whole."""
    return Parser(text, final=final, aliases=aliases).whole()


def wanted(text: str) -> str | None:
    """What is missing to make `text` complete, such as `'` or `done`; None when nothing is."""
    try:
        parse(text, final=False)
    except Incomplete as more:
        return more.wants
    except ShellSyntax:
        return None
    return None
