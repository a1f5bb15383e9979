"""A mirror on a service that takes its time, and its replica beside a plain folder of the store."""

from __future__ import annotations

import asyncio
import pathlib
import tempfile
import time

from benchmarks.bench import Bench
from providers.mirror.bodies import Bodies, collection_of
from providers.mirror.memory import MemoryRemote, MemoryService
from providers.mirror.mirror import Mirror
from providers.mirror.records import folder
from providers.mirror.run import Run
from providers.mirror.settings import MirrorSettings
from providers.spec import Reach
from providers.store.provider import StoreProvider
from providers.store.sqlite import SqliteStore
from vfs.drive import drive
from vfs.path import ROOT

ITEMS, DELAY, WALL = 100, 0.03, 0.35
"""So many contents, seconds that each takes, seconds for all of them."""

LISTED = 20_000


def mirror(bench: Bench) -> None:
    """100 contents that take 30 ms each; 20,000 files of a fresh replica listed."""
    with tempfile.TemporaryDirectory(dir=bench.data) as scratch:
        seconds = min(_fetched(pathlib.Path(tempfile.mkdtemp(dir=scratch))) for _ in range(5))
        mark = "ok  " if seconds <= WALL else "MISS"
        print(
            f"{mark} {ITEMS} contents of {DELAY * 1000:.0f} ms, fetched and stored: {seconds:.3f} s,"
            f" goal {WALL} s"
        )
        _listed(pathlib.Path(tempfile.mkdtemp(dir=scratch)))


def _service(count: int) -> MemoryService:
    service = MemoryService(heads=True)
    service.box("I", "/inbox", "inbox")
    for number in range(count):
        service.add(
            "I", f"mail-{number:06}", f"Subject: {number}\n\nbody {number}".encode() * 20, {"unread": True}
        )
    return service


def _mirror(place: pathlib.Path, service: MemoryService) -> Mirror:
    store = SqliteStore(place / "spatio.db", place / "objects", keep_copy=False)
    settings = MirrorSettings("ada@example.org", reach=lambda: Reach.WAIT)
    return Mirror(store, "mail", lambda: MemoryRemote(service), settings)


def _fetched(place: pathlib.Path) -> float:
    service = _service(ITEMS)
    mirror = _mirror(place, service)

    async def fetch() -> float:
        await mirror.engine.sync(bodies=False)
        service.slow = DELAY
        row = await mirror.store.read(lambda connection: folder(connection, mirror.place, "I"))
        assert row is not None
        run = Run(mirror.store, mirror.place, mirror.settings, mirror.engine.remote, None)
        began = time.perf_counter()
        assert await Bodies(run).fetch_ahead(collection_of(row)) == ITEMS
        taken = time.perf_counter() - began
        await mirror.aclose()
        await mirror.store.aclose()
        return taken

    return asyncio.run(fetch())


def _listed(place: pathlib.Path) -> None:
    mirror = _mirror(place, _service(LISTED))
    drive(mirror.engine.sync(bodies=False))
    plain = StoreProvider(mirror.store, "mail")

    async def count(provider: StoreProvider) -> int:
        return sum([len(page) async for page in provider.list(ROOT.child("inbox"))])

    times: dict[str, float] = {}
    for name, provider in (("mirror", mirror), ("notes", plain)) * 5:
        began = time.process_time()
        assert drive(count(provider)) == LISTED
        times[name] = min(times.get(name, 99.0), time.process_time() - began)
    ratio = times["mirror"] / times["notes"]
    mark = "ok  " if ratio <= 1.1 else "MISS"
    print(
        f"{mark} {LISTED:,} files of a fresh replica listed, CPU, beside a folder of the store: {ratio:.2f}x"
    )
    drive(mirror.store.aclose())
