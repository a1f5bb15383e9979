from __future__ import annotations

import pathlib

import pytest

from tests.engines import BOTH
from tests.mirror.account import Account, filled, mail
from vfs.errors import Unavailable

ENGINES = BOTH


def test_what_is_at_the_service_is_listed_and_read(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3))
    assert account.sync().counts.new == 3
    assert account.names("/") == ["archive", "inbox", "trash"]
    assert account.names("/inbox") == ["mail-0", "mail-1", "mail-2"]
    assert account.read("/inbox/mail-1") == mail(1)
    assert account.nodes("/inbox")["mail-1"].attrs["title"] == "mail 1"
    assert account.nodes("/inbox")["mail-1"].attrs["unread"] is True


def test_a_sync_with_nothing_new_asks_once_a_folder(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3))
    account.sync()
    before = account.service.requests
    report = account.sync()
    assert report.counts == report.counts._replace(new=0, changed=0, gone=0)
    assert account.service.requests - before <= 1 + 3


def test_bodies_come_after_the_headers(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(250, heads=True))
    report = account.sync()
    assert (report.counts.new, report.bodies) == (250, 250)
    assert account.read("/inbox/mail-249") == mail(249)


def test_what_is_newer_counts_as_newer_whatever_came_first(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(250))
    account.service.cut = 3
    with pytest.raises(Unavailable):
        account.sync()
    account.service.cut = None
    account.sync()
    account.service.add("I", "mail-250", mail(250))
    account.sync()
    sql = "SELECT name FROM node WHERE kind = 'file' ORDER BY seq"
    assert [name for (name,) in account.rows(sql)] == [f"mail-{number}" for number in range(251)]


@pytest.mark.parametrize("sure", [True, False])
def test_what_is_in_two_folders_is_fetched_once_where_its_identity_is_sure(
    tmp_path: pathlib.Path, sure: bool
) -> None:
    service = filled(20, heads=True)
    for number in range(20):
        service.add("A", f"mail-{number}", mail(number))
    account = Account(tmp_path, service, sure=sure)
    account.sync(bodies=False)
    before = service.requests
    account.sync()
    assert account.contents() == account.there()
    fetched = service.requests - before - 4
    assert fetched == 40
    service.box("L", "/label")
    for number in range(20):
        service.add("L", f"mail-{number}", mail(number))
    before = service.requests
    account.sync()
    assert service.requests - before - 5 == (0 if sure else 20)
    assert account.contents() == account.there()
