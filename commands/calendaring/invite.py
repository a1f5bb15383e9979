"""calendar invite: tells those who are to come, by the calendar's service or by mail."""

from __future__ import annotations

from commands.calendaring.acting import ScopeArguments, done, scope_of
from commands.calendaring.events import Event, clock, find_event, people, when_words
from commands.command import Command, Complete, Context, Failure, Shape, operand, switch
from commands.mailing.composing import queue
from commands.mailing.places import chosen
from commands.stream import Io
from vfs.action import Effect
from vfs.node import Value
from vfs.path import Path
from vfs.visible import visible_line

OUTBOX = Path(("outbox",))


class InviteArguments(ScopeArguments):
    event: str = operand("EVENT", help="its path, or words of its title")
    people: list[str] = operand(
        "ADDRESS", many=True, required=False, help="who is to come besides those who are invited already",
        complete=Complete.ADDRESS,
    )  # fmt: skip
    yes: bool = switch("-y", "--yes", help="do not ask before it goes to the outbox")


async def run(ctx: Context, args: InviteArguments, io: Io) -> int:
    event = await find_event(ctx, args.event)
    scope = scope_of(args)
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
    path = await _by_service(ctx, event, scope) or await _by_mail(ctx, event, scope)
    return await ctx.services.outbox.deliver(path, io)


async def _by_service(ctx: Context, event: Event, scope: str) -> Path | None:
    """The deed of a calendar whose service invites; None where it has none."""
    if "invite" not in await ctx.tree.verbs(event.path):
        return None
    node = await ctx.tree.act(event.path, "invite", {"scope": scope})
    return OUTBOX.child(node.name)


async def _by_mail(ctx: Context, event: Event, scope: str) -> Path:
    """A mail with the invitation, for programs that read mails to put it into a calendar."""
    asked = (await ctx.tree.act(event.path, "request", {"scope": scope})).attrs
    content, recipients = asked.get("content"), asked.get("recipients")
    to = [one for one in recipients if isinstance(one, str)] if isinstance(recipients, tuple) else []
    account = chosen(ctx, None)
    place = event.attrs.get("location")
    lines = [event.title, when_words(event, clock(ctx)), *([str(place)] if place else []), ""]
    mailing = ctx.services.mailing
    draft = mailing.new(
        account,
        to=to,
        cc=[],
        bcc=[],
        subject=f"Invitation: {event.title}",
        attach=[],
        body="\n".join(lines),
    )
    letter = mailing.letter(draft, [("invite.ics", str(content).encode())])
    return await queue(ctx, account, letter, {})


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
    examples=(),
)
