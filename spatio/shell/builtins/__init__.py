"""Commands that change the shell itself, one a module; the registry names them like all others."""

from __future__ import annotations

from commands.command import Context, Failure
from spatio.session import Session


def shell_of(ctx: Context) -> Session:
    """The session behind a context. Raises Failure where a command runs outside of a shell."""
    if not isinstance(ctx, Session):
        raise Failure("only works within a shell")
    return ctx
