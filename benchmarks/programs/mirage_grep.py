"""`grep -r WORD` over notes in mirage-ai's RAM mount; prints the CPU seconds of one warm call.

python mirage_grep.py FOLDER WORD     run by an interpreter that has mirage-ai
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
    started = time.process_time()
    result = await workspace.shell(f"grep -r {word} /data")
    taken = time.process_time() - started
    print(taken, len(bytes(result.stdout).splitlines()))


asyncio.run(main(sys.argv[1], sys.argv[2]))
