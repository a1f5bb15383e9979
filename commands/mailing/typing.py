"""A text that a person writes in an editor, in a file that stays until the text is safe."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from typing import NamedTuple

from commands.command import Context, Failure
from commands.edit import editor
from commands.stream import Io
from vfs.drive import hop

FILE = "mail.txt"


class Typed(NamedTuple):
    """A text and the file of this machine that holds it."""

    text: str
    folder: str
    first: bool
    """It was opened for the first time."""


async def typed(ctx: Context, io: Io, text: str, *, before: Typed | None = None) -> Typed:
    """The text as the person left it. Raises Failure when there is no editor, or it failed."""
    command = editor(ctx)
    folder = before.folder if before is not None else tempfile.mkdtemp(prefix="spatio-mail-")
    file = os.path.join(folder, FILE)
    if before is None:
        _write(file, text)
    await io.stdout.flush()
    try:
        status = await hop(lambda: subprocess.call([*command, file]))
    except OSError as wrong:
        raise Failure(f"{command[0]}: {(wrong.strerror or 'cannot be started').lower()}") from None
    try:
        new = _read(file)
    except FileNotFoundError:
        raise Failure("the editor removed the draft; nothing is sent") from None
    found = Typed(new, folder, before is None)
    if status != 0:
        if new == text:
            dropped(found)
            raise Failure(f"the editor ended with status {status}; nothing is sent")
        raise Failure(f"the editor ended with status {status}; nothing is sent", hint=kept_in(found))
    return found


def _write(file: str, text: str) -> None:
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(text.encode("utf-8", "surrogateescape"))


def _read(file: str) -> str:
    with open(file, "rb") as left:
        return left.read().decode("utf-8", "replace").replace("\r\n", "\n")


def kept_in(file: Typed) -> str:
    """Where the text is, for a person."""
    return f"your text is kept in {os.path.join(file.folder, FILE)}"


def dropped(file: Typed) -> None:
    """Removes the file and what editors leave beside it."""
    shutil.rmtree(file.folder, ignore_errors=True)
