"""What was changed here reaches the service; what was changed there arrives; both at once is both."""

from __future__ import annotations

import pathlib

import pytest

from providers.store.history import StoreHistory
from tests.engines import BOTH
from tests.mirror.account import Account, change, filled, mail, path
from vfs.drive import drive
from vfs.errors import BadName, NotFound, ReadOnly

ENGINES = BOTH


def pushes(account: Account) -> int:
    return int(account.rows("SELECT count(*) FROM push")[0][0])


def test_a_mark_is_here_at_once_and_there_after_a_sync(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(2))
    account.sync()
    account.mark("/inbox/mail-0", unread=False, flagged=True)
    assert account.nodes("/inbox")["mail-0"].attrs["flagged"] is True
    assert account.service.boxes["I"].things["1"].state == {"unread": True}
    report = account.sync()
    assert report.pushed == 1
    assert account.service.boxes["I"].things["1"].state == {"unread": False, "flagged": True}
    assert pushes(account) == 0
    assert account.sync().pushed == 0


def test_what_cannot_be_set_is_refused_with_what_can(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(1))
    account.sync()
    with pytest.raises(BadName) as refused:
        account.mark("/inbox/mail-0", title="other")
    assert "unread" in (refused.value.hint or "")
    with pytest.raises(NotFound):
        account.mark("/inbox/none", unread=True)


def test_what_is_removed_goes_to_the_trash_and_from_there_for_good(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(2))
    account.sync()
    account.remove("/inbox/mail-0")
    assert account.names("/trash") == ["mail-0"]
    account.sync()
    assert account.there() == {"inbox": [mail(1)], "archive": [], "trash": [mail(0)]}
    account.remove("/trash/mail-0")
    assert account.names("/trash") == []
    account.sync()
    assert account.there()["trash"] == []
    assert account.sync().pushed == 0


def test_a_move_is_one_at_the_service_and_keeps_the_file(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(2))
    account.sync()
    before = account.nodes("/inbox")["mail-0"].id
    account.move("/inbox/mail-0", "/archive/kept")
    account.sync()
    assert account.there() == {"inbox": [mail(1)], "archive": [mail(0)], "trash": []}
    assert account.nodes("/archive")["kept"].id == before
    account.sync(full=True)
    assert account.names("/archive") == ["kept"]


def test_a_move_whose_new_name_the_service_does_not_tell_is_found_again(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(2))
    account.sync()
    account.service.mute = True
    before = account.nodes("/inbox")["mail-0"].id
    account.move("/inbox/mail-0", "/archive/mail-0")
    account.sync()
    assert [node.id for node in account.nodes("/archive").values()] == [before]
    account.mark("/archive/mail-0", flagged=True)
    account.sync()
    assert [thing.state for thing in account.service.boxes["A"].things.values()] == [
        {"unread": True, "flagged": True}
    ]


def test_what_is_undone_before_a_sync_asks_for_nothing(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(2))
    account.sync()
    history = StoreHistory(account.store)
    account.mark("/inbox/mail-0", unread=False)
    account.move("/inbox/mail-1", "/archive/mail-1")
    account.remove("/inbox/mail-0")
    for _ in range(3):
        drive(history.undo())
    assert account.names("/inbox") == ["mail-0", "mail-1"]
    assert account.nodes("/inbox")["mail-0"].attrs["unread"] is True
    requests = account.service.clock
    assert account.sync().pushed == 0
    assert account.service.clock == requests
    assert pushes(account) == 0


def test_what_is_undone_after_a_sync_is_undone_at_the_service(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(2, heads=True))
    account.mirror.settings = account.mirror.engine.settings = account.settings._replace(bodies="demand")
    account.sync()
    history = StoreHistory(account.store)
    account.mark("/inbox/mail-0", unread=False)
    account.sync()
    account.read("/inbox/mail-0")
    account.remove("/inbox/mail-0")
    account.sync()
    assert account.there()["trash"] == [mail(0)]
    drive(history.undo())
    drive(history.undo())
    account.sync()
    assert account.there() == {"inbox": sorted([mail(0), mail(1)]), "archive": [], "trash": []}
    assert {thing.state["unread"] for thing in account.service.boxes["I"].things.values()} == {True}


def test_what_was_removed_for_good_comes_back_whole(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(2))
    account.sync()
    account.remove("/inbox/mail-0")
    account.remove("/trash/mail-0")
    account.sync()
    assert account.there() == {"inbox": [mail(1)], "archive": [], "trash": []}
    history = StoreHistory(account.store)
    drive(history.undo())
    drive(history.undo())
    account.sync()
    assert account.there()["inbox"] == sorted([mail(0), mail(1)])
    assert account.contents()["inbox"] == account.there()["inbox"]


def test_a_new_file_is_appended_and_one_that_is_there_stays(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(1))
    account.sync()
    account.write("/archive/imported", b"Subject: imported\n\nby hand")
    account.sync()
    assert account.there()["archive"] == [b"Subject: imported\n\nby hand"]
    assert account.names("/archive") == ["imported"]
    with pytest.raises(ReadOnly):
        account.write("/inbox/mail-0", b"another")
    with pytest.raises(ReadOnly):
        account.write("/stray", b"nowhere")
    with pytest.raises(ReadOnly):
        account.move("/inbox/mail-0", "/archive/imported")
    assert account.sync().pushed == 0


def test_a_local_folder_is_never_told_of(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(1))
    account.sync()
    drive(account.mirror.mkdir(path("/.rules"), change()))
    account.write("/.rules/first", b"a rule")
    assert account.sync().pushed == 0
    assert account.read("/.rules/first") == b"a rule"
    assert set(account.service.boxes) == {"I", "A", "T"}
    account.remove("/.rules/first")
    assert account.names("/.rules") == []


def test_flags_that_change_at_both_ends_are_merged(tmp_path: pathlib.Path) -> None:
    service = filled(1)
    service.set("I", "1", {"labels": ("a", "b"), "flagged": False})
    account = Account(tmp_path, service)
    account.sync()
    account.mark("/inbox/mail-0", unread=False, labels=("b", "here"))
    service.set("I", "1", {"flagged": True, "labels": ("a", "b", "there")})
    account.sync()
    account.sync()
    assert service.boxes["I"].things["1"].state == {
        "unread": False,
        "flagged": True,
        "labels": ("b", "there", "here"),
    }
    attrs = account.nodes("/inbox")["mail-0"].attrs
    assert (attrs["unread"], attrs["flagged"], attrs["labels"]) == (False, True, ("b", "there", "here"))


def test_a_content_that_changed_at_both_ends_is_kept_twice(tmp_path: pathlib.Path) -> None:
    service = filled(1)
    account = Account(tmp_path, service, replaces=frozenset({"inbox"}), fixed=False)
    account.sync()
    account.write("/inbox/mail-0", b"Subject: mine\n\nedited here")
    service.set("I", "1", content=b"Subject: theirs\n\nedited there")
    report = account.sync()
    assert "both are kept" in " ".join(report.problems)
    assert account.read("/inbox/mail-0") == b"Subject: theirs\n\nedited there"
    assert account.read("/inbox/mail-0~conflict") == b"Subject: mine\n\nedited here"
    account.sync()
    assert account.there()["inbox"] == account.contents()["inbox"]
    assert len(account.there()["inbox"]) == 2


def test_an_edit_of_what_is_gone_at_the_service_stays_as_a_new_one(tmp_path: pathlib.Path) -> None:
    service = filled(2)
    account = Account(tmp_path, service, replaces=frozenset({"inbox"}), fixed=False)
    account.sync()
    account.write("/inbox/mail-0", b"Subject: mine\n\nedited here")
    account.mark("/inbox/mail-1", flagged=True)
    service.delete("I", "1")
    service.delete("I", "2")
    account.sync()
    account.sync()
    assert account.contents()["inbox"] == account.there()["inbox"] == [b"Subject: mine\n\nedited here"]


def test_a_change_that_the_service_never_takes_is_told_and_kept(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(1))
    account.sync()
    account.mark("/inbox/mail-0", unread=False)
    account.service.cut = 1
    with pytest.raises(OSError, match="cut"):
        account.sync()
    account.service.cut = None
    assert pushes(account) == 1
    account.sync()
    assert account.service.boxes["I"].things["1"].state["unread"] is False


def test_many_are_marked_at_once_and_an_error_stands_for_its_file_alone(tmp_path: pathlib.Path) -> None:
    account = Account(tmp_path, filled(30))
    account.sync()
    wanted = {path(f"/inbox/mail-{number}"): {"unread": False} for number in range(30)}
    wanted[path("/inbox/none")] = {"unread": False}
    answers = drive(account.mirror.set_attrs_many(wanted, change()))
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [NotFound]
    assert pushes(account) == 30
    assert account.sync().pushed == 30
    assert not any(thing.state["unread"] for thing in account.service.boxes["I"].things.values())
    drive(StoreHistory(account.store).undo())
    account.sync()
    assert all(thing.state["unread"] for thing in account.service.boxes["I"].things.values())
