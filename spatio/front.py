"""One run of the program on a workspace: its streams, its session, and what it was asked to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING

from commands.render.fds import FdSink, FdSource
from commands.stream import Io, ReaderGone, Sink
from providers.outbox import holds_something
from spatio.start import Start, say
from spatio.status import BUG, FAILED, READER_GONE
from spatio.workspace import Workspace, open_workspace
from vfs.drive import drive
from vfs.errors import VfsError
from vfs.visible import visible, visible_line

if TYPE_CHECKING:
    from providers.store.store import Store
    from spatio.session import Asker, Session

_SECRET = ("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "COOKIE")
_OWN = ("HOME", "OLDPWD", "PATH", "PWD", "SHLVL", "_")


def environment(host: Mapping[str, str]) -> dict[str, str]:
    """The host's variables that a session starts with: no secrets, no paths of the host's own."""
    kept = {
        name: value
        for name, value in host.items()
        if name not in _OWN and name.isidentifier() and not _is_secret(name, value)
    }
    kept["HOME"] = "/"
    return kept


def _is_secret(name: str, value: str) -> bool:
    """Whether a variable keeps a secret: by its name, or as the password within an address."""
    if any(part in name.upper() for part in _SECRET):
        return True
    account = value.partition("://")[2].partition("@")
    return bool(account[1]) and ":" in account[0]


def host_io() -> Io:
    """The process's own streams; a terminal where there is one."""
    return Io(FdSource(0), _sink(1, "standard output"), _sink(2, "standard error"))


def _sink(descriptor: int, name: str) -> Sink:
    if os.isatty(descriptor):
        terminal: Sink = import_module("commands.render.terminal").Terminal(descriptor, env=os.environ)
        return terminal
    return FdSink(descriptor, name)


def run(begun: Start, *, clock: Callable[[], datetime] | None = None) -> int:
    """Does what the words say; returns the exit status. An error of start-up is one line."""
    try:
        workspace = open_workspace(begun.home, address=begun.store, objects=begun.objects, reach=begun.reach)
        if begun.store and workspace.chosen is not None:
            workspace.chosen.need_file()
        return drive(_run(workspace, begun, clock))
    except VfsError as error:
        say(visible_line(str(error)) + (f"\n  {visible_line(error.hint)}" if error.hint else ""))
        return error.status
    except ReaderGone:
        return READER_GONE
    except MemoryError:
        say("not enough memory")
        return FAILED
    except Exception as error:
        say(f"a bug in Spatio: {type(error).__name__}: {visible_line(str(error))}")
        if begun.debug:
            raise
        return BUG


async def _run(workspace: Workspace, begun: Start, clock: Callable[[], datetime] | None) -> int:
    io = host_io()
    person = io.stdin.tty and io.stderr.tty
    if begun.debug:
        os.environ["SPATIO_DEBUG"] = "1"
    session = workspace.session(
        env=environment(os.environ),
        interactive=person,
        asker=asker(io) if person else None,
        clock=clock,
        host=(person and not begun.words) or workspace.config.host_commands,
    )
    try:
        status = await _dispatch(session, workspace, begun.words, io)
        if workspace.used is not None:
            await _remind(workspace.used)
        return status
    finally:
        await session.aclose()
        await workspace.aclose()


async def _remind(store: Store) -> None:
    """Says what waits in the outbox, when nobody is there to send it."""
    with suppress(VfsError):
        if await store.read(lambda connection: holds_something(connection, store.user)):
            await import_module("spatio.reminder").remind(store)


async def _dispatch(session: Session, workspace: Workspace, words: Sequence[str], io: Io) -> int:
    first = words[0] if words else ""
    if not words and io.stdin.tty:
        status: int = await import_module("spatio.repl.prompt").interact(session, workspace, io)
        return status
    if not words or words == ("-",):
        from_input: int = await import_module("spatio.lines").run_lines(session, io)
        return from_input
    if first == "-c":
        if len(words) < 2:
            say("-c needs a line\n  run: spatio --help")
            return 2
        name = words[2] if len(words) > 2 else "spatio"
        return (await session.run(words[1], io, name, words[3:])).status
    if "/" in first or first.endswith(".spatio"):
        return await _script(session, first, words[1:], io)
    return (await session.call(words, io)).status


async def _script(session: Session, file: str, args: Sequence[str], io: Io) -> int:
    """Runs a file of the host; 127 when there is none, 126 when it cannot be read, as shells do."""
    try:
        text = _read(file)
    except OSError as error:
        say(f"{visible_line(file)}: {str(error.strerror).lower()}")
        return 127 if isinstance(error, FileNotFoundError) else 126
    if "\0" in text:
        say(f"{visible_line(file)}: not a script, but a binary file")
        return 126
    return (await session.run(text, io, file, args)).status


def _read(file: str) -> str:
    with open(file, "rb") as opened:
        return opened.read().decode("utf-8", "surrogateescape")


def asker(io: Io) -> Asker:
    """Asks the person at the terminal; what they are shown is made visible, data and all."""

    async def ask(question: str) -> bool:
        await io.stdout.flush()
        await io.stderr.text(f"{visible(question)} [y/N] ")
        await io.stderr.flush()
        answer = (await io.stdin.readline()).strip().lower()
        return answer in (b"y", b"yes")

    return ask
