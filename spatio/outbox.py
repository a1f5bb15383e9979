"""WorkspaceOutbox: what commands ask of the outbox; and the worker's job of sending what is due."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from commands.report import report
from commands.stream import Io
from providers.mirror.settings import seconds_of
from providers.outbox import claims, table
from providers.outbox.deed import DONE, FAILED, LEAVING, UNKNOWN, WAITING, Account, Performs
from providers.outbox.performing import Performing, deliver
from providers.outbox.standing import Standing, standing_of
from providers.outbox.table import DeedRow
from providers.spec import Reach
from providers.store import rows
from spatio.login.unlock import unlock
from spatio.replicas import collection_of, is_replica, option_of
from vfs.errors import VfsError
from vfs.path import Path
from vfs.visible import visible_line

if TYPE_CHECKING:
    from spatio.workspace import Workspace
    from vfs.mount import Mount

PATIENCE = 90.0
"""Seconds that a command waits for a worker which has its deed."""

SAID = (DONE, FAILED, UNKNOWN)
"""How a deed ends that its owner should hear of at once."""


class WorkspaceOutbox:
    """The outbox of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.awaited: set[int] = set()
        """Deeds that a command of this program waits for, and tells of itself."""

    def service(self, account: str) -> Performs | None:
        """What does the deeds of an account; None when no mount has it. Raises what opening it raises."""
        mount = self._mount(account)
        provider = None if mount is None else mount.provider()
        return provider.performs() if isinstance(provider, Account) else None

    def _mount(self, account: str) -> Mount | None:
        return next(
            (
                mount
                for mount in self._workspace.mounts
                if is_replica(mount) and collection_of(mount) == account
            ),
            None,
        )

    def performing(self, told: Callable[[DeedRow], None]) -> Performing:
        """What sends for this program; `told` hears of each deed that no command waits for."""

        async def tell(row: DeedRow) -> None:
            if row.state == DONE:
                await self._look_for_copy(row.account)
            if row.node not in self.awaited:
                told(row)

        return Performing(self._workspace.store(), self.service, tell)

    async def _look_for_copy(self, account: str) -> None:
        """The next look at the account asks its service: a copy of what was sent may be there."""
        mount = self._mount(account)
        if mount is None:
            return
        store, age = self._workspace.store(), seconds_of(option_of(mount, "max_age") or "0s")
        at = time.time_ns() // 1000 - int((age + 1) * 1_000_000)
        await store.write(lambda connection: table.let_age(connection, store.user, account, at))

    async def deliver(self, path: Path, io: Io) -> int:
        """See commands.services.Outbox."""
        store = self._workspace.store()
        inner = Path(path.parts[1:])
        node = await store.read(lambda connection: table.number_at(connection, store.user, inner))
        if node is None:
            return 0
        await unlock(self._workspace)
        performing = self.performing(lambda row: None)
        self.awaited.add(node)
        try:
            if self._workspace.reach is Reach.OFFLINE:
                row = await store.read(lambda connection: table.of_node(connection, store.user, node))
            else:
                row = await deliver(performing, inner, PATIENCE)
        finally:
            self.awaited.discard(node)
        if row is None:
            return 0
        return await self._tell(row, performing.wrong.get(node), path, io)

    async def _tell(self, row: DeedRow, wrong: BaseException | None, path: Path, io: Io) -> int:
        """Says how it stands with a deed; returns the status that fits."""
        place, what = visible_line(str(path)), visible_line(row.summary or row.name)
        if row.state == DONE:
            how = f" ({visible_line(row.result)})" if row.result else ""
            await io.stderr.line(f"Sent: {what}{how}")
            return 0
        if row.state == WAITING and not row.tries:
            if row.due <= time.time_ns() // 1000:
                await io.stderr.line(f"Waits to be sent: {place}")
                return 0
            left = max(row.due - time.time_ns() // 1000, 0) // 1_000_000
            when = rows.to_time(row.due).astimezone()
            await io.stderr.line(f"Leaves at {when:%H:%M:%S} (in {_span(left)}): {place}; rm stops it")
            return 0
        hint = getattr(wrong, "hint", None) or _HINTS.get(row.state, "").format(place=place) or None
        status = wrong.status if isinstance(wrong, VfsError) and row.state == WAITING else 1
        if row.state in (WAITING, LEAVING):
            status = status if status == 77 else 75
        told = VfsError(path, f"{_WORDS.get(row.state, 'is being sent by another program')}{_because(row)}")
        told.hint = hint
        await report(io, row.verb, told)
        return status

    @property
    def countdown(self) -> float:
        """Seconds for which what a person sends waits, unless the command says otherwise. Raises BadName."""
        for mount in self._workspace.mounts:
            if mount.name == "outbox" and "countdown" in mount.options:
                return seconds_of(mount.options["countdown"])
        return 0.0

    async def standing(self) -> Standing:
        """Counts of what is in the outbox."""
        return await standing_of(self._workspace.store())

    async def condition(self) -> Sequence[tuple[str, str]]:
        """What `status` says: what waits and when it leaves, what needs a person, whether a worker runs."""
        found = await self.standing()
        told = ", ".join(parts_of(found)) or "empty"
        if found.due is not None:
            told += f"; the next at {rows.to_time(found.due).astimezone():%Y-%m-%d %H:%M:%S}"
        running = "runs" if found.works else "does not run (start it: spatio worker)"
        return [("outbox", told), ("worker", running)]


_WORDS = {
    WAITING: "could not be sent yet",
    FAILED: "was refused",
    UNKNOWN: "may have been sent, or not",
    LEAVING: "may have been sent; that is being looked up",
}
_HINTS = {
    WAITING: "it is tried again by the prompt, or by: spatio worker",
    FAILED: "mend it: edit {place}; or drop it: rm {place}",
    UNKNOWN: "ask its recipient; then rm {place}, or send it again: release {place}",
    LEAVING: "look again later: ls -l /outbox",
}


def _because(row: DeedRow) -> str:
    return f": {row.problem}" if row.problem else ""


def _span(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    return f"{(seconds + 30) // 60} min" if seconds < 7200 else f"{(seconds + 1800) // 3600} h"


def parts_of(found: Standing) -> list[str]:
    """What is in the outbox, in words."""
    parts = []
    if found.waiting:
        parts.append(f"{found.waiting} {'waits' if found.waiting == 1 else 'wait'}")
    if found.failed:
        parts.append(f"{found.failed} {'was' if found.failed == 1 else 'were'} refused")
    if found.unknown:
        parts.append(f"{found.unknown} may have been sent, or not")
    return parts


class Sending:
    """The worker's job: what is due in the outbox."""

    name = "outbox"

    def __init__(self, outbox: WorkspaceOutbox, say: Callable[[str], None]) -> None:
        self._outbox = outbox
        self._say = say
        self._performing: Performing | None = None
        self._problems: dict[int, str] = {}
        self.again = False
        """Something could not be sent yet."""

    async def turn(self) -> float | None:
        """Sends what is due; seconds until there is more."""
        if self._performing is None:
            self._performing = self._outbox.performing(self._told)
        return await self._performing.turn()

    def _told(self, row: DeedRow) -> None:
        """One line a deed, and one for each new reason why it has to wait."""
        self.again = self.again or row.state not in SAID
        if row.state in SAID:
            self._problems.pop(row.node, None)
        elif self._problems.get(row.node) == row.problem:
            return
        else:
            self._problems[row.node] = row.problem
        self._say(visible_line(claims.line_of(row)))
