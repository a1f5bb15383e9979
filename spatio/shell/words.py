"""WordParser: words, quotes and everything that begins with `$`."""

from __future__ import annotations

import re

from commands.command import Reading
from spatio.shell.ansi_c import decode
from spatio.shell.ast import Arithmetic, Literal, Parameter, Part, Quoted, Script, Substitution, Word
from spatio.shell.scanner import NAME, Scanner
from spatio.shell.syntax import Incomplete, ShellSyntax

_EASY = re.compile(r"[A-Za-z0-9_./,:=@%+-]+(?=[ \t\n;]|\Z)")
_EASY_NEXT = re.compile(r"[ \t]+([A-Za-z0-9_./,:=@%+-]+)(?=[ \t\n;]|\Z)")
_RUN = {
    Reading.WORDS: re.compile(r"[^ \t\r\n\\'\"$`;&|<>()]+"),
    Reading.TEXT: re.compile(r"[^ \t\r\n\\'\"$`;&|<>()]+"),
    Reading.EXPRESSION: re.compile(r"[^ \t\r\n\\'\"$`;&|<>()=!~]+"),
}
_COMPARISON = re.compile(r"==|!=|<=|>=|=~|!~|[<>()=~]")
_QUOTED_RUN = re.compile(r"[^\\\"$`]+")
_HERE_RUN = re.compile(r"[^\\$`]+")
_SUMS_RUN = re.compile(r"[^\\'\"$`()]+")
_SPECIAL = re.compile(r"[*?\[{~]")
_ANSI = re.compile(r"(?:[^'\\]|\\.)*", re.DOTALL)
SPECIAL_NAMES = "@*#?-$!0123456789"
_OPERATORS = re.compile(r":[-=?+]|##?|%%?|//|/#|/%|/|\^\^?|,,?|@[A-Za-z]|[-=?+:]")


def word_of(parts: list[Part], start: int, stop: int) -> Word:
    """The word that consists of `parts`."""
    braces = False
    constant = True
    for index, part in enumerate(parts):
        if not isinstance(part, Literal):
            constant = False
        elif not part.quoted and _SPECIAL.search(part.text):
            braces = braces or "{" in part.text
            tilde = index == 0 and part.text[0] == "~"
            constant = constant and not braces and not tilde and not _wild(part.text)
    text = "".join([part[0] for part in parts if isinstance(part, Literal)]) if constant else None
    return Word(tuple(parts), text, braces, start, stop)


def _wild(text: str) -> bool:
    return "*" in text or "?" in text or ("[" in text and text != "[")


class WordParser(Scanner):
    """Reads words. A subclass provides `substituted`, the script inside `$(…)`."""

    word_start: int = -1
    not_sums: set[int]

    def substituted(self) -> Script:
        """The script up to, and with, its `)`."""
        raise NotImplementedError

    def within(self, text: str) -> WordParser:
        """A parser of the same kind, one level deeper, for text inside this one."""
        raise NotImplementedError

    def word(self, reading: Reading = Reading.WORDS) -> Word | None:
        """The word that begins here, or None."""
        easy = _EASY.match(self.text, self.at)
        if easy and reading is Reading.WORDS:
            start, self.at = self.at, easy.end()
            text = easy.group()
            return Word((Literal(text, False, start, self.at),), text, False, start, self.at)
        start = self.word_start = self.at
        if reading is Reading.EXPRESSION and (comparison := self._comparison()):
            return comparison
        parts = self._parts(reading)
        if self.at == start:
            return None
        word = word_of(parts, start, self.at)
        if reading is Reading.WORDS or word.plain is not None:
            return word
        shielded: list[Part] = [
            part._replace(quoted=True) if isinstance(part, Literal) else part for part in parts
        ]
        return word_of(shielded, start, self.at)

    def easy_words(self, words: list[Word]) -> None:
        """Adds the plain words that follow, if any; a long list costs little each."""
        while found := _EASY_NEXT.match(self.text, self.at):
            start, self.at = found.span(1)
            text = found.group(1)
            words.append(Word((Literal(text, False, start, self.at),), text, False, start, self.at))

    def _comparison(self) -> Word | None:
        found = _COMPARISON.match(self.text, self.at)
        if not found or (found.group() == ")" and not self.open_in_words):
            return None
        text = found.group()
        self.open_in_words += {"(": 1, ")": -1}.get(text, 0)
        start, self.at = self.at, found.end()
        return Word((Literal(text, True, start, self.at),), text, False, start, self.at)

    open_in_words: int = 0
    """Parentheses that are open as words, in an expression or a text."""

    def _parts(self, reading: Reading) -> list[Part]:
        parts: list[Part] = []
        run = _RUN[reading]
        first = self.at
        while self.at < self.end:
            found = run.match(self.text, self.at)
            if found:
                self._add(parts, found.group(), False, found.start(), found.end())
                self.at = found.end()
                continue
            char = self.text[self.at]
            if char == "\\":
                self._backslash(parts)
            elif char == "'":
                if reading is Reading.TEXT and self.at > first:
                    self._add(parts, "'", False, self.at, self.at + 1)
                    self.at += 1
                else:
                    parts.append(self._single_quoted())
            elif char == '"':
                parts.append(self._double_quoted())
            elif char == "$":
                parts.append(self.dollar(quoted=False))
            elif char == "`":
                parts.append(self._backquoted(quoted=False))
            elif not self._more(char, reading, parts):
                break
        return parts

    def _more(self, char: str, reading: Reading, parts: list[Part]) -> bool:
        """Takes a character that only this reading has inside words."""
        if reading is Reading.EXPRESSION and char == "!" and not self.starts("!=") and not self.starts("!~"):
            pass
        elif reading is Reading.TEXT and (char == "(" or (char == ")" and self.open_in_words)):
            self.open_in_words += 1 if char == "(" else -1
        else:
            return False
        self._add(parts, char, False, self.at, self.at + 1)
        self.at += 1
        return True

    @staticmethod
    def _add(parts: list[Part], text: str, quoted: bool, start: int, stop: int) -> None:
        last = parts[-1] if parts else None
        if isinstance(last, Literal) and last.quoted == quoted:
            parts[-1] = Literal(last.text + text, quoted, last.start, stop)
        else:
            parts.append(Literal(text, quoted, start, stop))

    def _backslash(self, parts: list[Part]) -> None:
        if self.at + 1 >= self.end:
            if not self.final:
                raise Incomplete("a character after \\", self.at)
            self._add(parts, "\\", True, self.at, self.end)
        elif self.text[self.at + 1] != "\n":
            self._add(parts, self.text[self.at + 1], True, self.at, self.at + 2)
        self.at = min(self.at + 2, self.end)

    def _single_quoted(self) -> Literal:
        start = self.at
        close = self.text.find("'", start + 1)
        if close < 0:
            raise Incomplete("'", start)
        self.at = close + 1
        return Literal(self.text[start + 1 : close], True, start, self.at)

    def _double_quoted(self) -> Quoted:
        start = self.at
        self.at += 1
        parts = self._until(_QUOTED_RUN, '"', start)
        self.at += 1
        return Quoted(tuple(parts), start, self.at)

    def _until(self, run: re.Pattern[str], close: str, start: int, escaped: str = '$`"\\') -> list[Part]:
        """Parts as between double quotes, up to `close` (or the end of the text when it is "")."""
        parts: list[Part] = []
        while self.at < self.end:
            found = run.match(self.text, self.at)
            if found:
                self._add(parts, found.group(), True, found.start(), found.end())
                self.at = found.end()
                continue
            char = self.text[self.at]
            if char == close:
                return parts
            if char == "\\":
                self._quoted_backslash(parts, escaped)
            elif char == "$":
                parts.append(self.dollar(quoted=True))
            elif char == "`":
                parts.append(self._backquoted(quoted=True))
            else:
                self._add(parts, char, True, self.at, self.at + 1)
                self.at += 1
        if close:
            raise Incomplete(close, start)
        return parts

    def _quoted_backslash(self, parts: list[Part], escaped: str) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following != "\n":
            kept = following if following and following in escaped else "\\" + following
            self._add(parts, kept, True, self.at, self.at + 2)
        self.at = min(self.at + 2, self.end)

    def here_word(self) -> Word:
        """The whole text as the body of a here-document."""
        return word_of(self._until(_HERE_RUN, "", 0, "$`\\"), 0, self.end)

    # -- what begins with $

    def dollar(self, *, quoted: bool) -> Part:
        """The expansion that begins at this `$`; a `$` by itself is text."""
        start = self.at
        following = self.text[start + 1 : start + 2]
        if following == "(":
            return self._parenthesis(start, quoted)
        if following == "{":
            return self._braced(start, quoted)
        if following == "'" and not quoted:
            found = _ANSI.match(self.text, start + 2)
            if found is None or found.end() >= self.end:
                raise Incomplete("'", start)
            self.at = found.end() + 1
            return Literal(decode(found.group()), True, start, self.at)
        if following == '"' and not quoted:
            self.at += 1
            return self._double_quoted()
        name = NAME.match(self.text, start + 1)
        if name:
            self.at = name.end()
            return Parameter(name.group(), "", None, None, False, False, quoted, start, self.at)
        if following and following in SPECIAL_NAMES:
            self.at = start + 2
            return Parameter(following, "", None, None, False, False, quoted, start, self.at)
        self.at = start + 1
        return Literal("$", True, start, self.at)

    def _parenthesis(self, start: int, quoted: bool) -> Part:
        if self.starts("$((") and start not in self.not_sums:
            self.at = start + 3
            text = self.sums()
            if text is not None:
                return Arithmetic(text, start, self.at)
            self.not_sums.add(start)
        self.at = start + 2
        self.deeper()
        script = self.substituted()
        self.depth -= 1
        return Substitution(script, quoted, start, self.at)

    def sums(self) -> Word | None:
        """The text of an arithmetic expression up to, and with, its `))`; None when it is none."""
        self.deeper()
        start = self.at
        parts: list[Part] = []
        level = 0
        while self.at < self.end:
            found = _SUMS_RUN.match(self.text, self.at)
            char = found.group() if found else self.text[self.at]
            if char == "$":
                parts.append(self.dollar(quoted=True))
                continue
            if char == "`":
                parts.append(self._backquoted(quoted=True))
                continue
            if char == ")" and level == 0:
                self.depth -= 1
                stop = self.at
                if not self.starts("))"):
                    return None
                self.at += 2
                return word_of(parts, start, stop)
            level += {"(": 1, ")": -1}.get(char, 0)
            if char == "\\" and self.starts("\\\n"):
                self.at += 1
            elif char != '"':
                self._add(parts, char, True, self.at, self.at + len(char))
            self.at += len(char)
        raise Incomplete("))", start)

    def _backquoted(self, *, quoted: bool) -> Substitution:
        start = self.at
        at = start + 1
        while at < self.end and self.text[at] != "`":
            at += 2 if self.text[at] == "\\" else 1
        if at >= self.end:
            raise Incomplete("`", start)
        escaped = r"\\([\\`$\"])" if quoted else r"\\([\\`$])"
        inner = self.within(re.sub(escaped, r"\1", self.text[start + 1 : at]))
        self.at = at + 1
        return Substitution(inner.whole(), quoted, start, self.at)

    def whole(self) -> Script:
        """All of the text as one script."""
        raise NotImplementedError

    # -- ${…}

    def _braced(self, start: int, quoted: bool) -> Parameter:
        self.at = start + 2
        length = self.starts("#") and not re.match(
            r"#(?:\}|[-=?+#%/:][^}]|[-=?+]\})", self.text[self.at :][:3]
        )
        if length:
            self.at += 1
        indirect = self.starts("!") and bool(re.match(r"!\w", self.text[self.at : self.at + 2]))
        if indirect:
            self.at += 1
        name = self._braced_name(start)
        op, word, second = "", None, None
        if not self.starts("}"):
            found = _OPERATORS.match(self.text, self.at)
            if not found or length:
                raise self._bad(start)
            op = found.group()
            self.at = found.end()
            self.deeper()
            word, second = self._operands(op, quoted, start)
            self.depth -= 1
        if not self.starts("}"):
            raise self._bad(start)
        self.at += 1
        return Parameter(name, op, word, second, length, indirect, quoted, start, self.at)

    def _bad(self, start: int) -> ShellSyntax:
        if self.at >= self.end:
            return Incomplete("}", start)
        return ShellSyntax(f"bad substitution: {self.text[start : self.at + 1]}", start)

    def _braced_name(self, start: int) -> str:
        found = NAME.match(self.text, self.at) or re.compile(r"[0-9]+|[@*#?$!-]").match(self.text, self.at)
        if not found:
            raise self._bad(start)
        self.at = found.end()
        return found.group()

    def _operands(self, op: str, quoted: bool, start: int) -> tuple[Word | None, Word | None]:
        if op[0] == "@":
            return None, None
        if op == ":":
            offset = self._operand(":}", True, start)
            if not self.starts(":"):
                return offset, None
            self.at += 1
            return offset, self._operand("}", True, start)
        if op[0] == "/":
            pattern = self._operand("/}", False, start)
            if not self.starts("/"):
                return pattern, None
            self.at += 1
            return pattern, self._operand("}", quoted, start)
        pattern_follows = op[0] in "#%^,"
        return self._operand("}", quoted and not pattern_follows, start), None

    def _operand(self, closing: str, quoted: bool, start: int) -> Word:
        """Text up to one of `closing`; `quoted`: as between double quotes."""
        begin = self.at
        parts: list[Part] = []
        run = re.compile(r"[^\\'\"$`" + re.escape(closing) + "]+")
        while self.at < self.end and self.text[self.at] not in closing:
            found = run.match(self.text, self.at)
            char = self.text[self.at]
            if found:
                self._add(parts, found.group(), quoted, found.start(), found.end())
                self.at = found.end()
            elif char == "\\" and quoted:
                self._quoted_backslash(parts, '$`"\\}')
            elif char == "\\":
                self._backslash(parts)
            elif char == "'" and not quoted:
                parts.append(self._single_quoted())
            elif char == '"':
                parts.append(self._double_quoted())
            elif char == "$":
                parts.append(self.dollar(quoted=quoted))
            elif char == "`":
                parts.append(self._backquoted(quoted=quoted))
            else:
                self._add(parts, char, quoted, self.at, self.at + 1)
                self.at += 1
        if self.at >= self.end:
            raise Incomplete("}", start)
        return word_of(parts, begin, self.at)
