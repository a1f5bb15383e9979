"""Draft: the new content of a file while a redirect is open; the old one stands until it commits.

Every redirect of one command to one path, and those of commands inside it, write the same draft
as several descriptors write one file: each at its own place, or at the end. A reader sees the old
content all the while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.stream import Sink
from spatio.shell.spool import Spool
from vfs.action import Effect
from vfs.errors import Exists, IsADirectory, NotADirectory, NotFound
from vfs.path import Path
from vfs.provider import Mode

if TYPE_CHECKING:
    from vfs.node import Node
    from vfs.tree import Tree


class Draft:
    """What is to be written to `path`. `mode` says what the commit does with the old content."""

    def __init__(self, tree: Tree, path: Path, mode: Mode, *, existed: bool) -> None:
        self.tree = tree
        self.path = path
        self.mode = mode
        self.existed = existed
        self.spool = Spool()
        self.abandoned = False
        self.live = False
        """Written through as it comes, since `exec` made the redirect the shell's own."""
        self.announce = False

    def restart(self) -> None:
        """A `>` inside an enclosing redirect to the same file empties it for both."""
        self.spool.truncate()
        self.mode = Mode.REPLACE

    async def commit(self) -> Node:
        """Puts the new content in place. Raises VfsError; the old content then stands."""
        small = self.spool.small()
        try:
            return await self.tree.write(
                self.path, self.spool.blocks() if small is None else small, mode=self.mode
            )
        finally:
            self.tree.pending.discard(self.path)

    def close(self) -> None:
        """Lets go of what was written."""
        self.tree.pending.discard(self.path)
        self.spool.close()

    async def go_live(self) -> None:
        """Puts in place what there is, and from now on each write at once. Raises VfsError."""
        await self.commit()
        self.close()
        self.live = True

    async def write(self, data: bytes, at: int) -> None:
        """Puts data at a place, or at the end where the draft is live. Raises VfsError."""
        if self.live:
            await self.tree.write(self.path, data, mode=Mode.APPEND)
        else:
            await self.spool.write(data, at)


class FileSink(Sink):
    """One open redirect into a draft. `appending`: each write goes to the end."""

    def __init__(self, draft: Draft, *, appending: bool) -> None:
        self.draft = draft
        self.appending = appending
        self.at = 0

    @property
    def path(self) -> Path:
        return self.draft.path

    @property
    def announce(self) -> bool:
        return self.draft.announce

    @announce.setter
    def announce(self, wanted: bool) -> None:
        self.draft.announce = wanted

    def abandon(self) -> None:
        self.draft.abandoned = True

    async def write(self, data: bytes) -> None:
        at = self.draft.spool.size if self.appending else self.at
        await self.draft.write(data, at)
        self.at = at + len(data)


def would_overwrite(path: Path) -> Exists:
    """What `set -C` says of a file that is there."""
    return Exists(path, "cannot overwrite existing file", hint="set +C, or >| instead of >")


async def open_draft(tree: Tree, path: Path, *, appending: bool, keep: bool) -> Draft:
    """A draft for `> path` or `>> path`, after a look at what is there and at the policy.

    `keep` is `set -C`: what exists may not be replaced. Raises VfsError.
    """
    existed = False
    try:
        node = await tree.stat(path)
    except NotFound:
        try:
            parent = await tree.stat(path.parent)
        except NotFound:
            raise NotFound(path, hint=f"run: mkdir -p {path.parent}") from None
        if not parent.is_folder:
            raise NotADirectory(path) from None
    else:
        if node.is_folder:
            raise IsADirectory(path)
        if keep and not appending:
            raise would_overwrite(path)
        existed = True
    await tree.to_change(Effect.WRITE, path)
    if not existed:
        tree.pending.add(path)
    if appending:
        return Draft(tree, path, Mode.APPEND, existed=existed)
    return Draft(tree, path, Mode.CREATE if keep else Mode.REPLACE, existed=existed)
