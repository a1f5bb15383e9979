"""calendar answer: says to who invites whether one comes."""

from __future__ import annotations

from commands.calendaring.acting import ALL, ScopeArguments, scope_of
from commands.calendaring.events import clock, find_event, when_words
from commands.calendaring.leaving import OUTBOX, by_mail, serves
from commands.command import Command, Complete, Context, Example, Failure, Shape, operand, switch
from commands.stream import Io
from vfs.action import Effect
from vfs.node import Value
from vfs.visible import visible_line

ANSWERS = {"yes": "accepted", "no": "declined", "maybe": "tentative"}


class AnswerArguments(ScopeArguments):
    event: str = operand("EVENT", help="its path, or words of its title")
    answer: str = operand(
        "ANSWER", help="yes, no or maybe", choices=tuple(ANSWERS), complete=Complete.NOTHING
    )
    mail: bool = switch("--mail", help="by a mail, whatever the calendar's service can do")
    yes: bool = switch("-y", "--yes", help="do not ask before it goes to the outbox")


async def run(ctx: Context, args: AnswerArguments, io: Io) -> int:
    event = await find_event(ctx, args.event)
    if not event.attrs.get("answer"):
        raise Failure(f"{event.path}: nobody asked you", hint="only an invitation can be answered")
    what = f'{args.answer} to "{visible_line(event.title)}", {when_words(event, clock(ctx))}'
    organizer = visible_line(str(event.attrs.get("organizer") or "the organizer"))
    if ctx.interactive and not args.yes and not await ctx.ask(f"Answer {what}; {organizer} is told?"):
        return 1
    said: dict[str, Value] = {"answer": ANSWERS[args.answer], "scope": scope_of(args, ALL)}
    by_service = await serves(ctx, event, "answer")
    if args.mail or not by_service:
        path = await by_mail(ctx, event, "reply", said, f"{args.answer.capitalize()}: {event.title}")
        if not by_service:
            await ctx.tree.act(event.path, "answer", said)
    else:
        path = OUTBOX.child((await ctx.tree.act(event.path, "answer", said)).name)
    return await ctx.services.outbox.deliver(path, io)


COMMAND = Command(
    name="calendar answer",
    summary="say to who invites whether you come",
    args=AnswerArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE | Effect.SEND,
    writes=Shape.BYTES,
    group="Calendar",
    description="The whole series is answered, unless --this says otherwise. It leaves by the calendar's "
    "service, else by a mail, through /outbox as all that leaves.",
    examples=(Example("calendar answer Kestrel yes", "to the next event that is called so"),),
)
