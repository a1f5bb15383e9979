"""Times searches in a PostgreSQL store beside the bare tsquery of the ten best, in a like transaction.

python search_postgres.py HOME OWNER ADMIN COUNT     two addresses of one prepared database, filled when empty

Prints what is looked for, the files that hold it, and seconds: of the store, of `search`, of the bare query.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg

from benchmarks.text import documents
from commands.stream import Collected, Io, Nothing
from providers.notes import Markdown
from providers.store.objects import LocalObjects
from providers.store.postgres.session import frame
from providers.store.postgres.store import PostgresStore
from providers.store.provider import StoreProvider
from spatio.entry import calm_collector
from spatio.workspace import open_workspace
from vfs.action import Change
from vfs.ids import uuid7
from vfs.path import Path
from vfs.query import parse_query

BARE = "SELECT seq, ts_rank(words, query) FROM public.bare, CAST($1::text AS tsquery) AS query"
BEST = f"{BARE} WHERE words @@ query ORDER BY 2 DESC LIMIT 10"
MAKE_BARE = """
CREATE TABLE public.bare AS SELECT n.seq, to_tsvector('simple', convert_from(c.data, 'UTF8')) AS words
FROM spatio.node n JOIN spatio.content c ON c.user_id = n.user_id AND c.digest = n.digest;
CREATE INDEX bare_words ON public.bare USING gin (words);
GRANT SELECT ON public.bare TO spatio_app
"""
SHARES = (0.005, 0.01, 0.019, 0.05, 0.3)
ROUNDS = 15


async def fill(store: PostgresStore, admin: asyncpg.Connection[Any], count: int) -> None:
    """Notes as users have them, and their text once more as the bare query sees it."""

    async def notes() -> AsyncIterator[tuple[Path, bytes]]:
        for number, text in enumerate(documents(count)):
            yield Path((f"note-{number:06}.md",)), text.encode()

    provider = StoreProvider(store, "notes", Markdown())
    async for _ in provider.write_many(notes(), Change(uuid7(), "fill", "user")):
        pass
    await admin.execute(MAKE_BARE)
    for table in ("public.bare", "spatio.words", "spatio.node", "spatio.content"):
        await admin.execute(f"VACUUM ANALYZE {table}")


async def questions(admin: asyncpg.Connection[Any], count: int) -> dict[str, str]:
    """What to look for, and the same as a tsquery: words of several frequencies, two, a phrase, a prefix."""
    stat = f"SELECT word, ndoc FROM ts_stat('SELECT words FROM public.bare WHERE seq % {count // 2000} = 0')"
    known = {row["word"]: row["ndoc"] / 2000 for row in await admin.fetch(stat)}
    by_share = [min(known, key=lambda word: abs(known[word] - share)) for share in SHARES]
    text = await admin.fetchval(
        "SELECT convert_from(data, 'UTF8') FROM spatio.content ORDER BY digest LIMIT 1"
    )
    first, second = text.split()[20:22]
    return {
        "rareword": "rareword",
        **{word: word for word in by_share},
        "commonword": "commonword",
        f"rareword {by_share[-1]}": f"rareword & {by_share[-1]}",
        f"{by_share[1]} {by_share[2]}": f"{by_share[1]} & {by_share[2]}",
        f'"{first} {second}"': f"{first} <-> {second}",
        f"{by_share[1][:-1]}*": f"{by_share[1][:-1]}:*",
    }


async def timed(call: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await call()
    return time.perf_counter() - started


async def main(home: str, owner: str, admin_address: str, count: int) -> None:
    store = PostgresStore(owner, LocalObjects(f"{home}/objects"))
    admin = await asyncpg.connect(admin_address)
    if await admin.fetchval("SELECT to_regclass('public.bare') IS NULL"):
        await fill(store, admin, count)
    provider = StoreProvider(store, "notes", Markdown())
    workspace = open_workspace(home, store=lambda: store)
    session = workspace.session()
    peer = await asyncpg.connect(owner)

    async def bare(query: str) -> None:
        await peer.execute(frame(store.user, False, store.times))
        await peer.fetch(BEST, query)
        await peer.execute("COMMIT")

    async def whole(text: str) -> None:
        await session.call(["search", text], Io(Nothing(), Collected(), Collected()))

    for text, query in (await questions(admin, count)).items():
        holding = await admin.fetchval(f"SELECT count(*) FROM ({BARE} WHERE words @@ query) AS held", query)
        times = []
        for _ in range(ROUNDS + 2):
            times.append(
                (
                    await timed(lambda text=text: provider.search(Path(), parse_query(text), 10)),  # type: ignore[misc]
                    await timed(lambda text=text: whole(text)),  # type: ignore[misc]
                    await timed(lambda query=query: bare(query)),  # type: ignore[misc]
                )
            )
        print(
            text, holding, *(statistics.median(column) for column in zip(*times[2:], strict=True)), sep="\t"
        )
    await peer.close()
    await admin.close()
    await workspace.aclose()


calm_collector()
asyncio.run(main(*sys.argv[1:4], int(sys.argv[4])))
