"""Writes the files of a folder as notes with bare sqlite3: the rows, events and index entries of `cp -r`.

python bulk_bare.py FOLDER DATABASE     the schema is the workspace's own, a batch is 500, fsync is FULL
"""

import hashlib
import os
import sqlite3
import sys
import time
import zlib

from providers.store.schema import APPLICATION, CREATE, SPAN, VERSION

BATCH = 500
NODE = (
    "INSERT INTO node VALUES"
    " (?, ?, 'me', 'notes', '/copy', ?, 'file', ?, ?, ?, 'text/markdown', '', 1, ?, NULL)"
)
CONTENT = "INSERT OR IGNORE INTO content VALUES (NULL, 'me', ?, ?, ?, 'rows', ?, NULL, ?)"
EVENT = "INSERT INTO event VALUES ('me', ?, ?, ?, 'user', 'write', ?, NULL, ?, NULL, ?, ?)"
NAME = "INSERT INTO event_name VALUES ('me', ?, 'notes', ?, NULL, '', ?)"
COMMAND = "INSERT OR REPLACE INTO command VALUES ('me', ?, 'cp -r', 'user', ?, 1, ?, NULL, NULL)"
WORDS = "INSERT INTO words (rowid, title, body, marks) VALUES (?, ?, ?, '')"


def create(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    for statement in (
        *CREATE,
        f"PRAGMA application_id={APPLICATION}",
        f"PRAGMA user_version={VERSION}",
    ):
        database.execute(statement)
    return database


def write(database: sqlite3.Connection, folder: str, names: list[str], first: int, chain: bytes) -> bytes:
    """One batch in one transaction; returns the last link of the chain."""
    now = time.time_ns() // 1000
    nodes, contents, events, event_names, words = [], [], [], [], []
    for seq, name in enumerate(names, first):
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        digest = hashlib.sha256(data).digest()
        id, salt = f"{now:016x}-{seq:019x}", os.urandom(16)
        named = hashlib.sha256(salt + name.encode()).digest()
        chain = hashlib.sha256(chain + f"{seq}\0{now}\0{id}\0{digest.hex()}\0{named.hex()}".encode()).digest()
        nodes.append((SPAN + seq, id, name, len(data), now, digest, now))
        contents.append((digest, len(data), zlib.crc32(data), data, now))
        events.append((seq, now, "0" * 36, id, digest, named, chain))
        event_names.append((seq, f"/copy/{name}", salt))
        words.append((SPAN + seq, name, data.decode()))
    database.execute("BEGIN IMMEDIATE")
    for sql, rows in (
        (CONTENT, contents), (NODE, nodes), (WORDS, words), (EVENT, events), (NAME, event_names)
    ):  # fmt: skip
        database.executemany(sql, rows)
    database.execute(COMMAND, ("0" * 36, now, first + len(names) - 1))
    database.execute("COMMIT")
    return chain


def main(folder: str, path: str) -> None:
    database = create(path)
    names = sorted(os.listdir(folder))
    chain = bytes(32)
    for at in range(0, len(names), BATCH):
        chain = write(database, folder, names[at : at + BATCH], at + 1, chain)
    database.close()


main(sys.argv[1], sys.argv[2])
