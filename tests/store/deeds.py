"""Everything that a person can ask of a store: deeds that are drawn by lot, and told alike on each engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from providers.store import purge
from providers.store.history import StoreHistory
from providers.store.index import StoreIndexing
from providers.store.journal import StoreJournal
from providers.store.provider import StoreProvider
from providers.store.runs import StoreRuns
from tests.store.desk import blocks, files, notes, path, tasks
from vfs.action import Change
from vfs.errors import VfsError
from vfs.logged import Event, RunInfo, Step
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Found, Hit, Mode
from vfs.query import parse_query

PATHS = ("/a.md", "/b.md", "/in", "/in/a.md", "/in/deep", "/in/deep/c.md", "/done/a.md", "/%_.md", "/é.md")
FOLDERS = ("/", "/in", "/in/deep", "/none")
TEXTS = (
    b"one invoice for everybody",
    b"---\ntitle: shared plans\npriority: 2\n---\ninvoice two",
    b"words, more words; 100% and under_scores\n" * 40,
    b"",
    b"a large content " * 5000,
    b"\x00\x01 no text \xff",
)
QUERIES = (
    "invoice",
    "shared plans",
    '"invoice two"',
    "wor*",
    "100%",
    "-invoice words",
    "%",
    "'",
    "title:shared",
)
LINES = ("echo one", "task add two", "agent run")
RUNS = ("run-1", "run-2", "other-3")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Person:
    """A user at work in a store."""

    store: Any
    secret: str
    """Stands in all that this person writes, and in nothing that anybody asks for."""
    intents: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Keys of another person's intents."""
    count: int = 0

    def __post_init__(self) -> None:
        self.collections = (notes(self.store), tasks(self.store), files(self.store))
        self.history = StoreHistory(self.store)
        self.runs = StoreRuns(self.store)
        self.journal = StoreJournal(self.store)

    def change(self, number: int) -> Change:
        self.count += 1
        return Change(f"command-{self.count}", f"{LINES[number % len(LINES)]} {self.secret}", "user")

    def text(self, number: int) -> bytes:
        text = TEXTS[number % len(TEXTS)]
        return text if number % 3 else text + self.secret.encode()


def plain(value: Any) -> Any:
    """What a deed gave, without what differs from one time to the next: ids and times."""
    match value:
        case Node():
            return (value.name, value.kind, value.size, value.etag, value.mime, sorted(value.attrs.items()))
        case Event():
            return (*value[:1], *value[3:])
        case RunInfo() | Step():
            return tuple(one for one in value if not isinstance(one, datetime))
        case Hit():
            return (value.path, plain(value.node), value.snippet)
        case Found():
            return ([plain(hit) for hit in value.hits], value.total, value.remark)
        case VfsError():
            return (type(value).__name__, str(value), value.hint)
        case tuple() | list():
            return [plain(one) for one in value]
        case dict():
            return sorted(value.items())
        case _:
            return value


async def told(deed: Callable[[], Awaitable[Any]]) -> Any:
    """What a deed gave, or how it failed."""
    try:
        return plain(await deed())
    except VfsError as error:
        return plain(error)


async def _all(pages: Any) -> list[Any]:
    return [one async for page in pages for one in page]


async def _joined(stream: Any) -> bytes:
    async with stream as content:
        return b"".join([block async for block in content])


async def _files(count: int, text: bytes) -> Any:
    for number in range(count):
        yield path(f"/many-{number}.md"), text


def _of(person: Person, a: int) -> StoreProvider:
    return person.collections[a % len(person.collections)]


def _at(number: int) -> Path:
    return path(PATHS[number % len(PATHS)])


def _folder(number: int) -> Path:
    return path(FOLDERS[number % len(FOLDERS)])


def _digest(person: Person, number: int) -> str:
    return sha256(TEXTS[number % len(TEXTS)]).hexdigest()


async def _write(person: Person, a: int, b: int, c: int) -> Any:
    mode = (Mode.REPLACE, Mode.CREATE, Mode.APPEND, Mode.REPLACE)[c % 4]
    etag = _digest(person, c) if c % 7 == 0 else None
    change = person.change(c)
    return await _of(person, a).write(_at(b), blocks(person.text(c)), change, mode=mode, etag=etag)


async def _in_bulk(person: Person, a: int, b: int, c: int) -> Any:
    """One of the deeds that are done to many, to some of the paths."""
    some = [_at(number) for number in range(b, b + 1 + c % 4)]
    pairs = [(one, _at(c + at)) for at, one in enumerate(some)]
    provider, change = _of(person, a // 6), person.change(c)
    match a % 6:
        case 0:
            return await provider.stat_many(some)
        case 1:
            return await provider.mkdir_many(some, change)
        case 2:
            return await provider.remove_many(some, change, recursive=bool(c % 2))
        case 3:
            return await provider.move_many(pairs, change)
        case 4:
            return await person.collections[1].set_attrs_many(
                {one: {"priority": c % 4} for one in some}, change
            )
        case _:
            return await provider.copy_many(pairs, change)


async def _intend(person: Person, a: int, b: int, c: int) -> None:
    before = blocks(person.text(c)) if c % 2 else None
    key = await person.journal.intend(person.change(c), "write", path(f"/mnt{_at(b)}"), before)
    person.intents.append(key)


async def _settle(person: Person, a: int, b: int, c: int) -> None:
    keys = [*person.intents, *person.others, "no such key"]
    await person.journal.settle(keys[b % len(keys)], done=bool(c % 2))


async def _rebuild(person: Person, a: int, b: int, c: int) -> Any:
    indexing = StoreIndexing(person.store)
    return (await indexing.rebuild(), await indexing.check())


async def _start(person: Person, a: int, b: int, c: int) -> Any:
    line = f"agent run {person.secret}"
    if await person.runs.find_run(RUNS[a % len(RUNS)]) is None:
        await person.runs.start_run(
            RUNS[a % len(RUNS)], agent="writer", actor="user", line=line, model="m", input=person.secret
        )


async def _step(person: Person, a: int, b: int, c: int) -> Any:
    run = RUNS[a % len(RUNS)]
    if await person.runs.find_run(run) is not None:
        return await person.runs.step_before(run, "model", "m", person.secret)
    return None


Deed = Callable[[Person, int, int, int], Awaitable[Any]]

DEEDS: dict[str, Deed] = {
    "stat": lambda p, a, b, c: _of(p, a).stat(_at(b)),
    "list": lambda p, a, b, c: _all(_of(p, a).list(_folder(b))),
    "walk": lambda p, a, b, c: _all(_of(p, a).walk(_folder(b))),
    "open": lambda p, a, b, c: _joined(_of(p, a).open(_at(b), start=c % 50)),
    "text": lambda p, a, b, c: _joined(_of(p, a).text(_at(b))),
    "read_many": lambda p, a, b, c: _all(_of(p, a).read_many([_at(b), _at(c), _at(a)], limit=5000)),
    "read_below": lambda p, a, b, c: _all(_of(p, a).read_below(_folder(b), limit=5000)),
    "search": lambda p, a, b, c: _of(p, a).search(_folder(b), parse_query(QUERIES[c % len(QUERIES)]), 50),
    "write": _write,
    "write_many": lambda p, a, b, c: _all(_of(p, a).write_many(_files(b % 4, p.text(c)), p.change(c))),
    "in bulk": _in_bulk,
    "mkdir": lambda p, a, b, c: _of(p, a).mkdir(_at(b), p.change(c)),
    "remove": lambda p, a, b, c: _of(p, a).remove(_at(b), p.change(c), recursive=bool(c % 2)),
    "move": lambda p, a, b, c: _of(p, a).move(_at(b), _at(c), p.change(c)),
    "copy": lambda p, a, b, c: _of(p, a).copy(_at(b), _at(c), p.change(c)),
    "set_mtime": lambda p, a, b, c: _of(p, a).set_mtime(_at(b), EPOCH, p.change(c)),
    "set_attrs": lambda p, a, b, c: p.collections[1].set_attrs(_at(b), {"priority": c % 4}, p.change(c)),
    "events": lambda p, a, b, c: _all(p.history.events(newest_first=bool(c % 2))),
    "events of a place": lambda p, a, b, c: _all(p.history.events(under=path(f"/notes{_at(b)}"))),
    "events of a command": lambda p, a, b, c: _all(p.history.events(command_id=f"command-{c}")),
    "undo": lambda p, a, b, c: p.history.undo(),
    "undo an event": lambda p, a, b, c: p.history.undo(event=c),
    "redo": lambda p, a, b, c: p.history.redo(),
    "trash": lambda p, a, b, c: _all(p.history.trash()),
    "content": lambda p, a, b, c: p.history.content(_digest(p, c)),
    "verify": lambda p, a, b, c: p.history.verify(),
    "forget": lambda p, a, b, c: p.history.forget(path(f"/{_of(p, a).mount}{_at(b)}")),
    "facts": lambda p, a, b, c: p.history.facts(),
    "sweep": lambda p, a, b, c: purge.sweep(p.store, age=-1.0),
    "rebuild": _rebuild,
    "intend": _intend,
    "settle": _settle,
    "start_run": _start,
    "step_before": _step,
    "step_after": lambda p, a, b, c: p.runs.step_after(
        RUNS[a % len(RUNS)], b % 3, status="done", after=p.secret, tokens_in=c
    ),
    "finish_run": lambda p, a, b, c: p.runs.finish_run(RUNS[a % len(RUNS)], status="done", output=p.secret),
    "runs": lambda p, a, b, c: _all(p.runs.runs()),
    "read_run": lambda p, a, b, c: p.runs.read_run(RUNS[a % len(RUNS)][: 3 + b % 4]),
    "by_id": lambda p, a, b, c: _all(p.runs.by_id()),
}

IN_BULK = {f"{name}_many" for name in ("stat", "mkdir", "remove", "move", "copy", "set_attrs")}
LEFT_OUT = {"aclose", "journals", "renders", "share", "watch", "check", "find_run", "usage"}
"""What asks no rows; what other deeds call; and what depends on the day."""


def offered() -> set[str]:
    """What the classes of the store offer."""
    classes = (StoreProvider, StoreHistory, StoreRuns, StoreIndexing, StoreJournal)
    return {name for one in classes for name in vars(one) if not name.startswith("_")}
