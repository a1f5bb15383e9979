"""The prompt: reads a line (or several), runs it in the session, and stays whatever happens to it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress

from prompt_toolkit import PromptSession
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import create_output
from prompt_toolkit.styles import Style

from commands.stream import Io, ReaderGone
from spatio import VERSION
from spatio.repl.background import Background
from spatio.repl.completer import TreeCompleter
from spatio.repl.history import LineHistory
from spatio.repl.interrupt import Interruptible
from spatio.repl.shown import ShownSafely
from spatio.repl.unlocking import unlock_first
from spatio.secrets.opening import no_questions
from spatio.session import Session
from spatio.shell.parser import wanted
from spatio.status import CANCELLED, READER_GONE
from spatio.workspace import Workspace
from vfs.drive import event_loop
from vfs.errors import VfsError
from vfs.visible import visible_line

STYLE = Style.from_dict(
    {"folder": "ansiblue", "sign": "bold", "failed": "ansired bold", "more": "ansibrightblack"}
)


async def interact(session: Session, workspace: Workspace, io: Io) -> int:
    """Reads and runs lines until Ctrl-D or `exit`; returns the last status."""
    await event_loop()
    workspace.jobs = lambda: jobs_of(session)
    prompt = make_prompt(session, workspace)
    await io.stderr.line(f"Spatio {VERSION}. `help` lists the commands, Ctrl-D leaves.")
    await unlock_first(workspace, io)
    background = Background(workspace, prompt)
    try:
        status = await _read_lines(session, prompt, background, io)
    finally:
        await background.stop()
    with suppress(ReaderGone, VfsError):
        status = (await session.finish(io, status)).status
    return status


async def _read_lines(session: Session, prompt: PromptSession[str], background: Background, io: Io) -> int:
    """Reads and runs lines; the last status."""
    status = 0
    while True:
        background.flush()
        background.look()
        try:
            with no_questions():
                text = await prompt.prompt_async()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return status
        if not text.strip():
            continue
        status, exited = await run_line(session, text, io)
        if exited:
            return status


def make_prompt(session: Session, workspace: Workspace) -> PromptSession[str]:
    """The line editor: history kept in the workspace, completion from the tree, Enter when it is whole."""
    vi = "vi" in os.environ.get("VISUAL", os.environ.get("EDITOR", "")).split("/")[-1]
    return PromptSession(
        lambda: message(session),
        output=create_output(always_prefer_tty=True),
        history=LineHistory(workspace.where.history_file),
        completer=TreeCompleter(session),
        complete_while_typing=False,
        multiline=True,
        key_bindings=_bindings(),
        prompt_continuation=_continuation,
        editing_mode=EditingMode.VI if vi else EditingMode.EMACS,
        input_processors=[ShownSafely()],
        style=None if os.environ.get("NO_COLOR") else STYLE,
        include_default_pygments_style=False,
        enable_history_search=False,
    )


def message(session: Session) -> StyleAndTextTuples:
    """Where one stands, and whether the last line failed; `> ` at the root."""
    folder = str(session.cwd)
    shown: StyleAndTextTuples = [] if folder == "/" else [("class:folder", visible_line(folder)), ("", " ")]
    return [*shown, ("class:failed" if session.last_status else "class:sign", "> ")]


def _continuation(width: int, number: int, wrapped: int) -> StyleAndTextTuples:
    return [("class:more", "… ".rjust(width))]


def _bindings() -> KeyBindings:
    bindings = KeyBindings()

    @bindings.add("enter")
    def _(event: KeyPressEvent) -> None:
        """Runs the text when it is whole, else opens the next line of it."""
        buffer = event.current_buffer
        text = buffer.text
        if wanted(text) is not None or text.endswith("\\"):
            buffer.cursor_position = len(text)
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    return bindings


async def run_line(session: Session, text: str, io: Io) -> tuple[int, bool]:
    """The line's status and whether it said `exit`. Ctrl-C ends the line and nothing else."""
    task = asyncio.ensure_future(session.run(text, io, last=False))
    try:
        with Interruptible(task):
            result = await task
        return result.status, result.exited
    except (asyncio.CancelledError, KeyboardInterrupt):
        session.last_status = CANCELLED
        with suppress(ReaderGone, VfsError):
            await io.stdout.flush()
            await io.stderr.line("")
        return CANCELLED, False
    except ReaderGone:
        return READER_GONE, True


def jobs_of(session: Session) -> Sequence[Mapping[str, str]]:
    """The session's jobs, as `/sys/jobs` shows them."""
    return [
        {"job": str(job.number), "state": job.state, "line": job.text} for job in session.jobs.all.values()
    ]
