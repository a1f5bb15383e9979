"""What plug-ins, and programs that embed Spatio, import; each name is loaded by its first use.

`run_script` runs a text of shell on a fresh workspace. The rest is what commands and providers are
written with.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from commands.command import Arguments as Arguments
    from commands.command import Command as Command
    from commands.command import Complete as Complete
    from commands.command import Context as Context
    from commands.command import Example as Example
    from commands.command import Failure as Failure
    from commands.command import Reading as Reading
    from commands.command import Shape as Shape
    from commands.command import Usage as Usage
    from commands.command import operand as operand
    from commands.command import option as option
    from commands.command import switch as switch
    from commands.phrases.answer import Answer as Answer
    from commands.phrases.answer import read_when as read_when
    from commands.report import report as report
    from commands.stream import Collected as Collected
    from commands.stream import Given as Given
    from commands.stream import Io as Io
    from commands.stream import Nothing as Nothing
    from commands.stream import ReaderGone as ReaderGone
    from commands.stream import Record as Record
    from commands.stream import Sink as Sink
    from commands.stream import Source as Source
    from providers.spec import Opening as Opening
    from providers.spec import Option as Option
    from providers.spec import ProviderSpec as ProviderSpec
    from spatio.scripting import run_script as run_script
    from spatio.session import Session as Session
    from spatio.workspace import open_workspace as open_workspace
    from vfs.action import Change as Change
    from vfs.action import Effect as Effect
    from vfs.action import Parameter as Parameter
    from vfs.action import Undo as Undo
    from vfs.action import Verb as Verb
    from vfs.drive import drive as drive
    from vfs.drive import event_loop as event_loop
    from vfs.drive import hop as hop
    from vfs.errors import BadName as BadName
    from vfs.errors import Conflict as Conflict
    from vfs.errors import Corrupt as Corrupt
    from vfs.errors import Exists as Exists
    from vfs.errors import Incomplete as Incomplete
    from vfs.errors import IsADirectory as IsADirectory
    from vfs.errors import LoginNeeded as LoginNeeded
    from vfs.errors import NoSpace as NoSpace
    from vfs.errors import NotADirectory as NotADirectory
    from vfs.errors import NotEmpty as NotEmpty
    from vfs.errors import NotFound as NotFound
    from vfs.errors import ReadOnly as ReadOnly
    from vfs.errors import Refused as Refused
    from vfs.errors import TimedOut as TimedOut
    from vfs.errors import TooLarge as TooLarge
    from vfs.errors import Unavailable as Unavailable
    from vfs.errors import Unsupported as Unsupported
    from vfs.errors import VfsError as VfsError
    from vfs.names import clean as clean
    from vfs.names import distinct as distinct
    from vfs.names import slug as slug
    from vfs.node import Kind as Kind
    from vfs.node import Node as Node
    from vfs.node import Value as Value
    from vfs.path import Path as Path
    from vfs.provider import Blocks as Blocks
    from vfs.provider import Found as Found
    from vfs.provider import Hit as Hit
    from vfs.provider import Mode as Mode
    from vfs.provider import Provider as Provider
    from vfs.query import Query as Query

_HOMES: dict[str, str] = {
    "commands.command": "Arguments Command Complete Context Example Failure Reading Shape Usage "
    "operand option switch",
    "commands.phrases.answer": "Answer read_when",
    "commands.report": "report",
    "commands.stream": "Collected Given Io Nothing ReaderGone Record Sink Source",
    "providers.spec": "Opening Option ProviderSpec",
    "spatio.scripting": "run_script",
    "spatio.session": "Session",
    "spatio.workspace": "open_workspace",
    "vfs.action": "Change Effect Parameter Undo Verb",
    "vfs.drive": "drive event_loop hop",
    "vfs.errors": "BadName Conflict Corrupt Exists Incomplete IsADirectory LoginNeeded NoSpace NotADirectory "
    "NotEmpty NotFound ReadOnly Refused TimedOut TooLarge Unavailable Unsupported VfsError",
    "vfs.names": "clean distinct slug",
    "vfs.node": "Kind Node Value",
    "vfs.path": "Path",
    "vfs.provider": "Blocks Found Hit Mode Provider",
    "vfs.query": "Query",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
