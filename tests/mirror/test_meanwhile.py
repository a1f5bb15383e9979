"""What is changed here while a sync is under way, or between two, is not lost and overwrites nothing."""

from __future__ import annotations

import pathlib
from collections.abc import AsyncIterator, Sequence

import pytest

from providers.mirror.memory import MemoryRemote
from providers.mirror.remote import Collection, Push, Pushed
from providers.store.history import StoreHistory
from tests.engines import BOTH
from tests.mirror.account import Account, change, filled, mail, path
from vfs.drive import drive
from vfs.errors import Refused, VfsError

ENGINES = BOTH


def test_a_mark_made_during_a_push_does_not_undo_what_another_program_marked(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = filled(1)
    service.set("I", "1", {"flagged": False})
    account = Account(tmp_path, service)
    account.sync()
    account.mark("/inbox/mail-0", unread=False)
    service.set("I", "1", {"flagged": True})
    real = MemoryRemote.push

    async def push(remote: MemoryRemote, changes: Sequence[Push]) -> Sequence[Pushed | VfsError]:
        told = await real(remote, changes)
        monkeypatch.setattr(MemoryRemote, "push", real)
        await account.mirror.set_attrs(path("/inbox/mail-0"), {"unread": True}, change())
        return told

    monkeypatch.setattr(MemoryRemote, "push", push)
    account.sync()
    account.sync()
    assert service.boxes["I"].things["1"].state == {"unread": True, "flagged": True}
    attrs = account.nodes("/inbox")["mail-0"].attrs
    assert (attrs["unread"], attrs["flagged"]) == (True, True)


def test_a_mark_on_what_the_service_has_not_named_yet_waits_until_it_has(tmp_path: pathlib.Path) -> None:
    service = filled(1)
    service.mute = True
    account = Account(tmp_path, service)
    account.sync()
    account.move("/inbox/mail-0", "/archive/mail-0")
    account.sync("/inbox")
    account.mark("/archive/mail-0", flagged=True)
    account.sync()
    (thing,) = service.boxes["A"].things.values()
    assert thing.state["flagged"] is True
    assert account.rows("SELECT count(*) FROM push") == [(0,)]


def test_a_content_that_comes_for_what_was_just_removed_does_not_cut_it_when_that_is_undone(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = filled(0, heads=True)
    service.add("T", "mail-0", mail(0), {"unread": True})
    account = Account(tmp_path, service)
    account.sync(bodies=False)
    real = MemoryRemote.fetch

    async def fetch(
        remote: MemoryRemote, collection: Collection, hrefs: Sequence[str]
    ) -> AsyncIterator[Sequence[tuple[str, bytes | VfsError]]]:
        async for batch in real(remote, collection, hrefs):
            await account.mirror.remove(path("/trash/mail-0"), change())
            yield batch

    monkeypatch.setattr(MemoryRemote, "fetch", fetch)
    account.sync()
    monkeypatch.setattr(MemoryRemote, "fetch", real)
    assert account.names("/trash") == []
    drive(StoreHistory(account.store).undo())
    account.sync()
    account.sync()
    assert account.there()["trash"] == [mail(0)]
    assert account.read("/trash/mail-0") == mail(0)


def test_a_received_mail_is_never_replaced_at_the_service_whatever_is_noted_here(
    tmp_path: pathlib.Path,
) -> None:
    account = Account(tmp_path, filled(1))
    account.sync()
    account.mark("/inbox/mail-0", flagged=True)
    spoilt = "UPDATE item SET digest = ?"
    drive(account.store.write(lambda connection: connection.execute(spoilt, (b"other",)).close()))
    report = account.sync()
    assert "is another one here" in " ".join(report.problems)
    assert account.there()["inbox"] == [mail(0)]


def test_what_cannot_be_brought_back_is_told(tmp_path: pathlib.Path) -> None:
    service = filled(0, heads=True)
    service.add("T", "mail-0", mail(0), {"unread": True})
    account = Account(tmp_path, service)
    account.sync(bodies=False)
    account.remove("/trash/mail-0")
    account.sync(bodies=False)
    assert account.there()["trash"] == []
    drive(StoreHistory(account.store).undo())
    report = account.sync(bodies=False)
    assert report.problems == ("/trash/mail-0: is gone at the service, and only its beginning is here",)


def test_a_refused_change_is_told_again_when_a_person_asks_for_everything(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account(tmp_path, filled(1))
    account.sync()
    account.mark("/inbox/mail-0", flagged=True)
    real = MemoryRemote.push

    async def push(remote: MemoryRemote, changes: Sequence[Push]) -> Sequence[Pushed | VfsError]:
        return [Refused(None, "not allowed") for _ in changes]

    monkeypatch.setattr(MemoryRemote, "push", push)
    assert account.sync().problems == ("/inbox/mail-0: not allowed",)
    assert account.sync(everything=True).problems == ("/inbox/mail-0: not allowed",)
    monkeypatch.setattr(MemoryRemote, "push", real)
    assert account.sync().pushed == 0
    assert account.sync(everything=True).pushed == 1
    assert account.service.boxes["I"].things["1"].state["flagged"] is True
