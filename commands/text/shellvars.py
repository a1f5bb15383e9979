"""The shell's variables, for the few commands that look at them (`printf -v`, `test -v`)."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from commands.command import Context


class Variables(Protocol):
    """Variables by name."""

    def get(self, name: str) -> str | None: ...
    def set(self, name: str, value: str) -> None: ...


@runtime_checkable
class Shell(Protocol):
    """A context that belongs to a shell."""

    @property
    def vars(self) -> Variables: ...


def variables_of(ctx: Context) -> Variables | None:
    """The shell's variables; None where a command runs outside of a shell."""
    return ctx.vars if isinstance(ctx, Shell) else None
