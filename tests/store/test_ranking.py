"""What comes first: on the demo, PostgreSQL answers as SQLite does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

import pytest

from providers.files import Bytes
from providers.notes import Markdown
from providers.store.history import StoreHistory
from providers.store.objects import LocalObjects
from providers.store.postgres.store import PostgresStore
from providers.store.provider import StoreProvider
from providers.store.sqlite import SqliteStore
from providers.store.store import Connection, Store
from providers.tasks import Task
from tests import workspaces
from tests.servers import postgres
from tests.store.desk import change, read
from vfs.drive import drive
from vfs.mount import Mount, MountTable
from vfs.path import Path
from vfs.provider import Found
from vfs.query import parse_query
from vfs.tree import Tree

CODECS = {"notes": Markdown, "tasks": Task, "files": Bytes, "agents": Markdown}

QUERIES = (
    "budget", "invoice", "meeting", "lisbon", "kanazawa", "lighthouse", "renovation", "museum", "project",
    "kestrel", "tidewater", "meridian", "bikes", "energy", "euros", "done", "title", "2026", "sunday",
    "lars", "youssef", "priya", "bakery", "handover", "sketches",
    "kestrel budget", "invoice paid", "museum exhibit", "meridian meeting", "attic renovation",
    "print proofs", "budget euros hours", "lars climbing", "friday design", "project -kestrel", "bud*",
    "invo*", "ren* attic",
    '"kick off"', '"energy guide"', '"weekly meeting"', "2026-11", "done tag:home", "is:open budget",
    "nothingofthekind",
)  # fmt: skip


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """The demo in a file, and the same files in a database of the server."""
    folder = tmp_path_factory.mktemp("ranking")
    home = workspaces.copy_of_demo(folder / "demo")
    (database,) = (path for path in home.rglob("*.db") if "copies" not in path.parts)
    first = SqliteStore(database, database.parent / "objects", keep_copy=False)
    beside = postgres.shared().database(keep=True)
    second = PostgresStore(f"{beside.program}?sslmode=disable", LocalObjects(str(folder / "objects")))
    # How common a word is counts over all that is indexed: what needs more than a codec is in neither.
    for mount in ("mail", "calendar", "banking"):
        drive(StoreHistory(first).forget(Path((mount,))))
    drive(_copy(first, second))
    yield first, second
    drive(first.aclose())
    drive(second.aclose())
    beside.drop()


def provider(store: Store, mount: str) -> StoreProvider:
    return StoreProvider(store, mount, CODECS[mount]())


async def _copy(source: Store, target: Store) -> None:
    """Every file, in the order in which they were written first."""

    def rows(connection: Connection) -> list[tuple[str, str, str]]:
        found = connection.execute(
            "SELECT mount, parent || '/' || name, kind FROM node WHERE deleted_at IS NULL ORDER BY seq"
        )
        return [(mount, name, kind) for mount, name, kind in found]

    found = await source.read(rows)
    for mount in CODECS:
        there, here = provider(source, mount), provider(target, mount)
        for name in sorted(name for of, name, kind in found if of == mount and kind == "folder"):
            await here.mkdir(Path.parse(name), change())
        files = [name for of, name, kind in found if of == mount and kind == "file"]
        async for _ in here.write_many(_contents(there, files), change()):
            pass


async def _contents(source: StoreProvider, names: Sequence[str]) -> AsyncIterator[tuple[Path, bytes]]:
    for name in names:
        yield Path.parse(name), await read(source, name)


def answer(store: Store, text: str, limit: int) -> Found:
    mounts = MountTable()
    for mount in CODECS:
        mounts.add(Mount(Path((mount,)), mount, lambda mount=mount: provider(store, mount)))  # type: ignore[misc]
    return drive(Tree(mounts).search(parse_query(text), Path(), limit))


@pytest.mark.parametrize("text", QUERIES)
def test_the_first_ten_on_the_demo_are_those_of_sqlite(stores: tuple[Store, Store], text: str) -> None:
    expected, found = (answer(store, text, 10) for store in stores)
    assert found.total == expected.total
    theirs, ours = ([str(hit.path) for hit in one.hits] for one in (expected, found))
    assert ours == theirs
