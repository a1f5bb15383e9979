"""mail draft: writes a mail and keeps it, to be sent later."""

from __future__ import annotations

from collections.abc import Sequence

from commands.command import Command, Complete, Context, Example, Shape, Usage, operand, option
from commands.mailing.composing import ComposeArguments, begun, keep, written
from commands.mailing.drafts import reopened
from commands.mailing.moving import path_record
from commands.mailing.places import find_mail
from commands.stream import Io
from vfs.action import Effect
from vfs.visible import visible_line


class DraftArguments(ComposeArguments):
    to: list[str] = option(
        "-t", "--to", many=True, metavar="ADDRESS", help="who will get it", complete=Complete.ADDRESS
    )
    subject: str | None = option("-s", "--subject", metavar="TEXT", help="what it is about")
    words: list[str] = operand("TEXT", many=True, required=False, help="its text", complete=Complete.MAIL)


async def run(ctx: Context, args: DraftArguments, io: Io) -> int:
    if args.edit and not (args.to or args.cc or args.bcc or args.subject or args.attach):
        return await _again(ctx, args.words, io)
    account, draft, edit = await begun(ctx, io, args, "the draft")
    ready = await written(ctx, io, draft, edit=edit, complete=False)
    path = await keep(ctx, account, ready)
    if not io.stdout.tty:
        await io.stdout.put([path_record(path)])
    name = visible_line(path.name)
    await io.stderr.line(f"Kept as {visible_line(str(path))}; to send it: mail send {name}")
    return 0


async def _again(ctx: Context, words: Sequence[str], io: Io) -> int:
    """Opens drafts that are there."""
    if not words:
        raise Usage("which draft?", hint="run: mail list drafts")
    for word in words:
        mail = await find_mail(ctx, word)
        await reopened(ctx, io, mail, complete=False)
        await io.stderr.line(f"Kept as {visible_line(str(mail.path))}")
    return 0


COMMAND = Command(
    name="mail draft",
    summary="write a mail and keep it among the drafts",
    args=DraftArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    reads=Shape.BYTES,
    writes=Shape.RECORDS,
    group="Mail",
    description="With --edit, TEXT are names of drafts, which your editor opens again.",
    examples=(
        Example("mail draft --to ada@example.org --subject Plans 'About the summer:'", "to go on with"),
    ),
)
