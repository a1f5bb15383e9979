"""The remote against a service that somebody else has written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from providers.mirror.remote import Collection, Item
from providers.mirror.remote import Push as Change
from tests.caldav.account import event
from tests.gcal.account import remote_of
from tests.servers.myworld import CALENDAR, Account, account, myworld
from vfs.closing import Closing
from vfs.drive import drive

__all__ = ["myworld"]


class Login:
    def __init__(self, token: str) -> None:
        self.token = token

    async def access(self) -> str:
        return self.token

    async def renewed(self, stale: str) -> str:
        return self.token


class Nothing:
    """A replica that has nothing."""

    async def count(self) -> int:
        return 0

    async def hrefs(self) -> list[str]:
        return []

    async def etags(self) -> dict[str, str]:
        return {}

    async def content(self, href: str) -> bytes | None:
        return None


@pytest.fixture
def there(myworld: int) -> Iterator[Account]:
    with account(myworld, server=CALENDAR) as there:
        yield there


def test_calendars_of_weeks_are_read_and_changed(there: Account) -> None:
    remote = remote_of(there.web.url, Login(there.token))

    async def listed(calendar: Collection, cursor: str | None) -> tuple[dict[str, Item], list[str], str]:
        items: dict[str, Item] = {}
        gone: list[str] = []
        async with Closing(remote.changes(calendar, cursor, Nothing())) as parts:
            async for part in parts:
                items.update({item.href: item for item in part.items})
                gone += part.gone
                cursor = part.cursor or cursor
        assert cursor is not None
        return items, gone, cursor

    async def work() -> None:
        _, mine, *_ = await remote.collections()
        items, _, _ = await listed(mine, None)
        assert len(items) > 10
        for item in items.values():
            said = remote.describe(item.content, True)
            assert isinstance(said.attrs["start"], datetime) or said.attrs["all_day"]
            assert not said.attrs["problem"]
        content = event("from-here", "From here", "20270115T100000Z", end="20270115T110000Z")
        (made,) = await remote.push([Change(None, "", "", {}, mine, {}, content)])
        assert not isinstance(made, Exception)
        (again,) = await remote.push([Change(None, "", "", {}, mine, {}, content)])
        assert again == made
        items, _, _ = await listed(mine, None)
        there = items[made.href]
        said = remote.describe(there.content, True).attrs
        assert (said["title"], said["uid"]) == ("From here", "from-here")
        assert said["start"].astimezone(UTC) == datetime(2027, 1, 15, 10, tzinfo=UTC)  # type: ignore[union-attr]
        other = there.content.replace(b"From here", b"From there")
        (changed,) = await remote.push([Change(mine, made.href, there.etag, {}, mine, {}, other)])
        assert not isinstance(changed, Exception)
        (gone,) = await remote.push([Change(mine, made.href, changed.etag, {}, None, {})])
        assert not isinstance(gone, Exception)
        items, _, _ = await listed(mine, None)
        assert made.href not in items

    async def whole() -> None:
        try:
            await work()
        finally:
            await remote.aclose()

    drive(whole())
