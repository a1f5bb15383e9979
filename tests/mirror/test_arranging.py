from __future__ import annotations

import pathlib

import pytest

from providers.store.history import StoreHistory
from tests.engines import BOTH
from tests.mirror.account import Account, change, filled, mail, path
from vfs.drive import drive
from vfs.errors import ReadOnly

ENGINES = BOTH


def arranged(folder: pathlib.Path) -> Account:
    service = filled(2)
    service.box("P", "/plans")
    for number in (10, 11):
        service.add("P", f"plan-{number}", mail(number))
    account = Account(folder, service, arranges=True)
    account.sync()
    return account


def paths(account: Account) -> list[str]:
    return sorted(box.path for box in account.service.boxes.values())


def test_a_folder_made_here_is_made_there_and_takes_what_is_moved_into_it(tmp_path: pathlib.Path) -> None:
    account = arranged(tmp_path)
    drive(account.mirror.mkdir(path("/projects"), change()))
    drive(account.mirror.mkdir(path("/projects/spatio"), change()))
    account.move("/inbox/mail-0", "/projects/spatio/plan")
    account.sync()
    assert paths(account) == ["/archive", "/inbox", "/plans", "/projects", "/projects/spatio", "/trash"]
    assert account.there()["projects/spatio"] == [mail(0)]
    assert account.sync().pushed == 0
    assert account.names("/projects/spatio") == ["plan"]


def test_a_folder_renamed_here_is_renamed_there_with_all_below_it(tmp_path: pathlib.Path) -> None:
    account = arranged(tmp_path)
    drive(account.mirror.mkdir(path("/projects"), change()))
    drive(account.mirror.mkdir(path("/projects/spatio"), change()))
    account.move("/inbox/mail-0", "/projects/spatio/plan")
    account.sync()
    account.move("/projects", "/work")
    report = account.sync()
    assert report.problems == ()
    assert paths(account) == ["/archive", "/inbox", "/plans", "/trash", "/work", "/work/spatio"]
    assert account.names("/work/spatio") == ["plan"]
    drive(StoreHistory(account.store).undo())
    account.sync()
    assert paths(account) == ["/archive", "/inbox", "/plans", "/projects", "/projects/spatio", "/trash"]
    assert account.there()["projects/spatio"] == [mail(0)]


def test_a_folder_removed_here_goes_there_and_comes_back_by_undo(tmp_path: pathlib.Path) -> None:
    account = arranged(tmp_path)
    drive(account.mirror.remove(path("/plans"), change(), recursive=True))
    account.sync()
    assert paths(account) == ["/archive", "/inbox", "/trash"]
    assert account.there()["trash"] == [mail(10), mail(11)]
    drive(StoreHistory(account.store).undo())
    account.sync()
    account.sync()
    assert paths(account) == ["/archive", "/inbox", "/plans", "/trash"]
    assert account.there()["plans"] == account.contents()["plans"] == [mail(10), mail(11)]
    assert account.there()["trash"] == account.contents()["trash"] == []


def test_a_folder_that_has_something_new_there_is_not_dropped(tmp_path: pathlib.Path) -> None:
    account = arranged(tmp_path)
    drive(account.mirror.remove(path("/plans"), change(), recursive=True))
    account.service.add("P", "news", mail(99))
    report = account.sync()
    assert "comes back" in " ".join(report.problems)
    account.sync()
    assert account.names("/plans") == ["news"]


def test_the_folders_that_a_service_cannot_do_without_stay(tmp_path: pathlib.Path) -> None:
    account = arranged(tmp_path)
    with pytest.raises(ReadOnly):
        drive(account.mirror.remove(path("/inbox"), change(), recursive=True))
    with pytest.raises(ReadOnly):
        account.move("/trash", "/bin")
    assert account.names("/") == ["archive", "inbox", "plans", "trash"]


def test_what_is_there_is_not_overwritten_whatever_can_be_done_with_folders(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(3), arranges=True, replaces=frozenset({"drafts"}))
    account.sync()
    before = account.there()
    with pytest.raises(ReadOnly):
        account.write("/inbox/mail-0", b"Subject: other\n\nother")
    with pytest.raises(ReadOnly):
        account.move("/inbox/mail-1", "/inbox/mail-2")
    drive(account.mirror.mkdir(path("/new"), change()))
    account.move("/inbox/mail-1", "/new/one")
    with pytest.raises(ReadOnly):
        account.move("/inbox/mail-2", "/new/one")
    account.move("/new/one", "/inbox/mail-1")
    account.sync()
    assert account.there() == {**before, "new": []}
