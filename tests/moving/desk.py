"""What the tests of moving a workspace share: one that has everything, stores on each engine, their rows."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import Any

from providers.store.history import StoreHistory
from providers.store.index import StoreIndexing
from providers.store.journal import StoreJournal
from providers.store.moving import tables
from providers.store.moving.tables import DEED, ITEM, PUSH, REPLICA, TABLES, Row, Table
from providers.store.objects import LocalObjects
from providers.store.runs import StoreRuns
from providers.store.sqlite import SqliteStore
from providers.store.store import Connection, Store
from spatio.demo.pdf import document
from tests.engines import BOTH
from tests.servers import postgres
from tests.store.desk import change, files, notes, path, put, tasks

BIG = b"0123456789abcdef" * 20_000
NOISE = bytes((index * index * 31 + index // 7) % 256 for index in range(300_000))

PAIRS = [(one, other) for one in BOTH for other in BOTH]


def store_on(engine: str, folder: pathlib.Path) -> Any:
    """A store of its own in `folder`, without anything in it."""
    if engine == "sqlite":
        return SqliteStore(folder / "spatio.db", folder / "objects", keep_copy=False)
    from providers.store.postgres.store import PostgresStore

    database = postgres.shared().database()
    return PostgresStore(f"{database.program}?sslmode=disable", LocalObjects(str(folder / "objects")))


MEETING = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:team\r\nDTSTART:20261121T140000Z\r\n"
    b"SUMMARY:Team\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
"""A calendar file, of which the store keeps a row of `span`."""


async def fill(store: Store) -> None:
    """Every kind of thing that a workspace has: written, changed, moved, removed, taken back, purged."""
    history = StoreHistory(store)
    for number in range(120):
        await put(notes(store), f"/n{number:03}.md", f"---\ntags: [a{number}]\n---\nnote {number}\n")
    await put(notes(store), "/n001.md", "changed", change("echo changed"))
    await notes(store).mkdir(path("/Überblick"), change("mkdir"))
    odd = "zwölf Boxkämpfer\u2028über\x01 den Deich"
    await put(notes(store), "/Überblick/日本語 😀.md", odd, change("echo"))
    await put(tasks(store), "/rent.md", "---\nstatus: todo\ndue: 2026-12-01\npriority: 3\n---\npay rent")
    await put(files(store), "/big", BIG)
    await put(files(store), "/noise", NOISE)
    await put(files(store), "/gone", BIG[::-1])
    await put(files(store), "/paper.pdf", document("Invoice", ["forty-two euros"]))
    await put(files(store), "/empty", b"")
    await put(files(store), "/team.ics", MEETING)
    await notes(store).move(path("/n002.md"), path("/n003.md"), change("mv n002 n003"))
    await notes(store).remove(path("/n004.md"), change("rm n004"))
    await notes(store).remove(path("/n005.md"), change("rm n005"))
    await history.undo()
    await history.forget(path("/files/gone"))
    runs = StoreRuns(store)
    await runs.start_run("run-1", agent="a", actor="user", line="agent run a", model="m", input="in")
    step = await runs.step_before("run-1", "call", "m", '{"x": "é"}')
    await runs.step_after("run-1", step, status="done", after="out")
    journal = StoreJournal(store)
    await journal.intend(change("cp"), "write", path("/photos/a.png"), None)
    await store.write(lambda connection: replicate(connection, store.user))


REPLICAS: dict[Table, list[Row]] = {
    REPLICA: [
        ("mail", "", "", "", "{}", None, 1, False, None, 5, 6, "", 0, None, None),
        ("mail", "INBOX", "/inbox", "inbox", '{"é": 1}', "c:1", 2, True, 900, 5, 6, "slow", 3, None, None),
    ],
    ITEM: [
        (1, "mail", "INBOX", "17", "a", "<1@x>", "{}", b"\1" * 32, True, 2),
        (2, "mail", "INBOX", "18", "b", "", '{"unread":true}', b"", False, 2),
    ],
    PUSH: [(2, "mail", 7, 8, 1, "away")],
    DEED: [
        (3, "mail", "send", "failed", "<3@x>", "{}", "to ada", "c", "user", 1, 2, 3, 4, "no", "", None, None),
        (4, "mail", "send", "done", "<4@x>", "{}", "to bob", "c", "user", 1, 2, 3, 1, "", "sent", None, None),
    ],
}
"""What is known of an account at a service; the nodes need not be there."""


def replicate(connection: Connection, user: str) -> None:
    """Makes those rows."""
    for table, new in REPLICAS.items():
        tables.put(connection, table, user, new)


def said(store: Store) -> dict[str, list[Row]]:
    """Every row of a store."""

    def work(connection: Connection) -> dict[str, list[Row]]:
        return {table.name: list(tables.rows(connection, table, store.user)) for table in TABLES}

    return store.read_here(work)


async def sound(store: Store) -> Sequence[str]:
    """What is wrong with a store; nothing, when all is well."""
    broken = await StoreHistory(store).verify()
    return [*await StoreIndexing(store).check(), *([f"event {broken}"] if broken is not None else [])]
