"""mail archive: mails out of the inbox, kept."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand
from commands.mailing.moving import moved
from commands.mailing.places import account_of, named_mails
from commands.stream import Io
from vfs.action import Effect


class ArchiveArguments(Arguments):
    mails: list[str] = operand("MAIL", many=True, required=False, help="what to keep", complete=Complete.MAIL)


async def run(ctx: Context, args: ArchiveArguments, io: Io) -> int:
    mails, status = await named_mails(ctx, io, "mail archive", args.mails)
    goals = [(mail, account_of(ctx, mail.path).path.child("archive")) for mail in mails]
    return max(status, await moved(ctx, io, "mail archive", goals, said="Archived"))


COMMAND = Command(
    name="mail archive",
    summary="move mails to the archive",
    args=ArchiveArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE | Effect.DELETE,
    reads=Shape.EITHER,
    writes=Shape.RECORDS,
    group="Mail",
    examples=(Example("ls /mail/inbox | where not unread | mail archive", "whatever has been read"),),
)
