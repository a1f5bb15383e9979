from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from providers.mail.gmail.remote import GmailRemote
from providers.mirror.remote import Queries, Throttled
from tests.gmail.account import Replica, account, letter, remote_of
from tests.servers.gmail import Mailbox, error
from tests.servers.web import Reply, Request
from vfs.drive import drive
from vfs.errors import LoginNeeded, NotFound, Unavailable, VfsError


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with account() as (box, _):
        yield box


@pytest.fixture
def remote(box: Mailbox) -> GmailRemote:
    return remote_of(box)


def fetched(remote: GmailRemote, path: str, hrefs: list[str]) -> dict[str, bytes | VfsError]:
    async def work() -> dict[str, bytes | VfsError]:
        folder = next(one for one in await remote.collections() if str(one.path) == path)
        try:
            return {href: answer async for group in remote.fetch(folder, hrefs) for href, answer in group}
        finally:
            await remote.aclose()

    return drive(work())


def test_contents_come_as_they_were_sixteen_at_once(box: Mailbox, remote: GmailRemote) -> None:
    mails = [box.add(letter(number, body="ä\0\x1b" * number), "INBOX") for number in range(60)]
    answered = box.web.answer

    def slowly(request: Request) -> Reply:
        time.sleep(0.01)
        return answered(request)

    box.web.answer = slowly
    found = fetched(remote, "/inbox", [one.id for one in mails])
    assert found == {one.id: one.raw for one in mails}
    assert 1 < box.web.most_busy <= 16


def test_large_contents_come_one_by_one_behind_the_others(box: Mailbox, remote: GmailRemote) -> None:
    bodies = ["x" * 5_000_000, "small", "y" * 4_000_000, "small, too"]
    mails = [box.add(letter(number, body=body), "INBOX") for number, body in enumerate(bodies)]
    found = fetched(remote, "/inbox", [one.id for one in mails])
    assert found == {one.id: one.raw for one in mails}
    assert list(found) == [mails[at].id for at in (1, 3, 0, 2)]


def test_a_content_that_is_gone_is_an_error_of_its_own(box: Mailbox, remote: GmailRemote) -> None:
    kept = box.add(letter(1), "INBOX")
    found = fetched(remote, "/inbox", [kept.id, "18cdead"])
    assert found[kept.id] == kept.raw
    assert isinstance(found["18cdead"], NotFound)


def test_a_draft_is_fetched_by_its_own_id(box: Mailbox, remote: GmailRemote) -> None:
    kept = box.add(letter(1), "DRAFT")
    box.drafts["r1"] = kept.id
    assert fetched(remote, "/drafts", ["r1"]) == {"r1": kept.raw}


@pytest.mark.parametrize("times", [1, 99])
def test_a_damaged_content_is_never_handed_on(box: Mailbox, remote: GmailRemote, times: int) -> None:
    kept = box.add(letter(1), "INBOX")
    box.web.fail("reply", times=times, about="/messages/", reply=Reply(200, b'{"raw": "%%%"}'))
    with pytest.raises(Unavailable):
        fetched(remote, "/inbox", [kept.id])


def test_gmail_is_searched_in_its_own_language(box: Mailbox, remote: GmailRemote) -> None:
    here = box.add(letter(1, subject="Flight", body="itinerary"), "INBOX")
    box.add(letter(2), "INBOX")
    away = box.add(letter(3, body="itinerary"), box.label("Trips"))
    draft = box.add(letter(4, body="itinerary"), "DRAFT")
    box.drafts["r1"] = draft.id
    assert isinstance(remote, Queries)

    async def work(limit: int) -> list[tuple[str, str, str]]:
        remote = remote_of(box)
        found = await remote.query("itinerary from:ada", limit)
        await remote.aclose()
        return [(str(folder.path), item.href, item.name) for folder, item in found]

    assert drive(work(10)) == [
        ("/drafts", "r1", "2024-01-15-invoice-4"),
        ("/trips", away.id, "2024-01-15-invoice-3"),
        ("/inbox", here.id, "2024-01-15-flight"),
    ]
    assert len(drive(work(2))) == 2


def test_the_token_is_renewed_once_and_then_a_person_is_needed(box: Mailbox, remote: GmailRemote) -> None:
    box.add(letter(1), "INBOX")
    box.web.fail("reply", reply=Reply(401))

    async def work() -> None:
        await Replica(remote).sync()
        assert [one.headers["authorization"] for one in box.web.seen[:2]] == [
            "Bearer token",
            "Bearer another",
        ]
        box.web.fail("reply", times=99, reply=Reply(401))
        with pytest.raises(LoginNeeded) as caught:
            await remote.collections()
        assert caught.value.hint == "run: connect gmail"
        await remote.aclose()

    drive(work())


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(403, "dailyLimitExceeded", Retry_After="9999"), Throttled),
        (error(429, "rateLimitExceeded", Retry_After="9999"), Throttled),
        (error(403, "accessNotConfigured"), LoginNeeded),
        (error(403, "insufficientPermissions"), LoginNeeded),
        (Reply(403, b'{"error": {"errors": 5, "details": "x"}}'), VfsError),
        (Reply(503), Unavailable),
        (Reply(200, b""), Unavailable),
    ],
)
def test_what_gmail_says_is_told_in_the_trees_words(
    box: Mailbox, remote: GmailRemote, reply: Reply, kind: type[VfsError]
) -> None:
    box.web.fail("reply", times=99, reply=reply)

    async def work() -> None:
        with pytest.raises(kind):
            await remote.collections()
        await remote.aclose()

    drive(work())


def test_a_remote_is_closed_twice_and_made_without_waiting(box: Mailbox, remote: GmailRemote) -> None:
    async def work() -> None:
        await remote.aclose()
        await remote.collections()
        await remote.aclose()
        await remote.aclose()

    drive(work())
    assert remote.parallel == 16
