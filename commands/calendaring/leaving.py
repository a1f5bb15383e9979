"""What leaves about an event: by the service that keeps its calendar, else by a mail for programs."""

from __future__ import annotations

from collections.abc import Mapping

from commands.calendaring.events import Event, clock, when_words
from commands.command import Context
from commands.mailing.composing import queue
from commands.mailing.places import chosen
from vfs.action import Effect
from vfs.node import Value
from vfs.path import Path
from vfs.visible import visible_line

OUTBOX = Path(("outbox",))


async def serves(ctx: Context, event: Event, verb: str) -> bool:
    """Whether the service that keeps an event does that by itself."""
    offered = (await ctx.tree.verbs(event.path)).get(verb)
    return offered is not None and bool(offered.effect & Effect.SEND)


async def by_mail(
    ctx: Context, event: Event, verb: str, arguments: Mapping[str, Value], subject: str
) -> Path:
    """Puts a mail with what the verb answers into the outbox; its path there."""
    asked = (await ctx.tree.act(event.path, verb, arguments)).attrs
    content, recipients = asked.get("content"), asked.get("recipients")
    account = chosen(ctx, None)
    place = event.attrs.get("location")
    # What a stranger has called it is of one line, and nothing that a header cannot hold.
    lines = [
        visible_line(event.title),
        when_words(event, clock(ctx)),
        *([visible_line(str(place))] if place else []),
        "",
    ]
    mailing = ctx.services.mailing
    draft = mailing.new(
        account,
        to=[one for one in recipients if isinstance(one, str)] if isinstance(recipients, tuple) else [],
        cc=[],
        bcc=[],
        subject=visible_line(subject),
        attach=[],
        body="\n".join(lines),
    )
    letter = mailing.letter(draft, [("invite.ics", str(content).encode())])
    return await queue(ctx, account, letter, {})
