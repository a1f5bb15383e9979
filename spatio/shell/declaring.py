"""declared: what `export`, `readonly` and `local` have in common, NAME[=VALUE] by NAME[=VALUE]."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from commands.command import Failure
from commands.report import report
from commands.stream import Io
from spatio.shell.flow import ShellError
from spatio.shell.scanner import NAME
from spatio.shell.variables import Variables


async def declared(
    command: str,
    words: Sequence[str],
    variables: Variables,
    io: Io,
    declare: Callable[[str, str | None], None],
) -> int:
    """Declares each word; what is no name is reported. Returns the status."""
    status = 0
    for word in words:
        name, equals, value = word.partition("=")
        if name.endswith("+") and equals:
            name = name[:-1]
            value = (variables.get(name) or "") + value
        if not NAME.fullmatch(name):
            status = await report(io, command, Failure(f"{word}: not a valid name"))
            continue
        try:
            declare(name, value if equals else None)
        except ShellError as wrong:
            status = await report(io, command, Failure(str(wrong)))
    return status
