"""What becomes of a mail once it is in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from commands.command import Context
from commands.mailing.moving import path_record
from commands.mailing.places import Mail
from commands.stream import Io
from vfs.errors import BadName, ReadOnly, Unsupported
from vfs.path import Path


async def settled(ctx: Context, io: Io, paths: Sequence[Path]) -> int:
    """Says what became of mails in the outbox, having waited for those that nothing else would send.

    What still waits there is a record for a pipe.
    """
    status = 0
    for path in paths:
        status = max(status, await ctx.services.outbox.deliver(path, io))
        if not io.stdout.tty and await ctx.tree.exists(path):
            await io.stdout.put([path_record(path)])
    return status


async def marked(ctx: Context, mail: Mail, attribute: str) -> None:
    """Marks a mail as answered or forwarded, where that can be."""
    if not mail.node.attrs.get(attribute):
        with suppress(BadName, ReadOnly, Unsupported):
            await ctx.tree.set_attrs(mail.path, {attribute: True})
