"""calendar invite: tells those who are to come, by the calendar's service or by mail."""

from __future__ import annotations

from commands.calendaring.acting import ALL, ScopeArguments, done, scope_of
from commands.calendaring.events import clock, find_event, people, when_words
from commands.calendaring.leaving import OUTBOX, by_mail, serves
from commands.command import Command, Complete, Context, Example, Failure, Shape, operand, switch
from commands.stream import Io
from vfs.action import Effect
from vfs.node import Value
from vfs.visible import visible_line


class InviteArguments(ScopeArguments):
    event: str = operand("EVENT", help="its path, or words of its title")
    people: list[str] = operand(
        "ADDRESS", many=True, required=False, help="who is to come besides those who are invited already",
        complete=Complete.ADDRESS,
    )  # fmt: skip
    mail: bool = switch("--mail", help="by a mail, whatever the calendar's service can do")
    yes: bool = switch("-y", "--yes", help="do not ask before it goes to the outbox")


async def run(ctx: Context, args: InviteArguments, io: Io) -> int:
    event = await find_event(ctx, args.event)
    scope = scope_of(args, ALL)
    if args.people:
        added: dict[str, Value] = {"attendees": tuple(args.people), "scope": scope}
        event = await done(ctx, event.path, "change", added)
    invited = people(event.attrs)
    if not invited:
        raise Failure(f"{event.path}: nobody is invited", hint=f"run: calendar invite {args.event} ADDRESS")
    if ctx.interactive and not args.yes:
        names = "\n".join([f"  {visible_line(one)}" for one in invited])
        what = f'"{visible_line(event.title)}", {when_words(event, clock(ctx))}'
        if not await ctx.ask(f"{what}\n{names}\nInvite them?"):
            return 1
    if args.mail or not await serves(ctx, event, "invite"):
        path = await by_mail(ctx, event, "request", {"scope": scope}, f"Invitation: {event.title}")
    else:
        path = OUTBOX.child((await ctx.tree.act(event.path, "invite", {"scope": scope})).name)
    return await ctx.services.outbox.deliver(path, io)


COMMAND = Command(
    name="calendar invite",
    summary="tell those who are to come",
    args=InviteArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE | Effect.SEND,
    writes=Shape.BYTES,
    group="Calendar",
    description="""
A calendar at a service invites by its service, one of your own by a mail; either waits in /outbox like all
that leaves. Nobody is told of an event, or of its changes, in any other way.
""",
    examples=(Example("calendar invite 'Call with Sam' ada@example.org", "one more, and Sam again"),),
)
