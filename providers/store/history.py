"""The event log as people use it: history, undo and redo, the trash, past contents, proof, purging."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING

from providers.store import contents, log, outside, purge, rows, takeback
from providers.store.journal import StoreJournal
from providers.store.takeback import Logged
from vfs.action import Change
from vfs.errors import NotFound
from vfs.ids import uuid7
from vfs.logged import Event, Undone
from vfs.path import Path
from vfs.tree import Tree

if TYPE_CHECKING:
    from providers.store.store import Connection, Store
    from vfs.mount import MountTable

FIRST_PAGE = 64
PAGE = 1000


class StoreHistory:
    """The history of a workspace. With `mounts`, also that of mounts that keep none themselves."""

    def __init__(self, store: Store, mounts: MountTable | None = None) -> None:
        self.store = store
        self._mounts = mounts

    # -- looking

    async def events(
        self, *, under: Path | None = None, command_id: str | None = None, newest_first: bool = True
    ) -> AsyncIterator[Sequence[Event]]:
        """What happened at or below `under` (also when it was called so before), or by one command."""
        numbers = None
        if command_id is not None or (under is not None and under.parts):
            numbers = await self.store.read(lambda connection: self._numbers(connection, under, command_id))
            numbers.sort(reverse=newest_first)
        at, size = 0, FIRST_PAGE
        last = (1 << 62) if newest_first else 0
        while True:

            def page(
                connection: Connection, at: int = at, last: int = last, size: int = size
            ) -> list[Logged]:
                if numbers is None:
                    return takeback.logged_page(connection, self.store.user, last, size, newest_first)
                return takeback.logged(connection, self.store.user, numbers[at : at + size])

            found = await self.store.read(page)
            if found:
                yield [self._told(event) for event in found]
            if (len(found) < size) if numbers is None else (at + size >= len(numbers)):
                return
            last = found[-1].seq if numbers is None else last
            at, size = at + size, PAGE

    def _numbers(self, connection: Connection, under: Path | None, command_id: str | None) -> list[int]:
        user = self.store.user
        found: set[int] | None = None
        if command_id is not None:
            found = set(takeback.of_command(connection, user, command_id))
        if under is not None and under.parts:
            there: set[int] = set()
            for mount, folder in self._collections(connection, under):
                for column in ("path", "target"):
                    sql = (
                        f"SELECT seq FROM event_name WHERE user_id = ? AND mount = ? AND {column} IS NOT NULL"
                    )
                    values = [user, mount]
                    if folder:
                        sql += f" AND ({column} = ? OR ({column} >= ? AND {column} < ?))"
                        values += [folder, f"{folder}/", f"{folder}0"]
                    there |= {seq for (seq,) in connection.execute(sql, values)}
            found = there if found is None else found & there
        return list(found or ())

    def _collections(self, connection: Connection, under: Path) -> list[tuple[str, str]]:
        """The collections that `under` touches, each with the part of it that lies there ("" for all)."""
        places = [("", Path())]
        names = connection.execute("SELECT name FROM collection WHERE user_id = ?", (self.store.user,))
        places += [(name, self._place(name)) for (name,) in names]
        found = []
        for mount, place in places:
            if under.is_under(place):
                found.append((mount, rows.path_text(under.below(place))))
            elif place.is_under(under):
                found.append((mount, ""))
        return found

    def _place(self, collection: str) -> Path:
        """Where a collection is mounted; under its own name when it is not."""
        for mount in self._mounts or ():
            if mount.options.get("collection", mount.name) == collection:
                return mount.path
        return Path((collection,))

    def _path(self, mount: str, text: str) -> Path:
        inner = rows.to_path(text)
        return self._place(mount).join(inner) if mount else inner

    def _told(self, event: Logged) -> Event:
        return Event(
            event.seq,
            rows.to_time(event.at),
            event.command_id,
            event.line,
            event.actor,
            event.op,
            self._path(event.mount, event.path),
            None if event.target is None else self._path(event.mount, event.target),
            event.before.hex() if event.before else None,
            event.after.hex() if event.after else None,
        )

    # -- taking back

    async def undo(self, *, event: int | None = None, change_line: str = "undo") -> Undone:
        """Takes back the last command that is not undone yet, or one event. Raises NotFound.

        What has changed since is left as it is, and named.
        """
        user = self.store.user
        await outside.settle_left(self.store)
        if event is not None:
            events = await self.store.read(lambda connection: takeback.logged(connection, user, [event]))
            if not events:
                raise NotFound(None, f"there is no event {event}", hint="run: history")
            whole = await self.store.read(
                lambda connection: len(takeback.of_command(connection, user, events[0].command_id)) == 1
            )
            return await self._take_back(events, change_line, events[0].command_id if whole else None)
        command = await self.store.read(lambda connection: takeback.last_done(connection, user))
        if command is None:
            raise NotFound(None, "there is nothing to undo", hint="run: history")
        return await self._take_back(await self._events_of(command), change_line, command)

    async def redo(self) -> Undone:
        """Does again what the last undo took back, if nothing else was done since. Raises NotFound."""
        command = await self.store.read(lambda connection: takeback.last_undone(connection, self.store.user))
        if command is None:
            raise NotFound(
                None, "there is nothing to redo", hint="redo takes back an undo that was the last change"
            )
        undone = await self._take_back(await self._events_of(command), "redo", command)
        line = await self.store.read(
            lambda connection: takeback.line_before(connection, self.store.user, command)
        )
        return undone._replace(command=line)

    async def _events_of(self, command: str) -> list[Logged]:
        user = self.store.user
        return await self.store.read(
            lambda connection: takeback.logged(
                connection, user, takeback.of_command(connection, user, command)
            )
        )

    async def _take_back(self, events: Sequence[Logged], line: str, command: str | None) -> Undone:
        change = Change(uuid7(), line, "undo")
        undone: list[Path] = []
        skipped: list[tuple[Path, str]] = []
        groups: list[list[Logged]] = []
        for event in sorted(events, key=lambda one: -one.seq):
            if not groups or bool(groups[-1][0].mount) != bool(event.mount):
                groups.append([])
            groups[-1].append(event)
        for group in groups:
            if group[0].mount:
                reasons = await self.store.write(
                    lambda connection, group=group: takeback.take_back(
                        connection, self.store.user, group, change
                    )  # type: ignore[misc]
                )
            else:
                reasons = await outside.take_back(self.store, self._tree(change), group)
            for event, reason in zip(group, reasons, strict=True):
                path = self._path(event.mount, event.path)
                if reason is None:
                    undone.append(path)
                else:
                    skipped.append((path, reason))
        if command is not None:
            await self.store.write(
                lambda connection: takeback.mark(connection, self.store.user, command, change, bool(undone))
            )
        return Undone(events[0].line if events else "", undone, skipped)

    def _tree(self, change: Change) -> Tree | None:
        if self._mounts is None:
            return None
        return Tree(self._mounts, change=change, journal=StoreJournal(self.store))

    # -- the trash, past contents

    async def trash(self) -> AsyncIterator[Sequence[tuple[Event, Path]]]:
        """What was removed and can be restored, newest first, with the path that it had."""
        last = 1 << 62
        while True:

            def page(connection: Connection, last: int = last) -> list[Logged]:
                return takeback.removed_page(connection, self.store.user, last, PAGE)

            found = await self.store.read(page)
            if found:
                yield [(event, event.path) for event in map(self._told, found)]
            if len(found) < PAGE:
                return
            last = found[-1].seq

    async def content(self, digest: str) -> bytes | None:
        """A past content by hash, whole; None when it was purged."""
        try:
            key = bytes.fromhex(digest)
        except ValueError:
            return None
        try:
            kept = await self.store.read(
                lambda connection: contents.kept(connection, self.store.user, key, Path((digest,)))
            )
        except NotFound:
            return None
        if kept.data is not None:
            return kept.data
        return b"".join([block async for block in self.store.objects.read(key, kept.size, 0, kept.size)])

    # -- proof, and purging

    async def verify(self) -> int | None:
        """The first event that is not what it was when it was written; None when all is well."""
        return await self.store.read(self._first_break)

    def _first_break(self, connection: Connection) -> int | None:
        return next((seq for seq, _ in log.breaks(connection, self.store.user)), None)

    async def forget(self, under: Path) -> int:
        """Purges for good what is, or ever was, at or below `under`; hashes stay. Raises NotFound."""
        numbers = await self.store.read(lambda connection: self._numbers(connection, under, None))
        collections = await self.store.read(lambda connection: self._collections(connection, under))
        return await purge.forget(self.store, under, collections, None if not under.parts else numbers)

    async def facts(self) -> Mapping[str, int]:
        """How much there is: events, commands, contents, bytes in rows and in objects."""
        return await self.store.read(lambda connection: purge.facts(connection, self.store.user))
