"""mail forward: hands a mail on, with what hangs on it."""

from __future__ import annotations

from commands.command import Command, Complete, Context, Example, Shape, Usage, operand, option, switch
from commands.mailing.adding import with_body, with_headers
from commands.mailing.attachments import attachments_of
from commands.mailing.composing import SendArguments, body_given, by_hand, send, when_due, written
from commands.mailing.places import account_of, chosen, find_mail
from commands.mailing.waiting import settled
from commands.stream import Io
from vfs.action import Effect


class ForwardArguments(SendArguments):
    to: list[str] = option(
        "-t", "--to", many=True, metavar="ADDRESS", help="who gets it", complete=Complete.ADDRESS
    )
    plain: bool = switch("--no-attachments", help="leave out what hangs on it")
    mail: str = operand("MAIL", help="what is handed on", complete=Complete.MAIL)
    words: list[str] = operand(
        "TEXT", many=True, required=False, help="what you say about it", complete=Complete.NOTHING
    )


async def run(ctx: Context, args: ForwardArguments, io: Io) -> int:
    when_due(ctx, args)
    mail = await find_mail(ctx, args.mail)
    account = chosen(ctx, args.sender) if args.sender else account_of(ctx, mail.path)
    body = await body_given(io, args.words)
    by_editor = (body is None or args.edit) and by_hand(ctx, io)
    if not (args.to or args.cc or args.bcc or by_editor):
        raise Usage("who gets it?", hint=f"run: mail forward {args.mail} --to ADDRESS")
    attach = list(args.attach)
    if not args.plain:
        attach += [str(path) for path, _ in await attachments_of(ctx, mail)]
    draft = ctx.services.mailing.forward(account, await ctx.tree.read(mail.path), to=args.to)
    draft = with_headers(draft, {"Cc": args.cc, "Bcc": args.bcc, "Attach": attach})
    ready = await written(ctx, io, with_body(draft, body or ""), edit=by_editor)
    path = await send(ctx, io, account, ready, args)
    return 1 if path is None else await settled(ctx, io, [path], {"forwarded": mail})


COMMAND = Command(
    name="mail forward",
    summary="hand a mail on",
    args=ForwardArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE | Effect.SEND,
    reads=Shape.BYTES,
    writes=Shape.RECORDS,
    group="Mail",
    description="The mail's text stands below yours, and its attachments go along.",
    examples=(
        Example(
            "mail forward $(mail list -n 1 | select name) --to ada@example.org --in 1h 'For your files.'",
            "the newest mail, in an hour",
        ),
    ),
)
