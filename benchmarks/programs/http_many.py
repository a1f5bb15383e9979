"""Fetches items side by side over HTTP, by Spatio's client or by the bare library that it stands on.

python http_many.py ours|bare URL ITEMS WIDTH      prints [wall, CPU, peak MB] of the fetching alone, as JSON
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from providers.http import Http


@asynccontextmanager
async def ours(url: str, width: int) -> Any:
    http = Http(url, "Bench", parallel=width)

    async def fetch(number: int) -> Any:
        return await http.json("GET", f"/items/{number}")

    yield fetch
    await http.aclose()


@asynccontextmanager
async def bare(url: str, width: int) -> Any:
    slots = asyncio.Semaphore(width)
    limits = httpx2.Limits(max_connections=width, max_keepalive_connections=width)
    async with httpx2.AsyncClient(limits=limits) as client:

        async def fetch(number: int) -> Any:
            async with slots:
                return (await client.get(f"{url}/items/{number}")).json()

        yield fetch


async def measure(
    client: Callable[[str, int], Any], url: str, items: int, width: int
) -> tuple[float, float, float]:
    async with client(url, width) as fetch:
        # As a sync does: the account is looked at before its items.
        await fetch(0)
        calls: list[Awaitable[Any]] = [fetch(number) for number in range(items)]
        wall, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*calls)
        spent = time.perf_counter() - wall, time.process_time() - cpu
    return *spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    who, url, items, width = sys.argv[1:]
    sides = {"ours": ours, "bare": bare}
    print(json.dumps(asyncio.run(measure(sides[who], url, int(items), int(width)))))
