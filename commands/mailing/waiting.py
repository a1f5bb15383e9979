"""What becomes of a mail once it is in the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from commands.command import Context
from commands.mailing.moving import path_record
from commands.mailing.places import Mail
from commands.stream import Io
from vfs.errors import BadName, ReadOnly, Unsupported
from vfs.path import Path

_NONE: Mapping[str, Mail] = {}


async def settled(ctx: Context, io: Io, paths: Sequence[Path], marks: Mapping[str, Mail] = _NONE) -> int:
    """Says what became of mails in the outbox, having waited for those that nothing else would send.

    What still waits there is a record for a pipe. The mails that they answer or forward are marked so first.
    """
    status = 0
    for attribute, mail in marks.items():
        await _mark(ctx, mail, attribute)
    for path in paths:
        status = max(status, await ctx.services.outbox.deliver(path, io))
        if not io.stdout.tty and await ctx.tree.exists(path):
            await io.stdout.put([path_record(path)])
    return status


async def _mark(ctx: Context, mail: Mail, attribute: str) -> None:
    """Marks a mail as answered or forwarded, where that can be."""
    if not mail.node.attrs.get(attribute):
        with suppress(BadName, ReadOnly, Unsupported):
            await ctx.tree.set_attrs(mail.path, {attribute: True})
