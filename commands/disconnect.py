"""disconnect: an account taken away, with its login; what was fetched stays, or is forgotten."""

from __future__ import annotations

from commands.accounts import Account, Leaving
from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Failure,
    Shape,
    operand,
    option,
    switch,
)
from commands.stream import Io
from vfs.action import Effect
from vfs.visible import visible_line


class DisconnectArguments(Arguments):
    account: str = operand("ACCOUNT", help="its path, name or address", complete=Complete.MOUNT)
    forget: bool = switch("--forget", help="purge what was fetched from it, too, for good")
    revoke: bool = switch("--revoke", help="end the login at the service, too (gmail)")
    confirm: str = option(
        "--confirm",
        metavar="WORDS",
        default="",
        help="with --forget: the confirmation, for scripts: 'forget PATH'",
    )
    yes: bool = switch("-y", "--yes", help="also when something still waits to reach the service")


async def run(ctx: Context, args: DisconnectArguments, io: Io) -> int:
    if ctx.tree.guard is not None:
        raise Failure("only the user may do this", status=126)
    accounts = ctx.services.accounts
    account = accounts.account(args.account, ctx.resolve(args.account))
    leaving = await accounts.leaving(account)
    await _warned(ctx, args, account, leaving, io)
    if args.forget:
        await _confirmed(ctx, args.confirm, account, io)
    gone = await accounts.disconnect(account, forget=args.forget, revoke=args.revoke)
    shown = visible_line(account.address or account.name)
    login = (
        f"{leaving.variable} still holds its login" if leaving.variable else "its login is not kept any more"
    )
    await io.stderr.line(f"Disconnected: {shown}; {login}")
    if args.forget:
        await io.stderr.line(f"Forgotten for good: {_many(gone, 'entry', 'entries')}")
    elif leaving.kept:
        what = _many(leaving.kept, "entry", "entries")
        verb = "stays" if leaving.kept == 1 else "stay"
        await io.stderr.line(f"{what} {verb} in the workspace, to be there when you connect it again")
    return 0


def _many(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"


async def _warned(
    ctx: Context, args: DisconnectArguments, account: Account, leaving: Leaving, io: Io
) -> None:
    """Returns when nothing waits, or the person knows. Raises Failure."""
    waits = []
    if leaving.unpushed:
        waits.append(f"{_many(leaving.unpushed, 'change', 'changes')} not at the service yet")
    if leaving.waiting:
        waits.append(f"{leaving.waiting:,} in /outbox to be sent by it")
    if not waits:
        return
    text = f"{visible_line(str(account.path))}: {' and '.join(waits)}"
    await io.stderr.line(text)
    if args.yes or (ctx.interactive and await ctx.ask("Disconnect it all the same?")):
        return
    raise Failure("nothing was disconnected", hint="run: sync; or say --yes")


async def _confirmed(ctx: Context, given: str, account: Account, io: Io) -> None:
    """Returns when the very words were given or typed. Raises Failure (126)."""
    wanted = f"forget {account.path}"
    if not given and ctx.interactive and io.stdin.tty:
        await io.stderr.text(
            f"This purges what was fetched of {visible_line(account.address or account.name)} for good, and "
            f"nothing of it at the service.\nType `{visible_line(wanted)}` to go on: "
        )
        given = (await io.stdin.readline()).decode("utf-8", "replace").strip()
    if not given:
        hint = f"run: disconnect ... --forget --confirm '{wanted}'"
        raise Failure("this needs a typed confirmation", status=126, hint=hint)
    if given != wanted:
        raise Failure(f"not confirmed: '{wanted}' was expected; nothing was disconnected", status=126)


COMMAND = Command(
    name="disconnect",
    summary="take an account and its login away",
    args=DisconnectArguments,
    run=run,
    effects=Effect.WRITE | Effect.DELETE | Effect.RUN,
    writes=Shape.NOTHING,
    group="Workspace",
    description="""
The mount goes, and so do the passwords and tokens that were kept for it. What was fetched stays in the
workspace until it is forgotten: it is there again, and is not fetched again, when the same account is
connected again. Nothing at the service is touched, but for the login, with --revoke. A connection to a bank
is always ended at Plaid, too: nobody could do so once its token is gone.
""",
    examples=(
        Example("disconnect /mail", "its copies stay"),
        Example("disconnect work --forget --confirm 'forget /mail/work'", "as if it had never been there"),
        Example("disconnect gmail --revoke", "the login is ended at Google, too"),
    ),
)
