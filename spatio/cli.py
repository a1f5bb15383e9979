"""What `spatio` does beside its shell: the demo, the doctor, keys, completion. Loaded for these only."""

from __future__ import annotations

import sys
from datetime import datetime
from getpass import getpass
from typing import Annotated, Any

import typer

from commands.command import Failure
from spatio.demo.run import run_demo
from spatio.doctor import examine
from spatio.hostshells import completion_script
from spatio.secrets import Secret, drop_secret, keep_secret
from spatio.start import Start, say
from vfs.errors import VfsError
from vfs.visible import visible_line

LONGEST_NAME = 32
UNLOCKING = 60.0
"""Seconds that the keyring's own window may take its owner."""

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
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Tell the year up to this day."),
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
def key(
    name: Annotated[str, typer.Argument(metavar="NAME")] = "openai",
    remove: Annotated[bool, typer.Option("--remove", help="Take it out again.")] = False,
) -> None:
    """Puts a key into the system's keyring, where endpoints look for it: NAME is `openai`, or the
    `name` of one of your [[endpoints]]. It is asked for without being shown, or read from standard
    input: pass show work | spatio key work."""
    if name.startswith("sk-") or len(name) > LONGEST_NAME:
        reason = (
            "that looks like a key itself: it stands in your shell's history now, so do not use it any more"
        )
        raise Failure(reason, status=2, hint="NAME is what the endpoint is called; the key is asked for")
    if remove:
        if not drop_secret(name):
            raise Failure(f"the keyring holds no key {name}")
        say(f"removed the key {visible_line(name)}")
        return
    text = getpass(f"key for {visible_line(name)}: ") if sys.stdin.isatty() else sys.stdin.read()
    if not text.strip() or len(text.split()) > 1:
        raise Failure("a key is one word; nothing was kept", status=2)
    keep_secret(name, Secret(text.strip()), wait=UNLOCKING)
    say(f"the key {visible_line(name)} is in the keyring")


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
