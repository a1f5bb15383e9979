"""Effect, Verb, Change: what can be done, what it does to the world, and who does it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, Flag, auto
from typing import NamedTuple

from vfs.node import Value


class Effect(Flag):
    """What a command, an access or a verb does. Policy is written in these words."""

    NONE = 0
    READ = auto()
    WRITE = auto()
    """Journalled; `undo` takes it back."""
    DELETE = auto()
    """Journalled; `undo` takes it back."""
    SEND = auto()
    """Leaves the workspace: mail, invitations, comments."""
    SPEND = auto()
    """Moves money."""
    RUN = auto()
    """Runs code or a host command."""


class Undo(Enum):
    """How far a verb can be taken back."""

    REVERSIBLE = "reversible"
    COMPENSABLE = "compensable"
    FINAL = "final"


class Parameter(NamedTuple):
    """One argument of a verb."""

    name: str
    help: str
    required: bool = True


class Verb(NamedTuple):
    """A deed that an entry offers which is neither reading nor writing it."""

    name: str
    summary: str
    effect: Effect
    undo: Undo = Undo.FINAL
    parameters: tuple[Parameter, ...] = ()


class Change(NamedTuple):
    """Who changes something, by which command. Every mutating call of a provider carries one."""

    command_id: str
    """UUIDv7, the same for everything that one line does."""
    command: str = ""
    """The line as typed, without secrets."""
    actor: str = "user"
    """`user`, `agent:NAME/RUN`, `sync:MOUNT`, `undo`."""
    reason: str = ""


Arguments = Mapping[str, Value]
