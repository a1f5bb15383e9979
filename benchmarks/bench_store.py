"""The store in this process, beside bare SQLite doing the same: bulk writes, warm search, listings.

python benchmarks/bench_store.py [bulk] [search] [list]      `--documents N`, default 100,000
"""

from __future__ import annotations

import argparse
import itertools
import pathlib
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from benchmarks.text import documents
from providers.notes import Markdown
from providers.store.provider import StoreProvider
from providers.store.store import Store
from vfs.action import Change
from vfs.drive import drive
from vfs.ids import uuid7
from vfs.path import Path
from vfs.query import parse_query

BATCH = 500

BARE = """
CREATE TABLE node (id INTEGER PRIMARY KEY, parent TEXT, name TEXT, kind TEXT, size INT, mtime INT, data BLOB);
CREATE UNIQUE INDEX node_place ON node (parent, name);
CREATE TABLE event (seq INTEGER PRIMARY KEY, at INT, command TEXT, actor TEXT, op TEXT, path TEXT,
                    before TEXT, after TEXT);
CREATE VIRTUAL TABLE words USING fts5(title, body, content='', tokenize="unicode61");
"""


def timed(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def report(name: str, ours: list[float], theirs: list[float], goal: str) -> None:
    a, b = statistics.median(ours), statistics.median(theirs)
    ratio = statistics.median([x / y for x, y in zip(ours, theirs, strict=True)])
    print(f"{name:<58} {ratio:6.2f}x  ({a * 1000:.2f} ms beside {b * 1000:.2f} ms)  goal {goal}", flush=True)


def provider(folder: str) -> StoreProvider:
    store = Store(f"{folder}/spatio.db", f"{folder}/objects", keep_copy=False)
    return StoreProvider(store, "notes", Markdown())


def write_all(notes: StoreProvider, texts: Iterator[str]) -> None:
    async def files() -> AsyncIterator[tuple[Path, bytes]]:
        for number, text in enumerate(texts):
            yield Path((f"note-{number:07}.md",)), text.encode()

    async def write() -> None:
        async for _ in notes.write_many(files(), Change(uuid7(), "cp -r")):
            pass
        await notes.store.aclose()

    drive(write())


def write_bare(folder: str, texts: Iterator[str]) -> None:
    connection = sqlite3.connect(f"{folder}/bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.executescript(BARE)
    numbered = enumerate(texts)
    while batch := list(itertools.islice(numbered, BATCH)):
        rows = [(n, "/", f"note-{n:07}.md", "file", len(text), n, text.encode()) for n, text in batch]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO node VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        events = [(n, 1, "cp -r", "user", "write", f"/note-{n:07}.md", None, "a" * 64) for n, _ in batch]
        connection.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", events)
        words = [(n, f"note-{n:07}.md", text) for n, text in batch]
        connection.executemany("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", words)
        connection.execute("COMMIT")
    connection.close()


def bulk(count: int) -> None:
    """10,000 notes of 2 KB in one command, and in bare SQLite."""
    texts = list(documents(10_000))
    ours, theirs = [], []
    for _ in range(5):
        with tempfile.TemporaryDirectory() as folder:
            notes = provider(folder)
            ours.append(timed(lambda notes=notes: write_all(notes, iter(texts))))  # type: ignore[misc]
            theirs.append(timed(lambda folder=folder: write_bare(folder, iter(texts))))  # type: ignore[misc]
    report("10,000 notes written in batches", ours, theirs, "2x")


def search(count: int) -> None:
    """Ranked, warm; beside FTS5's own ranking of the same index."""
    with tempfile.TemporaryDirectory() as folder:
        notes = provider(folder)
        write_all(notes, documents(count))
        bare = sqlite3.connect(f"{folder}/spatio.db")
        sql = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT 20"
        seen = [text.split() for text in documents(200)]
        known = {word: sum(word in text for text in seen) for text in seen for word in text}
        ordered = sorted(known, key=lambda word: -known[word])
        middle = next(word for word in ordered if known[word] == 2)
        for word in ("rareword", middle, "commonword", ordered[0]):
            ours, theirs = [], []
            for _ in range(20):
                ours.append(timed(lambda word=word: drive(notes.search(Path(), parse_query(word), 20))))  # type: ignore[misc]
                theirs.append(timed(lambda word=word: bare.execute(sql, (word,)).fetchall()))  # type: ignore[misc]
            found = drive(notes.search(Path(), parse_query(word), 20))
            assert found is not None
            name = f"search {word} in {count:,} ({found.total or 'more than 2 %'})"
            report(name, ours, theirs, "2x + 3 ms")
        bare.close()
        drive(notes.store.aclose())


def listings(count: int) -> None:
    """The first page and all of a large folder, beside one bare statement."""
    for size in (1_000, count * 10):
        with tempfile.TemporaryDirectory() as folder:
            notes = provider(folder)
            write_all(notes, itertools.repeat("-\n", size))
            _listing(notes, folder, size)
            drive(notes.store.aclose())


def _listing(notes: StoreProvider, folder: str, size: int) -> None:
    bare = sqlite3.connect(f"{folder}/spatio.db")
    sql = "SELECT name FROM node WHERE user_id = 'me' AND mount = 'notes' AND parent = ''"
    sql += " AND deleted_at IS NULL ORDER BY name"

    async def first() -> None:
        async for _ in notes.list(Path()):
            break

    async def whole() -> None:
        async for _ in notes.list(Path()):
            pass

    ours = [timed(lambda: drive(first())) for _ in range(9)]
    theirs = [timed(lambda: bare.execute(f"{sql} LIMIT 64").fetchall()) for _ in range(9)]
    report(f"first page of {size:,}", ours, theirs, "-")
    ours = [timed(lambda: drive(whole())) for _ in range(3)]
    theirs = [timed(lambda: bare.execute(sql).fetchall()) for _ in range(3)]
    report(f"all of {size:,}", ours, theirs, "-")
    bare.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=["bulk", "search", "list"])
    parser.add_argument("--documents", type=int, default=100_000)
    asked = parser.parse_args()
    known = {"bulk": bulk, "search": search, "list": listings}
    for name in asked.names:
        known[name](asked.documents)


if __name__ == "__main__":
    main()
