"""Asking: which of several dates a person means; a script is refused instead, with all of them."""

from __future__ import annotations

from commands.choice import choose
from commands.command import Context, Usage
from commands.dates import zoned
from commands.phrases.when import Ambiguous, When, read_when
from commands.stream import Io


async def ask_when(ctx: Context, io: Io, text: str) -> When:
    """What a phrase means, for something that is about to be written.

    One that may be several dates is asked about. Raises Usage where nobody is there, or chooses none, and
    for what is not understood.
    """
    try:
        return read_when(text, zoned(ctx.now()))
    except Ambiguous as several:
        options = [(one.plain, one.understood) for one in several.readings]
        why = f" ({several.reason})" if several.reason else ""
        chosen = await choose(ctx, io, f"'{text}' may be several dates{why}. Which one?", options)
        if chosen is None:
            hint = "; or ".join([f"write '{one.plain}'" for one in several.readings[:4]])
            shown = " or ".join([one.understood for one in several.readings])
            raise Usage(f"'{text}' may be {shown}{why}", hint=hint) from None
        return next(one for one in several.readings if one.plain == chosen)
    except ValueError as wrong:
        raise Usage(str(wrong)) from None
