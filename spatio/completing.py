"""Completing: what may stand where the cursor is: a command, an option, a value, a path, a variable.

The same answers serve the prompt and the host's shells. What is offered comes from the commands'
declarations and from the tree as the session may see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from commands import registry
from commands.command import Complete, Failure, Field, Shape
from spatio.shell.quoting import quote
from spatio.unfinished import Unfinished
from vfs.errors import NotFound, VfsError
from vfs.path import Path
from vfs.visible import visible

if TYPE_CHECKING:
    from commands.command import Command
    from spatio.session import Session

MOST = 500
"""Entries of a folder that are looked at; a longer menu helps nobody."""
FIELDS = ("kind", "mtime", "name", "path", "size")


class Candidate(NamedTuple):
    """One thing that may stand there."""

    word: str
    """The whole word, without quotes."""
    about: str = ""
    open: bool = False
    """More may follow without a space: a folder, an option that wants a value."""


async def offer(session: Session, here: Unfinished) -> list[Candidate]:
    """What may stand at the cursor, in order. Never raises: what cannot be read offers nothing."""
    try:
        found = await _candidates(session, here)
    except (VfsError, Failure):
        found = []
    return sorted({one.word: one for one in found}.values())


async def _candidates(session: Session, here: Unfinished) -> list[Candidate]:
    if here.variable:
        return _variables(session, here.word)
    if here.redirected:
        return await _paths(session, here.word)
    if not here.words:
        return await _paths(session, here.word) if "/" in here.word else await _names(session, here.word)
    command = session.services.commands.find(here.words[0])
    if command is None:
        return await _paths(session, here.word)
    if command.parts:
        if len(here.words) == 1 and not here.word.startswith("-"):
            parts = registry.parts_of(command)
            named = [Candidate(part.name.rpartition(" ")[2], part.summary) for part in parts]
            return [one for one in named if one.word.startswith(here.word)]
        command, words = registry.narrowed(command, here.words[1:])
        here = here._replace(words=(command.name, *words))
    if here.word.startswith("-") and "--" not in here.words:
        following = _operand(command, here.words[1:])
        fields = following is not None and following.complete is Complete.FIELD
        return _options(command, here.word) + (await _fields(session, here.word) if fields else [])
    wanting = _wants_value(command, here.words[-1])
    field = wanting or _operand(command, here.words[1:])
    return await _values(session, command, field, here.word)


async def _names(session: Session, word: str) -> list[Candidate]:
    if word.startswith("@"):
        return [Candidate(f"@{one.word}", "agent") for one in await _agents(session, word[1:])]
    names = [*session.services.commands.names(), *session.functions, *session.aliases]
    return [Candidate(name) for name in names if name.startswith(word)]


def _options(command: Command[Any], word: str) -> list[Candidate]:
    flag, equals, value = word.partition("=")
    found = []
    for field in command.args.FIELDS:
        if equals and flag in field.flags:
            return [Candidate(f"{flag}={one}") for one in field.choices if one.startswith(value)]
        long = [one for one in field.flags if one.startswith("--")] or [
            one for one in field.flags if one != "-#"
        ]
        wants = field.flags and not field.is_switch and field.bare is None
        found += [Candidate(one, field.help, bool(wants) and one.startswith("--")) for one in long]
    found.append(Candidate("--help", "explain this command"))
    if command.writes & Shape.RECORDS:
        found.append(Candidate("--json", "one JSON object a line"))
    found = [one._replace(word=f"{one.word}=") if one.open else one for one in found]
    return [one for one in found if one.word.startswith(word)]


def _wants_value(command: Command[Any], before: str) -> Field | None:
    """The option just before the cursor, if its value comes as the next word."""
    fields: Sequence[Field] = command.args.FIELDS
    for field in fields:
        if before in field.flags and not field.is_switch and field.bare is None:
            return field
    return None


def _operand(command: Command[Any], words: Sequence[str]) -> Field | None:
    """The operand that the next word will be."""
    operands: list[Field] = [field for field in command.args.FIELDS if not field.flags]
    given, skip = 0, False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-") and len(word) > 1:
            skip = _wants_value(command, word) is not None
        else:
            given += 1
    if given < len(operands):
        return operands[given]
    return operands[-1] if operands and operands[-1].many else None


async def _values(session: Session, command: Command[Any], field: Field | None, word: str) -> list[Candidate]:
    if field is None:
        return await _paths(session, word) if command.args.RAW or not command.args.FIELDS else []
    if field.choices:
        return [Candidate(one) for one in field.choices if one.startswith(word)]
    kind = field.complete
    if kind in (Complete.PATH, Complete.FOLDER):
        return await _paths(session, word, folders=kind is Complete.FOLDER)
    if kind is Complete.COMMAND:
        return [Candidate(name) for name in session.services.commands.names() if name.startswith(word)]
    if kind is Complete.AGENT:
        return await _agents(session, word)
    if kind is Complete.MOUNT:
        return [Candidate(str(one.path)) for one in session.mounts if str(one.path).startswith(word)]
    if kind is Complete.VARIABLE:
        return [Candidate(name) for name in session.vars.values if name.startswith(word)]
    if kind is Complete.FIELD:
        return await _fields(session, word)
    if kind is Complete.MAIL:
        return [*await _paths(session, word), *await _mails(session, word)]
    if kind is Complete.ADDRESS:
        return await _addresses(session, word)
    if kind in (Complete.ACCOUNT, Complete.CATEGORY):
        return await _money(session, kind, word)
    return []


async def _money(session: Session, kind: Complete, word: str) -> list[Candidate]:
    """Bank accounts, or what transactions are sorted by."""
    names = import_module("commands.banking.names")
    offered = names.account_names if kind is Complete.ACCOUNT else names.category_names
    return [Candidate(one, kind.value) for one in await offered(session) if one.startswith(word)]


async def _mails(session: Session, word: str) -> list[Candidate]:
    """The mails of inboxes whose names begin so."""
    if "/" in word:
        return []
    found: list[Candidate] = []
    for account in session.services.mailing.accounts():
        inbox = account.path.child("inbox")
        if session.tree.sees(inbox):
            with suppress(NotFound):
                found += await _paths(session, f"{inbox}/{word}")
    return [
        one._replace(word=one.word.rpartition("/")[2]) for one in found if not one.open and "/" in one.word
    ]


async def _addresses(session: Session, word: str) -> list[Candidate]:
    """Whom the mailboxes know, after what the word names already; only for a person."""
    if session.tree.guard is not None:
        return []
    before, comma, start = word.rpartition(",")
    known = await session.services.mailing.addresses(start.strip())
    lead = f"{before}{comma} " if comma else ""
    return [Candidate(f"{lead}{one}", "address") for one in known]


def _variables(session: Session, word: str) -> list[Candidate]:
    before, dollar, name = word.rpartition("$")
    brace = "{" if name.startswith("{") else ""
    start = name.removeprefix("{")
    found = sorted(one for one in session.vars.values if one.startswith(start))
    return [Candidate(f"{before}{dollar}{brace}{one}{'}' if brace else ''}") for one in found]


async def _paths(session: Session, word: str, *, folders: bool = False) -> list[Candidate]:
    """Entries of the folder that the word names, in the words of the person (`~`, relative, `..`)."""
    above, slash, start = word.rpartition("/")
    folder = session.resolve(f"{above}/" if slash else ".")
    if above == "~" or above.startswith("~/"):
        folder = Path.parse(above[1:] or "/")
    found: list[Candidate] = []
    async for page in session.tree.list(folder):
        for node in page:
            hidden = node.name.startswith(".") and not start.startswith(".")
            if hidden or not node.name.startswith(start) or (folders and not node.is_folder):
                continue
            end = "/" if node.is_folder else ""
            found.append(Candidate(f"{above}{slash}{node.name}{end}", "", node.is_folder))
        if len(found) >= MOST:
            break
    return found


async def _agents(session: Session, word: str) -> list[Candidate]:
    found = await _paths(session, f"/agents/{word}")
    names = [one.word.removeprefix("/agents/") for one in found if one.word.endswith(".md")]
    return [Candidate(name.removesuffix(".md"), "agent") for name in names]


async def _fields(session: Session, word: str) -> list[Candidate]:
    """What records about the current folder's first entries carry, and what all of them do."""
    names = set(FIELDS)
    async for page in session.tree.list(session.cwd):
        for node in page[:64]:
            names.update(node.attrs)
        break
    sign = "-" if word.startswith("-") else ""
    return [Candidate(f"{sign}{name}") for name in names if name.startswith(word.removeprefix("-"))]


def _spelled(char: str) -> str:
    """A character as `$'…'` spells it, so that none that hides or reorders gets into a line."""
    if char in "'\\":
        return f"\\{char}"
    if visible(char) == char and char.isprintable():
        return char
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code & 0xFF:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def typed(candidate: Candidate, open_quote: str) -> str:
    """The candidate as it goes into a line, in the quotes that were begun."""
    word = candidate.word
    if word.startswith("$"):
        return word
    if visible(word) != word:
        return "$'" + "".join(_spelled(char) for char in word) + "'"
    if open_quote and "\n" not in word and word.isprintable():
        escaped = word.replace("'", "'\\''") if open_quote == "'" else word
        if open_quote == '"':
            escaped = "".join(f"\\{char}" if char in '"\\$`' else char for char in word)
        return open_quote + escaped + ("" if candidate.open else open_quote)
    if word.startswith("~/"):
        return "~/" + quote(word[2:]) if word[2:] else word
    return quote(word)
