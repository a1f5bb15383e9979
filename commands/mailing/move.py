"""mail move: mails to another folder of their account."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Shape, Usage, operand
from commands.mailing.moving import moved
from commands.mailing.places import account_of, folder_named, named_mails
from commands.stream import Io
from vfs.action import Effect


class MoveArguments(Arguments):
    words: list[str] = operand(
        "MAIL", many=True, help="what to move; the last word is the FOLDER that it goes to",
        complete=Complete.MAIL,
    )  # fmt: skip


async def run(ctx: Context, args: MoveArguments, io: Io) -> int:
    *words, folder = args.words
    if not words and io.stdin.tty:
        raise Usage("which mail, and where to?", hint="run: mail move MAIL... FOLDER")
    mails, status = await named_mails(ctx, io, "mail move", words)
    accounts = {mail.path: account_of(ctx, mail.path) for mail in mails}
    places = {
        account.path: await folder_named(ctx, account, folder)
        for account in {one.path: one for one in accounts.values()}.values()
    }
    goals = [(mail, places[accounts[mail.path].path]) for mail in mails]
    return max(status, await moved(ctx, io, "mail move", goals, said="Moved"))


COMMAND = Command(
    name="mail move",
    summary="move mails to another folder",
    args=MoveArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE | Effect.DELETE,
    reads=Shape.EITHER,
    writes=Shape.RECORDS,
    group="Mail",
    description="FOLDER is a path, or the name of a folder of the account that the mail is in.",
    examples=(
        Example("mail list junk -n 1 | mail move inbox", "the newest that was taken for junk, back again"),
    ),
)
