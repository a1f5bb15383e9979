"""What is changed here while a sync is under way, or between two, is not lost and overwrites nothing."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import pytest

from providers.mirror.memory import MemoryRemote
from providers.mirror.remote import Push, Pushed
from tests.engines import BOTH
from tests.mirror.account import Account, change, filled, path
from vfs.errors import VfsError

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
