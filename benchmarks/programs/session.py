"""Runs one line again and again in one session, as the prompt does; prints wall and CPU seconds.

python session.py HOME LINE COUNT
"""

import asyncio
import sys
import time

from commands.stream import Collected, Io, Nothing
from spatio.entry import calm_collector
from spatio.workspace import open_workspace


async def main(home: str, line: str, count: int) -> None:
    workspace = open_workspace(home)
    session = workspace.session()
    for number in range(count + 1):
        out, errors = Collected(), Collected()
        started, busy = time.perf_counter(), time.process_time()
        await session.run(line, Io(Nothing(), out, errors))
        taken, busy = time.perf_counter() - started, time.process_time() - busy
        if errors.data:
            sys.exit(errors.data.decode())
        if number:
            print(taken, busy, flush=True)
    await workspace.aclose()


calm_collector()
asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
