"""mail delete: mails to the trash; what is there already, for good."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand, switch
from commands.mailing.moving import told
from commands.mailing.places import account_of, named_mails
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.errors import VfsError


class DeleteArguments(Arguments):
    mails: list[str] = operand(
        "MAIL", many=True, required=False, help="what to delete", complete=Complete.MAIL
    )
    yes: bool = switch("-y", "--yes", help="do not ask before deleting what is in the trash")


async def run(ctx: Context, args: DeleteArguments, io: Io) -> int:
    mails, status = await named_mails(ctx, io, "mail delete", args.mails)
    final = [
        mail.path for mail in mails if mail.path.is_under(account_of(ctx, mail.path).path.child("trash"))
    ]
    if final and ctx.interactive and not args.yes:
        count = f"{len(final):,} {'mail' if len(final) == 1 else 'mails'}"
        if not await ctx.ask(f"Delete {count} in the trash from the server, for good?"):
            return 1
    gone = await ctx.tree.remove_many([mail.path for mail in mails]) if mails else ()
    done = []
    for mail, wrong in zip(mails, gone, strict=True):
        if isinstance(wrong, VfsError):
            status = max(status, await report(io, "mail delete", wrong))
        else:
            done.append(mail.path)
    await told(io, "Deleted", done)
    return status


COMMAND = Command(
    name="mail delete",
    summary="move mails to the trash",
    args=DeleteArguments,
    run=run,
    effects=Effect.READ | Effect.DELETE,
    reads=Shape.EITHER,
    writes=Shape.RECORDS,
    group="Mail",
    description="What lies in the trash already is deleted from the server. `undo` takes back what "
    "the server does not know yet, and what is in its trash.",
    examples=(Example("mail list junk | where date < -30d | mail delete", "junk older than a month"),),
)
