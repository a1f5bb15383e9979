"""MaildirRemote: a maildir of this computer as a Remote. Other programs may change it at any time."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from errno import EDQUOT, ENOSPC
from typing import TypeVar

from providers.mail import message
from providers.mail.facts import item_facts
from providers.mail.maildir import arranging, files, folders
from providers.mail.maildir.sending import Filing
from providers.mail.naming import name_of
from providers.mirror.remote import Collection, Delta, Described, Item, Known, Push, Pushed
from vfs.drive import hop
from vfs.errors import NoSpace, NotFound, ReadOnly, TooLarge, Unavailable, VfsError
from vfs.path import Path
from vfs.visible import visible_line

T = TypeVar("T")

BATCH = 200
LARGEST = 64 * 1024 * 1024
"""Bytes of one message that are read."""


class MaildirRemote:
    """The mailbox in `root`. Its collections are folders, an href is a file's name without its flags."""

    parallel = 1

    def __init__(self, root: str) -> None:
        self.root = root

    async def collections(self) -> Sequence[Collection]:
        """Raises NotFound when the mailbox is not there, ReadOnly when it may not be read."""
        return await self._done(lambda: folders.collections(self.root))

    async def make(self, path: Path) -> Collection:
        return await self._done(lambda: arranging.make(self.root, path))

    async def rename(self, collection: Collection, path: Path) -> Collection:
        return await self._done(lambda: arranging.rename(self.root, collection, path))

    async def drop(self, collection: Collection) -> None:
        await self._done(lambda: arranging.drop(self.root, collection))

    async def changes(self, collection: Collection, cursor: str | None, known: Known) -> AsyncIterator[Delta]:
        """The cursor is when the folder was changed last; `alive` says what is gone."""
        folder = self._folder(collection)
        stamp = await self._done(lambda: files.stamp(folder))
        if cursor and cursor == stamp:
            yield Delta(cursor=cursor, done=True)
            return
        there = await self._done(lambda: files.listed(folder))
        have = set() if cursor is None else set(await known.hrefs())
        new = sorted((one for href, one in there.items() if href not in have), reverse=True)
        states = [(href, "", files.state_of(one)) for href, one in there.items() if href in have]
        for at in range(0, len(new), BATCH):
            items = await self._done(lambda at=at: _items(folder, new[at : at + BATCH]))  # type: ignore[misc]
            # Never None again: what was kept of a listing that was cut is known the next time.
            yield Delta(items, cursor="begun", total=len(there))
        yield Delta(states=states, alive=list(there), cursor=stamp or "moving", total=len(there), done=True)

    async def fetch(
        self, collection: Collection, hrefs: Sequence[str]
    ) -> AsyncIterator[Sequence[tuple[str, bytes | VfsError]]]:
        folder = self._folder(collection)
        there = await self._done(lambda: files.listed(folder))
        for href in hrefs:
            if href not in there:
                yield [(href, NotFound(None, "the message is there no more"))]
                continue
            try:
                content = await self._done(lambda href=href: _read(there[href].path(folder)))  # type: ignore[misc]
            except VfsError as error:
                yield [(href, error)]
            else:
                yield [(href, content)]

    def describe(self, content: bytes, whole: bool) -> Described:
        return message.describe(content, whole)

    async def push(self, changes: Sequence[Push]) -> Sequence[Pushed | VfsError]:
        results: list[Pushed | VfsError] = []
        seen = files.Listings()
        for change in changes:
            try:
                results.append(await self._done(lambda change=change: self._push(change, seen)))  # type: ignore[misc]
            except Unavailable:
                raise
            except VfsError as error:
                results.append(error)
        return results

    def _push(self, change: Push, seen: files.Listings) -> Pushed:
        source = None if change.collection is None else self._folder(change.collection)
        target = None if change.target is None else self._folder(change.target)
        there = None if source is None else seen.find(source, change.href)
        if there is None and target is not None and change.href:
            # It was moved already, by a push that was cut off before its answer.
            source, there = target, seen.find(target, change.href)
        if target is None:
            if there is not None and source is not None:
                seen.drop(there, source)
            return Pushed("", "", {})
        if change.content is not None:
            made = seen.deliver(target, change.content, change.state)
            if there is not None and source is not None:
                seen.drop(there, source)
            return Pushed(made.href, "", files.state_of(made))
        if there is None or source is None:
            raise NotFound(None, "the message is there no more")
        settled = seen.settle(there, source, target, change.state)
        return Pushed(settled.href, "", files.state_of(settled))

    async def aclose(self) -> None:
        return None

    def _folder(self, collection: Collection) -> str:
        return folders.folder_of(self.root, collection.key)

    async def _done(self, call: Callable[[], T]) -> T:
        """What a blocking call gives. Raises the errors of the tree."""
        try:
            return await hop(call)
        except VfsError:
            raise
        except FileNotFoundError:
            reason = f"{visible_line(self.root)}: there is no such mailbox, or folder of it"
            raise NotFound(self.root, reason, hint="is its disk there? run: mounts") from None
        except PermissionError as error:
            raise ReadOnly(self.root, "may not be read or changed by this user") from error
        except OSError as error:
            if error.errno in (ENOSPC, EDQUOT):
                raise NoSpace(self.root) from error
            raise Unavailable(self.root, (error.strerror or "cannot be reached").lower()) from error


class FilingMaildir(MaildirRemote, Filing):
    """A maildir that files what is sent."""

    def __init__(self, root: str) -> None:
        MaildirRemote.__init__(self, root)
        Filing.__init__(self, self._sent_folder)

    def _sent_folder(self) -> str:
        """The folder of sent mails. Blocks."""
        found = next((one.key for one in folders.collections(self.root) if one.role == "sent"), None)
        if found is None:
            found = ".Sent"
            files.make(os.path.join(self.root, found))
        return folders.folder_of(self.root, found)


def open_maildir(root: str, *, files: bool) -> MaildirRemote:
    """The mailbox in `root`; with `files` one that files what is sent."""
    return FilingMaildir(root) if files else MaildirRemote(root)


def _items(folder: str, found: Sequence[files.Message]) -> list[Item]:
    """Messages as items, the small ones whole; those that vanish meanwhile are left out."""
    items = []
    for one in found:
        path = one.path(folder)
        try:
            content, facts = _read(path), os.stat(path)
        except (FileNotFoundError, TooLarge):
            continue
        said = item_facts(content)
        at = datetime.fromtimestamp(facts.st_mtime, UTC)
        items.append(
            Item(
                one.href,
                "",
                name_of(said, at),
                files.state_of(one),
                said.attrs,
                said.date or at,
                len(content),
                "message/rfc822",
                said.message_id,
                content,
                True,
            )
        )
    return items


def _read(path: str) -> bytes:
    if os.path.getsize(path) > LARGEST:
        raise TooLarge(None, f"a mail of more than {LARGEST // 1_000_000} MB")
    with open(path, "rb") as file:
        return file.read()
