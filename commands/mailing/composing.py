"""A letter from its options, or from the person's editor, to the outbox."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from commands.command import Arguments, Complete, Context, Failure, Usage, option, switch
from commands.dates import read_period
from commands.mailing.places import chosen
from commands.mailing.typing import Typed, dropped, kept_in, typed
from commands.services import Letter, MailAccount, Outline
from commands.sleep import duration
from commands.stream import Io
from vfs.action import Arguments as Deed
from vfs.errors import Exists, NotFound, TooLarge, VfsError
from vfs.names import slug
from vfs.node import Value
from vfs.path import Path
from vfs.provider import Mode
from vfs.visible import visible_line

LARGEST = 50 * 1024 * 1024
"""Bytes of all attachments together; mail servers take less."""

TRIED = 1000

_LINE = re.compile(r"line \d+: ")
"""Where something is in a draft's text, which only means something to who has seen that."""


class ComposeArguments(Arguments):
    """What all commands that write a mail take."""

    cc: list[str] = option(
        "-c", "--cc", many=True, metavar="ADDRESS", help="who gets a copy", complete=Complete.ADDRESS
    )
    bcc: list[str] = option(
        "-b", "--bcc", many=True, metavar="ADDRESS", help="who gets one that nobody else sees",
        complete=Complete.ADDRESS,
    )  # fmt: skip
    attach: list[str] = option(
        "-a", "--attach", many=True, metavar="PATH", help="a file to go with it", complete=Complete.PATH
    )
    sender: str | None = option(
        "--from", metavar="ACCOUNT", help="the account, by its address or mount", complete=Complete.MOUNT
    )
    edit: bool = switch("-e", "--edit", help="open the editor, though the text is there")


class SendArguments(ComposeArguments):
    """What commands that send take besides."""

    now: bool = switch("--now", help="without the usual countdown")
    wait: float | None = option(
        "--in", kind=duration, metavar="NUMBER[smhd]", help="after a countdown in /outbox"
    )
    at: str | None = option("--at", metavar="TIME", help="at a time, such as 'tomorrow 8:00'")
    yes: bool = switch("-y", "--yes", help="do not ask before it goes to the outbox")


class Written(NamedTuple):
    """A draft that is ready, and what hangs on it."""

    text: str
    outline: Outline
    attachments: Sequence[tuple[str, bytes]]
    typed: Typed | None = None
    """The file in which the person wrote it; kept until the mail is safe."""


class NewArguments(Protocol):
    """What commands that begin a mail take, whatever becomes of it."""

    to: list[str]
    subject: str | None
    words: list[str]
    cc: list[str]
    bcc: list[str]
    attach: list[str]
    sender: str | None
    edit: bool


class Begun(NamedTuple):
    """A mail that answers none, as far as its line says it."""

    account: MailAccount
    draft: str
    edit: bool
    """Whether the person goes on in the editor."""


async def begun(ctx: Context, io: Io, args: NewArguments, what: str) -> Begun:
    """The beginning of `what` ("the mail"). Raises Usage for one without text that nobody can write."""
    account = chosen(ctx, args.sender)
    body = await body_given(io, args.words)
    if body is None and not by_hand(ctx, io):
        raise Usage(f"{what} has no text", hint="write it behind the options, or give a file: < PATH")
    draft = ctx.services.mailing.new(
        account,
        to=args.to,
        cc=args.cc,
        bcc=args.bcc,
        subject=args.subject or "",
        attach=args.attach,
        body=body or "",
    )
    return Begun(account, draft, body is None or args.edit)


def by_hand(ctx: Context, io: Io) -> bool:
    """Whether a person is there who can write in an editor."""
    return ctx.interactive and io.stdin.tty and io.stdout.tty


async def body_given(io: Io, words: Sequence[str]) -> str | None:
    """The text that the line or standard input gives; None when a person has to write it.

    A standard input without anything gives none: nobody means to send that.
    """
    if words:
        text = " ".join(words)
    elif not io.stdin.tty:
        text = (await io.stdin.readall()).decode("utf-8", "replace")
        if not text.strip():
            return None
    else:
        return None
    return text if text.endswith("\n") or not text else text + "\n"


async def written(
    ctx: Context, io: Io, draft: str, *, edit: bool, complete: bool = True, fresh: bool = True
) -> Written:
    """The draft as it is to be sent, edited where the person wants that; a `fresh` one must be.

    Raises Usage for what the line lacks, Failure when the person gave up; a text is never lost.
    """
    mailing = ctx.services.mailing
    file: Typed | None = None
    while True:
        if edit:
            file = await typed(ctx, io, draft, before=file)
            if file.text == draft and file.first and fresh:
                dropped(file)
                raise Failure("nothing was written, and nothing is sent")
            draft = file.text
        outline = mailing.outline(draft)
        wrong = list(dict.fromkeys([*outline.wrong, *(outline.lacks if complete else ())]))
        attachments: list[tuple[str, bytes]] = []
        try:
            attachments = await _attached(ctx, outline.attach)
        except VfsError as error:
            wrong.append(str(error))
        if not wrong:
            return Written(draft, outline, attachments, file)
        if file is None:
            raise Usage(
                _LINE.sub("", wrong[0]), hint="for example: mail send --to ada@example.org -s Hello 'See you'"
            )
        for line in wrong:
            await io.stderr.line(f"mail: {visible_line(line)}")
        if not await ctx.ask("Go on writing?"):
            raise Failure("nothing was sent", hint=kept_in(file))


async def _attached(ctx: Context, words: Sequence[str]) -> list[tuple[str, bytes]]:
    """Names and contents of files. Raises NotFound, IsADirectory, TooLarge."""
    found: list[tuple[str, bytes]] = []
    room = LARGEST
    for word in words:
        path = ctx.resolve(word)
        try:
            data = await ctx.tree.read(path, limit=room)
        except NotFound as error:
            raise NotFound(path, "there is no such file to attach") from error
        except TooLarge as error:
            limit = LARGEST // 1024**2
            raise TooLarge(path, f"attachments may have {limit} MB in all", hint="run: share PATH") from error
        room -= len(data)
        found.append((path.name, data))
    return found


async def send(
    ctx: Context, io: Io, account: MailAccount, ready: Written, args: SendArguments
) -> Path | None:
    """Asks the person, and puts a mail into the outbox; its path, or None when it was kept as a draft."""
    letter = ctx.services.mailing.letter(ready.text, ready.attachments)
    if ctx.interactive and not args.yes and not await ctx.ask(question(ready)):
        path = await keep(ctx, account, ready)
        await io.stderr.line(f"Not sent; kept as {visible_line(str(path))}")
        return None
    try:
        path = await queue(ctx, account, letter, when_due(ctx, args))
    except (VfsError, Failure) as error:
        if ready.typed is not None:
            error.hint = error.hint or kept_in(ready.typed)
        raise
    if ready.typed is not None:
        dropped(ready.typed)
    return path


def question(ready: Written) -> str:
    """What is about to leave, and to whom: each name on a line of its own, made visible."""
    outline = ready.outline
    lines = [
        f"  {label:8} {visible_line(value)}"
        for label, values in (("From", [outline.sender]), ("To", outline.to), ("Cc", outline.cc),
                              ("Bcc", outline.bcc), ("Subject", [outline.subject or "(none)"]))
        for value in values
    ]  # fmt: skip
    lines += [f"  Attached {visible_line(name)} ({len(data):,} bytes)" for name, data in ready.attachments]
    words = len(outline.body.split())
    return "\n".join([*lines, f"  Text     {words:,} {'word' if words == 1 else 'words'}", "Send it?"])


def when_due(ctx: Context, args: SendArguments) -> Mapping[str, Value]:
    """The countdown that the options ask for, in seconds; nothing for the usual one. Raises Usage."""
    if sum((args.now, args.wait is not None, args.at is not None)) > 1:
        raise Usage("--now, --in and --at exclude each other")
    if args.now:
        return {"countdown": 0.0}
    if args.wait is not None:
        if args.wait == float("inf"):
            raise Usage("--in must end at some time")
        return {"countdown": args.wait}
    if args.at is None:
        usual = ctx.services.outbox.countdown
        return {"countdown": usual} if usual else {}
    try:
        moment: datetime = read_period(args.at, ctx.now()).start
    except ValueError as wrong:
        raise Usage(f"--at: {wrong}") from None
    seconds = (moment - ctx.now()).total_seconds()
    if seconds < 0:
        raise Usage(f"--at: {moment:%Y-%m-%d %H:%M} is over", hint="write the day, too: --at 'tomorrow 8:00'")
    return {"countdown": seconds}


async def queue(ctx: Context, account: MailAccount, letter: Letter, due: Mapping[str, Value]) -> Path:
    """Hands a mail to the outbox; its path there."""
    deed: Deed = {
        "content": letter.content.decode("utf-8", "surrogateescape"),
        "sender": letter.sender,
        "recipients": tuple(letter.recipients),
        **due,
    }
    node = await ctx.tree.act(account.path, "send", deed)
    return Path(("outbox", node.name))


async def keep(ctx: Context, account: MailAccount, ready: Written) -> Path:
    """Saves a mail among the drafts of its account; where."""
    content = ctx.services.mailing.kept(ready.text, ready.attachments)
    folder = account.path.child("drafts")
    if not await ctx.tree.is_folder(folder):
        await ctx.tree.mkdir(folder)
    name = f"{ctx.now():%Y-%m-%d}-{slug(ready.outline.subject or 'draft')}"
    for number in range(1, TRIED):
        path = folder.child(name if number == 1 else f"{name}-{number}")
        try:
            await ctx.tree.write(path, content, mode=Mode.CREATE)
        except Exists:
            continue
        if ready.typed is not None:
            dropped(ready.typed)
        return path
    raise Failure(f"{folder}: {TRIED} drafts are called '{name}' already")
