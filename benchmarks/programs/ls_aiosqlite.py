"""Prints the names of the notes in a workspace's database, through aiosqlite: the floor of `ls`.

python ls_aiosqlite.py DATABASE
"""

import asyncio
import sys

import aiosqlite

QUERY = "SELECT name FROM node WHERE mount = 'notes' AND parent = '' AND deleted_at IS NULL ORDER BY name"


async def main() -> None:
    async with aiosqlite.connect(sys.argv[1]) as database, database.execute(QUERY) as rows:
        sys.stdout.write("".join([name + "\n" for (name,) in await rows.fetchall()]))


asyncio.run(main())
