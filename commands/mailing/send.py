"""mail send: writes a mail and hands it to the outbox; or sends drafts."""

from __future__ import annotations

from commands.command import Command, Complete, Context, Example, Failure, Shape, operand, option
from commands.mailing.composing import SendArguments, begun, queue, send, when_due, written
from commands.mailing.drafts import reopened
from commands.mailing.places import Mail, account_of, accounts, find_mail
from commands.mailing.shown import subject
from commands.mailing.waiting import settled
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.errors import VfsError
from vfs.path import Path
from vfs.visible import visible_line


class Args(SendArguments):
    to: list[str] = option(
        "-t", "--to", many=True, metavar="ADDRESS", help="who gets it; several are joined by commas",
        complete=Complete.ADDRESS,
    )  # fmt: skip
    subject: str | None = option("-s", "--subject", metavar="TEXT", help="what it is about")
    words: list[str] = operand(
        "TEXT", many=True, required=False, help="its text; or, without --to, drafts to be sent",
        complete=Complete.MAIL,
    )  # fmt: skip


async def run(ctx: Context, args: Args, io: Io) -> int:
    when_due(ctx, args)
    if args.words and not (args.to or args.cc or args.bcc or args.subject or args.attach):
        return await _drafts(ctx, args, io)
    account, draft, edit = await begun(ctx, io, args, "the mail")
    ready = await written(ctx, io, draft, edit=edit)
    path = await send(ctx, io, account, ready, args)
    return 1 if path is None else await settled(ctx, io, [path])


async def _drafts(ctx: Context, args: Args, io: Io) -> int:
    """Sends drafts, which then are drafts no more."""
    places = {one.path.child("drafts") for one in accounts(ctx)}
    status = 0
    queued: list[Path] = []
    for word in args.words:
        try:
            mail = await find_mail(ctx, word)
            if mail.path.parent not in places:
                raise Failure(f"{mail.path}: is no draft", hint="to hand it on: mail forward MAIL --to WHOM")
            path = await _one(ctx, args, io, mail)
            queued += [path] if path is not None else []
            status = max(status, path is None)
        except (VfsError, Failure) as error:
            hint = "a text needs --to: mail send --to ADDRESS --subject ... TEXT"
            error.hint = error.hint if word.count(" ") == 0 else hint
            status = max(status, await report(io, "mail send", error))
    return max(status, await settled(ctx, io, queued))


async def _one(ctx: Context, args: Args, io: Io, mail: Mail) -> Path | None:
    account = account_of(ctx, mail.path)
    if args.edit:
        await reopened(ctx, io, mail, complete=True)
    letter = ctx.services.mailing.letter_of(await ctx.tree.read(mail.path))
    if ctx.interactive and not args.yes:
        names = "\n".join([f"  To       {visible_line(one)}" for one in letter.recipients])
        if not await ctx.ask(f"{names}\n  Subject  {visible_line(subject(mail.node))}\nSend it?"):
            return None
    path = await queue(ctx, account, letter, when_due(ctx, args))
    await ctx.tree.remove(mail.path)
    return path


COMMAND = Command(
    name="mail send",
    summary="write a mail and send it, or send drafts",
    args=Args,
    run=run,
    effects=Effect.READ | Effect.WRITE | Effect.DELETE | Effect.SEND,
    reads=Shape.BYTES,
    writes=Shape.RECORDS,
    group="Mail",
    description="""
The text stands behind the options, or comes from standard input; else your editor opens, with the headers
above an empty line. What is sent waits in /outbox for its countdown: none for you, unless --in or --at says
so. `rm` there cancels it, and so does `undo`.
""",
    examples=(
        Example("mail send --to ada@example.org -s Notes < /notes/meeting-notes.md", "a note as a mail"),
        Example(
            'mail send --to "Ada <ada@example.org>" --subject Lunch --in 10m "At noon?"',
            "ten minutes in the outbox, in case it is wrong",
        ),
    ),
)
