"""What `spatio` does beside its shell: its verbs (`spatio.start`). Loaded for these only."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from getpass import getpass
from typing import Annotated, Any

import typer

from commands.command import Failure
from spatio.backup import back_up, bring_back
from spatio.backup import check as check_backup
from spatio.config import load_config
from spatio.demo.run import run_demo
from spatio.doctor import examine
from spatio.hostshells import completion_script
from spatio.initial import init as make_workspace
from spatio.migrate import Wish, move
from spatio.paths import places
from spatio.secrets import Secret, Vault
from spatio.start import Start, say
from spatio.status import BUG
from spatio.storing import choose, keyring_entry
from spatio.worker import work
from vfs.errors import NotFound, VfsError
from vfs.visible import visible_line

LONGEST_NAME = 32
LONGEST_BUCKET = 255
UNLOCKING = 60.0
"""Seconds that the keyring's own window may take its owner."""

ObjectsOption = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Large contents: s3://bucket/prefix, or a folder.")
]
UserOption = Annotated[str, typer.Option(metavar="NAME", help="Whose part of the database: me.")]

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
    store: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Fill that database, and leave it filled.")
    ] = None,
    objects: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Where its large contents go.")
    ] = None,
) -> None:
    """What spatio does, on a throw-away workspace full of examples: spatio demo -c 'ls /notes'."""
    begun: Start = ctx.obj
    begun = begun._replace(store=store or begun.store, objects=objects or begun.objects)
    status = run_demo(begun._replace(words=tuple(ctx.args)), keep, today.date() if today else None)
    raise typer.Exit(status)


@app.command()
def init(
    ctx: typer.Context,
    address: Annotated[
        str | None, typer.Argument(metavar="[ADDRESS]", help="postgresql://user@host/database, or a file.")
    ] = None,
    objects: ObjectsOption = None,
    user: UserOption = "",
    direct: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The server itself, where ADDRESS is a pooling proxy.")
    ] = "",
) -> None:
    """Makes a workspace, tables and all. With an ADDRESS the config keeps it, and every later command
    uses it: spatio init postgresql://ada@db.example.org/spatio --objects s3://bucket/spatio. A workspace
    that is there already is joined, as from a second device. Without one: what --store, the environment
    or the config name."""
    make_workspace(ctx.obj, address, objects, user, direct)


@app.command()
def doctor(ctx: typer.Context) -> None:
    """Checks the installation and the workspace; says a next step for each finding."""
    begun: Start = ctx.obj
    raise typer.Exit(examine(begun))


@app.command()
def key(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME")] = "openai",
    remove: Annotated[bool, typer.Option("--remove", help="Take it out again.")] = False,
    file: Annotated[
        bool, typer.Option("--file", help="Keep secrets in an encrypted file of the workspace from here on.")
    ] = False,
    relock: Annotated[
        bool, typer.Option("--relock", help="Choose another passphrase, or key file, for that file.")
    ] = False,
) -> None:
    """Keeps a secret where Spatio looks for it: NAME is `openai`, or the `name`
    of one of your [[endpoints]]; `store`, the password of the store's database; or `s3:BUCKET`, a bucket's
    keys as ACCESS:SECRET. It is asked for without being shown, or read from standard input:
    pass show work | spatio key work.

    It goes to the system's keyring; with --file, or where that was chosen before, to an encrypted file: under
    a passphrase that is asked for (or lies in the file that SPATIO_PASSPHRASE_FILE names), or under the key
    file that SPATIO_KEY_FILE names. A variable goes before both: SPATIO_SECRET_ and the name in capitals."""
    vault = Vault(places(ctx.obj.home))
    if relock:
        say(_relocked(vault))
        return
    if name.startswith("sk-") or len(name) > LONGEST_NAME + LONGEST_BUCKET * (":" in name):
        reason = (
            "that looks like a key itself: it stands in your shell's history now, so do not use it any more"
        )
        raise Failure(reason, status=2, hint="NAME is what the key is called; the key itself is asked for")
    entry = _store_entry(ctx.obj) if name == "store" else name
    if remove:
        if not vault.drop(entry):
            raise Failure(f"there is no key {entry}")
        say(f"removed the key {visible_line(entry)}")
        return
    text = getpass(f"key for {visible_line(entry)}: ") if sys.stdin.isatty() else sys.stdin.read()
    # A password may hold blanks, even at its ends.
    spaced = name == "store" or name.startswith(("imap:", "smtp:"))
    text = text.rstrip("\r\n") if spaced else text.strip()
    if not text or (not spaced and len(text.split()) > 1) or not text.isprintable():
        raise Failure("a key is one word; nothing was kept", status=2)
    if file:
        vault.choose_file(ask=True)
    place = vault.keep(entry, Secret(text), wait=UNLOCKING)
    say(
        f"the key {visible_line(entry)} is in the keyring"
        if place == "keyring"
        else f"the key {visible_line(entry)} is in {vault.file}"
    )


def _relocked(vault: Vault) -> str:
    """Another passphrase or key file for the file of secrets. Raises NotFound, LoginNeeded, Refused."""
    if not os.path.exists(vault.file):
        raise NotFound(vault.file, "there is no file of secrets", hint="to make one: spatio key --file NAME")
    return f"your secrets are under the new {vault.relock()}"


def _store_entry(begun: Start) -> str:
    """Under which name the password of the store is kept. Raises Failure for a store that has none."""
    where = places(begun.home)
    address = choose(where, load_config(where).store, begun.store, None, os.environ).address
    if address.engine != "postgresql":
        raise Failure(
            f"the store is a file and has no password: {visible_line(address.name)}",
            hint="name the database: spatio --store postgresql://USER@HOST/DATABASE key store",
        )
    return keyring_entry(address)


@app.command()
def backup(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE")],
    check: Annotated[bool, typer.Option("--check", help="Read FILE and say whether it is whole.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE.")] = False,
) -> None:
    """Writes the whole workspace into one file, while it is in use: every file with its history, tasks,
    agents and their runs, the config. FILE is checked by hash, to the last byte, before anything is
    restored from it.

    \b
    spatio backup ~/backups/2026-11-21.spatio
    spatio backup --check ~/backups/2026-11-21.spatio
    spatio restore ~/backups/2026-11-21.spatio
    """
    raise typer.Exit(check_backup(file) if check else back_up(ctx.obj, file, force=force))


@app.command()
def restore(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE")],
    to: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Another place: postgresql://…, or a file or folder."),
    ] = None,
    objects: ObjectsOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Put the workspace that is there aside first.")
    ] = False,
) -> None:
    """Makes a workspace of a backup, where there is none yet. Nothing is there before all of it is; a
    backup that is damaged in any byte is refused.

    \b
    spatio restore ~/backups/2026-11-21.spatio
    spatio --home ~/second restore ~/backups/2026-11-21.spatio
    spatio restore FILE --to postgresql://ada@db.example.org/spatio --objects s3://bucket/spatio
    """
    raise typer.Exit(bring_back(ctx.obj, file, to, objects, force=force))


@app.command()
def migrate(
    ctx: typer.Context,
    to: Annotated[str, typer.Option(metavar="ADDRESS", help="postgresql://user@host/database, or a file.")],
    objects: ObjectsOption = None,
    user: UserOption = "",
    direct: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The server itself, where --to is a pooling proxy.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what there is to carry; change nothing.")
    ] = False,
) -> None:
    """Takes the workspace to another store, history and all, and uses it from there. The config is
    switched only when every row and every content was verified at the target; where it was, it stays.
    Broken off at any moment, run it again and it goes on.

    \b
    spatio migrate --to postgresql://ada@db.example.org/spatio --objects s3://bucket/spatio
    spatio migrate --to ~/.local/share/spatio/spatio.db
    """
    move(ctx.obj, Wish(to, objects, user, direct, dry_run))


@app.command()
def worker(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, then end.")] = False,
) -> None:
    """Works in the background: sends what waits in /outbox once its countdown is over, and keeps accounts in
    step. A line for each deed goes to standard output. The prompt does the same while it is open; any
    number of workers does everything once. Ctrl-C (or SIGTERM) stops it when what is leaving has left.

    \b
    spatio worker
    spatio worker --once      # from cron: 75 when something has to be tried again
    """
    raise typer.Exit(work(ctx.obj, once=once))


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
    except Exception as error:
        say(f"a bug in Spatio: {type(error).__name__}: {visible_line(str(error))}")
        if begun.debug:
            raise
        return BUG
    return 0
