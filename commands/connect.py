"""connect: an account at a service, logged in to and mounted."""

from __future__ import annotations

import os

from commands.accounts import Connected, Plan, Wish
from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Failure,
    Shape,
    Usage,
    operand,
    option,
    switch,
)
from commands.hidden import hidden_line
from commands.report import report
from commands.stream import Io, Record
from commands.values import one_line
from vfs.action import Effect
from vfs.drive import hop
from vfs.errors import LoginNeeded
from vfs.visible import visible_line

KINDS = ("imap", "gmail", "caldav", "google-calendar", "plaid")
_IMAP = ("imap",)
_BOTH = ("imap", "caldav")
SETTINGS = {
    "host": _IMAP, "port": _IMAP, "user": (*_BOTH, "plaid"), "security": _IMAP, "smtp_host": _IMAP,
    "smtp_port": _IMAP, "smtp_security": _IMAP, "folders": _IMAP, "ca": _BOTH, "url": ("caldav",),
    "plain": ("caldav",),
}  # fmt: skip
"""For which kinds an option is that becomes one of the mount's."""
SECURITY = ("tls", "starttls", "none")
LEVELS = ("read", "modify", "send", "delete", "transfer")
ALLOWS = {"transfer": ("plaid",), "send": ("gmail",), "delete": ("gmail",)}
"""For which kinds what is allowed is, where it is not for all."""
TRIES = 3
LONGEST = 4096


def port_number(word: str) -> str:
    """Raises ValueError."""
    if not word.isascii() or not word.isdigit() or not 0 < int(word) < 65536:
        raise ValueError(f"a port is a number from 1 to 65535, but is '{word}'")
    return str(int(word))


class ConnectArguments(Arguments):
    kind: str = operand(
        "KIND", help=", ".join(KINDS), complete=Complete.NOTHING, choices=KINDS, required=False, default=""
    )
    address: str = operand(
        "ADDRESS", help="your address there; plaid: what you call the bank", complete=Complete.NOTHING,
        required=False, default="",
    )  # fmt: skip
    name: str = option("--name", metavar="NAME", default="", help="what you call it (default: its provider)")
    at: str = option(
        "--at", metavar="PATH", default="", complete=Complete.FOLDER,
        help="where it is mounted (default: such as /mail, and /mail/NAME where there are several)",
    )  # fmt: skip
    host: str = option(
        "--host", metavar="HOST", default="", help="imap: the server (default: by the address)"
    )
    port: str = option(
        "--port", kind=port_number, metavar="PORT", default="", help="imap: its port (default: 993)"
    )
    url: str = option(
        "--url", metavar="URL", default="", help="caldav: the server, or anything of the account there"
    )
    user: str = option(
        "--user", metavar="USER", default="",
        help="imap, caldav: who logs in (default: the address); plaid: your legal name",
    )  # fmt: skip
    plain: bool = switch("--plain", help="caldav: let the password travel without TLS")
    security: str = option(
        "--security", metavar="WAY", default="", choices=SECURITY,
        help="imap: tls (default), starttls, or none for a server on this computer",
    )  # fmt: skip
    smtp_host: str = option("--smtp-host", metavar="HOST", default="", help="imap: the server that sends")
    smtp_port: str = option(
        "--smtp-port", kind=port_number, metavar="PORT", default="", help="imap: (default: 465)"
    )
    smtp_security: str = option(
        "--smtp-security",
        metavar="WAY",
        default="",
        choices=SECURITY,
        help="imap: tls (default), starttls or none",
    )
    folders: str = option(
        "--folders",
        metavar="GLOBS",
        default="",
        help="imap: the folders that are mirrored, such as 'INBOX,Work/*'",
    )
    ca: str = option(
        "--ca", metavar="FILE", default="",
        help="imap, caldav: authorities whose certificates count, instead of the system's",
    )  # fmt: skip
    client: str = option(
        "--client",
        metavar="FILE",
        default="",
        help="gmail, google-calendar, plaid: the client that you registered, as JSON",
    )
    allow: list[str] = option(
        "--allow", metavar="WHAT", many=True, choices=LEVELS,
        help="gmail: read (default), modify, send, or delete for good; beside what you allowed before;"
        " google-calendar: read, or modify (default); plaid: transfer",
    )  # fmt: skip
    device: bool = switch("--device", help="gmail, google-calendar, plaid: log in on another device")


async def run(ctx: Context, args: ConnectArguments, io: Io) -> int:
    if ctx.tree.guard is not None:
        raise Failure("only the user may do this", status=126)
    if not args.kind:
        return await _list(ctx, io)
    accounts = ctx.services.accounts
    plan = await accounts.plan(_wish(ctx, args))
    await _say_plan(plan, io)
    if not plan.variable:
        await accounts.make_room(ctx.ask if ctx.interactive else None)

    async def tell(line: str) -> None:
        await io.stderr.line(visible_line(line))

    async def hear() -> str:
        return (await io.stdin.readline()).decode("utf-8", "replace")

    hears = hear if _is_asked(ctx, io) else None
    for left in reversed(range(TRIES)):
        password = await _password(plan, ctx, io) if plan.password else ""
        try:
            done = await accounts.connect(plan, password, tell, hears)
            break
        except LoginNeeded as error:
            if not left or not plan.password or not _is_asked(ctx, io):
                raise
            await report(io, "connect", error)
    await _say_done(done, io)
    return 0


async def _list(ctx: Context, io: Io) -> int:
    """What is connected, as records; what can be, as a remark."""
    accounts = ctx.services.accounts
    listed = []
    for one in accounts.connected():
        fields = {
            "path": str(one.path),
            "name": one.name,
            "kind": one.kind,
            "address": one.address,
            "place": one.place,
        }
        listed.append(
            Record(one_line(f"{one.path}: {one.kind} {one.address}".rstrip()), dict(fields), one.path)
        )
    await io.stdout.put(listed)
    await io.stdout.flush()
    if not listed:
        await io.stderr.line("nothing is connected")
    for kind, what in accounts.kinds():
        await io.stderr.line(f"  connect {kind:<17}{what}")
    return 0


def _wish(ctx: Context, args: ConnectArguments) -> Wish:
    said = {
        "host": args.host, "port": args.port, "user": args.user, "security": args.security,
        "smtp_host": args.smtp_host, "smtp_port": args.smtp_port, "smtp_security": args.smtp_security,
        "folders": args.folders, "ca": args.ca and os.path.abspath(os.path.expanduser(args.ca)),
        "url": args.url, "plain": "true" if args.plain else "",
    }  # fmt: skip
    options = {name: value for name, value in said.items() if value}
    for name in options:
        if args.kind not in SETTINGS[name]:
            raise Usage(f"--{name.replace('_', '-')} is for {' and '.join(SETTINGS[name])}")
    for level in args.allow:
        if args.kind not in ALLOWS.get(level, (args.kind,)):
            raise Usage(f"--allow {level} is for {' and '.join(ALLOWS[level])}")
    return Wish(
        args.kind,
        args.address,
        args.name,
        ctx.resolve(args.at) if args.at else None,
        options,
        args.client,
        tuple(args.allow),
        args.device,
    )


async def _say_plan(plan: Plan, io: Io) -> None:
    account = plan.account
    if account.place and plan.question:
        await io.stderr.line(visible_line(f"{account.address}: {account.place}"))
    for remark in plan.remarks:
        await io.stderr.line(visible_line(remark))


async def _say_done(done: Connected, io: Io) -> None:
    plan = done.plan
    account = plan.account
    what = "Logged in again" if plan.again else "Connected"
    path = visible_line(str(account.path))
    kept = f"the {done.place}" if "/" not in done.place else visible_line(done.place)
    await io.stderr.line(f"{what}: {visible_line(account.address)} at {path}; its login is kept in {kept}")
    for old, new in plan.moves:
        await io.stderr.line(
            f"What was {old} is {visible_line(str(new))}, and {old} shows all of them as one"
        )
    if not plan.again:
        await io.stderr.line(f"To fetch what is there: sync {path}")


def _is_asked(ctx: Context, io: Io) -> bool:
    return ctx.interactive and io.stdin.tty


async def _password(plan: Plan, ctx: Context, io: Io) -> str:
    """The password: typed without being shown, else the first line of standard input. Raises LoginNeeded."""
    if _is_asked(ctx, io):
        await io.stdout.flush()
        password = await hop(lambda: hidden_line(visible_line(plan.question)))
    else:
        line = await io.stdin.readline()
        password = line[:LONGEST].decode("utf-8", "surrogateescape").rstrip("\r\n")
    if not password:
        hint = (
            f"run it on a terminal, or give the password on standard input: connect {plan.wish.kind} … < FILE"
        )
        raise LoginNeeded(None, "no password was given; nothing was connected", hint=hint)
    return password


COMMAND = Command(
    name="connect",
    summary="log in to an account, and mount it",
    args=ConnectArguments,
    run=run,
    effects=Effect.WRITE | Effect.RUN,
    writes=Shape.RECORDS,
    group="Workspace",
    description="""
Without a KIND it lists what is connected, and what can be.

A password is asked for without being shown, or read from standard input, tried at the servers, and only
then kept: in the system's keyring, or in the encrypted file that you chose where there is none. The
servers of well-known providers are known by the address. Nothing secret is written to the config.

Gmail lets in applications that are registered. Spatio has no registration of its own: you make one, once, and
hand its JSON over by --client (or SPATIO_GOOGLE_CLIENT_ID and SPATIO_GOOGLE_CLIENT_SECRET). The browser of
this computer then asks you what Spatio may do: at first, only to read. Connect it again with --allow to let
it do more, or when a login has ended; to connect a second mailbox there, name its ADDRESS.

Calendars at Google are connected in the same way, by the same client, in whose project you enable the Google
Calendar API: you are asked to let Spatio see and change your events, with --allow read only to see them.

Banks are connected over Plaid, which lets in who is registered: get your keys once, at dashboard.plaid.com.
You log in to the bank on Plaid's own page; what Spatio keeps is a token, which `disconnect` ends. Each
`connect plaid` is another bank; with the name of one that is connected, you log in to that one again.

Calendars at a CalDAV server are found from any address of it: the server's own, the account's, or one
calendar's alone. Nothing is sent to the guests of events by keeping calendars in step.

A second mailbox is mounted at /mail/NAME; so is the first one then, and /mail shows them as one. Calendars
are mounted at /calendar in the same way: the workspace's own, where something is in them, are /calendar/local
then.
""",
    examples=(
        Example("connect", "what is connected, and what can be"),
        Example("connect imap ada@fastmail.com", "a mailbox at a provider that is known"),
        Example(
            "connect imap --host mail.example.org --user ada --smtp-host mail.example.org", "at any server"
        ),
        Example("connect caldav --url https://dav.example.org/ --user ada", "calendars at a CalDAV server"),
        Example("connect plaid --client plaid.json", "a bank, by Plaid's page in the browser"),
        Example("connect gmail --client client_secret.json", "a mailbox at Gmail"),
        Example("connect gmail --allow send", "let it send, too"),
        Example("connect google-calendar --client client_secret.json", "calendars at Google"),
    ),
)
