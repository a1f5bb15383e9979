"""A worker over each engine of the store, woken by what others write."""

from __future__ import annotations

import asyncio
import pathlib
from collections.abc import AsyncIterator
from typing import Any

from commands.stream import Collected, Given, Io
from spatio.policy import Pattern, Policy, Rule, Verdict
from spatio.worker import Worker
from spatio.workspace import Workspace, open_workspace
from tests.engines import BOTH, new_store
from tests.outbox.house import make_house, sent
from tests.workspaces import outside_env
from vfs.action import Effect
from vfs.path import Path

ENGINES = BOTH


def opened(home: pathlib.Path, store: Any) -> Workspace:
    return open_workspace(home, store=lambda: store, environ=outside_env(home))


async def says(workspace: Workspace, line: str, **settings: Any) -> tuple[int, str]:
    session = workspace.session(env={"HOME": "/"}, **settings)
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


def test_what_an_agent_sends_waits_and_it_cannot_touch_it(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        home = tmp_path / "home"
        mailbox = make_house(home)
        workspace = opened(home, new_store(tmp_path))
        everything = Effect.READ | Effect.WRITE | Effect.DELETE | Effect.SEND
        policy = Policy([Rule(everything, Pattern("/"), Verdict.ALLOW)], who="agent triage", asker=_yes)
        agent = {"actor": "agent:triage/1", "guard": policy}
        try:
            status, said = await says(workspace, "mail send --to ada@example.org -s Hi --now text", **agent)
            assert status == 0
            assert "Leaves at" in said
            assert "in 4 min" in said or "in 5 min" in said
            for line in ("release /outbox/*", "rm /outbox/*", "echo x > /outbox/new"):
                status, said = await says(workspace, line, **agent)
                assert status == 126, (line, said)
            assert await Worker(workspace, lambda line: None).once()
            assert sent(mailbox) == []
            assert [path async for path in _names(workspace)] != []
        finally:
            await workspace.aclose()

    asyncio.run(scene())


async def _yes(question: str) -> bool:
    return True


async def _names(workspace: Workspace) -> AsyncIterator[str]:
    async for page in workspace.session().tree.list(Path(("outbox",))):
        for node in page:
            yield node.name
