"""mail attachments: what hangs on mails, listed and saved."""

from __future__ import annotations

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
from commands.mailing.places import Mail, named_mails
from commands.report import report
from commands.stream import Io, Record
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import Exists, NotADirectory, NotFound, VfsError
from vfs.node import Node, Value
from vfs.path import Path
from vfs.provider import Mode
from vfs.visible import visible_line

FOLDER = ".attachments"
"""The unlisted folder beside mails that holds a folder for each of them."""

TRIED = 1000
"""Numbers tried behind a name that is taken."""


class AttachmentsArguments(Arguments):
    mails: list[str] = operand(
        "MAIL", many=True, required=False, help="whose attachments", complete=Complete.MAIL
    )
    every: bool = switch("-a", "--all", help="pictures within the text and other forms of it, too")
    save: str | None = option(
        "-s", "--save", metavar="FOLDER", help="save them there; nothing is replaced",
        complete=Complete.FOLDER,
    )  # fmt: skip


async def run(ctx: Context, args: AttachmentsArguments, io: Io) -> int:
    mails, status = await named_mails(ctx, io, "mail attachments", args.mails)
    target = ctx.resolve(args.save) if args.save is not None else None
    if target is not None and not await ctx.tree.is_folder(target):
        raise NotFound(target, "there is no such folder", hint=f"to make it: mkdir {target}")
    saved = 0
    for mail in mails:
        try:
            some = mail.node.attrs.get("attachments") != 0 or args.every
            for path, node in await attachments_of(ctx, mail, every=args.every) if some else ():
                place = await _save(ctx, path, node, target) if target is not None else path
                saved += target is not None
                await io.stdout.put([_record(place, node, mail)])
        except (VfsError, Failure) as error:
            status = max(status, await report(io, "mail attachments", error))
    if target is not None:
        files = f"{saved:,} {'file' if saved == 1 else 'files'}"
        await io.stdout.flush()
        await io.stderr.line(f"Saved {files} in {visible_line(str(target))}")
    return status


async def attachments_of(ctx: Context, mail: Mail, *, every: bool = False) -> list[tuple[Path, Node]]:
    """The attachments of a mail, as files of the tree; with `every` its text in other forms, too."""
    names = () if every else ctx.services.mailing.attached(await ctx.tree.read(mail.path))
    folder = mail.path.parent.child(FOLDER).child(mail.path.name)
    found: list[tuple[Path, Node]] = []
    try:
        async with Closing(ctx.tree.list(folder)) as pages:
            async for page in pages:
                found += [
                    (folder.child(node.name), node)
                    for node in page
                    if not node.is_folder and (every or node.name in names)
                ]
    except (NotFound, NotADirectory):
        return []
    return found


async def _save(ctx: Context, path: Path, node: Node, target: Path) -> Path:
    """Copies an attachment to a name that is free."""
    stem, dot, suffix = node.name.rpartition(".")
    if not (dot and stem):
        stem, dot, suffix = node.name, "", ""
    for number in range(1, TRIED):
        place = target.child(node.name if number == 1 else f"{stem}-{number}{dot}{suffix}")
        try:
            async with ctx.tree.open(path) as blocks:
                await ctx.tree.write(place, blocks, mode=Mode.CREATE)
        except Exists:
            continue
        return place
    raise Failure(f"{target}: {TRIED} files are called '{node.name}' already")


def _record(path: Path, node: Node, mail: Mail) -> Record:
    fields: dict[str, Value] = {
        "name": node.name,
        "size": node.size,
        "mime": node.mime,
        "mail": mail.path.name,
        "path": str(path),
    }
    return Record(" ".join(str(path).splitlines()), fields, path)


COMMAND = Command(
    name="mail attachments",
    summary="list or save what hangs on mails",
    args=AttachmentsArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    reads=Shape.EITHER,
    writes=Shape.RECORDS,
    group="Mail",
    description="Attachments are files, in the folder .attachments beside the mails, so that cp, cat and "
    "agents read them, too.",
    examples=(
        Example("mail list | where attachments > 0 | mail attachments", "all attachments of the inbox"),
        Example(
            "mail list | where attachments > 0 | first 1 | mail attachments --save /files", "saved as files"
        ),
    ),
)
