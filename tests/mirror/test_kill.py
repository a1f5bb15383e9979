"""A sync that is killed anywhere, again and again, goes on: nothing is doubled, lost, or left locked."""

from __future__ import annotations

import pathlib
import random
import subprocess
import sys
import textwrap
import time

from providers.store.index import StoreIndexing
from tests.mirror.account import Account, filled
from tests.store.desk import FULL
from vfs.drive import drive

ROUNDS = 50 if FULL else 4
MAILS = 450

SYNC = textwrap.dedent(
    """
    import sys
    from providers.mirror.memory import MemoryRemote
    from providers.mirror.mirror import Mirror
    from providers.mirror.settings import MirrorSettings
    from providers.store.sqlite import SqliteStore
    from tests.mirror.account import filled
    from vfs.drive import drive

    folder, user, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    service = filled(count, heads=True)
    service.slow = 0.004
    store = SqliteStore(folder + "/spatio.db", folder + "/objects", user, keep_copy=False)
    mirror = Mirror(store, "mail", lambda: MemoryRemote(service), MirrorSettings("ada"))
    print("begun", flush=True)
    drive(mirror.engine.sync())
    print("done", flush=True)
    """
)


def test_a_sync_killed_again_and_again_arrives(tmp_path: pathlib.Path) -> None:
    chance = random.Random(4)
    account = Account(tmp_path, filled(MAILS, heads=True))
    account.rows("SELECT 1")
    account.close()
    for _ in range(ROUNDS):
        words = [sys.executable, "-c", SYNC, str(tmp_path), account.store.user, str(MAILS)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "begun\n"
            time.sleep(chance.random() * 0.4)
            child.kill()
            child.wait(timeout=30)
    account.sync(patience=0)
    assert account.sync().counts.new == 0
    assert account.contents() == account.there()
    assert account.rows("SELECT count(*) FROM item")[0][0] == MAILS
    assert account.rows("SELECT count(*) FROM node WHERE kind = 'file'")[0][0] == MAILS
    assert list(drive(StoreIndexing(account.store).check())) == []
    account.close()
