from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers.mail.gmail.remote import GmailRemote
from providers.mirror.remote import Forgotten
from tests.gmail.account import Replica, account, letter, remote_of
from tests.servers.gmail import Mailbox, error
from tests.servers.web import Reply
from vfs.drive import drive
from vfs.errors import Unavailable


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with account() as (box, _):
        yield box


@pytest.fixture
def remote(box: Mailbox) -> GmailRemote:
    return remote_of(box)


def fill(box: Mailbox, many: int) -> None:
    for number in range(many):
        labels = ["INBOX"] if number % 3 else ["SENT"] if number % 2 else []
        box.add(letter(number), *labels, *(["UNREAD"] if number % 5 == 0 else []))


def expected(box: Mailbox, path: str) -> set[str]:
    """What the folder of a label holds, by the mailbox's own books."""
    place = {"/inbox": "INBOX", "/sent": "SENT", "/trash": "TRASH", "/junk": "SPAM"}
    if path == "/archive":
        out = {"INBOX", "SENT", "DRAFT", "TRASH", "SPAM", "CHAT"}
        return {one.id for one in box.messages.values() if not one.labels & out}
    hidden = set() if path in ("/trash", "/junk") else {"TRASH", "SPAM"}
    return {one.id for one in box.messages.values() if place[path] in one.labels and not one.labels & hidden}


def equal(box: Mailbox, replica: Replica) -> None:
    for path in ("/inbox", "/sent", "/archive", "/trash", "/junk"):
        assert replica.hrefs(path) == expected(box, path), path
        for id in replica.hrefs(path):
            state = replica.item(path, id).state
            labels = box.messages[id].labels
            assert state["unread"] is ("UNREAD" in labels)
            assert state["flagged"] is ("STARRED" in labels)
            assert state["labels"] == tuple(sorted(box.labels[one] for one in labels if one in box.labels))
    assert replica.hrefs("/drafts") == set(box.drafts)


def test_a_mailbox_is_listed_whole_in_parts_newest_first(box: Mailbox, remote: GmailRemote) -> None:
    fill(box, 330)

    async def work() -> None:
        replica = Replica(remote)
        await replica.sync()
        equal(box, replica)
        items = list(replica.items["INBOX"].values())
        assert [item.at for item in items] == sorted((item.at for item in items if item.at), reverse=True)
        await remote.aclose()

    drive(work())
    assert box.web.most_busy <= 16


def test_an_item_carries_what_its_folder_shows(box: Mailbox, remote: GmailRemote) -> None:
    kept = box.add(letter(7, subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?="), "INBOX", "UNREAD", "STARRED")

    async def work() -> None:
        replica = Replica(remote)
        await replica.sync()
        item = replica.item("/inbox", kept.id)
        assert item.name == "2024-01-15-grüße"
        assert item.identity == kept.id
        assert item.state == {"unread": True, "flagged": True, "labels": ()}
        assert not item.whole
        assert item.size is None, "Gmail only estimates sizes"
        told = remote.describe(item.content, False)
        assert told.attrs["title"] == "Grüße"
        assert told.attrs["from"] == "Ada Lovelace <ada@example.org>"
        await remote.aclose()

    drive(work())


def test_a_sync_without_news_is_one_look_at_the_history(box: Mailbox, remote: GmailRemote) -> None:
    fill(box, 30)

    async def work() -> None:
        replica = Replica(remote)
        await replica.sync()
        box.web.seen.clear()
        await replica.sync()
        await remote.aclose()

    drive(work())
    assert [request.path.rpartition("/")[2] for request in box.web.seen] == ["labels", "history"]


def test_all_that_happens_elsewhere_arrives(box: Mailbox, remote: GmailRemote) -> None:
    fill(box, 40)
    work_label = box.label("Work")

    async def work() -> None:
        replica = Replica(remote)
        await replica.sync()
        ids = sorted(box.ids("INBOX"))
        box.turn(ids[0], ("STARRED",), ("UNREAD",))
        box.turn(ids[1], (), ("INBOX",))
        box.turn(ids[2], ("TRASH",), ("INBOX",))
        box.turn(ids[3], ("SPAM",))
        box.turn(ids[4], (work_label,))
        box.delete(ids[5])
        new = box.add(letter(900), "INBOX", "UNREAD")
        brief = box.add(letter(901), "INBOX")
        box.delete(brief.id)
        await replica.sync()
        equal(box, replica)
        assert replica.hrefs("/work") == {ids[4]}
        assert new.id in replica.hrefs("/inbox")
        await remote.aclose()

    drive(work())


def test_one_pass_over_the_history_serves_all_folders(box: Mailbox, remote: GmailRemote) -> None:
    fill(box, 20)
    for name in ("A", "B", "C"):
        box.label(name)

    async def work() -> None:
        replica = Replica(remote)
        await replica.sync()
        box.add(letter(50), "INBOX")
        box.turn(next(iter(box.ids("SENT"))), ("STARRED",))
        box.web.seen.clear()
        await replica.sync()
        equal(box, replica)
        await remote.aclose()

    drive(work())
    assert box.web.count(about="/history") == 1
    assert box.web.count(about="/messages/") == 2, "each touched message is asked for once"


def test_a_mail_with_two_labels_is_in_two_folders_and_asked_for_once(
    box: Mailbox, remote: GmailRemote
) -> None:
    one, two = box.label("Projects"), box.label("Projects/Spatio Shell")
    kept = box.add(letter(1), "INBOX", one, two)

    async def work() -> None:
        replica = Replica(remote)
        await replica.sync()
        for path in ("/inbox", "/projects", "/projects/spatio-shell"):
            assert replica.hrefs(path) == {kept.id}
            assert replica.item(path, kept.id).state["labels"] == ("Projects", "Projects/Spatio Shell")
        assert not replica.hrefs("/archive")
        await remote.aclose()

    drive(work())
    assert box.web.count(about=f"/messages/{kept.id}") == 1


def test_a_listing_that_was_killed_goes_on_where_it_was(box: Mailbox, remote: GmailRemote) -> None:
    for number in range(450):
        box.add(letter(number), "INBOX")

    async def work() -> None:
        replica = Replica(remote)
        folder = (await remote.collections())[0]
        await replica.pull(folder, parts=1)
        assert len(replica.items["INBOX"]) == 200
        box.add(letter(1000), "INBOX")
        gone = next(iter(replica.items["INBOX"]))
        box.delete(gone)
        await remote.aclose()

        replica.remote = remote_of(box)
        box.web.seen.clear()
        await replica.pull(folder)
        assert box.web.count(about="/messages/") <= 252, "what was listed is not asked for again"
        await replica.pull(folder)
        assert set(replica.items["INBOX"]) == box.ids("INBOX")
        await replica.remote.aclose()

    drive(work())


def test_what_happens_during_a_listing_is_not_missed(box: Mailbox, remote: GmailRemote) -> None:
    for number in range(250):
        box.add(letter(number), "INBOX")
    box.add(letter(400))

    async def work() -> None:
        replica = Replica(remote)
        folders = {str(one.path): one for one in await remote.collections()}
        await replica.pull(folders["/inbox"])
        moved = sorted(box.ids("INBOX"))[3]
        box.turn(moved, ("STARRED",), ("INBOX",))
        await replica.pull(folders["/archive"])
        await replica.sync()
        equal(box, replica)
        assert replica.item("/archive", moved).state["flagged"] is True
        await remote.aclose()

    drive(work())


def test_a_history_that_gmail_has_forgotten_is_said_on_the_first_part(
    box: Mailbox, remote: GmailRemote
) -> None:
    fill(box, 10)

    async def work() -> None:
        replica = Replica(remote)
        await replica.sync()
        box.forget()
        with pytest.raises(Forgotten):
            await replica.pull(replica.folders["/inbox"])
        replica.cursors.clear()
        await replica.sync()
        equal(box, replica)
        await remote.aclose()

    drive(work())


@pytest.mark.parametrize("cursor", ["", "x", "h:", "h:abc", "l:1e9:2", "h:" + "9" * 40, "h:٣", "{}"])
def test_a_cursor_that_makes_no_sense_is_forgotten(box: Mailbox, remote: GmailRemote, cursor: str) -> None:
    async def work() -> None:
        replica = Replica(remote)
        folder = (await remote.collections())[0]
        replica.cursors[folder.key] = cursor
        with pytest.raises(Forgotten):
            await replica.pull(folder)
        await remote.aclose()

    drive(work())


def test_a_page_that_gmail_no_longer_knows_is_forgotten(box: Mailbox, remote: GmailRemote) -> None:
    async def work() -> None:
        replica = Replica(remote)
        folder = (await remote.collections())[0]
        replica.cursors[folder.key] = "l:5000:stale"
        with pytest.raises(Forgotten):
            await replica.pull(folder)
        await remote.aclose()

    drive(work())


def test_drafts_keep_their_place_while_their_messages_change(box: Mailbox, remote: GmailRemote) -> None:
    first = box.add(letter(1, subject="Plan"), "DRAFT")
    box.drafts["r1"] = first.id

    async def work() -> None:
        replica = Replica(remote)
        await replica.sync()
        item = replica.item("/drafts", "r1")
        assert (item.etag, item.identity, item.attrs["draft"]) == (first.id, first.id, True)
        second = box.add(letter(1, subject="A better plan"), "DRAFT")
        box.drafts["r1"] = second.id
        box.delete(first.id)
        await replica.sync()
        item = replica.item("/drafts", "r1")
        assert (item.etag, item.name) == (second.id, "2024-01-15-a-better-plan")
        del box.drafts["r1"]
        box.delete(second.id)
        await replica.sync()
        equal(box, replica)
        await remote.aclose()

    drive(work())


def test_a_label_that_comes_up_in_the_middle_has_its_name(box: Mailbox, remote: GmailRemote) -> None:
    kept = box.add(letter(1), "INBOX")

    async def work() -> None:
        replica = Replica(remote)
        await replica.sync()
        folder = replica.folders["/inbox"]
        box.turn(kept.id, (box.label("New"),))
        await replica.pull(folder)
        assert replica.items["INBOX"][kept.id].state["labels"] == ("New",)
        await remote.aclose()

    drive(work())


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b"<html>captive portal</html>",
        b'{"history": {}, "historyId": "6000"}',
        b'{"history": [7], "historyId": "6000"}',
        b'{"history": [{"messagesAdded": [{}]}], "historyId": "6000"}',
        b'{"history": [{"messagesAdded": [{"message": {"id": 5}}]}], "historyId": "6000"}',
        b'{"history": []}',
        b'{"historyId": 6000}',
        b'{"historyId": "\\u0000"}',
        b'{"historyId": "' + b"9" * 300 + b'"}',
        b'{"historyId": "6000", "nextPageToken": ["a"]}',
    ],
)
def test_an_answer_of_another_form_changes_nothing(box: Mailbox, remote: GmailRemote, body: bytes) -> None:
    fill(box, 6)

    async def work() -> None:
        replica = Replica(remote)
        await replica.sync()
        before = dict(replica.cursors)
        box.web.fail("reply", about="/history", reply=Reply(body=body))
        with pytest.raises(Unavailable):
            await replica.pull(replica.folders["/inbox"])
        assert replica.cursors == before
        await replica.sync()
        equal(box, replica)
        await remote.aclose()

    drive(work())


def test_a_busy_gmail_is_waited_for(box: Mailbox, remote: GmailRemote) -> None:
    fill(box, 30)
    box.web.fail(
        "reply", times=3, about="/messages/", reply=error(403, "userRateLimitExceeded", Retry_After="0")
    )
    box.web.fail("reply", times=2, about="/messages/", reply=error(429, "rateLimitExceeded"))
    box.web.fail("reply", times=3, about="/labels", reply=Reply(500))
    box.web.fail("cut", times=2, about="/messages/", after=4)
    box.web.fail("drop", times=2, about="/messages/", after=9)

    async def work() -> None:
        replica = Replica(remote)
        await replica.sync()
        equal(box, replica)
        await remote.aclose()

    drive(work())
