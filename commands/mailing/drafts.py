"""Drafts that are kept, opened again."""

from __future__ import annotations

from commands.command import Context, Failure
from commands.mailing.attachments import attachments_of
from commands.mailing.composing import by_hand, written
from commands.mailing.places import Mail, account_of
from commands.mailing.typing import dropped, kept_in
from commands.stream import Io
from vfs.errors import VfsError


async def reopened(ctx: Context, io: Io, mail: Mail, *, complete: bool) -> None:
    """Lets a person go on writing a draft, and saves it; a `complete` one can be sent.

    Raises Failure where nobody is there, or for what is no draft; what was typed is never lost.
    """
    if mail.path.parent != account_of(ctx, mail.path).path.child("drafts"):
        raise Failure(f"{mail.path}: is no draft", hint="run: mail list drafts")
    if not by_hand(ctx, io):
        raise Failure("nobody is there who could write", hint=f"run: edit {mail.path}")
    attach = [str(path) for path, _ in await attachments_of(ctx, mail)]
    mailing = ctx.services.mailing
    draft = mailing.reopened(await ctx.tree.read(mail.path), attach)
    ready = await written(ctx, io, draft, edit=True, complete=complete, fresh=False)
    try:
        if ready.text != draft:
            await ctx.tree.write(mail.path, mailing.kept(ready.text, ready.attachments), etag=mail.node.etag)
    except VfsError as error:
        if ready.typed is not None:
            error.hint = error.hint or kept_in(ready.typed)
        raise
    if ready.typed is not None:
        dropped(ready.typed)
