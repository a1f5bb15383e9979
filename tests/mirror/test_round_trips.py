"""How few statements a sync takes, however many items there are: each is a round trip to a distant store."""

from __future__ import annotations

import pathlib

from providers.mirror.memory import PART
from tests.engines import BOTH, new_store
from tests.mirror.account import Account, filled
from tests.store.counting import Counting, Tally

ENGINES = BOTH


def counted(folder: pathlib.Path, count: int, **options: bool) -> tuple[Account, Counting]:
    store = Counting(new_store(folder))
    return Account(folder, filled(count, **options), store=store), store


def test_a_first_sync_takes_few_statements_a_part(tmp_path: pathlib.Path) -> None:
    account, store = counted(tmp_path, 5 * PART, heads=True)
    store.tally = Tally()
    account.sync(bodies=False)
    listed = len(store.tally.statements)
    store.tally = Tally()
    assert account.sync().bodies == 5 * PART
    filling = len(store.tally.statements)
    assert listed < 5 * 22 + 60
    assert filling < 5 * 22 + 60


def test_a_sync_with_nothing_new_takes_few_statements_a_folder(tmp_path: pathlib.Path) -> None:
    account, store = counted(tmp_path, 20)
    account.sync()
    store.tally = Tally()
    account.sync()
    assert len(store.tally.statements) < 60


def test_many_changes_are_pushed_by_few_statements(tmp_path: pathlib.Path) -> None:
    account, store = counted(tmp_path, 2 * PART)
    account.sync()
    for number in range(2 * PART):
        account.mark(f"/inbox/mail-{number}", flagged=True)
    store.tally = Tally()
    requests = account.service.requests
    assert account.sync().pushed == 2 * PART
    assert account.service.requests - requests < 10
    assert len(store.tally.statements) < 100
