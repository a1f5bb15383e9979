"""Rule: a file of `/mail/.rules`, what it asks of a mail, and what it does with it.

on = false                              # switched on by `mail rules on NAME`
when = 'from ~ newsletter and unread'   # as in `where`; `text ~ ...` looks into the text
folders = ["inbox"]                     # where mails have come in
move = "archive"
mark = ["read", "flagged"]              # or unread, unflagged
label = ["news"]
agent = "triage"                        # runs over the mail;
append = "/notes/triage.md"             # its answer goes to the end of this file
stop = true                             # no further rule sees the mail
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any, NamedTuple

from commands.command import Failure, Usage
from commands.expression import Expression, parse_expression
from commands.nearest import nearest
from vfs.path import Path

FOLDER = ".rules"
"""The folder of an account that holds its rules; it stays on this machine."""

SUFFIX = ".toml"

MARKS: Mapping[str, tuple[str, bool]] = {
    "read": ("unread", False),
    "unread": ("unread", True),
    "flagged": ("flagged", True),
    "unflagged": ("flagged", False),
}
"""The attribute and its value that a mark stands for."""

TEMPLATE = """\
on = false                      # switched on by: mail rules on NAME
when = 'from ~ "newsletter"'    # conditions as in `where`; text ~ "..." looks into the text
folders = ["inbox"]
move = "archive"
# mark = ["read"]               # read, unread, flagged, unflagged
# label = ["news"]
# agent = "triage"              # runs over the mail; its answer goes to the end of a file:
# append = "/notes/triage.md"
# stop = true                   # no further rule sees the mail
"""

_KINDS: Mapping[str, type] = {
    "on": bool, "when": str, "folders": list, "move": str, "mark": list, "label": list, "agent": str,
    "append": str, "stop": bool, "tried": str,
    "since": str,
}  # fmt: skip
_SAID = {bool: "true or false", str: "text in quotes", list: "a list of texts"}
_TOKEN = re.compile(
    r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(<=|>=|==|!=|!~|[<>=~()])|((?:!(?![=~])|[^\s"'<>=~()!])+))"""
)


class Rule(NamedTuple):
    """What a rule's file says."""

    name: str
    when: str
    on: bool = False
    folders: Sequence[str] = ("inbox",)
    move: str = ""
    mark: Sequence[str] = ()
    label: Sequence[str] = ()
    agent: str = ""
    append: str = ""
    stop: bool = False
    tried: str = ""
    """The fingerprint of what was tried on the past."""
    since: str = ""
    """When it was switched on, in ISO 8601."""

    @property
    def fingerprint(self) -> str:
        """Changes with whatever the rule asks and does."""
        said = repr(self._replace(name="", on=False, tried="", since=""))
        return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()[:12]

    @property
    def is_tried(self) -> bool:
        return self.tried == self.fingerprint

    def covers(self, came: datetime) -> bool:
        """Whether a mail that came then is new to it."""
        return not self.since or came >= datetime.fromisoformat(self.since)

    def test(self, now: datetime) -> Expression:
        """The condition. Raises Usage."""
        return parse_expression(words_of(self.when), now)

    def does(self) -> str:
        """Its actions, for a person."""
        parts = [f"mark {', '.join(self.mark)}"] if self.mark else []
        parts += [f"label {', '.join(self.label)}"] if self.label else []
        parts += [f"run {self.agent} into {self.append}"] if self.agent else []
        parts += [f"move to {self.move}"] if self.move else []
        return "; ".join([*parts, "stop"] if self.stop else parts)


def words_of(when: str) -> list[str]:
    """A condition as the shell would hand it to `where`. Raises Usage."""
    words: list[str] = []
    at = 0
    text = when.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise Usage(f"'{text[at:].strip()[:20]}' is not expected here", hint="put texts into quotes")
        double, single, operator, plain = found.groups()
        unescaped = None if double is None else re.sub(r"\\(.)", r"\1", double)
        words.append(unescaped if unescaped is not None else single or operator or plain or "")
        at = found.end()
    return words


def read_rule(name: str, data: bytes, now: datetime) -> Rule:
    """The rule that a file spells, checked. Raises Failure, which names what is wrong."""
    where = f"rule {name}"
    try:
        raw: Mapping[str, Any] = import_module("tomllib").loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise Failure(f"{where}: is not UTF-8") from None
    except ValueError as wrong:
        raise Failure(f"{where}: {str(wrong)[:1].lower()}{str(wrong)[1:]}") from None
    for key, value in raw.items():
        kind = _KINDS.get(key)
        if kind is None:
            near = nearest(key, _KINDS)
            hint = f"did you mean {near}?" if near else f"there are: {', '.join(_KINDS)}"
            raise Failure(f"{where}: there is no key '{key}'", hint=hint)
        items = value if isinstance(value, list) else []
        if not isinstance(value, kind) or not all(isinstance(one, str) for one in items):
            raise Failure(f"{where}: {key} must be {_SAID[kind]}")
    rule = Rule(name, **{"when": "", **{key: _frozen(value) for key, value in raw.items()}})
    reason = _wrong(rule, now)
    if reason:
        raise Failure(f"{where}: {reason}")
    return rule


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _wrong(rule: Rule, now: datetime) -> str:
    """Why a rule cannot be used; "" when it can."""
    if not rule.when.strip():
        return "when is missing: the condition that a mail meets"
    try:
        rule.test(now)
    except Usage as wrong:
        return f"when: {wrong}"
    try:
        if rule.since and datetime.fromisoformat(rule.since).tzinfo is None:
            return "since must be a time with its zone, as `mail rules on` writes it"
    except ValueError:
        return "since must be a time, as `mail rules on` writes it"
    for mark in rule.mark:
        if mark not in MARKS:
            return f"mark must be one of {', '.join(MARKS)}, but is '{mark}'"
    if not rule.folders:
        return "folders names none"
    if bool(rule.agent) != bool(rule.append):
        return "an agent needs append, the file for its answers" if rule.agent else "append needs an agent"
    if rule.append and not rule.append.startswith("/"):
        return "append must be a path that begins with /"
    try:
        Path.parse(rule.append)
    except ValueError as bad:
        return f"append: {bad}"
    if not (rule.move or rule.mark or rule.label or rule.agent or rule.stop):
        return "it does nothing: write move, mark, label, agent or stop"
    return ""


def rule_text(rule: Rule) -> str:
    """A rule as its file."""
    lines = [f"on = {'true' if rule.on else 'false'}", f"when = {_quoted(rule.when)}"]
    lists = {"folders": rule.folders, "mark": rule.mark, "label": rule.label}
    texts = {"move": rule.move, "agent": rule.agent, "append": rule.append}
    lines += [f"{key} = {_listed(values)}" for key, values in lists.items() if values]
    lines += [f"{key} = {_quoted(text)}" for key, text in texts.items() if text]
    return "\n".join([*lines, *(["stop = true"] if rule.stop else [])]) + "\n"


def with_line(text: str, key: str, value: str | bool) -> str:
    """A rule's file with one key set, all else as its owner wrote it."""
    spelt = ("true" if value else "false") if isinstance(value, bool) else _quoted(value)
    line = re.compile(rf"^{key}[ \t]*=[^\n#]*?([ \t]*#[^\n]*)?$", re.MULTILINE)
    new, count = line.subn(lambda found: f"{key} = {spelt}{found.group(1) or ''}", text, count=1)
    return new if count else f"{text.rstrip()}\n{key} = {spelt}\n" if text.strip() else f"{key} = {spelt}\n"


def _listed(values: Sequence[str]) -> str:
    return "[" + ", ".join([_quoted(value) for value in values]) + "]"


def _quoted(text: str) -> str:
    plain = "'" not in text and text.isprintable()
    if plain and ('"' in text or "\\" in text):
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join([char if char.isprintable() else f"\\U{ord(char):08X}" for char in escaped]) + '"'
