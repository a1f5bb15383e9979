"""mail reply: answers a mail, to who wrote it or to everyone."""

from __future__ import annotations

from commands.command import Command, Complete, Context, Example, Shape, Usage, operand, option, switch
from commands.mailing.adding import with_body, with_headers
from commands.mailing.composing import SendArguments, body_given, by_hand, send, when_due, written
from commands.mailing.places import account_of, chosen, find_mail, own_addresses
from commands.mailing.waiting import settled
from commands.stream import Io
from vfs.action import Effect


class ReplyArguments(SendArguments):
    everyone: bool = switch("-A", "--all", help="to everyone who got it")
    to: list[str] = option(
        "-t", "--to", many=True, metavar="ADDRESS", help="to somebody else, too", complete=Complete.ADDRESS
    )
    mail: str = operand("MAIL", help="what is answered", complete=Complete.MAIL)
    words: list[str] = operand(
        "TEXT", many=True, required=False, help="the answer", complete=Complete.NOTHING
    )


async def run(ctx: Context, args: ReplyArguments, io: Io) -> int:
    when_due(ctx, args)
    mail = await find_mail(ctx, args.mail)
    account = chosen(ctx, args.sender) if args.sender else account_of(ctx, mail.path)
    body = await body_given(io, args.words)
    if body is None and not by_hand(ctx, io):
        raise Usage("the answer has no text", hint="write it behind the mail, or give a file: < PATH")
    original = await ctx.tree.read(mail.path)
    draft = ctx.services.mailing.reply(account, original, everyone=args.everyone, own=own_addresses(ctx))
    draft = with_headers(draft, {"To": args.to, "Cc": args.cc, "Bcc": args.bcc, "Attach": args.attach})
    ready = await written(ctx, io, with_body(draft, body or ""), edit=body is None or args.edit)
    path = await send(ctx, io, account, ready, args)
    return 1 if path is None else await settled(ctx, io, [path], {"answered": mail})


COMMAND = Command(
    name="mail reply",
    summary="answer a mail",
    args=ReplyArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE | Effect.SEND,
    reads=Shape.BYTES,
    writes=Shape.RECORDS,
    group="Mail",
    description="""
The answer goes to whom the mail asks for; a mailing list's to the list with --all. It stands above the quoted
text. Without TEXT and with nothing on standard input your editor opens.
""",
    examples=(
        Example(
            "mail reply $(mail list -n 1 | select name) --in 1h 'Thank you, that suits me.'",
            "the newest mail answered in a line, with an hour to think it over",
        ),
    ),
)
