"""calendar answer: says to who invites whether one comes."""

from __future__ import annotations

from commands.calendaring.events import clock, find_event, when_words
from commands.command import Arguments, Command, Complete, Context, Failure, Shape, operand, switch
from commands.stream import Io
from vfs.action import Effect
from vfs.errors import Unsupported
from vfs.visible import visible_line

ANSWERS = {"yes": "accepted", "no": "declined", "maybe": "tentative"}


class AnswerArguments(Arguments):
    event: str = operand("EVENT", help="its path, or words of its title")
    answer: str = operand(
        "ANSWER", help="yes, no or maybe", choices=tuple(ANSWERS), complete=Complete.NOTHING
    )
    yes: bool = switch("-y", "--yes", help="do not ask before it goes to the outbox")


async def run(ctx: Context, args: AnswerArguments, io: Io) -> int:
    event = await find_event(ctx, args.event)
    if not event.attrs.get("answer"):
        raise Failure(f"{event.path}: nobody asked you", hint="only an invitation can be answered")
    what = f'{args.answer} to "{visible_line(event.title)}", {when_words(event, clock(ctx))}'
    organizer = visible_line(str(event.attrs.get("organizer") or "the organizer"))
    if ctx.interactive and not args.yes and not await ctx.ask(f"Answer {what}; {organizer} is told?"):
        return 1
    try:
        node = await ctx.tree.act(event.path, "answer", {"answer": ANSWERS[args.answer]})
    except Unsupported:
        raise Failure(
            f"{event.path}: this calendar cannot answer by itself", hint=f"run: mail send --to '{organizer}'"
        ) from None
    from_outbox = ctx.resolve(f"/outbox/{node.name}")
    return await ctx.services.outbox.deliver(from_outbox, io)


COMMAND = Command(
    name="calendar answer",
    summary="say to who invites whether you come",
    args=AnswerArguments,
    run=run,
    effects=Effect.READ | Effect.SEND,
    writes=Shape.BYTES,
    group="Calendar",
    description="The answer leaves through /outbox, as mails do.",
    examples=(),
)
