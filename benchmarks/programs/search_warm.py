"""Times `search WORD` in one session beside the bare FTS5 query, for words of several frequencies.

python search_warm.py HOME DATABASE     prints word, share, CPU seconds, bare ones, bounded
"""

import asyncio
import sqlite3
import statistics
import sys
import time

from commands.stream import Collected, Io, Nothing
from spatio.entry import calm_collector
from spatio.session import Session
from spatio.workspace import open_workspace

BARE = "SELECT rowid, bm25(words) FROM words WHERE words MATCH ? ORDER BY bm25(words) LIMIT 10"
SHARES = (0.005, 0.01, 0.019, 0.05)
ROUNDS = 15


def chosen(database: sqlite3.Connection) -> dict[str, float]:
    """Words to look for, with the share of documents that hold them."""
    database.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, row)")
    total = database.execute("SELECT count(*) FROM words_docsize").fetchone()[0]
    found = {}
    for share in SHARES:
        word, documents = database.execute(
            "SELECT term, doc FROM temp.vocabulary ORDER BY abs(doc - ?) LIMIT 1", (total * share,)
        ).fetchone()
        found[word] = documents / total
    for word in ("rareword", "commonword"):
        found[word] = (
            database.execute("SELECT doc FROM temp.vocabulary WHERE term = ?", (word,)).fetchone()[0] / total
        )
    return dict(sorted(found.items(), key=lambda item: item[1]))


async def searched(session: Session, word: str) -> tuple[float, bool]:
    """The seconds of one search, and whether its answer says that it was bounded."""
    out, errors = Collected(), Collected()
    started = time.process_time()
    await session.call(["search", word], Io(Nothing(), out, errors))
    taken = time.process_time() - started
    assert out.data
    return taken, b"newest" in errors.data


async def main(home: str, path: str) -> None:
    workspace = open_workspace(home)
    session = workspace.session()
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    for word, share in chosen(database).items():
        ours, bare, bounded = [], [], False
        for number in range(ROUNDS + 1):
            taken, bounded = await searched(session, word)
            started = time.process_time()
            rows = database.execute(BARE, (word,)).fetchall()
            beside = time.process_time() - started
            assert rows
            if number:
                ours.append(taken)
                bare.append(beside)
        print(word, share, statistics.median(ours), statistics.median(bare), int(bounded), sep="\t")
    await workspace.aclose()


calm_collector()
asyncio.run(main(sys.argv[1], sys.argv[2]))
