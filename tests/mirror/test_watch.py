from __future__ import annotations

import asyncio
import pathlib

from tests.engines import BOTH
from tests.mirror.account import Account, filled, mail
from vfs.closing import Closing
from vfs.path import ROOT

ENGINES = BOTH


def test_what_a_sync_brings_is_seen_by_who_watches(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(2, heads=True))
    account.sync()
    seen: list[tuple[str, str]] = []

    async def watch() -> None:
        async with Closing(account.mirror.watch(ROOT.child("inbox"))) as changes:
            async for some in changes:
                if not some and not seen:
                    account.service.add("I", "news", mail(99))
                    account.service.add("A", "elsewhere", mail(98))
                    account.service.set("I", "1", {"unread": False})
                    account.service.delete("I", "2")
                    await account.mirror.engine.sync()
                seen.extend((str(one.path), one.op) for one in some)
                if len(seen) >= 3:
                    return

    asyncio.run(asyncio.wait_for(watch(), 30))
    assert sorted(seen) == [("/inbox/mail-0", "attrs"), ("/inbox/mail-1", "remove"), ("/inbox/news", "write")]
