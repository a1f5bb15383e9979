"""registry: every command by name, as strings; finding one loads its module and no other."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from commands.command import Reading

if TYPE_CHECKING:
    from commands.command import Command

TABLE: dict[str, str] = {
    ".": "spatio.shell.builtins.source:COMMAND",
    ":": "spatio.shell.builtins.colon:COMMAND",
    "[": "commands.test:BRACKET",
    "agent": "commands.agent:COMMAND",
    "alias": "spatio.shell.builtins.alias:COMMAND",
    "ask": "commands.ask:COMMAND",
    "audit": "commands.audit:COMMAND",
    "bank": "commands.bank:COMMAND",
    "basename": "commands.basename:COMMAND",
    "break": "spatio.shell.builtins.break_:COMMAND",
    "calendar": "commands.calendar:COMMAND",
    "cat": "commands.cat:COMMAND",
    "cd": "spatio.shell.builtins.cd:COMMAND",
    "clear": "commands.clear:COMMAND",
    "comm": "commands.comm:COMMAND",
    "command": "spatio.shell.builtins.command:COMMAND",
    "config": "commands.config:COMMAND",
    "connect": "commands.connect:COMMAND",
    "continue": "spatio.shell.builtins.continue_:COMMAND",
    "cp": "commands.cp:COMMAND",
    "cut": "commands.cut:COMMAND",
    "date": "commands.date:COMMAND",
    "diff": "commands.diff:COMMAND",
    "dirname": "commands.dirname:COMMAND",
    "disconnect": "commands.disconnect:COMMAND",
    "du": "commands.du:COMMAND",
    "echo": "commands.echo:COMMAND",
    "edit": "commands.edit:COMMAND",
    "env": "commands.env:COMMAND",
    "eval": "spatio.shell.builtins.eval:COMMAND",
    "exec": "spatio.shell.builtins.exec:COMMAND",
    "exit": "spatio.shell.builtins.exit:COMMAND",
    "export": "spatio.shell.builtins.export:COMMAND",
    "expr": "commands.expr:COMMAND",
    "false": "commands.false:COMMAND",
    "fg": "spatio.shell.builtins.fg:COMMAND",
    "find": "commands.find:COMMAND",
    "first": "commands.first:COMMAND",
    "fold": "commands.fold:COMMAND",
    "forget": "commands.forget:COMMAND",
    "from": "commands.from_:COMMAND",
    "getopts": "spatio.shell.builtins.getopts:COMMAND",
    "grep": "commands.grep:COMMAND",
    "group-by": "commands.group_by:COMMAND",
    "head": "commands.head:COMMAND",
    "help": "commands.help:COMMAND",
    "history": "commands.history:COMMAND",
    "index": "commands.index:COMMAND",
    "jobs": "spatio.shell.builtins.jobs:COMMAND",
    "jq": "commands.jq:COMMAND",
    "kill": "spatio.shell.builtins.kill:COMMAND",
    "last": "commands.last:COMMAND",
    "let": "spatio.shell.builtins.let:COMMAND",
    "local": "spatio.shell.builtins.local:COMMAND",
    "ls": "commands.ls:COMMAND",
    "mail": "commands.mail:COMMAND",
    "mkdir": "commands.mkdir:COMMAND",
    "mount": "commands.mount:COMMAND",
    "mounts": "commands.mounts:COMMAND",
    "mv": "commands.mv:COMMAND",
    "nl": "commands.nl:COMMAND",
    "note": "commands.note:COMMAND",
    "paste": "commands.paste:COMMAND",
    "plaid": "commands.bank:COMMAND",
    "plan": "commands.plan:COMMAND",
    "plot": "commands.plot:COMMAND",
    "printf": "commands.printf:COMMAND",
    "pwd": "commands.pwd:COMMAND",
    "read": "spatio.shell.builtins.read:COMMAND",
    "readonly": "spatio.shell.builtins.readonly:COMMAND",
    "redo": "commands.redo:COMMAND",
    "release": "commands.release:COMMAND",
    "return": "spatio.shell.builtins.return_:COMMAND",
    "rev": "commands.rev:COMMAND",
    "rm": "commands.rm:COMMAND",
    "rmdir": "commands.rmdir:COMMAND",
    "search": "commands.search:COMMAND",
    "sed": "commands.sed:COMMAND",
    "select": "commands.select:COMMAND",
    "seq": "commands.seq:COMMAND",
    "set": "spatio.shell.builtins.set:COMMAND",
    "share": "commands.share:COMMAND",
    "shift": "spatio.shell.builtins.shift:COMMAND",
    "sleep": "commands.sleep:COMMAND",
    "sort": "commands.sort:COMMAND",
    "sort-by": "commands.sort_by:COMMAND",
    "source": "spatio.shell.builtins.source:COMMAND",
    "stat": "commands.stat:COMMAND",
    "status": "commands.status:COMMAND",
    "sync": "commands.sync:COMMAND",
    "tac": "commands.tac:COMMAND",
    "tail": "commands.tail:COMMAND",
    "task": "commands.task:COMMAND",
    "tee": "commands.tee:COMMAND",
    "test": "commands.test:COMMAND",
    "time": "commands.time:COMMAND",
    "to": "commands.to:COMMAND",
    "touch": "commands.touch:COMMAND",
    "tr": "commands.tr:COMMAND",
    "trap": "spatio.shell.builtins.trap:COMMAND",
    "trash": "commands.trash:COMMAND",
    "tree": "commands.tree:COMMAND",
    "true": "commands.true:COMMAND",
    "type": "spatio.shell.builtins.type:COMMAND",
    "umount": "commands.umount:COMMAND",
    "unalias": "spatio.shell.builtins.unalias:COMMAND",
    "undo": "commands.undo:COMMAND",
    "uniq": "commands.uniq:COMMAND",
    "unset": "spatio.shell.builtins.unset:COMMAND",
    "wait": "spatio.shell.builtins.wait:COMMAND",
    "watch": "commands.watch:COMMAND",
    "wc": "commands.wc:COMMAND",
    "where": "commands.where:COMMAND",
    "which": "spatio.shell.builtins.which:COMMAND",
    "whoami": "commands.whoami:COMMAND",
    "xargs": "commands.xargs:COMMAND",
    "yes": "commands.yes:COMMAND",
}
"""Name -> `module:value`, sorted. A new command is one line here."""

READINGS: dict[str, Reading] = {
    "ask": Reading.TEXT,
    "calendar schedule": Reading.TEXT,
    "calendar when": Reading.TEXT,
    "note add": Reading.TEXT,
    "search": Reading.TEXT,
    "task add": Reading.TEXT,
    "where": Reading.EXPRESSION,
}
"""How the words of a command, or of its subcommand, are read where that is not as plain words."""


def find(name: str) -> Command[Any] | None:
    """The command of this name, ours before a plug-in's; None when there is none.

    Raises Failure when a plug-in has the name and cannot be loaded.
    """
    where = TABLE.get(name)
    if where is None:
        plugged: Command[Any] | None = import_module("commands.plugged").find(name)
        return plugged
    return _load(where)


def _load(where: str) -> Command[Any]:
    module, _, value = where.partition(":")
    command: Command[Any] = getattr(import_module(module), value)
    return command


def narrowed(command: Command[Any], words: Sequence[str]) -> tuple[Command[Any], Sequence[str]]:
    """The part of a command that its first word names and the words after that; else what was given."""
    where = command.parts.get(words[0]) if words else None
    return (command, words) if where is None else (_load(where), words[1:])


def parts_of(command: Command[Any]) -> Sequence[Command[Any]]:
    """Its subcommands, in their order."""
    return [_load(where) for where in command.parts.values()]


def names() -> Sequence[str]:
    """The names of all commands, plug-ins' included, sorted; loads none of them."""
    return sorted({*TABLE, *import_module("commands.plugged").names()})


def nearest(name: str) -> str | None:
    """The command that was probably meant by `name`."""
    found: str | None = import_module("commands.nearest").nearest(name, names())
    return found


def reading_of(name: str, subcommand: str = "") -> Reading:
    """How the shell reads the words after `name` (and `subcommand`); loads no command."""
    if name.startswith("@"):
        return Reading.TEXT
    return READINGS.get(name) or READINGS.get(f"{name} {subcommand}") or Reading.WORDS
