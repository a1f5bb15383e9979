"""A sync that is killed anywhere, again and again, arrives: nothing is doubled or lost at either end."""

from __future__ import annotations

import pathlib
import random
import subprocess
import sys
import textwrap
import time

from tests.caldav.account import Account, event, remote_of
from tests.servers.radicale import Radicale
from tests.store.desk import FULL

ROUNDS = 50 if FULL else 3
WORK = "/calendars/work"

SYNC = textwrap.dedent(
    """
    import sys
    from tests.caldav.account import Account, remote_of
    from tests.servers.dav import DavUser
    from providers.store.sqlite import SqliteStore

    folder, name, origin, user = sys.argv[1:]
    store = SqliteStore(folder + "/spatio.db", folder + "/objects", name, keep_copy=False)
    who = DavUser(origin, user, f"/{user}/")
    account = Account(None, lambda: remote_of(who), store=store)
    print("begun", flush=True)
    account.sync(fine=False, patience=0)
    print("done", flush=True)
    """
)


def test_a_sync_killed_again_and_again_arrives(radicale: Radicale, tmp_path: pathlib.Path) -> None:
    chance = random.Random(4)
    user = radicale.user()
    calendar = user.make("work")
    here, there = 0, ROUNDS
    for number in range(there):
        user.put(f"{calendar}there-{number}.ics", event(f"there-{number}"))
    account = Account(tmp_path, lambda: remote_of(user))
    account.sync()
    for edited in range(ROUNDS):
        for _ in range(10):
            account.write(f"{WORK}/here-{here}.ics", event(f"here-{here}"))
            user.put(f"{calendar}there-{there}.ics", event(f"there-{there}"))
            here, there = here + 1, there + 1
        account.write(f"{WORK}/there-{edited}.ics", event(f"there-{edited}", f"Edited {edited}"))
        words = [sys.executable, "-c", SYNC, str(tmp_path), account.store.user, user.origin, user.user]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "begun\n"
            time.sleep(chance.random() * 0.25)
            child.kill()
            child.wait(timeout=30)
    account.sync(fine=False, patience=5)
    account.sync()
    assert len(user.names(calendar)) == here + there
    assert len(account.names(WORK)) == here + there
    for edited in range(ROUNDS):
        assert f"Edited {edited}".encode() in user.get(f"{calendar}there-{edited}.ics")
    again = account.sync()
    assert (again.pushed, again.counts.new, again.counts.changed, again.counts.gone) == (0, 0, 0, 0)
    account.close()
