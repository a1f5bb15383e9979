"""CompoundParser: `if`, `for`, `while`, `case`, groups, functions, `((…))` and `[[ … ]]`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from spatio.shell.ast import (
    Calculation,
    Case,
    CaseItem,
    Command,
    Condition,
    CountedFor,
    For,
    Function,
    Group,
    Host,
    If,
    Literal,
    Part,
    Redirect,
    Script,
    Simple,
    Subshell,
    Test,
    While,
    Word,
)
from spatio.shell.scanner import NAME
from spatio.shell.syntax import ShellSyntax
from spatio.shell.words import WordParser, word_of

OPENERS = ("if", "for", "while", "until", "case", "function", "{", "(", "((", "[[")
UNARY = frozenset(
    [
        "-a",
        "-b",
        "-c",
        "-d",
        "-e",
        "-f",
        "-g",
        "-h",
        "-k",
        "-L",
        "-n",
        "-N",
        "-o",
        "-p",
        "-r",
        "-s",
        "-S",
        "-t",
        "-u",
        "-v",
        "-w",
        "-x",
        "-z",
    ]
)
BINARY = frozenset(
    ["=", "==", "!=", "=~", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"]
)


class CompoundParser(WordParser):
    """Reads compound commands; lists and simple commands are the subclass's."""

    def body(self) -> Script:
        raise NotImplementedError

    def skip_newlines(self) -> None:
        raise NotImplementedError

    def newline(self) -> None:
        raise NotImplementedError

    def reserved(self) -> str:
        raise NotImplementedError

    def redirect(self) -> Redirect | None:
        raise NotImplementedError

    def function_body(self, name: str, start: int) -> Function:
        raise NotImplementedError

    def compound(self, opener: str) -> Command:
        """The compound command that begins with `opener`."""
        start = self.at
        self.deeper()
        outer, self.open_in_words = self.open_in_words, 0
        if opener == "((":
            command: Command = self._calculation(start) or self._subshell(start)
        else:
            command = self._READERS[opener](self, start)
        self.open_in_words = outer
        self.depth -= 1
        if isinstance(command, (Function, Simple, Host)):
            return command
        redirects: list[Redirect] = []
        self.skip_blanks()
        while redirect := self.redirect():
            redirects.append(redirect)
            self.skip_blanks()
        return command._replace(redirects=tuple(redirects), stop=self.at)

    def expect(self, word: str) -> None:
        """Goes over a reserved word. Raises ShellSyntax when another thing stands here."""
        self.skip_blanks()
        if self.reserved() != word:
            raise self.unexpected(f"`{word}`" if self.at < self.end else word)
        self.at += len(word)

    def filled(self, wants: str) -> Script:
        """A body with at least one command."""
        script = self.body()
        if not script.statements:
            raise self.unexpected("a command" if self.at < self.end else wants)
        return script

    def _group(self, start: int) -> Group:
        self.at += 1
        body = self.filled("}")
        self.expect("}")
        return Group(body, (), start, self.at)

    def _subshell(self, start: int) -> Subshell:
        self.at = start + 1
        body = self.filled(")")
        if not self.starts(")"):
            raise self.unexpected(")")
        self.at += 1
        return Subshell(body, (), start, self.at)

    def _calculation(self, start: int) -> Calculation | None:
        if start in self.not_sums:
            return None
        self.at = start + 2
        text = self.sums()
        if text is None:
            self.not_sums.add(start)
            return None
        return Calculation(text, (), start, self.at)

    def _if(self, start: int) -> If:
        branches: list[tuple[Script, Script]] = []
        otherwise = None
        word = "if"
        while True:
            self.expect(word)
            if word == "else":
                otherwise = self.filled("fi")
                break
            test = self.filled("then")
            self.expect("then")
            branches.append((test, self.filled("fi")))
            word = self.reserved()
            if word not in {"elif", "else"}:
                break
        self.expect("fi")
        return If(tuple(branches), otherwise, (), start, self.at)

    def _while(self, start: int) -> While:
        word = self.reserved()
        self.expect(word)
        test = self.filled("do")
        body = self._do()
        return While(test, body, word == "until", (), start, self.at)

    def _do(self) -> Script:
        self.expect("do")
        body = self.filled("done")
        self.expect("done")
        return body

    def _for(self, start: int) -> For | CountedFor:
        self.at += 3
        self.skip_blanks()
        if self.starts("(("):
            return self._counted_for(start)
        found = NAME.match(self.text, self.at)
        if not found:
            raise self.unexpected("a name after `for`")
        self.at = found.end()
        words: list[Word] | None = None
        self.skip_newlines()
        if self.reserved() == "in":
            self.at += 2
            words = []
            self.skip_blanks()
            while (word := self.word()) is not None:
                words.append(word)
                self.skip_blanks()
        self._end_of_head()
        body = self._body_of_loop()
        return For(found.group(), None if words is None else tuple(words), body, (), start, self.at)

    def _end_of_head(self) -> None:
        self.skip_blanks()
        if self.starts(";") and not self.starts(";;"):
            self.at += 1
        self.skip_newlines()

    def _body_of_loop(self) -> Script:
        if self.reserved() != "{":
            return self._do()
        self.at += 1
        body = self.filled("}")
        self.expect("}")
        return body

    def _counted_for(self, start: int) -> CountedFor:
        self.at += 2
        whole = self.sums()
        if whole is None:
            raise self.unexpected("))")
        pieces = self._pieces(whole)
        if len(pieces) != 3:
            raise ShellSyntax("`for ((` takes three expressions, separated by `;`", start)
        self._end_of_head()
        body = self._body_of_loop()
        return CountedFor(pieces[0], pieces[1], pieces[2], body, (), start, self.at)

    @staticmethod
    def _pieces(whole: Word) -> list[Word]:
        """The expressions between the semicolons."""
        pieces: list[list[Part]] = [[]]
        for part in whole.parts:
            if not isinstance(part, Literal):
                pieces[-1].append(part)
                continue
            first, *others = part.text.split(";")
            pieces[-1].append(part._replace(text=first))
            pieces.extend([[part._replace(text=text)] for text in others])
        return [word_of(parts, whole.start, whole.stop) for parts in pieces]

    def _case(self, start: int) -> Case:
        self.at += 4
        self.skip_blanks()
        word = self.word()
        if word is None:
            raise self.unexpected("a word after `case`")
        self.skip_newlines()
        self.expect("in")
        items: list[CaseItem] = []
        self.skip_newlines()
        while self.reserved() != "esac":
            items.append(self._case_item())
            self.skip_newlines()
        self.expect("esac")
        return Case(word, tuple(items), (), start, self.at)

    def _case_item(self) -> CaseItem:
        if self.at >= self.end:
            raise self.unexpected("esac")
        if self.starts("("):
            self.at += 1
        patterns: list[Word] = []
        while True:
            self.skip_blanks()
            pattern = self.word()
            if pattern is None:
                raise self.unexpected("a pattern" if self.at < self.end else "esac")
            patterns.append(pattern)
            self.skip_blanks()
            if not self.starts("|"):
                break
            self.at += 1
        if not self.starts(")"):
            raise self.unexpected(")" if self.at < self.end else "esac")
        self.at += 1
        body = self.body()
        self.skip_blanks()
        end = self.peek()
        if end in {";;", ";&", ";;&"}:
            self.at += len(end)
        elif self.reserved() != "esac":
            raise self.unexpected("`;;`" if self.at < self.end else "esac")
        return CaseItem(tuple(patterns), body, end if end[:1] == ";" else ";;")

    def _function(self, start: int) -> Function:
        self.at += len("function")
        self.skip_blanks()
        word = self.word()
        if word is None or word.plain is None:
            raise self.unexpected("a name after `function`")
        self.skip_blanks()
        if self.starts("("):
            self.at += 1
            self.skip_blanks()
            if not self.starts(")"):
                raise self.unexpected(")")
            self.at += 1
        return self.function_body(word.plain, start)

    # -- [[ … ]]

    def _condition(self, start: int) -> Condition:
        self.at += 2
        self.skip_newlines()
        test = self._either()
        if not self.starts("]]"):
            raise self.unexpected("]]")
        self.at += 2
        return Condition(test, (), start, self.at)

    def _either(self) -> Test:
        tests = [self._both()]
        while self.starts("||"):
            self.at += 2
            self.skip_newlines()
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else Test("||", tuple(tests), ())

    def _both(self) -> Test:
        tests = [self._single()]
        while self.starts("&&"):
            self.at += 2
            self.skip_newlines()
            tests.append(self._single())
        return tests[0] if len(tests) == 1 else Test("&&", tuple(tests), ())

    def _single(self) -> Test:
        self.deeper()
        if self.starts("!") and self.text[self.at + 1 : self.at + 2] in {" ", "\t", "\n", "("}:
            self.at += 1
            self.skip_newlines()
            test = Test("!", (self._single(),), ())
        elif self.starts("("):
            self.at += 1
            self.skip_newlines()
            test = self._either()
            if not self.starts(")"):
                raise self.unexpected(")")
            self.at += 1
        else:
            test = self._comparison_of_words()
        self.depth -= 1
        self.skip_newlines()
        return test

    def _comparison_of_words(self) -> Test:
        first = None if self.starts("]]") else self.word()
        if first is None:
            raise self.unexpected("a word" if self.at < self.end else "]]")
        self.skip_newlines()
        if first.plain in UNARY and not self.starts("]]") and (operand := self.word()) is not None:
            return Test(first.plain or "", (), (operand,))
        before = self.at
        operator = self.text[self.at] if self.starts("<") or self.starts(">") else None
        if operator:
            self.at += 1
        elif not self.starts("]]"):
            word = self.word()
            operator = word.plain if word is not None else None
        if operator not in BINARY:
            self.at = before
            return Test("-n", (), (first,))
        self.skip_newlines()
        second = self._regex() if operator == "=~" else self.word()
        if second is None:
            raise self.unexpected("a word" if self.at < self.end else "]]")
        return Test(operator or "", (), (first, second))

    def _regex(self) -> Word | None:
        """The right side of `=~`, in which parentheses and `|` are text."""
        self.open_in_words = 0
        start = self.at
        parts: list[Part] = []
        while self.at < self.end:
            word = self.word()
            if word is not None:
                parts.extend(word.parts)
                continue
            char = self.text[self.at]
            self.open_in_words += {"(": 1, ")": -1}.get(char, 0)
            if self.open_in_words < 0 or char not in "()|" or (self.starts("||") and not self.open_in_words):
                break
            parts.append(Literal(char, False, self.at, self.at + 1))
            self.at += 1
        self.open_in_words = 0
        return word_of(parts, start, self.at) if parts else None

    _READERS: ClassVar[dict[str, Callable[[Any, int], Command]]] = {
        "if": _if,
        "for": _for,
        "while": _while,
        "until": _while,
        "case": _case,
        "function": _function,
        "{": _group,
        "(": _subshell,
        "[[": _condition,
    }
