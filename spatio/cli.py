"""What `spatio` does beside its shell: the demo, the doctor, completion scripts. Loaded for these only."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from commands.command import Failure
from spatio.demo.run import run_demo
from spatio.doctor import examine
from spatio.entry import Start, say
from spatio.hostshells import completion_script
from vfs.errors import VfsError
from vfs.visible import visible_line

app = typer.Typer(
    add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)

_FORWARDED: dict[str, Any] = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "allow_interspersed_args": False,
}


@app.command(context_settings=_FORWARDED)
def demo(
    ctx: typer.Context,
    keep: Annotated[str | None, typer.Option(metavar="DIR", help="Keep the workspace in DIR.")] = None,
    today: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Tell the year up to this day.")
    ] = None,
) -> None:
    """What spatio does, on a throw-away workspace full of examples: spatio demo -c 'ls /notes'."""
    begun: Start = ctx.obj
    status = run_demo(begun._replace(words=tuple(ctx.args)), keep, today.date() if today else None)
    raise typer.Exit(status)


@app.command()
def doctor(ctx: typer.Context) -> None:
    """Checks the installation and the workspace; says a next step for each finding."""
    begun: Start = ctx.obj
    raise typer.Exit(examine(begun.home))


@app.command()
def completion(shell: Annotated[str, typer.Argument(metavar="bash|zsh|fish")]) -> None:
    """Prints a script that completes commands, options and paths: source <(spatio completion bash)."""
    typer.echo(completion_script(shell), nl=False)


def run(begun: Start) -> int:
    """Runs the verb in `begun.words`; returns its exit status. A wrong call says so and is 2."""
    try:
        app(args=list(begun.words), prog_name="spatio", obj=begun)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except (Failure, VfsError) as error:
        say(visible_line(str(error)) + (f"\n  {visible_line(error.hint)}" if error.hint else ""))
        return error.status
    return 0
