"""`/agents/runs`: every run of an agent as a read-only folder named by its id.

ID/input         the names of its material, and how it was called
ID/steps.jsonl   every model call, tool call and effect
ID/output        its answer
ID/cost          tokens and money, as JSON
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from providers.mime import mime_of
from providers.spec import Opening, ProviderSpec
from providers.view import View, json_lines
from vfs.errors import NotADirectory, NotFound
from vfs.logged import RunRecord
from vfs.node import Kind, Node, Value
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.runs import StoreRuns
    from providers.store.store import Store

NAMES = ("cost", "input", "output", "steps.jsonl")


class RunFiles:
    """The shelf of an agents' runs."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def _runs(self) -> StoreRuns:
        runs: StoreRuns = import_module("providers.store.runs").StoreRuns(self._store())
        return runs

    async def entry(self, path: Path) -> Node:
        run = await self._record(path)
        if len(path.parts) == 1:
            return _folder(run)
        if path.parts[1] not in NAMES:
            raise NotFound(path)
        if len(path.parts) > 2:
            raise NotADirectory(path)
        return _file(path.name, run)

    async def _record(self, path: Path) -> RunRecord:
        run = await self._runs().find_run(path.parts[0])
        if run is None:
            raise NotFound(path)
        return run

    async def entries(self, folder: Path) -> AsyncIterator[Sequence[Node]]:
        if folder.parts:
            run = await self._record(folder)
            yield [_file(name, run) for name in NAMES]
            return
        async for page in self._runs().by_id():
            yield [_folder(run) for run in page]

    async def content(self, path: Path) -> AsyncIterator[bytes]:
        run = await self._record(path)
        if path.name == "input":
            yield f"{run.line}\n{run.input}".rstrip("\n").encode() + b"\n"
        elif path.name == "output":
            yield run.output.encode()
        elif path.name == "steps.jsonl":
            yield json_lines([step._asdict() for step in run.steps])
        else:
            info = run.info
            spent = {"model": info.model, "tokens": info.tokens, "cost": info.cost, "steps": len(run.steps)}
            yield json_lines([spent])


def _folder(run: RunRecord) -> Node:
    info = run.info
    attrs: dict[str, Value] = {
        "agent": info.agent,
        "status": info.status,
        "model": info.model,
        "tokens": info.tokens,
    }
    return Node(info.id, Kind.FOLDER, mtime=info.ended or info.started, attrs=attrs)


def _file(name: str, run: RunRecord) -> Node:
    return Node(name, Kind.FILE, mtime=run.info.ended or run.info.started, mime=mime_of(name) or "text/plain")


def _open(opening: Opening) -> View:
    return View(RunFiles(opening.store))


PROVIDER = ProviderSpec("runs", "what agents did, run by run, to be read", _open)
