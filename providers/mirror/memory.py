"""MemoryService: a service in this process, with every fault that services have; MemoryRemote speaks to it.

What a `Remote` has to do, in its plainest form, and what the mirror is tested against.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib import import_module

from providers.mirror.merging import merged
from providers.mirror.remote import (
    Collection,
    Delta,
    Described,
    Forgotten,
    Item,
    Known,
    Push,
    Pushed,
    State,
    Throttled,
)
from vfs.drive import event_loop
from vfs.errors import Conflict, LoginNeeded, NotEmpty, NotFound, Unavailable, VfsError
from vfs.path import Path

PART = 100
"""Items that one part of a listing holds."""


class Thing:
    """One item."""

    __slots__ = ("at", "changed", "content", "identity", "name", "number", "state", "version")

    def __init__(self, number: int, name: str, content: bytes, state: State, identity: str) -> None:
        self.number = number
        self.name = name
        self.content = content
        self.state = dict(state)
        self.identity = identity
        self.version = 0
        self.changed = number
        self.at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=number)

    @property
    def etag(self) -> str:
        return f"v{self.version}"


class Box:
    """One collection: things by what they are called, and what went."""

    def __init__(self, path: str, role: str) -> None:
        self.path = path
        self.role = role
        self.things: dict[str, Thing] = {}
        self.gone: list[tuple[int, str]] = []


class MemoryService:
    """What lies at the service, and what is wrong with it."""

    def __init__(self, *, heads: bool = False, alive: bool = False) -> None:
        """With `heads`, listings bring only what stands before the first empty line. With `alive`, it
        cannot say what is gone."""
        self.boxes: dict[str, Box] = {}
        self.heads = heads
        self.alive = alive
        self.clock = 0
        self.epoch = 1
        self.requests = 0
        self.slow = 0.0
        """Seconds that each request takes."""
        self.throttle = 0
        """So many requests from now on are turned away."""
        self.wait: float | None = 0.0
        """What is said then."""
        self.cut: int | None = None
        """After so many requests it cannot be reached."""
        self.kill: int | None = None
        """At that many requests from now on, who asks is cancelled."""
        self.lose = False
        """Does what it is told once, and cannot say so any more."""
        self.logged_out = False
        self.mute = False
        """Does not say what things are called once they were moved."""
        self.empty = False
        """Shows nothing: an outage."""

    # -- what happens there

    def box(self, key: str, path: str = "", role: str = "") -> Box:
        """A collection, made by the first call."""
        if key not in self.boxes:
            self.boxes[key] = Box(path or f"/{key}", role)
        return self.boxes[key]

    def add(
        self, key: str, name: str, content: bytes, state: State | None = None, identity: str | None = None
    ) -> str:
        """A new thing; what it is called."""
        self.clock += 1
        sure = sha256(content).hexdigest()[:16] if identity is None else identity
        thing = Thing(self.clock, name, content, state or {}, sure)
        href = str(self.clock)
        self.box(key).things[href] = thing
        return href

    def set(self, key: str, href: str, state: State | None = None, content: bytes | None = None) -> None:
        """Another state, or another content."""
        thing = self.boxes[key].things[href]
        self.clock += 1
        thing.changed = self.clock
        thing.version += 1
        if state is not None:
            thing.state.update(state)
        if content is not None:
            thing.content = content

    def delete(self, key: str, href: str) -> None:
        box = self.boxes[key]
        del box.things[href]
        self.clock += 1
        box.gone.append((self.clock, href))

    def move(self, key: str, href: str, target: str) -> str:
        """Into another collection, under another name; which it is."""
        thing = self.boxes[key].things[href]
        self.delete(key, href)
        return self.add(target, thing.name, thing.content, thing.state, thing.identity)

    def forget(self, *, rename: bool = False) -> None:
        """No cursor is known any more; with `rename`, everything is called something else, too."""
        self.epoch += 1
        if rename:
            for box in self.boxes.values():
                things, box.things = list(box.things.values()), {}
                for thing in things:
                    self.clock += 1
                    box.things[str(self.clock)] = thing

    # -- faults

    async def request(self) -> None:
        """What every request goes through. Raises what is wrong at present."""
        self.requests += 1
        if self.slow:
            await event_loop()
            await import_module("asyncio").sleep(self.slow)
        if self.kill is not None:
            self.kill -= 1
            if self.kill < 0:
                raise import_module("asyncio").CancelledError
        if self.logged_out:
            raise LoginNeeded(None, "the service wants you to log in again", hint="run: connect")
        if self.throttle > 0:
            self.throttle -= 1
            raise Throttled("too many requests", self.wait)
        if self.cut is not None:
            if self.cut <= 0:
                raise Unavailable(None, "the connection was cut")
            self.cut -= 1


def text_of(content: bytes, whole: bool) -> Described:
    """What a content says: its `Subject:` is the title."""
    text = content.decode("utf-8", "replace")
    title = ""
    if text.startswith("Subject: "):
        title = text[len("Subject: ") :].partition("\n")[0].strip()
    return Described("text/plain", {"title": title} if title else {}, text)


class MemoryRemote:
    """See Remote."""

    def __init__(
        self, service: MemoryService, describe: Callable[[bytes, bool], Described] = text_of
    ) -> None:
        self.service = service
        self.parallel = 16
        self._describe = describe

    async def collections(self) -> Sequence[Collection]:
        await self.service.request()
        if self.service.empty:
            return []
        return [Collection(key, Path.parse(box.path), box.role) for key, box in self.service.boxes.items()]

    async def changes(self, collection: Collection, cursor: str | None, known: Known) -> AsyncIterator[Delta]:
        service = self.service
        await service.request()
        if collection.key not in service.boxes:
            raise NotFound(None, "no such collection")
        epoch, since, last = _read(cursor)
        if cursor is not None and epoch != service.epoch:
            raise Forgotten
        box = service.boxes[collection.key]
        things: Mapping[str, Thing] = {} if service.empty else box.things
        if cursor is None or last:
            async for delta in self._all(things, since or service.clock, last):
                yield delta
            return
        changed = [(href, thing) for href, thing in things.items() if thing.changed > since]
        new = [(href, thing) for href, thing in changed if thing.number > since or not self.service.heads]
        states = [(href, thing.etag, dict(thing.state)) for href, thing in changed if thing.number <= since]
        yield Delta(
            [self._item(href, thing) for href, thing in new],
            states if service.heads else (),
            () if service.alive else [href for at, href in box.gone if at > since],
            list(things) if service.alive else None,
            f"{service.epoch}:{service.clock}:0",
            len(things),
            True,
        )

    async def _all(self, things: Mapping[str, Thing], clock: int, last: int) -> AsyncIterator[Delta]:
        """Everything, the newest first, from below number `last` on."""
        order = sorted(things.items(), key=lambda pair: -int(pair[0]))
        left = [pair for pair in order if not last or int(pair[0]) < last]
        while True:
            some, left = left[:PART], left[PART:]
            below = int(some[-1][0]) if some and left else 0
            items = [self._item(href, thing) for href, thing in some]
            cursor = f"{self.service.epoch}:{clock}:{below}"
            yield Delta(items, cursor=cursor, total=len(things), done=not left)
            if not left:
                return
            await self.service.request()

    def _item(self, href: str, thing: Thing) -> Item:
        content, whole = thing.content, True
        if self.service.heads:
            head, gap, _ = content.partition(b"\n\n")
            content, whole = head + gap, False
        return Item(
            href, thing.etag, thing.name, dict(thing.state), {}, thing.at, len(thing.content),
            "text/plain", thing.identity, content, whole,
        )  # fmt: skip

    async def fetch(
        self, collection: Collection, hrefs: Sequence[str]
    ) -> AsyncIterator[Sequence[tuple[str, bytes | VfsError]]]:
        async def one(href: str) -> bytes | VfsError:
            await self.service.request()
            box = self.service.boxes.get(collection.key)
            thing = None if box is None else box.things.get(href)
            return NotFound(None, "is gone") if thing is None else thing.content

        answers = import_module("vfs.fan").fan_out(hrefs, one, self.parallel)
        group: list[tuple[str, bytes | VfsError]] = []
        async for href, content in answers:
            group.append((href, content))
            if len(group) >= PART:
                yield group
                group = []
        if group:
            yield group

    def describe(self, content: bytes, whole: bool) -> Described:
        return self._describe(content, whole)

    async def push(self, changes: Sequence[Push]) -> Sequence[Pushed | VfsError]:
        await self.service.request()
        answers = [self._push(change) for change in changes]
        if self.service.lose:
            self.service.lose = False
            raise Unavailable(None, "the connection was cut before the answer")
        return answers

    def _push(self, change: Push) -> Pushed | VfsError:
        service = self.service
        if change.collection is None:
            return self._append(change)
        box = service.boxes.get(change.collection.key)
        thing = None if box is None else box.things.get(change.href)
        if change.target is None:
            if thing is not None:
                service.delete(change.collection.key, change.href)
            return Pushed("", "", {})
        if thing is None:
            return self._found(change)
        if change.content is not None and thing.etag != change.etag:
            return Conflict(None)
        self._set(change.collection.key, change.href, change)
        href = change.href
        if change.target.key != change.collection.key:
            href = service.move(change.collection.key, change.href, change.target.key)
            thing = service.boxes[change.target.key].things[href]
        return Pushed("" if service.mute and href != change.href else href, thing.etag, dict(thing.state))

    def _set(self, key: str, href: str, change: Push) -> None:
        """The state that is asked for, where it is another one, and the content."""
        there = self.service.boxes[key].things[href].state
        wanted = merged(change.base, {**change.base, **change.state}, there)
        wanted |= {name: value for name, value in change.state.items() if name not in wanted}
        if wanted != there or change.content is not None:
            self.service.set(key, href, wanted, change.content)

    def _append(self, change: Push) -> Pushed | VfsError:
        target, content = change.target, change.content or b""
        if target is None:
            return Pushed("", "", {})
        identity = sha256(content).hexdigest()[:16]
        for href, thing in self.service.box(target.key).things.items():
            if thing.identity == identity:
                return Pushed(href, thing.etag, dict(thing.state))
        href = self.service.add(target.key, f"new-{identity}", content, change.state)
        return Pushed(href, self.service.boxes[target.key].things[href].etag, change.state)

    def _found(self, change: Push) -> Pushed | VfsError:
        """What was moved already, by an answer that was lost."""
        assert change.target is not None
        for href, thing in self.service.box(change.target.key).things.items():
            if change.identity and thing.identity == change.identity:
                self._set(change.target.key, href, change)
                return Pushed(href, thing.etag, dict(thing.state))
        return NotFound(None, "is gone")

    async def make(self, path: Path) -> Collection:
        await self.service.request()
        key = str(path)
        box = self.service.box(key, key)
        return Collection(key, path, box.role)

    async def rename(self, collection: Collection, path: Path) -> Collection:
        await self.service.request()
        box = self.service.boxes.pop(collection.key, None)
        if box is None:
            raise NotFound(None, "no such collection")
        for key, other in list(self.service.boxes.items()):
            if other.path.startswith(f"{box.path}/"):
                other.path = f"{path}{other.path[len(box.path) :]}"
                self.service.boxes[other.path if key.startswith("/") else key] = self.service.boxes.pop(key)
        box.path = str(path)
        self.service.boxes[box.path] = box
        return Collection(box.path, path, box.role)

    async def drop(self, collection: Collection) -> None:
        await self.service.request()
        box = self.service.boxes.get(collection.key)
        if box is not None and box.things:
            raise NotEmpty(None)
        self.service.boxes.pop(collection.key, None)

    async def aclose(self) -> None:
        return None


def _read(cursor: str | None) -> tuple[int, int, int]:
    """Epoch, moment, and the number below which a listing goes on."""
    if cursor is None:
        return 0, 0, 0
    epoch, since, last = cursor.split(":")
    return int(epoch), int(since), int(last)
