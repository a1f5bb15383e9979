"""run_text: a text of shell within a running line (`eval`, `source`), in the same shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.stream import Io
from spatio.shell.parser import Parser
from spatio.shell.ports import Ports
from spatio.shell.syntax import ShellSyntax, line_of
from spatio.status import MISUSED

if TYPE_CHECKING:
    from spatio.session import Session


async def run_text(session: Session, text: str, io: Io, *, name: str = "") -> int:
    """The status of the last command, 2 for a syntax error; `exit` and the like come through."""
    runner = session.runner
    ports = session.ports if session.ports is not None else Ports.of(io)
    runner.deeper()
    status = 0
    outer = runner.source, runner.position, runner.above
    try:
        parser = Parser(text, aliases=session.aliases)
        while (line := parser.line()) is not None:
            runner.source, runner.above = parser.text, None
            status = await runner.script(line, ports)
    except ShellSyntax as wrong:
        runner.source, runner.position, runner.above = outer
        where = f"{name}: line {line_of(text, wrong.position)}: " if name else ""
        await runner.tell(ports, f"{where}{wrong.message}", wrong.hint)
        status = MISUSED
    finally:
        session.depth -= 1
        runner.source, runner.position, runner.above = outer
    return status
