from __future__ import annotations

import pathlib
import subprocess
import sys
import textwrap
import time
from typing import Any

import pytest

from providers.mirror.run import Report
from providers.spec import Reach
from tests.mirror.account import Account, filled, mail
from vfs.coverage import Gap, gathered
from vfs.drive import drive
from vfs.errors import LoginNeeded, Unavailable
from vfs.mount import Mount, MountTable
from vfs.path import ROOT, Path
from vfs.query import parse_query
from vfs.tree import Tree


def age(account: Account, seconds: float) -> None:
    """As if the last sync had been so long ago."""
    then = int((time.time() - seconds) * 1e6)
    drive(
        account.store.write(
            lambda connection: connection.execute("UPDATE replica SET synced_at = ?", (then,)).close()
        )
    )
    account.mirror.freshness.forget()


def test_a_fresh_replica_asks_nobody(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3))
    account.sync()
    account.reach = Reach.WAIT
    requests = account.service.requests
    assert account.gaps("/inbox") == []
    assert account.service.requests == requests


def test_an_old_one_is_refreshed_by_a_read(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3))
    account.sync()
    age(account, 3600)
    account.service.add("I", "news", mail(99))
    account.reach = Reach.WAIT
    assert "news" in account.names("/inbox")
    assert account.gaps("/inbox") == []


def test_a_look_at_the_mount_itself_asks_nobody(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3))
    account.reach = Reach.WAIT
    assert drive(account.mirror.stat(ROOT)).is_folder
    assert account.service.requests == 0


def test_only_what_is_read_is_refreshed(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3))
    account.sync()
    age(account, 3600)
    account.service.add("A", "elsewhere", mail(99))
    account.reach = Reach.WAIT
    requests = account.service.requests
    account.names("/inbox")
    assert account.service.requests - requests == 2
    assert "elsewhere" in account.names("/archive")


def test_a_slow_service_is_not_waited_for_long_and_the_age_is_said(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3), wait=0.05)
    account.sync()
    age(account, 2 * 86400)
    account.service.slow = 5.0
    account.reach = Reach.WAIT
    assert account.names("/inbox") == ["mail-0", "mail-1", "mail-2"]
    [gap] = account.gaps("/inbox")
    assert gap.place == "ada@example.org"
    assert gap.reason.startswith("as of 2")
    assert not gap.missing


@pytest.mark.parametrize("away", [False, True], ids=["slow", "away"])
def test_a_command_over_many_folders_waits_once_for_a_service_that_does_not_answer(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, away: bool
) -> None:
    service = filled(1)
    for number in range(4):
        service.box(f"B{number}", f"/b{number}")
        service.add(f"B{number}", "letter", mail(100 + number))
    account = Account(tmp_path, service, wait=0.2)
    account.sync()
    age(account, 3600)
    account.reach = Reach.WAIT
    service.slow, service.cut = (0.0, 0) if away else (5.0, None)
    syncs = 0
    sync = account.mirror.engine.sync

    async def counted(*given: Any, **options: Any) -> Report:
        nonlocal syncs
        syncs += 1
        return await sync(*given, **options)

    monkeypatch.setattr(account.mirror.engine, "sync", counted)
    paths = [Path((f"b{number}", "letter")) for number in range(4)]

    async def found() -> list[Gap]:
        with gathered() as gaps:
            assert not [one for one in await account.mirror.stat_many(paths) if isinstance(one, Exception)]
            return list(gaps)

    gaps = drive(found())
    assert syncs == 1
    assert any("as of" in gap.reason for gap in gaps)
    account.close()


def test_a_refresh_that_nobody_waits_for_ends_with_the_mirror_and_gives_up_its_lease(
    tmp_path: pathlib.Path,
) -> None:
    account = Account(tmp_path, filled(3), wait=0.05)
    account.sync()
    age(account, 3600)
    account.service.slow = 30.0
    account.reach = Reach.WAIT

    async def look_and_leave() -> None:
        async for _ in account.mirror.list(ROOT.child("inbox")):
            pass
        await account.mirror.aclose()

    drive(look_and_leave())
    assert account.rows("SELECT lease FROM replica WHERE key = ''") == [(None,)]


def test_a_service_that_is_away_leaves_what_is_here_and_why_is_said(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3))
    account.sync()
    age(account, 3600)
    account.service.logged_out = True
    account.reach = Reach.WAIT
    [gap] = account.gaps("/inbox")
    assert "log in again" in gap.reason
    assert gap.hint == "run: connect"
    assert len(account.names("/inbox")) == 3
    assert account.read("/inbox/mail-1") == mail(1)


def test_where_nothing_is_here_yet_the_error_is_the_answer(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3))
    account.service.logged_out = True
    account.reach = Reach.WAIT
    with pytest.raises(LoginNeeded):
        account.names("/inbox")
    account.reach = Reach.OFFLINE
    [gap] = account.gaps("/")
    assert gap.missing
    assert "nothing of it is here yet" in gap.reason


def test_offline_asks_nobody_and_says_how_old_it_is(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3, heads=True), bodies="demand")
    account.sync()
    age(account, 3600)
    account.reach = Reach.OFFLINE
    requests = account.service.requests
    [gap] = account.gaps("/inbox")
    assert gap.reason.startswith("as of ")
    with pytest.raises(Unavailable, match="only its beginning is here"):
        account.read("/inbox/mail-1")
    assert account.service.requests == requests


def test_fresh_asks_first_and_fails_where_it_cannot(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3))
    account.sync()
    account.service.add("I", "news", mail(99))
    account.reach = Reach.FRESH
    account.mirror.freshness.forget()
    assert "news" in account.names("/inbox")
    account.service.cut = 0
    account.mirror.freshness.forget()
    with pytest.raises(Unavailable):
        account.names("/inbox")


def test_a_listing_that_is_under_way_is_said_to_be_incomplete(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(300))
    account.service.cut = 3
    with pytest.raises(Unavailable):
        account.sync()
    gaps = account.gaps("/inbox")
    assert any(gap.missing and "of 300 entries" in gap.reason for gap in gaps)


def test_a_search_says_of_how_many_only_the_beginning_was_seen(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3, heads=True))
    account.sync(bodies=False)

    async def search() -> tuple[int, list[str]]:
        with gathered() as gaps:
            found = await account.mirror.search(ROOT, parse_query("mail"), 10)
            assert found is not None
            return len(found.hits), [gap.reason for gap in gaps]

    hits, reasons = drive(search())
    assert hits == 3
    assert reasons == ["of 3 entries only the beginning was searched"]
    account.sync()
    assert drive(search()) == (3, [])


def test_contents_that_many_ask_for_at_once_are_fetched_together(tmp_path: pathlib.Path) -> None:
    import asyncio

    account = Account(tmp_path, filled(30, heads=True), bodies="demand")
    account.sync()

    async def read(name: str) -> bytes:
        async with account.mirror.open(ROOT.child("inbox").child(name)) as found:
            return b"".join([block async for block in found])

    async def all_of_them() -> list[bytes]:
        return await asyncio.gather(*(read(f"mail-{number}") for number in range(30)))

    assert asyncio.run(all_of_them()) == [mail(number) for number in range(30)]
    assert account.service.requests == 4 + 30
    account.close()


def test_nothing_heavy_is_loaded_to_list_a_fresh_replica(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3))
    account.sync()
    account.close()
    script = textwrap.dedent(
        f"""
        import sys
        from pathlib import Path as Host
        from providers.mirror.mirror import Mirror
        from providers.mirror.settings import MirrorSettings
        from providers.store.sqlite import SqliteStore
        from vfs.drive import drive
        from vfs.path import Path

        folder = {str(tmp_path)!r}
        store = SqliteStore(folder + "/spatio.db", folder + "/objects", {account.store.user!r})
        mirror = Mirror(store, "mail", lambda: 1 / 0, MirrorSettings("ada"))

        async def names():
            return [node.name async for page in mirror.list(Path(("inbox",))) for node in page]

        assert drive(names()) == ["mail-0", "mail-1", "mail-2"]
        heavy = {{"asyncio", "ssl", "imaplib", "httpx", "email", "json", "random", "dataclasses", "inspect"}}
        print(sorted(heavy & set(sys.modules)))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]", done.stdout


def test_many_texts_come_by_few_questions_and_what_is_missing_is_said(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(20, heads=True), bodies="demand")
    account.sync()
    tree = Tree(MountTable())
    tree.mounts.add(Mount(Path.parse("/mail"), "memory", lambda: account.mirror))

    async def texts() -> tuple[list[bytes | None], list[Gap]]:
        with gathered() as gaps:
            found = [
                content.data
                async for batch in tree.contents_below(Path.parse("/mail/inbox"))
                for content in batch
            ]
            return found, list(gaps)

    account.reach = Reach.OFFLINE
    found, gaps = drive(texts())
    assert found[0] == b"Subject: mail 0\nX-Number: 0\n\n"
    assert [(gap.reason, gap.missing) for gap in gaps] == [
        ("of 20 entries only the beginning was read", True)
    ]
    account.reach = Reach.BACKGROUND
    account.service.cut = 0
    before = account.service.requests
    assert drive(texts()) == (found, gaps)
    assert account.service.requests - before <= 20
    account.service.cut = None
    account.sync()
    found, gaps = drive(texts())
    assert sorted(data or b"" for data in found) == sorted(mail(number) for number in range(20))
    assert gaps == []
