"""Command, argument fields, Context, Shape, Example: how a command declares itself.

A command is one module: docstring, an `Arguments` subclass, `run`, helpers, `COMMAND`. Help,
completion, errors about usage and an agent's JSON schema all come from that one value.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum, Flag, auto
from types import MappingProxyType
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    NamedTuple,
    Protocol,
    TypeVar,
    dataclass_transform,
)

from vfs.action import Effect
from vfs.path import Path

if TYPE_CHECKING:
    from commands.services import Services
    from commands.stream import Io
    from vfs.tree import Tree


class Shape(Flag):
    """What a command reads or writes."""

    NOTHING = 0
    BYTES = auto()
    RECORDS = auto()
    EITHER = BYTES | RECORDS


class Reading(Enum):
    """How the shell reads a command's words; decided by its literal name."""

    WORDS = "words"
    EXPRESSION = "expression"
    """Comparison operators and parentheses are words, not redirects and groups."""
    TEXT = "text"
    """`? * [ # !`, `-word` and an apostrophe inside a word are literal."""


class Usage(Exception):
    """The command was called wrongly: exit status 2, or the one GNU gives. `hint` is the next step."""

    def __init__(self, message: str, *, status: int = 2, hint: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.hint = hint


class Failure(Exception):
    """The command failed for a reason of its own, with an exit status (default 1).

    `steps` stand below the hint, a line each.
    """

    def __init__(
        self, message: str, *, status: int = 1, hint: str | None = None, steps: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.hint = hint
        self.steps = steps


class Example(NamedTuple):
    """A line that works in the demo workspace, what it does, and what it prints when that is fixed."""

    line: str
    does: str
    prints: str | None = None


class Complete(Enum):
    """What may stand in an argument, for completion."""

    NOTHING = "nothing"
    PATH = "path"
    FOLDER = "folder"
    COMMAND = "command"
    AGENT = "agent"
    MOUNT = "mount"
    FIELD = "field"
    VARIABLE = "variable"
    MAIL = "mail"
    """A mail: a path, or a name in the inbox."""
    ACCOUNT = "account"
    """A bank account."""
    CATEGORY = "category"
    """What transactions, rules and budgets are called by."""
    ADDRESS = "address"
    """An address of the mailbox, after a comma too."""


class Field:
    """One option or operand as declared; `name` is filled in by the class that holds it."""

    __slots__ = (
        "bare", "choices", "complete", "default", "flags", "help", "kind", "many", "metavar", "name",
        "required",
    )  # fmt: skip

    def __init__(
        self,
        *,
        flags: tuple[str, ...],
        kind: Callable[[str], Any] | None,
        default: Any,
        help: str,
        metavar: str,
        many: bool,
        required: bool,
        complete: Complete,
        choices: tuple[str, ...],
        bare: str | None = None,
    ) -> None:
        self.name = ""
        self.flags = flags
        """`("-l", "--long")`; empty for an operand."""
        self.kind = kind
        """Turns the word into the value, raising ValueError with the reason; None for a switch."""
        self.default = default
        self.help = help
        self.metavar = metavar
        self.many = many
        """An operand that takes all that are left; an option that may be repeated. The value is a list."""
        self.required = required
        self.complete = complete
        self.choices = choices
        self.bare = bare
        """What an option without its value means; it then takes a value only attached (`--color=never`)."""

    @property
    def is_switch(self) -> bool:
        return bool(self.flags) and self.kind is None

    def fresh_default(self) -> Any:
        return list(self.default) if self.many else self.default


def switch(*flags: str, help: str) -> Any:
    """An option without a value: False unless it is given."""
    return Field(
        flags=flags, kind=None, default=False, help=help, metavar="", many=False, required=False,
        complete=Complete.NOTHING, choices=(),
    )  # fmt: skip


def option(
    *flags: str,
    help: str,
    kind: Callable[[str], Any] = str,
    default: Any = None,
    metavar: str = "VALUE",
    many: bool = False,
    complete: Complete = Complete.NOTHING,
    choices: tuple[str, ...] = (),
    bare: str | None = None,
) -> Any:
    """An option with a value: `-n 3`, `-n3`, `--lines 3`, `--lines=3`; the flag `-#` makes it `-3`, too."""
    return Field(
        flags=flags, kind=kind, default=() if many and default is None else default, help=help,
        metavar=metavar, many=many, required=False, complete=complete, choices=choices, bare=bare,
    )  # fmt: skip


def operand(
    metavar: str,
    *,
    help: str,
    kind: Callable[[str], Any] = str,
    many: bool = False,
    required: bool = True,
    default: Any = None,
    complete: Complete = Complete.PATH,
    choices: tuple[str, ...] = (),
) -> Any:
    """A positional argument. With `many` it takes all that are left (at least one if `required`)."""
    return Field(
        flags=(), kind=kind, default=() if many and default is None else default, help=help,
        metavar=metavar, many=many, required=required, complete=complete, choices=choices,
    )  # fmt: skip


@dataclass_transform(field_specifiers=(switch, option, operand), kw_only_default=True)
class Arguments:
    """What a command takes. Subclasses declare annotated fields with switch, option and operand."""

    FIELDS: ClassVar[tuple[Field, ...]] = ()
    RAW: ClassVar[bool] = False
    """The command reads its words itself (`words`): echo, printf, test, find, expressions."""
    OPTIONS_FIRST: ClassVar[bool] = False
    """Options end at the first operand, since what follows is a command of its own (xargs, time)."""

    words: Sequence[str] = ()
    given: Sequence[str] = ()
    """Names of the options in the order they stood in, for those of which the last one wins."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        fields = list(cls.FIELDS)
        for name, value in list(vars(cls).items()):
            if isinstance(value, Field):
                value.name = name
                fields.append(value)
                delattr(cls, name)
        cls.FIELDS = tuple(fields)

    def __init__(self, **values: Any) -> None:
        for field in self.FIELDS:
            setattr(self, field.name, values.pop(field.name, field.fresh_default()))
        if "words" in values:
            self.words = values.pop("words")
        self.given = values.pop("given", ())
        if values:
            raise TypeError(f"unknown arguments: {', '.join(values)}")


A = TypeVar("A", bound=Arguments)


class Context(Protocol):
    """What a command may use besides its arguments and streams; a session provides it."""

    @property
    def tree(self) -> Tree:
        """The one door to every entry, under this session's policy."""
        ...

    @property
    def cwd(self) -> Path: ...

    @property
    def env(self) -> Mapping[str, str]:
        """Exported variables."""
        ...

    @property
    def interactive(self) -> bool:
        """A person is there to be asked."""
        ...

    @property
    def services(self) -> Services:
        """The app's own services: history and undo, mounts, agents, jobs."""
        ...

    def resolve(self, word: str) -> Path:
        """The path that a word names, from the current folder. Raises BadName."""
        ...

    def now(self) -> datetime:
        """The time, in the user's zone."""
        ...

    async def ask(self, question: str) -> bool:
        """The person's answer to a yes-or-no question; False where nobody is there."""
        ...

    async def call(self, argv: Sequence[str], io: Io) -> int:
        """Runs another command with the same rights (xargs, find -exec, time); words are words."""
        ...


class Command(Generic[A]):
    """A command as a value: its name, arguments, effects, shapes, examples, and what it does."""

    __slots__ = (
        "also", "args", "description", "effects", "examples", "group", "misuse", "name", "parts", "reading",
        "reads", "run", "summary", "writes",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        summary: str,
        args: type[A],
        run: Callable[[Context, A, Io], Awaitable[int]],
        *,
        effects: Effect = Effect.NONE,
        reads: Shape = Shape.NOTHING,
        writes: Shape = Shape.BYTES,
        examples: Sequence[Example] = (),
        also: Sequence[str] = (),
        reading: Reading = Reading.WORDS,
        group: str = "",
        description: str = "",
        misuse: int = 2,
        parts: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.name = name
        self.summary = summary
        self.args = args
        self.run = run
        self.effects = effects
        self.reads = reads
        self.writes = writes
        self.examples = tuple(examples)
        self.also = tuple(also)
        self.reading = reading
        self.group = group
        """The heading in `help`: Files, Text, Records, Finding, Notes and tasks, Agents, Workspace, Shell."""
        self.description = description
        """Further paragraphs for `--help`: the language of an expression, exit statuses."""
        self.misuse = misuse
        """The exit status of a wrong call; GNU gives 1 for most tools."""
        self.parts = parts
        """Its subcommands, as `module:value` by name: each a Command called `NAME PART`, with arguments and
        effects of its own. The words of `mail list --unread` are those of the part `list`."""

    def __repr__(self) -> str:
        return f"<Command {self.name}>"
