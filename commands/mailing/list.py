"""mail list: the mails of a folder, newest first, alone or as threads."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import tzinfo
from heapq import nsmallest

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
from commands.first import count
from commands.mailing.places import Mail, accounts, chosen, folder_named
from commands.mailing.shown import newest_first, record_of, sender, subject, when
from commands.render.letters import MARKS, flags, short_name
from commands.stream import Io, Record
from commands.values import one_line
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import NotFound
from vfs.node import Value
from vfs.path import Path
from vfs.query import fold

SHOWN = 50
"""Rows on a terminal without -n."""


class ListArguments(Arguments):
    folder: str | None = operand(
        "FOLDER", required=False, help="a folder; the inboxes by default", complete=Complete.FOLDER
    )
    unread: bool = switch("-u", "--unread", help="only what has not been read")
    flagged: bool = switch("-f", "--flagged", help="only what is flagged")
    sender: str | None = option(
        "--from", help="only from whom this is a part of the name or address", metavar="TEXT",
        complete=Complete.ADDRESS,
    )  # fmt: skip
    threads: bool = switch("-t", "--threads", help="a row for each conversation, by its newest mail")
    most: int | None = option(
        "-n", kind=count, metavar="N", help=f"the newest N; 0 for all (on a terminal {SHOWN}, else all)"
    )


async def run(ctx: Context, args: ListArguments, io: Io) -> int:
    zone = ctx.now().tzinfo
    tty = io.stdout.tty
    mails: list[Mail] = []
    for folder in await _folders(ctx, args.folder):
        async with Closing(ctx.tree.list(folder)) as pages:
            async for page in pages:
                found = [Mail(folder.child(node.name), node) for node in page if not node.is_folder]
                mails += [mail for mail in found if _fits(mail, args)]
    most = args.most if args.most is not None else SHOWN if tty else 0
    if args.threads:
        rows = [_thread(one, zone, tty=tty) for one in _threads(mails)]
        shown = rows[:most] if most else rows
        total, what = len(rows), "threads"
    else:
        kept = nsmallest(most, mails, key=newest_first) if most else sorted(mails, key=newest_first)
        shown = [record_of(mail, zone, tty=tty) for mail in kept]
        total, what = len(mails), "mails"
    await io.stdout.put(shown)
    if len(shown) < total and args.most is None:
        await io.stdout.flush()
        await io.stderr.line(f"The newest {len(shown):,} of {total:,} {what} (-n 0 for all)")
    return 0


async def _folders(ctx: Context, word: str | None) -> Sequence[Path]:
    """The folder that was named; else the current one where it holds mail, else every inbox."""
    if word is not None:
        here = ctx.resolve(word)
        in_it = _lives(ctx) and await ctx.tree.is_folder(here)
        return [_with_mail(ctx, here)] if in_it else await _named(ctx, word)
    every = accounts(ctx)
    if _lives(ctx):
        return [ctx.cwd]
    found = []
    for one in every:
        with suppress(NotFound):
            await ctx.tree.stat(one.path.child("inbox"))
            found.append(one.path.child("inbox"))
    return found


def _lives(ctx: Context) -> bool:
    """Whether the current folder is one of an account."""
    return any(ctx.cwd.is_under(one.path) and ctx.cwd != one.path for one in accounts(ctx))


async def _named(ctx: Context, word: str) -> Sequence[Path]:
    """The folder of this name of each account that has one, or the one at a path. Raises NotFound."""
    found: list[Path] = []
    for account in accounts(ctx):
        with suppress(NotFound):
            found.append(_with_mail(ctx, await folder_named(ctx, account, word)))
    return list(dict.fromkeys(found)) or [await folder_named(ctx, chosen(ctx), word)]


def _with_mail(ctx: Context, folder: Path) -> Path:
    """The folder, where mails may lie in it. Raises Failure."""
    mount = ctx.tree.mount_of(folder)
    if mount is None or not any(one.path.is_under(mount.path) for one in accounts(ctx)):
        raise Failure(f"{folder}: is in no mailbox", hint=f"run: ls {folder}")
    return folder


def _fits(mail: Mail, args: ListArguments) -> bool:
    attrs = mail.node.attrs
    if (args.unread and not attrs.get("unread")) or (args.flagged and not attrs.get("flagged")):
        return False
    return args.sender is None or fold(args.sender) in fold(one_line(attrs.get("from")))


def _threads(mails: Sequence[Mail]) -> list[list[Mail]]:
    """Conversations, the one with the newest mail first, each newest first."""
    found: dict[Value, list[Mail]] = {}
    for mail in sorted(mails, key=newest_first):
        found.setdefault(mail.node.attrs.get("thread") or str(mail.path), []).append(mail)
    return list(found.values())


def _thread(mails: Sequence[Mail], zone: tzinfo | None, *, tty: bool) -> Record:
    newest = mails[0]
    date = when(newest.node)
    date = date.astimezone(zone) if date is not None else None
    people = list(dict.fromkeys([sender(mail.node) for mail in reversed(mails)]))
    every = [flags(mail.node.attrs) for mail in mails]
    letters = "".join([letter for letter in MARKS.values() if any(letter in one for one in every)])
    fields: dict[str, Value] = {
        "date": date,
        "flags": letters,
        "mails": len(mails),
        "from": ", ".join([short_name(one) for one in people]) if tty else tuple(people),
        "subject": subject(mails[-1].node),
        "name": newest.node.name,
    }
    if not tty:
        fields.update(
            {
                "unread": any(bool(mail.node.attrs.get("unread")) for mail in mails),
                "flagged": any(bool(mail.node.attrs.get("flagged")) for mail in mails),
                "thread": newest.node.attrs.get("thread"),
                "path": str(newest.path),
            }
        )
    moment = f"{date:%Y-%m-%d %H:%M}" if date is not None else "-"
    shown = [moment, letters, str(len(mails)), ", ".join(people), subject(mails[-1].node), str(newest.path)]
    return Record("\t".join([one_line(text) for text in shown]), fields, newest.path)


COMMAND = Command(
    name="mail list",
    summary="the mails of a folder, newest first",
    args=ListArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Mail",
    description="""
Each is a record with date, flags, from, subject, name, path and all attributes of mails, for where, sort-by
and select. The flags are N not read, ! flagged, r answered, f forwarded, d a draft, + with attachments.
""",
    examples=(
        Example("mail list --unread", "what has not been read"),
        Example("mail list sent -n 5", "the five mails that were sent last"),
        Example("mail list --threads", "conversations, the newest first"),
        Example("mail list | where attachments > 0 | first 3", "the newest with attachments"),
    ),
)
