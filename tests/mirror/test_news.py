"""What has come and was not looked at yet: handed out once, to one at a time; and whom a mailbox knows."""

from __future__ import annotations

import pathlib

from providers.mirror import news
from providers.mirror.people import recent_attrs
from tests.engines import BOTH
from tests.mirror.account import Account, filled, mail, path
from vfs.drive import drive

ENGINES = BOTH
INBOX = path("/inbox")


def come(account: Account, lease: str = "me", after: int | None = None) -> list[str]:
    """The names of what has come, marked as handled."""
    held = drive(news.claim(account.store, "mail", INBOX, lease))
    if held is None:
        return ["held by somebody else"]
    found = drive(news.arrived(account.store, held, held.handled if after is None else after, 100))
    if found:
        assert drive(news.mark(account.store, held, found[-1].number))
    drive(news.let_go(account.store, "mail", lease))
    return [one.path.name for one in found]


def test_what_a_first_listing_brings_is_the_past(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3))
    assert come(account) == ["held by somebody else"]
    account.sync()
    assert come(account) == []


def test_what_comes_later_comes_once(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3))
    account.sync()
    assert come(account) == []
    account.service.add("I", "mail-8", mail(8))
    account.service.add("A", "mail-9", mail(9))
    account.sync()
    assert come(account) == ["mail-8"]
    assert come(account) == []
    account.remove("/inbox/mail-8")
    account.service.add("I", "mail-10", mail(10))
    account.sync()
    assert come(account) == ["mail-10"]


def test_one_looks_at_a_time_and_a_lease_that_ran_out_is_taken_over(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(1))
    account.sync()
    first = drive(news.claim(account.store, "mail", INBOX, "first"))
    assert first is not None
    assert come(account) == ["held by somebody else"]
    drive(account.store.write(lambda connection: connection.execute("UPDATE replica SET lease_until = 1")))
    second = drive(news.claim(account.store, "mail", INBOX, "second"))
    assert second is not None
    assert not drive(news.mark(account.store, first, first.handled + 5))
    drive(news.let_go(account.store, "mail", "first"))
    assert come(account) == ["held by somebody else"]
    drive(news.let_go(account.store, "mail", "second"))
    assert come(account) == []


def test_what_is_known_of_the_newest_is_told_newest_first(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(5))
    assert drive(recent_attrs(account.store, "mail", 3)) == []
    account.sync()
    found = drive(recent_attrs(account.store, "mail", 3))
    assert [attrs["title"] for attrs in found] == ["mail 4", "mail 3", "mail 2"]
    assert drive(recent_attrs(account.store, "other", 3)) == []
