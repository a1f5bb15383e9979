"""A TCP proxy on loopback that delays, slows, cuts, freezes or swallows, as a test tells it.

`with running_proxy(port) as proxy:` listens on `proxy.port` and hands on to `port`. A `Fault` says what
happens when certain bytes pass by; each happens once unless `times` says otherwise.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

Then = Literal["cut", "pass and cut", "swallow answer", "freeze"]


@dataclass
class Fault:
    """What happens to the connection on which `when` passes by: those bytes, or the so-manieth byte."""

    when: bytes | int
    then: Then
    """cut: it is not handed on, both sides are cut off. pass and cut: it is handed on first. swallow answer:
    handed on, the other side's next words are thrown away, and then both are cut. freeze: nothing passes
    any more, and nobody is told."""
    way: Literal["up", "down"] = "up"
    """up: to the server."""
    times: int = 1
    happened: threading.Event = field(default_factory=threading.Event)

    def hits(self, data: bytes, before: int) -> bool:
        if self.times <= 0:
            return False
        if isinstance(self.when, int):
            return before + len(data) > self.when
        return self.when in data


class Proxy:
    """Hands on what comes, apart from what `faults` say."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.faults: list[Fault] = []
        self.delay = 0.0
        """Seconds that every block takes, each way."""
        self.block = 65536
        """Bytes that pass at once; few make it slow."""
        self.refusing = False
        self.opened = 0
        self.passed = {"up": 0, "down": 0}
        self.heard: list[bytes] | None = None
        """What passed to the server, block by block, since a test put a list here."""
        self._loop = asyncio.new_event_loop()
        self._links: set[_Link] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        self._server.close()
        for link in list(self._links):
            link.cut()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        if left:
            self._loop.run_until_complete(asyncio.wait(left))
        self._loop.run_until_complete(asyncio.sleep(0))  # what was cut is closed by the next turn
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        if self.refusing:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(self, writer, far_writer)
        self._links.add(link)
        try:
            await asyncio.wait(
                {
                    asyncio.ensure_future(link.carry("up", reader, far_writer)),
                    asyncio.ensure_future(link.carry("down", far_reader, writer)),
                },
                return_when=asyncio.FIRST_COMPLETED,
            )
        except asyncio.CancelledError:
            pass  # the proxy is closed; what streams make of a cancelled task is noise
        finally:
            self._links.discard(link)
            link.cut()

    def add(self, when: bytes | int, then: Then, **more: object) -> Fault:
        fault = Fault(when, then, **more)  # type: ignore[arg-type]
        self.faults.append(fault)
        return fault

    def cut_all(self) -> None:
        """Cuts every connection that is open."""
        self._loop.call_soon_threadsafe(lambda: [link.cut() for link in list(self._links)])

    def freeze_all(self) -> None:
        """Nothing passes any more over the connections that are open."""
        self._loop.call_soon_threadsafe(lambda: [setattr(link, "frozen", True) for link in self._links])

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


class _Link:
    def __init__(self, proxy: Proxy, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.proxy = proxy
        self.writers = (near, far)
        self.frozen = False
        self.swallowing = ""
        self.passed = {"up": 0, "down": 0}

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()

    async def carry(self, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(self.proxy.block):
                if self.proxy.delay:
                    await asyncio.sleep(self.proxy.delay)
                if self.frozen:
                    await asyncio.Event().wait()
                if self.swallowing == way:
                    return
                fault = next(
                    (f for f in self.proxy.faults if f.way == way and f.hits(data, self.passed[way])), None
                )
                self.passed[way] += len(data)
                self.proxy.passed[way] += len(data)
                if way == "up" and self.proxy.heard is not None:
                    self.proxy.heard.append(data)
                if fault is not None:
                    fault.times -= 1
                    if fault.then == "freeze":
                        self.frozen = True
                        fault.happened.set()
                        await asyncio.Event().wait()
                    if fault.then == "swallow answer":
                        self.swallowing = "down" if way == "up" else "up"
                    if fault.then == "cut":
                        fault.happened.set()
                        return
                writer.write(data)
                await writer.drain()
                if fault is not None:
                    fault.happened.set()
                    if fault.then == "pass and cut":
                        return


@contextmanager
def running_proxy(target: int) -> Iterator[Proxy]:
    """A proxy in front of a port of loopback, gone when the block ends."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
