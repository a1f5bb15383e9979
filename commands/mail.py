"""mail: the mails of all accounts listed, read, answered, sent and put in order."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Shape, Usage, operand
from commands.mailing.list import COMMAND as LIST
from commands.nearest import nearest
from commands.parse import parse
from commands.stream import Io
from vfs.action import Effect

PARTS = {
    "list": "commands.mailing.list:COMMAND",
    "read": "commands.mailing.read:COMMAND",
    "send": "commands.mailing.send:COMMAND",
    "reply": "commands.mailing.reply:COMMAND",
    "forward": "commands.mailing.forward:COMMAND",
    "draft": "commands.mailing.draft:COMMAND",
    "archive": "commands.mailing.archive:COMMAND",
    "mark": "commands.mailing.mark:COMMAND",
    "move": "commands.mailing.move:COMMAND",
    "delete": "commands.mailing.delete:COMMAND",
    "attachments": "commands.mailing.attachments:COMMAND",
    "rules": "commands.mailing.rules:COMMAND",
}


class MailArguments(Arguments):
    RAW = True

    action: str = operand(
        "SUBCOMMAND", help="list, when there is none", required=False, complete=Complete.NOTHING
    )
    words: list[str] = operand("WORD", many=True, required=False, help="what the subcommand takes")


async def run(ctx: Context, args: MailArguments, io: Io) -> int:
    words = list(args.words)
    if words and not words[0].startswith("-"):
        near = nearest(words[0], PARTS)
        raise Usage(
            f"unknown subcommand '{words[0]}'",
            hint=f"did you mean mail {near}?" if near else "run: mail --help",
        )
    return await LIST.run(ctx, parse(LIST, words), io)


COMMAND = Command(
    name="mail",
    summary="list, read, answer and send mail, and put it in order",
    args=MailArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE | Effect.DELETE | Effect.SEND,
    reads=Shape.EITHER,
    writes=Shape.EITHER,
    group="Mail",
    parts=PARTS,
    description="""
Mails are files in /mail, so that ls, cat, search, mv and rm work on them, too. A MAIL is a path, the name of
one in the current folder, the inbox or any other folder, or a part of a name or subject that fits one alone.
Subcommands take many, and without any the records or lines of a pipe:

  ls /mail/inbox | where from ~ newsletter | mail archive

`undo` takes all of that back together. What is sent goes through /outbox.
""",
    examples=(
        Example("mail", "the inbox, newest first"),
        Example("mail list --unread", "what has not been read"),
    ),
)
