"""Files of this computer, for commands that take in what other programs wrote."""

from __future__ import annotations

import os

from commands.command import Context, Failure
from vfs.drive import hop
from vfs.errors import NotFound, TooLarge


async def read_file(ctx: Context, word: str, limit: int, what: str) -> bytes:
    """A file of the tree, else, where a person asks, one of this computer of that name.

    Raises what reading raises; TooLarge says of `what` how much it may have.
    """
    try:
        return await ctx.tree.read(ctx.resolve(word), limit=limit)
    except NotFound:
        data = await hop(lambda: _read(word, limit, what)) if ctx.tree.guard is None else None
        if data is None:
            raise
        return data


def _read(word: str, limit: int, what: str) -> bytes | None:
    """A file of this computer; None where there is none. Raises Failure, TooLarge."""
    host = os.path.expanduser(word)
    if os.path.isdir(host):
        raise Failure(f"{host}: is a folder of this computer", hint=f"name the files in it: {host}/NAME")
    if not os.path.isfile(host):
        return None
    try:
        with open(host, "rb") as file:
            data = file.read(limit + 1)
    except OSError as wrong:
        raise Failure(f"{host}: {str(wrong.strerror).lower()}") from None
    if len(data) > limit:
        raise TooLarge(host, f"{what} has at most {limit // 1024**2} MB")
    return data
