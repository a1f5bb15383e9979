"""A worker over each engine of the store, woken by what others write."""

from __future__ import annotations

import asyncio
import pathlib
from typing import Any

from commands.stream import Collected, Given, Io
from spatio.worker import Worker
from spatio.workspace import Workspace, open_workspace
from tests.engines import BOTH, new_store
from tests.outbox.house import make_house, sent
from tests.workspaces import outside_env

ENGINES = BOTH


def opened(home: pathlib.Path, store: Any) -> Workspace:
    return open_workspace(home, store=lambda: store, environ=outside_env(home))


async def says(workspace: Workspace, line: str) -> tuple[int, str]:
    session = workspace.session(env={"HOME": "/"})
    errors = Collected()
    try:
        status = (await session.run(line, Io(Given(b""), Collected(), errors), last=False)).status
        return status, errors.data.decode()
    finally:
        await session.aclose()


def test_a_worker_is_woken_by_what_another_program_queues(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        home = tmp_path / "home"
        mailbox = make_house(home)
        theirs, mine = opened(home, new_store(tmp_path)), opened(home, new_store(tmp_path))
        told: list[str] = []
        working = asyncio.create_task(Worker(theirs, told.append).run())
        try:
            status, said = await says(mine, "mail send --yes --to ada@example.org -s Lunch --in 1s noon")
            assert (status, said[:9]) == (0, "Leaves at")
            async with asyncio.timeout(40):
                while not told:
                    await asyncio.sleep(0.05)
            assert told[0].startswith("sent: Lunch to ada@example.org")
            assert sent(mailbox) == ["Lunch"]
            found = await mine.services.outbox.condition()
            assert found == [("outbox", "empty"), ("worker", "runs")]
        finally:
            working.cancel()
            await asyncio.wait([working])
            facts = dict(await mine.services.outbox.condition())
            await theirs.aclose()
            await mine.aclose()
        assert facts["worker"].startswith("does not run")

    asyncio.run(scene())
