"""Prints the names of a folder in PostgreSQL with asyncpg alone.

python ls_asyncpg.py ADDRESS
"""

import asyncio
import sys

import asyncpg

SETTINGS = (
    "SELECT set_config('role', 'spatio_app', true), set_config('search_path', 'spatio, public', true),"
    " set_config('spatio.user_id', 'me', true)"
)
NAMES = (
    "SELECT name FROM node WHERE user_id = 'me' AND mount = 'notes' AND parent = '' AND deleted_at IS NULL"
    " ORDER BY name"
)


async def main(address: str) -> None:
    connection = await asyncpg.connect(address)
    async with connection.transaction(readonly=True):
        await connection.execute(SETTINGS)
        for (name,) in await connection.fetch(NAMES):
            print(name)
    await connection.close()


asyncio.run(main(sys.argv[1]))
