"""edit: opens a file in the person's editor and saves it on the way out."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile

from commands.command import Arguments, Command, Context, Example, Failure, Shape, operand
from commands.entry import place
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.drive import hop
from vfs.errors import IsADirectory, NotFound, VfsError
from vfs.path import Path
from vfs.provider import Mode

MAIL = "message/rfc822"
"""The kind of a file that is edited as a draft: headers and text, attachments by name."""

EDITORS = ("sensible-editor", "nano", "vim", "vi")
"""What is tried when neither VISUAL nor EDITOR says which editor it is."""


class Args(Arguments):
    paths: list[str] = operand(
        "PATH", many=True, help="the files to edit, one after the other; new ones, too"
    )


async def run(ctx: Context, args: Args, io: Io) -> int:
    command = editor(ctx)
    status = 0
    for word in args.paths:
        try:
            await _edit(ctx, io, place(ctx, word), command)
        except VfsError as error:
            status = max(status, await report(io, "edit", error))
        except Failure as error:
            status = max(status, await report(io, "edit", error))
    return status


def editor(ctx: Context) -> list[str]:
    """The words that start the editor. Raises Failure when there is none."""
    for variable in ("VISUAL", "EDITOR"):
        line = ctx.env.get(variable) or os.environ.get(variable)
        if line:
            try:
                words = shlex.split(line)
            except ValueError as wrong:
                raise Failure(f"{variable} cannot be read: {wrong}") from None
            if words:
                return words
    folders = os.get_exec_path()
    for name in EDITORS:
        if any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders):
            return [name]
    raise Failure("there is no editor", hint="name one: export EDITOR=nano")


async def _edit(ctx: Context, io: Io, path: Path, command: list[str]) -> None:
    """Edits one file. Whatever was typed is saved, or kept in the draft that the error names."""
    old, etag, mail = await _present(ctx, path)
    folder = tempfile.mkdtemp(prefix="spatio-edit-")
    draft = os.path.join(folder, os.path.basename(path.name) or "text")
    _write(draft, old or b"")
    try:
        await io.stdout.flush()
        status = await hop(lambda: subprocess.call([*command, draft]))
    except OSError as wrong:
        _drop(folder)
        raise Failure(f"{command[0]}: {(wrong.strerror or 'cannot be started').lower()}") from None
    new = _read(draft)
    if new == (old or b""):
        _drop(folder)
        if status != 0:
            raise Failure(f"{path}: the editor ended with status {status}; nothing was changed")
        await io.stderr.line(f"edit: {path}: nothing was changed")
        return
    if status != 0:
        raise Failure(f"{path}: the editor ended with status {status}; nothing was saved", hint=_kept(draft))
    if mail is not None:
        new = _mended(ctx, path, new, mail, draft)
    await _save(ctx, path, new, etag, existed=old is not None, draft=draft)
    _drop(folder)


async def _present(ctx: Context, path: Path) -> tuple[bytes | None, str | None, bytes | None]:
    """The text to edit, its etag, and the mail that it stands for, if it is one; None where there is none.

    Raises NotFound (no folder).
    """
    try:
        node = await ctx.tree.stat(path)
    except NotFound:
        if not (await ctx.tree.stat(path.parent)).is_folder:
            raise
        return None, None, None
    if node.is_folder:
        raise IsADirectory(path)
    content = await ctx.tree.read(path)
    spelt = ctx.services.mailing.editable(content) if node.mime == MAIL else None
    return (content, node.etag, None) if spelt is None else (spelt.encode(), node.etag, content)


def _mended(ctx: Context, path: Path, text: bytes, mail: bytes, draft: str) -> bytes:
    """The mail that an edited draft stands for. Raises Failure, which says where the text is."""
    try:
        return ctx.services.mailing.mended(text.decode("utf-8", "replace"), mail)
    except VfsError as error:
        raise Failure(
            f"{path}: {error}; nothing was saved", status=error.status, hint=_kept(draft)
        ) from error


async def _save(ctx: Context, path: Path, new: bytes, etag: str | None, *, existed: bool, draft: str) -> None:
    """Raises Failure, which says where the text is, when it cannot be saved."""
    mode = Mode.REPLACE if existed else Mode.CREATE
    try:
        await ctx.tree.write(path, new, mode=mode, etag=etag if existed else None)
    except VfsError as error:
        raise Failure(f"{error}; nothing was saved", status=error.status, hint=_kept(draft)) from error


def _write(draft: str, data: bytes) -> None:
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def _read(draft: str) -> bytes:
    with open(draft, "rb") as file:
        return file.read()


def _kept(draft: str) -> str:
    return f"your text is kept in {draft}"


def _drop(folder: str) -> None:
    """Removes the draft and what editors leave beside it."""
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    os.rmdir(folder)


COMMAND = Command(
    "edit",
    "edit files in your editor",
    Args,
    run,
    effects=Effect.READ | Effect.WRITE | Effect.RUN,
    writes=Shape.NOTHING,
    group="Files",
    description="The editor is the one that VISUAL or EDITOR names. What you typed is saved when it ends; "
    "where that fails, as when somebody else changed the file, the text is kept in a file of this machine "
    "and its name is shown.",
    examples=[Example("edit /notes/meeting-notes.md", "opens a note, and saves it when the editor ends")],
)
