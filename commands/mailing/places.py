"""Accounts, folders and mails, found by the names that people use for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from commands.command import Context, Failure, Usage
from commands.report import report
from commands.services import MailAccount
from commands.stream import LINE_ONLY, Io
from vfs.closing import Closing
from vfs.coverage import gathered, tell
from vfs.errors import BadName, IsADirectory, NotADirectory, NotFound, VfsError
from vfs.names import marked, slug
from vfs.node import Node
from vfs.path import Path
from vfs.query import Attribute, Query, fold

ROLES = ("inbox", "sent", "drafts", "archive", "trash", "junk")
"""Folders that every account has, or is given by its first use."""

FITTING = 50
"""Mails that a part of a name is compared with."""


class Mail(NamedTuple):
    """A mail and where it lies."""

    path: Path
    node: Node


def accounts(ctx: Context) -> Sequence[MailAccount]:
    """The accounts that this session sees, at least one. Raises Failure (77)."""
    found = [one for one in ctx.services.mailing.accounts() if ctx.tree.sees(one.path)]
    if not found:
        raise Failure("no mailbox is connected", status=77, hint="run: connect imap, or connect gmail")
    return found


def account_of(ctx: Context, path: Path) -> MailAccount:
    """The account in which `path` lies. Raises Failure."""
    found = _around(accounts(ctx), path)
    if found is None:
        raise _nowhere(path)
    return found


def _nowhere(path: Path) -> Failure:
    return Failure(f"{path}: is in no mailbox", hint="run: mounts")


def _around(every: Sequence[MailAccount], path: Path) -> MailAccount | None:
    around = [one for one in every if path.is_under(one.path)]
    return max(around, key=lambda one: len(one.path.parts)) if around else None


def _holds_mail(ctx: Context, path: Path) -> bool:
    """Whether a path is in a mailbox, or among several that are shown as one."""
    mount = ctx.tree.mount_of(path)
    return mount is None or any(one.path.is_under(mount.path) for one in accounts(ctx))


def _twin(path: Path, account: str) -> Path | None:
    """What a mail is called in its account that a union shows by this name, which has the account's mark."""
    stem, tilde, tail = path.name.rpartition("~")
    plain = stem + tail[3:]
    return path.parent.child(plain) if tilde and plain and marked(plain, account) == path.name else None


async def _owned(ctx: Context, mails: Sequence[Mail]) -> list[Mail]:
    """Mails where their accounts have them; those of a union are shown in the union, too."""
    every = [one for one in ctx.services.mailing.accounts() if ctx.tree.sees(one.path)]
    shared = [mail for mail in mails if _around(every, mail.path) is None]
    real: dict[Path, Mail] = {}
    for account in every if shared else ():
        wanted: dict[Path, Path] = {}
        for mail in shared:
            mount = ctx.tree.mount_of(mail.path)
            if mount is not None and account.path.is_under(mount.path) and mail.path not in real:
                inner = mail.path.below(mount.path)
                wanted[account.path.join(inner)] = mail.path
                twin = _twin(inner, account.path.name)
                if twin is not None:
                    wanted[account.path.join(twin)] = mail.path
        answers = await ctx.tree.stat_many(list(wanted))
        for path, shown in wanted.items():
            node = answers.get(path)
            if isinstance(node, Node) and not node.is_folder:
                real[shown] = Mail(path, node)
    return [real.get(mail.path, mail) for mail in mails]


def chosen(ctx: Context, word: str | None = None) -> MailAccount:
    """The account that a word names (an address, a mount or its name); without one the current folder's,
    else the first. Raises Failure."""
    every = accounts(ctx)
    if word is None:
        here = [one for one in every if ctx.cwd.is_under(one.path)]
        return max(here, key=lambda one: len(one.path.parts)) if here else every[0]
    wanted = word.casefold().removesuffix("/")
    for one in every:
        names = (str(one.path), one.path.name, *one.addresses)
        if wanted in [name.casefold() for name in names]:
            return one
    known = ", ".join([one.addresses[0] if one.addresses else str(one.path) for one in every])
    raise Failure(f"no account is called '{word}'", hint=f"there are: {known}")


def own_addresses(ctx: Context) -> Sequence[str]:
    """The addresses of all accounts, in lower case."""
    return list(dict.fromkeys([a.casefold() for one in accounts(ctx) for a in one.addresses]))


async def folder_named(ctx: Context, account: MailAccount, word: str) -> Path:
    """The folder of an account that a word names: by path, from the current folder, or by its name.

    Raises NotFound, NotADirectory.
    """
    if word.startswith(("/", "~", "./", "../")) or word in (".", ".."):
        path = ctx.resolve(word)
    else:
        path = account.path
        for part in word.split("/"):
            path = path.child(part) if part else path
    try:
        node = await ctx.tree.stat(path)
    except NotFound:
        raise NotFound(path, "there is no such folder", hint=f"to make it: mkdir {path}") from None
    if not node.is_folder:
        raise NotADirectory(path)
    return path


async def named_mails(ctx: Context, io: Io, name: str, words: Sequence[str]) -> tuple[list[Mail], int]:
    """The mails that operands name, else what comes through a pipe; and the status so far.

    What names no mail is reported. Raises Usage when nothing names any.
    """
    status = 0
    found: dict[Path, Mail] = {}
    if not words:
        if io.stdin.tty:
            raise Usage("which mail?", hint=f"run: {name} MAIL..., or ls /mail/inbox | where ... | {name}")
        every = accounts(ctx)
        async for some, worst in _piped(ctx, io, name):
            status = max(status, worst)
            for mail in await _owned(ctx, some):
                if _around(every, mail.path) is None:
                    status = max(status, await report(io, name, _nowhere(mail.path)))
                else:
                    found[mail.path] = mail
        return list(found.values()), status
    for word in words:
        try:
            mail = await find_mail(ctx, word)
            found[mail.path] = mail
        except (VfsError, Failure) as error:
            status = max(status, await report(io, name, error))
    return list(found.values()), status


async def _piped(ctx: Context, io: Io, name: str) -> AsyncIterator[tuple[list[Mail], int]]:
    """Batches of mails that records are about, or that lines name, each with a status."""
    async for batch in io.stdin.as_records():
        status = 0
        some: list[Mail] = []
        paths = [record.path for record in batch if record.path is not None]
        asked = await ctx.tree.stat_many(paths)
        for record in batch:
            if record.fields is LINE_ONLY:
                continue
            try:
                if record.path is None:
                    if record.text.strip():
                        some.append(await find_mail(ctx, record.text))
                    continue
                node = asked.get(record.path)
                if node is None:
                    node = await ctx.tree.stat(record.path)
                if isinstance(node, VfsError):
                    raise node
                some.append(_file(record.path, node))
            except (VfsError, Failure) as error:
                status = max(status, await report(io, name, error))
        yield some, status


def _file(path: Path, node: Node) -> Mail:
    if node.is_folder:
        raise IsADirectory(path, hint="name the mails in it: FOLDER/*")
    return Mail(path, node)


async def find_mail(ctx: Context, word: str) -> Mail:
    """The mail that a word names. Raises NotFound, IsADirectory, Failure where several fit."""
    if not word:
        raise NotFound("''")
    try:
        path = ctx.resolve(word)
        (mail,) = await _owned(ctx, [_file(path, await ctx.tree.stat(path))])
        account_of(ctx, mail.path)
        return mail
    except (NotFound, NotADirectory):
        if word.startswith(("/", "~/", "./", "../")):
            raise
    except IsADirectory:
        if word.startswith(("/", "~/", "./", "../")) or _holds_mail(ctx, ctx.resolve(word)):
            raise
    every = accounts(ctx)
    # A folder that is not here yet matters only where the mail was not found in another one.
    with gathered() as gaps:
        for account in every:
            found = await _whole(ctx, account, word)
            if found is not None:
                return found
        fitting = await _part(ctx, every, word)
        if len(fitting) == 1:
            return fitting[0]
    for gap in gaps:
        tell(gap)
    raise _unclear(word, fitting)


async def _whole(ctx: Context, account: MailAccount, word: str) -> Mail | None:
    """The mail whose whole name, or whose path within the account, is `word`: the inbox's before others'."""
    parts = tuple([part for part in word.split("/") if part])
    if any(part in (".", "..") for part in parts):
        return None
    places = [Path((*account.path.parts, *parts))]
    if len(parts) == 1:
        folders = [account.path.child(role) for role in ROLES]
        with suppress(NotFound, NotADirectory):
            async with Closing(ctx.tree.list(account.path)) as pages:
                async for page in pages:
                    folders += [
                        account.path.child(node.name)
                        for node in page
                        if node.is_folder and node.name[:1] != "."
                    ]
        places = [folder.child(parts[0]) for folder in dict.fromkeys(folders)]
    for path in places:
        with suppress(NotFound, NotADirectory, BadName):
            node = await ctx.tree.stat(path)
            if not node.is_folder:
                return Mail(path, node)
    return None


async def _part(ctx: Context, every: Sequence[MailAccount], word: str) -> Sequence[Mail]:
    """The mails of which `word` is a part of the name or the subject; one, where the inbox has only one."""
    fitting: dict[Path, Mail] = {}
    for attribute in (Attribute("name", slug(word)), Attribute("title", word)):
        for account in every if not fitting else ():
            found = await ctx.tree.search(Query(word, (), (attribute,)), account.path, FITTING)
            fitting.update((hit.path, Mail(hit.path, hit.node)) for hit in found.hits)
    mails = [
        mail
        for mail in fitting.values()
        if not mail.node.is_folder and not any(part.startswith(".") for part in mail.path.parts)
    ]
    for better in (_begins(mails, word), [mail for mail in mails if mail.path.parent.name == "inbox"], mails):
        if len(better) == 1:
            return better
    return mails


def _unclear(word: str, mails: Sequence[Mail]) -> NotFound | Failure:
    """What is said where a word names no mail, or several."""
    if not mails:
        return NotFound(
            None, f"{word}: no mail is called so", hint="run: mail list, or search WORDS in /mail"
        )
    names = sorted({mail.path.name for mail in mails})
    listed = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    count = f"{len(mails)}{' or more' if len(mails) >= FITTING else ''}"
    return Failure(f"'{word}' may be any of {count}: {listed}", hint="write more of the name")


def _begins(mails: Sequence[Mail], word: str) -> list[Mail]:
    wanted = fold(word)
    return [mail for mail in mails if fold(mail.path.name).startswith(wanted)]
