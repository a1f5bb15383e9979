"""`grep -r WORD` over notes in mirage-ai's RAM mount; prints the seconds of one warm call.

python peer_mirage.py FOLDER WORD      run by an interpreter that has mirage-ai
"""

import asyncio
import pathlib
import sys
import time

from mirage import RAMVFS, MountMode, Workspace


async def main(folder: str, word: str) -> None:
    workspace = Workspace({"/data": (RAMVFS(), MountMode.EXEC)})
    for path in sorted(pathlib.Path(folder).iterdir()):
        await workspace.shell(f"cat > /data/{path.name}", stdin=path.read_bytes())
    started = time.perf_counter()
    result = await workspace.shell(f"grep -r {word} /data")
    taken = time.perf_counter() - started
    print(taken, len(bytes(result.stdout).splitlines()))


asyncio.run(main(sys.argv[1], sys.argv[2]))
