"""A small workspace in memory with real sessions, for agents to run in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from commands import registry
from commands.stream import Collected, Given, Io, Nothing, Record
from providers.memory import Memory
from spatio.agents.log import MemoryRuns
from spatio.agents.service import AgentService
from spatio.agents.shipped import shipped
from spatio.secrets import Lies, Secret
from spatio.session import Session
from tests.agents.server import Server
from vfs.drive import drive
from vfs.logged import RunRecord
from vfs.mount import Mount, MountTable
from vfs.path import Path
from vfs.tree import Guard, Tree

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KEY = "sk-canary-4f1d9a77e0c2b86512aa"


class Ran(NamedTuple):
    """What a line did."""

    status: int
    out: str
    err: str
    records: Sequence[Record]


def in_environment(name: str, variable: str, env: Mapping[str, str]) -> Lies | None:
    """Keys of the test's own environment, and none from the keyring of whoever runs it."""
    return Lies(Secret(env[variable]), "environment") if variable in env else None


class Registered:
    """The real commands."""

    find = staticmethod(registry.find)
    names = staticmethod(registry.names)
    nearest = staticmethod(registry.nearest)


class Services:
    """The services of a workspace, as far as agents meet them."""

    def __init__(self, agents: AgentService) -> None:
        self.agents = agents
        self.commands = Registered()


class House:
    """Mounts in memory, the shipped agents, and one service for all its sessions."""

    def __init__(self, *servers: Server, key: bool = True, **settings: Any) -> None:
        self.mounts = MountTable()
        for name in ("notes", "tasks", "files", "agents", "tmp"):
            self.mounts.add(Mount(Path((name,)), "memory", Memory))
        self.tree = Tree(self.mounts)
        self.env: dict[str, str] = {"SCRIPTED_KEY": KEY} if key else {}
        tables: list[Mapping[str, Any]] = [
            {
                "name": f"server{at}", "url": server.url, "model": "scripted", "key_env": "SCRIPTED_KEY",
                "timeout": 5.0, **settings,
            }
            for at, server in enumerate(servers, 1)
        ]  # fmt: skip
        self.log = MemoryRuns()
        self.agents = AgentService(
            log=lambda: self.log, endpoints=lambda: tables, env=self.env, find=in_environment
        )
        self.services: Any = Services(self.agents)
        self.asked: list[str] = []
        self.answers: list[bool] = []
        for name, text in shipped().items():
            self.put(f"/agents/{name}.md", text)

    def put(self, path: str, text: str | bytes) -> None:
        data = text.encode() if isinstance(text, str) else text
        where = Path.parse(path)

        async def write() -> None:
            if len(where.parts) > 2:
                await self.tree.mkdir(where.parent, parents=True)
            await self.tree.write(where, data)

        drive(write())

    def read(self, path: str) -> str:
        return drive(self.tree.read(Path.parse(path))).decode()

    def has(self, path: str) -> bool:
        return drive(self.tree.exists(Path.parse(path)))

    async def ask(self, question: str) -> bool:
        self.asked.append(question)
        return bool(self.answers) and self.answers.pop(0)

    def session(self, *, interactive: bool = False, guard: Guard | None = None) -> Session:
        return Session(
            self.mounts,
            self.services,
            guard=guard,
            interactive=interactive,
            asker=self.ask if interactive else None,
            env={"HOME": "/", "OPENAI_API_KEY": KEY, "PRIVATE": "a variable of the person"},
            clock=lambda: NOW,
        )

    def run(self, line: str, stdin: bytes | None = None, *, interactive: bool = False) -> Ran:
        """Runs a line of shell as the person would."""
        out, err = Collected(), Collected()
        source = Nothing() if stdin is None else Given(stdin)
        if stdin is None:
            source.tty = True
        result = drive(self.session(interactive=interactive).run(line, Io(source, out, err)))
        return Ran(int(result), out.data.decode(), err.data.decode(), out.records)

    def last(self) -> RunRecord:
        """The last run, as the log has it."""
        return drive(self.log.read_run(""))

    def agent(self, name: str, head: str = "", prompt: str = "Do it.") -> None:
        self.put(f"/agents/{name}.md", f"---\n{head}\n---\n{prompt}\n" if head else prompt)
