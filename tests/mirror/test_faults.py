"""Services that forget, cut, throttle, show nothing, or want a login: nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import pathlib

import pytest

from providers.mirror.lease import Lease
from providers.mirror.remote import Throttled
from tests.engines import BOTH
from tests.mirror.account import Account, filled, mail
from vfs.drive import drive
from vfs.errors import LoginNeeded, Unavailable, VfsError

ENGINES = BOTH


def marks(account: Account) -> dict[str, str | None]:
    return {name: node.id for name, node in account.nodes("/inbox").items()}


def test_a_forgotten_cursor_lists_everything_again_and_keeps_every_file(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(120, heads=True))
    account.sync()
    before = marks(account)
    account.mark("/inbox/mail-3", flagged=True)
    account.service.forget(rename=True)
    account.service.add("I", "mail-new", mail(999))
    account.service.delete("I", next(iter(account.service.boxes["I"].things)))
    fetched = account.service.requests
    account.sync()
    account.sync()
    after = marks(account)
    assert set(before) - set(after) == {"mail-0"}
    assert set(after) - set(before) == {"mail-new"}
    assert all(after[name] == before[name] for name in before if name in after)
    assert account.contents() == account.there()
    assert account.service.requests - fetched < 30
    flagged = [thing for thing in account.service.boxes["I"].things.values() if thing.state.get("flagged")]
    assert [thing.name for thing in flagged] == ["mail-3"]


def test_a_listing_that_was_cut_goes_on_where_it_was(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(450))
    account.service.cut = 3
    with pytest.raises(Unavailable):
        account.sync()
    known = len(account.names("/inbox"))
    assert 100 <= known < 450
    account.service.cut = None
    before = account.service.requests
    assert account.sync().counts.new == 450 - known
    assert account.service.requests - before < 1 + 3 + 4
    assert account.contents() == account.there()


def test_a_killed_sync_goes_on_and_its_lease_is_taken(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(300, heads=True))
    for at in (1, 2, 4, 7, 20):
        account.service.kill = at
        with pytest.raises(asyncio.CancelledError):
            account.sync()
    account.service.kill = None
    account.sync()
    assert account.contents() == account.there()


def test_most_of_a_folder_goes_only_when_a_person_says_so(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(120))
    account.sync()
    for href in list(account.service.boxes["I"].things)[:100]:
        account.service.delete("I", href)
    report = account.sync()
    assert "would delete 100 of 120" in " ".join(report.problems)
    assert "sync --accept" in " ".join(report.problems)
    assert len(account.names("/inbox")) == 120
    assert "would delete" in account.gaps("/inbox")[0].reason
    assert account.sync(accept=True).counts.gone == 100
    assert account.contents() == account.there()
    assert account.gaps("/inbox") == []


@pytest.mark.parametrize("alive", [False, True])
def test_a_folder_that_is_listed_anew_and_empty_is_not_believed(tmp_path: pathlib.Path, alive: bool) -> None:
    account = Account(tmp_path, filled(120, alive=alive))
    account.sync()
    things = dict(account.service.boxes["I"].things)
    account.service.boxes["I"].things.clear()
    account.service.forget()
    assert "would delete 120 of 120" in " ".join(account.sync().problems)
    assert "would delete 120 of 120" in " ".join(account.sync().problems)
    assert len(account.names("/inbox")) == 120
    account.service.boxes["I"].things.update(things)
    assert account.sync().problems == ()
    assert account.contents() == account.there()


def test_no_folder_at_all_is_not_believed(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(20))
    account.sync()
    account.service.empty = True
    with pytest.raises(VfsError, match="would delete 20 of 20"):
        account.sync()
    assert len(account.names("/inbox")) == 20
    account.service.empty = False
    assert account.sync().problems == ()


def test_what_moved_to_another_folder_is_no_loss(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(120))
    account.sync()
    for href in list(account.service.boxes["I"].things):
        account.service.move("I", href, "A")
    assert account.sync().problems == ()
    assert account.names("/inbox") == []
    assert account.contents() == account.there()


def test_the_trash_may_be_emptied(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(0))
    for number in range(120):
        account.service.add("T", f"old-{number}", mail(number))
    account.sync()
    for href in list(account.service.boxes["T"].things):
        account.service.delete("T", href)
    assert account.sync().problems == ()
    assert account.names("/trash") == []


def test_a_renamed_folder_keeps_its_files_and_fetches_nothing(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(60, heads=True))
    account.service.box("P", "/projects")
    for number in range(200, 260):
        account.service.add("P", f"plan-{number}", mail(number))
    account.sync()
    before = {name: node.id for name, node in account.nodes("/projects").items()}
    box = account.service.boxes.pop("P")
    box.path = "/plans"
    account.service.boxes["Q"] = box
    requests = account.service.requests
    account.sync()
    assert {name: node.id for name, node in account.nodes("/plans").items()} == before
    assert account.names("/") == ["archive", "inbox", "plans", "trash"]
    assert account.service.requests - requests < 10
    box.path = "/other"
    account.sync()
    assert {name: node.id for name, node in account.nodes("/other").items()} == before


def test_a_service_that_throttles_is_waited_for(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(5, heads=True))
    account.service.throttle = 4
    assert account.sync().counts.new == 5
    account.service.throttle, account.service.wait = 1, 100_000.0
    with pytest.raises(Throttled):
        account.sync()
    account.service.throttle = 0
    assert account.sync().problems == ()


def test_a_login_that_ended_is_told_with_the_next_step_and_what_is_here_stays(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(5))
    account.sync()
    account.service.logged_out = True
    with pytest.raises(LoginNeeded) as error:
        account.sync()
    assert error.value.hint == "run: connect"
    assert len(account.names("/inbox")) == 5


def test_two_programs_never_sync_the_same_account_at_once(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(5))
    account.sync()
    other = Lease(account.store, account.mirror.place)
    drive(other.take(0))
    with pytest.raises(Unavailable, match="is being synced by process"):
        account.sync(patience=0)
    drive(other.give_up())
    account.sync()


def test_twins_with_one_identity_are_two_files(tmp_path: pathlib.Path) -> None:
    service = filled(0)
    for number in range(3):
        service.add("I", "same", mail(number, "x" * number), identity="<one@example.org>")
    account = Account(tmp_path, service)
    account.sync()
    names = account.names("/inbox")
    assert len(names) == 3
    assert "same" in names
    service.forget(rename=True)
    account.sync()
    assert account.names("/inbox") == names
    assert account.contents() == account.there()


def test_hostile_names_are_cleaned(tmp_path: pathlib.Path) -> None:
    service = filled(0)
    for name in ("../../etc/passwd", "a\x1b[2Jb", "", "x" * 500, "\u202eevil", "con\nflict"):
        service.add("I", name, mail(len(name)))
    account = Account(tmp_path, service)
    account.sync()
    names = account.names("/inbox")
    assert len(names) == 6
    assert all("/" not in name and name.isprintable() and len(name.encode()) <= 255 for name in names)
