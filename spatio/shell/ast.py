"""The syntax tree of the shell language. Every node says where in the text it stands.

Script > Statement > AndOr > Pipeline > Command
Command = Simple | Group | Subshell | If | For | CountedFor | While | Case | Function
        | Calculation | Condition | Host
Word > Part = Literal | Quoted | Parameter | Substitution | Arithmetic
"""

from __future__ import annotations

from typing import NamedTuple, Union

from commands.command import Reading


class Literal(NamedTuple):
    """Text. `quoted` text is never a wildcard, a brace or a tilde."""

    text: str
    quoted: bool
    start: int
    stop: int


class Quoted(NamedTuple):
    """Parts between double quotes; yields a word even when empty."""

    parts: tuple[Part, ...]
    start: int
    stop: int


class Parameter(NamedTuple):
    """`$x` and `${x…}`. `op` is "" or the operator, `word` what follows it."""

    name: str
    op: str
    word: Word | None
    second: Word | None
    """The replacement of `${x/a/b}` and the length of `${x:o:l}`."""
    length: bool
    indirect: bool
    quoted: bool
    start: int
    stop: int


class Substitution(NamedTuple):
    """`$(…)` and backquotes."""

    script: Script
    quoted: bool
    start: int
    stop: int


class Arithmetic(NamedTuple):
    """`$((…))`."""

    text: Word
    start: int
    stop: int


Part = Union[Literal, Quoted, Parameter, Substitution, Arithmetic]  # noqa: UP007 - forward references


class Word(NamedTuple):
    """`plain` is the text of a word that nothing is to be done to; `braces`: it may be several words."""

    parts: tuple[Part, ...]
    plain: str | None
    braces: bool
    start: int
    stop: int


class HereText:
    """The body of a here-document; `word` is filled in when the lines below have been read."""

    __slots__ = ("delimiter", "quoted", "start", "strip", "word")

    def __init__(self, delimiter: str, *, quoted: bool, strip: bool, start: int) -> None:
        self.delimiter = delimiter
        self.quoted = quoted
        self.strip = strip
        self.start = start
        self.word = Word((), "", False, start, start)


class Assignment(NamedTuple):
    """`name=value` and `name+=value`."""

    name: str
    value: Word
    append: bool
    start: int
    stop: int


class Redirect(NamedTuple):
    """`op` is one of `< > >| >> <> <& >& &> &>> <<< <<`; of `<<` the target is a HereText."""

    fd: int | None
    op: str
    target: Word | HereText
    start: int
    stop: int


class Simple(NamedTuple):
    """A command with its words; `reading` says how they were read."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    reading: Reading
    start: int
    stop: int


class Host(NamedTuple):
    """`!CMD`: text for the host's shell, as it stands."""

    text: str
    start: int
    stop: int


class Group(NamedTuple):
    body: Script
    redirects: tuple[Redirect, ...]
    start: int
    stop: int


class Subshell(NamedTuple):
    body: Script
    redirects: tuple[Redirect, ...]
    start: int
    stop: int


class If(NamedTuple):
    branches: tuple[tuple[Script, Script], ...]
    otherwise: Script | None
    redirects: tuple[Redirect, ...]
    start: int
    stop: int


class For(NamedTuple):
    """`for name in words`; without `in`, `words` is None and the arguments are meant."""

    name: str
    words: tuple[Word, ...] | None
    body: Script
    redirects: tuple[Redirect, ...]
    start: int
    stop: int


class CountedFor(NamedTuple):
    """`for ((first; test; step))`."""

    first: Word
    test: Word
    step: Word
    body: Script
    redirects: tuple[Redirect, ...]
    start: int
    stop: int


class While(NamedTuple):
    """`while`, and `until` when `negated`."""

    test: Script
    body: Script
    negated: bool
    redirects: tuple[Redirect, ...]
    start: int
    stop: int


class CaseItem(NamedTuple):
    """`end` is `;;`, `;&` (go on with the next body) or `;;&` (go on testing)."""

    patterns: tuple[Word, ...]
    body: Script
    end: str


class Case(NamedTuple):
    word: Word
    items: tuple[CaseItem, ...]
    redirects: tuple[Redirect, ...]
    start: int
    stop: int


class Function(NamedTuple):
    name: str
    body: Command
    start: int
    stop: int


class Calculation(NamedTuple):
    """`((…))`: status 0 when the value is not zero."""

    text: Word
    redirects: tuple[Redirect, ...]
    start: int
    stop: int


class Condition(NamedTuple):
    """`[[ … ]]`."""

    test: Test
    redirects: tuple[Redirect, ...]
    start: int
    stop: int


class Test(NamedTuple):
    """A node of `[[ … ]]`: `op` is `&&`, `||`, `!` over tests, else an operator over words."""

    op: str
    tests: tuple[Test, ...]
    words: tuple[Word, ...]


Command = Union[  # noqa: UP007 - forward references
    Simple, Host, Group, Subshell, If, For, CountedFor, While, Case, Function, Calculation, Condition
]


class Pipeline(NamedTuple):
    """`joined[i]`: whether stage i sends its errors down the pipe too (`|&`)."""

    stages: tuple[Command, ...]
    joined: tuple[bool, ...]
    negated: bool
    start: int
    stop: int


class AndOr(NamedTuple):
    """`first`, then each pipeline if the status so far fits its `&&` or `||`."""

    first: Pipeline
    rest: tuple[tuple[str, Pipeline], ...]
    start: int
    stop: int


class Statement(NamedTuple):
    """`text` is what a job is called; "" in the foreground."""

    work: AndOr
    background: bool
    text: str
    start: int
    stop: int


class Script(NamedTuple):
    statements: tuple[Statement, ...]
    start: int
    stop: int
