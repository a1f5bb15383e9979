"""Contents of every kind and size are kept, shown, found, and shared with other collections."""

from __future__ import annotations

import pathlib

import pytest

from providers.files import Bytes
from providers.mirror.memory import MemoryService
from providers.store.index import StoreIndexing
from providers.store.provider import StoreProvider
from tests.engines import BOTH
from tests.mirror.account import Account, blocks, change, filled, mail, path
from vfs.drive import drive
from vfs.errors import ReadOnly
from vfs.query import parse_query

ENGINES = BOTH

LARGE = b"Subject: large\n\n" + b"a line of many that is quite unmistakable\n" * 6000
BINARY = bytes(range(256)) * 3
HUGE = b"Subject: huge\n\n" + b"ordinary words here\n" * 70_000 + b"zebra at the end\n"


def found(account: Account, words: str) -> set[str]:
    async def search() -> set[str]:
        answer = await account.mirror.search(path("/"), parse_query(words), 50)
        assert answer is not None
        return {hit.path.name for hit in answer.hits}

    return drive(search())


def service() -> MemoryService:
    made = filled(1, heads=True)
    for name, content in (("large", LARGE), ("binary", BINARY), ("empty", b""), ("huge", HUGE)):
        made.add("I", name, content)
    return made


def test_large_and_strange_contents_are_kept_and_found(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, service())
    report = account.sync()
    assert report.problems == ()
    assert account.contents() == account.there()
    assert found(account, "unmistakable") == {"large"}
    assert account.shown("/inbox/large") == LARGE.decode()
    assert account.shown("/inbox/huge") == HUGE.decode()
    assert account.nodes("/inbox")["huge"].size == len(HUGE)
    assert list(drive(StoreIndexing(account.store).check())) == []


def test_the_same_bytes_elsewhere_are_found_there_too_whoever_comes_first(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, service())
    files = StoreProvider(account.store, "files", Bytes())
    drive(files.write(path("/before.eml"), blocks(mail(0)), change()))
    account.sync()
    drive(files.write(path("/after.eml"), blocks(LARGE), change()))
    drive(files.write(path("/again.eml"), blocks(mail(0)), change()))
    assert list(drive(StoreIndexing(account.store).check())) == []
    drive(files.remove(path("/before.eml"), change()))
    drive(files.remove(path("/after.eml"), change()))
    account.remove("/inbox/mail-0")
    account.sync()
    assert list(drive(StoreIndexing(account.store).check())) == []


def test_a_copy_within_the_mirror_is_whole_and_its_own(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, service(), bodies="demand")
    account.sync()
    drive(account.mirror.copy(path("/inbox/large"), path("/archive/copied"), change()))
    account.sync()
    assert account.there()["archive"] == [LARGE]
    assert account.read("/archive/copied") == LARGE
    with pytest.raises(ReadOnly):
        drive(account.mirror.copy(path("/inbox/large"), path("/inbox/mail-0"), change()))


def test_a_size_that_a_service_says_wrongly_is_put_right(tmp_path: pathlib.Path) -> None:
    made = service()
    account = Account(tmp_path, made, bodies="demand")
    account.sync()
    drive(
        account.store.write(
            lambda connection: connection.execute("UPDATE node SET size = 7 WHERE name = 'large'").close()
        )
    )
    assert account.read("/inbox/large") == LARGE
    assert account.nodes("/inbox")["large"].size == len(LARGE)
