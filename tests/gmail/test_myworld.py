"""The remote against a service that somebody else has written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers.http import Pace
from providers.mail.gmail.remote import GmailRemote
from tests.gmail.account import QUICK, Replica, change, deed, letter
from tests.servers.myworld import Account, account, myworld
from vfs.drive import drive

__all__ = ["myworld"]


class Login:
    def __init__(self, token: str) -> None:
        self.token = token

    async def access(self) -> str:
        return self.token

    async def renewed(self, stale: str) -> str:
        return self.token


@pytest.fixture
def there(myworld: int) -> Iterator[Account]:
    with account(myworld) as there:
        yield there


@pytest.fixture
def remote(there: Account) -> GmailRemote:
    return GmailRemote(Login(there.token), base=there.web.url, bounds=QUICK, pace=Pace(1e9, 1e9))


def test_a_mailbox_of_hundreds_is_synced_changed_and_synced_again(
    there: Account, remote: GmailRemote
) -> None:
    async def work() -> None:
        replica = Replica(remote)
        await replica.sync()
        assert sum(len(items) for items in replica.items.values()) >= 290
        inbox = replica.folders["/inbox"]
        ids = sorted(replica.hrefs("/inbox"))
        assert len(ids) > 20

        bodies = [pair async for group in remote.fetch(inbox, ids[:40]) for pair in group]
        assert all(isinstance(content, bytes) and b"Subject:" in content for _, content in bodies)
        for href, content in bodies:
            assert isinstance(content, bytes)
            header = replica.item("/inbox", href).content
            short, whole = remote.describe(header, False), remote.describe(content, True)
            for name in ("title", "from", "date", "message_id"):
                assert short.attrs.get(name) == whole.attrs.get(name), (href, name)

        await _changed(remote, replica, ids)
        await remote.aclose()

    drive(work())


async def _changed(remote: GmailRemote, replica: Replica, ids: list[str]) -> None:
    inbox, archive, trash = (replica.folders[name] for name in ("/inbox", "/archive", "/trash"))
    base = replica.item("/inbox", ids[0]).state
    wanted = {**base, "flagged": not base["flagged"], "labels": (*base["labels"], "Checked")}  # type: ignore[misc]
    states = [replica.item("/inbox", id).state for id in ids]
    outcomes = await remote.push(
        [
            change(ids[0], inbox, inbox, base, wanted),
            change(ids[1], inbox, trash, states[1]),
            *[change(id, inbox, archive, state) for id, state in zip(ids[2:14], states[2:14], strict=True)],
        ]
    )
    assert not [one for one in outcomes if isinstance(one, Exception)]
    await replica.sync()
    assert replica.item("/inbox", ids[0]).state["flagged"] is wanted["flagged"]
    assert ids[0] in replica.hrefs("/checked")
    assert ids[1] in replica.hrefs("/trash")
    # What somebody has sent to themselves lies among the sent mails when it leaves the inbox.
    assert set(ids[2:14]) <= replica.hrefs("/archive") | replica.hrefs("/sent")
    assert not set(ids[1:14]) & replica.hrefs("/inbox")
    await remote.push([change(ids[1], trash, inbox, states[1])])
    await replica.sync()
    assert ids[1] in replica.hrefs("/inbox")


def test_a_draft_is_written_and_a_mail_is_sent(there: Account, remote: GmailRemote) -> None:
    async def leaving() -> None:
        pass

    async def work() -> None:
        replica = Replica(remote)
        await replica.sync()
        drafts = replica.folders["/drafts"]
        before = replica.hrefs("/sent")
        (made,) = await remote.push([change("", None, drafts, {}, {}, content=letter(1, subject="A plan"))])
        assert not isinstance(made, Exception)
        await replica.sync()
        assert replica.item("/drafts", made.href).name.endswith("a-plan")
        content = letter(2, subject="Notes").replace(b"From: Ada Lovelace <ada@example.org>\r\n", b"")
        said = await remote.perform(deed("m2@example.org"), content, leaving)
        assert said == "sent by Gmail"
        await replica.sync()
        assert any(replica.item("/sent", id).name.endswith("notes") for id in replica.hrefs("/sent") - before)
        await remote.push([change(made.href, drafts, None)])
        # This service does not note in its history what is deleted; only a look at all drafts tells.
        await remote.push([change("", None, drafts, {}, {}, content=letter(3))])
        await replica.sync()
        assert made.href not in replica.hrefs("/drafts")
        await remote.aclose()

    drive(work())


def test_the_search_is_gmails_own(there: Account, remote: GmailRemote) -> None:
    async def work() -> None:
        found = await remote.query("has:attachment in:inbox", 5)
        assert found
        assert all(folder.role == "inbox" for folder, _ in found)
        assert len(found) <= 5
        await remote.aclose()

    drive(work())
