"""mail read: mails as a person reads them, with their thread, or as they came."""

from __future__ import annotations

from contextlib import suppress

from commands.command import Arguments, Command, Complete, Context, Example, Failure, Shape, operand, switch
from commands.mailing.places import Mail, account_of, named_mails
from commands.mailing.shown import newest_first
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import BadName, ReadOnly, Unsupported, VfsError


class ReadArguments(Arguments):
    mails: list[str] = operand("MAIL", many=True, required=False, help="what to read", complete=Complete.MAIL)
    thread: bool = switch("-t", "--thread", help="all of the conversation, oldest first")
    headers: bool = switch("--headers", help="the header as it came, without the text")
    html: bool = switch("--html", help="the HTML as it came; nothing in it is fetched or run")
    raw: bool = switch("--raw", help="the whole mail as it came")
    keep: bool = switch("-k", "--keep-unread", help="do not mark as read")


async def run(ctx: Context, args: ReadArguments, io: Io) -> int:
    mails, status = await named_mails(ctx, io, "mail read", args.mails)
    if args.thread:
        mails = [one for mail in mails for one in await _thread(ctx, mail)]
        mails = list({mail.path: mail for mail in mails}.values())
    for at, mail in enumerate(mails):
        if at and not args.raw:
            await io.stdout.paint([("\n" + "─" * min(io.stdout.width, 72) + "\n\n", "dim")])
        try:
            await _show(ctx, args, io, mail)
            if not args.keep:
                await _seen(ctx, mail)
        except (VfsError, Failure) as error:
            status = max(status, await report(io, "mail read", error))
    return status


async def _show(ctx: Context, args: ReadArguments, io: Io, mail: Mail) -> None:
    if args.html:
        html = ctx.services.mailing.html(await ctx.tree.read(mail.path))
        if html is None:
            raise Failure(f"{mail.path}: has no HTML", hint="run: mail read without --html")
        await io.stdout.text(html if html.endswith("\n") else html + "\n")
    elif args.headers:
        await io.stdout.write(_header(await ctx.tree.read(mail.path)))
    else:
        reading = ctx.tree.open(mail.path) if args.raw else ctx.tree.text(mail.path)
        async with reading as blocks:
            async for block in blocks:
                await io.stdout.write(block)


def _header(content: bytes) -> bytes:
    """What stands before the first empty line."""
    lines = []
    for line in content.splitlines(keepends=True):
        if not line.strip(b"\r\n"):
            break
        lines.append(line)
    return b"".join(lines)


async def _seen(ctx: Context, mail: Mail) -> None:
    """Marks a mail as read, where a person read it and it can be marked."""
    if mail.node.attrs.get("unread") and ctx.tree.guard is None:
        with suppress(BadName, ReadOnly, Unsupported):
            await ctx.tree.set_attrs(mail.path, {"unread": False})


async def _thread(ctx: Context, mail: Mail) -> list[Mail]:
    """The mails of a conversation in all folders of its account, oldest first, each once."""
    key = mail.node.attrs.get("thread")
    if not key:
        return [mail]
    found: dict[str, Mail] = {}
    async with Closing(ctx.tree.walk(account_of(ctx, mail.path).path)) as pages:
        async for page in pages:
            for path, node in page:
                if not node.is_folder and node.attrs.get("thread") == key:
                    same = str(node.attrs.get("message_id") or path)
                    if same not in found or path == mail.path:
                        found[same] = Mail(path, node)
    return sorted(found.values(), key=newest_first, reverse=True) or [mail]


COMMAND = Command(
    name="mail read",
    summary="read mails",
    args=ReadArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    reads=Shape.EITHER,
    writes=Shape.BYTES,
    group="Mail",
    description="""
The text is what `cat` shows: the headers that matter, then the text; HTML is turned into text. What was
read is marked as read. `cat` reads without marking.
""",
    examples=(
        Example("mail list --unread | first 1 | mail read", "the newest that was not read"),
        Example("mail list -n 1 | mail read --thread", "the newest conversation as a whole"),
        Example("mail list -n 1 | mail read --headers", "how the newest mail came here"),
    ),
)
