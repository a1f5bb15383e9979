"""Inviting and answering from a day's folder, through the outbox, at a server that sends by itself."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from providers.calendar.caldav.provider import PROVIDER
from providers.outbox.performing import Performing
from providers.spec import Opening, Reach
from tests.caldav.account import Account, change
from tests.caldav.test_scheduling import Server, invitation, server, theirs
from tests.servers.dav import PASSWORD
from tests.servers.radicale import Radicale
from vfs.errors import Unsupported
from vfs.path import Path

__all__ = ["server"]

WORK = "/calendars/work"
LUNCH, TALK = Path.parse("/2026-11-21/1400-lunch.ics"), Path.parse("/2026-11-21/1400-talk.ics")


class Mounted(Account):
    """An account as its mount opens it."""

    def __init__(self, folder: pathlib.Path, url: str, user: str) -> None:
        super().__init__(folder, lambda: None)
        options = {"url": url, "user": user, "address": "ada@example.org", "collection": "calendar"}
        opening = Opening(
            options, lambda: self.store, secret=lambda name: PASSWORD, reach=lambda: Reach.BACKGROUND
        )
        self.mirror: Any = PROVIDER.open(opening)

    def do(self, path: Path, verb: str, **asked: Any) -> list[str]:
        """Asks for a deed, and has the outbox do it; how it ended."""
        ended: list[str] = []

        async def told(row: Any) -> None:
            ended.append(row.state)

        async def whole() -> None:
            await self.mirror.act(path, verb, {**asked, "countdown": 0}, change())
            await Performing(self.store, lambda name: self.mirror.performs(), told).turn()

        self.run(whole())
        return ended


@pytest.fixture
def mounted(server: Server, tmp_path: pathlib.Path) -> Iterator[Mounted]:
    server.user.put(f"{server.calendar}talk.ics", theirs())
    account = Mounted(tmp_path, f"{server.web.url}/", server.user.user)
    account.sync()
    yield account
    account.close()


def test_an_event_is_sent_to_its_guests(server: Server, mounted: Mounted) -> None:
    mounted.write(f"{WORK}/lunch.ics", invitation())
    mounted.sync()
    assert server.sent() == []
    assert mounted.do(LUNCH, "invite") == ["done"]
    assert len(server.sent()) == 1
    assert mounted.sync().counts.conflicts == ()


def test_an_answer_is_noted_and_sent(server: Server, mounted: Mounted) -> None:
    assert mounted.nodes("/2026-11-21")["1400-talk.ics"].attrs["answer"] == "needs-action"
    assert mounted.do(TALK, "answer", answer="accepted") == ["done"]
    assert mounted.nodes("/2026-11-21")["1400-talk.ics"].attrs["answer"] == "accepted"
    assert b"PARTSTAT=ACCEPTED:mailto:ada" in server.user.get(f"{server.calendar}talk.ics")
    report = mounted.sync(everything=True)
    assert report.counts.conflicts == ()
    assert mounted.names(WORK) == ["talk.ics"]


def test_where_the_server_sends_nothing_there_is_no_such_deed(
    radicale: Radicale, tmp_path: pathlib.Path
) -> None:
    user = radicale.user()
    user.put(f"{user.make('work')}lunch.ics", invitation())
    account = Mounted(tmp_path, f"{user.origin}/", user.user)
    account.sync()
    with pytest.raises(Unsupported, match="has no verb `invite`"):
        account.do(LUNCH, "invite")
    account.close()
