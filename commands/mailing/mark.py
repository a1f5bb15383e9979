"""mail mark: mails as read or not, flagged or not, with labels or without."""

from __future__ import annotations

from collections.abc import Mapping

from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Shape,
    Usage,
    operand,
    option,
    switch,
)
from commands.entries import texts
from commands.mailing.moving import told
from commands.mailing.places import Mail, named_mails
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.errors import VfsError
from vfs.node import Value


class MarkArguments(Arguments):
    mails: list[str] = operand("MAIL", many=True, required=False, help="what to mark", complete=Complete.MAIL)
    read: bool = switch("-r", "--read", help="as read")
    unread: bool = switch("-u", "--unread", help="as not read")
    flag: bool = switch("-f", "--flag", help="as flagged")
    unflag: bool = switch("-F", "--unflag", help="as not flagged")
    labels: list[str] = option("-l", "--label", many=True, metavar="LABEL", help="give it a label")
    without: list[str] = option("-L", "--unlabel", many=True, metavar="LABEL", help="take a label off")


async def run(ctx: Context, args: MarkArguments, io: Io) -> int:
    if not (args.read or args.unread or args.flag or args.unflag or args.labels or args.without):
        raise Usage("mark as what?", hint="--read, --unread, --flag, --unflag, --label X or --unlabel X")
    if (args.read and args.unread) or (args.flag and args.unflag):
        raise Usage("a mail cannot be marked as both")
    mails, status = await named_mails(ctx, io, "mail mark", args.mails)
    wanted = {mail.path: attrs for mail in mails if (attrs := changes(mail, args))}
    results = dict(zip(wanted, await ctx.tree.set_attrs_many(wanted) if wanted else (), strict=True))
    done = []
    for mail in mails:
        result = results.get(mail.path)
        if isinstance(result, VfsError):
            status = max(status, await report(io, "mail mark", result))
        else:
            done.append(mail.path)
    await told(io, "Marked", done)
    return status


def changes(mail: Mail, args: MarkArguments) -> Mapping[str, Value]:
    """What is to change of a mail; nothing of what is so already."""
    attrs: dict[str, Value] = {}
    if args.read or args.unread:
        attrs["unread"] = args.unread
    if args.flag or args.unflag:
        attrs["flagged"] = args.flag
    if args.labels or args.without:
        attrs["labels"] = labelled(mail, args.labels, args.without)
    old = mail.node.attrs
    return {name: value for name, value in attrs.items() if (old.get(name) or _NONE[name]) != value}


_NONE: Mapping[str, Value] = {"unread": False, "flagged": False, "labels": ()}


def labelled(mail: Mail, more: list[str], without: list[str]) -> tuple[str, ...]:
    """The labels of a mail once some were added and others taken off."""
    old = texts(mail.node.attrs.get("labels"))
    return tuple([one for one in dict.fromkeys([*old, *more]) if one not in without])


COMMAND = Command(
    name="mail mark",
    summary="mark mails as read, flagged or labelled, or not",
    args=MarkArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    reads=Shape.EITHER,
    writes=Shape.RECORDS,
    group="Mail",
    examples=(
        Example("mail list --unread | where from ~ newsletter | mail mark --read", "what nobody will read"),
        Example("mail list -n 1 | mail mark --flag", "the newest mail, to come back to"),
    ),
)
