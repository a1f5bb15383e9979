"""Trees to test with: mounts of memory, guards and a journal that keep what they saw."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from providers.memory import Memory
from vfs.action import Arguments, Change, Effect
from vfs.errors import LoginNeeded, Refused
from vfs.mount import Mount, MountTable
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Blocks, Provider
from vfs.tree import Tree

P = Path.parse


def tree_of(*mounts: str, **given: Provider) -> Tree:
    """A tree with Memory at each path, and the given providers at `/NAME`."""
    table = MountTable()
    for path in mounts:
        table.add(Mount(P(path), "memory", Memory))
    for name, provider in given.items():
        table.add(Mount(P(name), name, lambda provider=provider: provider))  # type: ignore[misc]
    return Tree(table)


async def fill(tree: Tree, **_: str) -> None:
    """A few notes and files, the same for many tests."""
    for path, text in {
        "/notes/plan.md": "the plan\n",
        "/notes/work/budget.md": "budget of the plan\n",
        "/notes/work/old/2024.md": "last year\n",
        "/files/a.bin": "\x01\x02",
    }.items():
        if tree.mounts.find(P(path)) is not None:
            await tree.mkdir(P(path).parent, parents=True)
            await tree.write(P(path), text.encode())


async def names(tree: Tree, path: str) -> list[str]:
    return [node.name async for page in tree.list(P(path)) for node in page]


async def walked(tree: Tree, path: str) -> list[str]:
    return [str(entry) async for page in tree.walk(P(path)) for entry, _ in page]


async def read(tree: Tree, path: str) -> str:
    return (await tree.read(P(path))).decode()


class Rules:
    """A guard: what starts with a hidden path is unseen, what is denied refused; keeps what was asked."""

    def __init__(self, hidden: Sequence[str] = (), denied: Sequence[tuple[Effect, str]] = ()) -> None:
        self.hidden = [P(path) for path in hidden]
        self.denied = [(effect, P(path)) for effect, path in denied]
        self.asked: list[tuple[Effect, str]] = []

    def sees(self, path: Path) -> bool:
        return not any(path.is_under(hidden) for hidden in self.hidden)

    async def check(self, effect: Effect, path: Path, deed: Arguments | None = None) -> None:
        self.asked.append((effect, str(path)))
        if any(effect is denied and path.is_under(below) for denied, below in self.denied):
            raise Refused(path)


class Diary:
    """A journal in a list."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, bytes | None, str | None]] = []
        self.done: list[bool | None] = []

    async def intend(
        self, change: Change, op: str, path: Path, before: Blocks | None, target: Path | None = None
    ) -> str:
        content = None if before is None else b"".join([block async for block in before])
        self.lines.append((op, str(path), content, str(target) if target else None))
        self.done.append(None)
        return str(len(self.done) - 1)

    async def settle(self, key: str, *, done: bool, after: Node | None = None) -> None:
        self.done[int(key)] = done


class Closed:
    """A provider that wants a login before anything else."""

    async def stat(self, path: Path) -> Node:
        raise LoginNeeded(path)

    async def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        raise LoginNeeded(path)
        yield []

    async def aclose(self) -> None:
        return None


class Plain:
    """Only what every provider must have, and reading: the rest of a Memory is hidden."""

    def __init__(self, inner: Memory) -> None:
        self.inner = inner
        self.stat = inner.stat
        self.list = inner.list
        self.aclose = inner.aclose
        self.opens = 0

    def open(self, path: Path, *, start: int = 0, stop: int | None = None):  # type: ignore[no-untyped-def]
        self.opens += 1
        return self.inner.open(path, start=start, stop=stop)
