"""What has changed in a mailbox: on servers that say it, that say some of it, and that do not."""

from __future__ import annotations

import pytest

from providers.mail.imap import cursor as cursors
from providers.mail.imap import listing
from providers.mirror.remote import Forgotten
from tests.imap.post import at, drive, folder, message, opened
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.proxy import running_proxy


def commands(heard: list[bytes]) -> list[bytes]:
    """The commands that passed to a server, without their tags."""
    lines = b"".join(heard).split(b"\r\n")
    return [line.split(b" ", 1)[1] for line in lines if b" " in line]


def test_a_mailbox_is_listed_whole_newest_first(any_box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "BATCH", 7)
    any_box.append([message(number) for number in range(20)])

    async def listed() -> None:
        async with opened(any_box) as remote:
            inbox = await (await at(remote)).pull()
            assert [len(part.items) for part in inbox.parts] == [7, 7, 6]
            assert inbox.parts[0].items[0].attrs["title"] == "Letter 19"
            assert [part.done for part in inbox.parts] == [False, False, True]
            assert {part.total for part in inbox.parts} == {20}
            item = inbox.items[inbox.href("Letter 3")]
            assert item.attrs["from"] == "Bob <bob@example.org>"
            assert item.size == len(message(3))
            assert item.name == "2024-01-15-letter-3"
            assert item.state["unread"] is True
            assert not item.whole

    drive(listed())


def test_a_listing_that_was_cut_goes_on_where_it_was(
    any_box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "BATCH", 5)
    any_box.append([message(number) for number in range(18)])

    async def cut() -> None:
        async with opened(any_box) as remote:
            inbox = await (await at(remote)).pull(parts=2)
            assert len(inbox.items) == 10
        # Meanwhile one that was listed goes, one that was not listed yet goes, and one arrives.
        with any_box.client("INBOX") as client:
            client.uid("STORE", "2,15", "+FLAGS", r"(\Deleted)")
            client.expunge()
        any_box.append([message(99)])
        async with opened(any_box) as remote:
            inbox.remote = remote
            await inbox.pull()
            assert len(inbox.items) == 17, "the one that was listed and is gone is not known to be gone yet"
            assert inbox.parts[-1].done
            await inbox.pull()
        expected = [f"Letter {number}" for number in range(18) if number not in (1, 14)]
        assert inbox.titles == [*expected, "Letter 99"]

    drive(cut())


def test_new_ones_changed_marks_and_removals_arrive(any_box: Mailbox) -> None:
    any_box.append([message(number) for number in range(10)])

    async def changed() -> None:
        async with opened(any_box) as remote:
            inbox = await (await at(remote)).pull()
            with any_box.client("INBOX") as client:
                client.uid("STORE", "3:4", "+FLAGS", r"(\Seen $Forwarded work)")
                client.uid("STORE", "5,9", "+FLAGS", r"(\Deleted)")
                client.expunge()
            any_box.deliver(message(77, "Brand new"))
            any_box.append([message(78, "Newer")], flags=r"\Flagged")
            await inbox.pull()
            assert len(inbox.items) == 10
            assert inbox.states[inbox.n(3)]["unread"] is False
            assert inbox.states[inbox.n(4)]["forwarded"] is True
            assert inbox.states[inbox.n(4)]["labels"] == ("work",)
            assert {5, 9}.isdisjoint(inbox.uids)
            assert inbox.titles[-2:] == ["Brand new", "Newer"]
            assert inbox.states[inbox.href("Newer")]["flagged"] is True
            await inbox.pull()
            assert len(inbox.items) == 10

    drive(changed())


def test_a_message_that_is_marked_as_deleted_is_gone_and_comes_back_with_the_mark_taken_off(
    any_box: Mailbox,
) -> None:
    any_box.append([message(number) for number in range(5)])

    async def hidden() -> None:
        async with opened(any_box) as remote:
            inbox = await (await at(remote)).pull()
            with any_box.client("INBOX") as client:
                client.uid("STORE", "2", "+FLAGS", r"(\Deleted)")
            await inbox.pull()
            await inbox.pull()
            assert inbox.uids == [1, 3, 4, 5]
            with any_box.client("INBOX") as client:
                client.uid("STORE", "2", "-FLAGS", r"(\Deleted)")
            await inbox.pull()
            await inbox.pull()
            assert inbox.uids == [1, 2, 3, 4, 5]

    drive(hidden())


def test_another_uidvalidity_means_that_everything_is_listed_again(any_box: Mailbox) -> None:
    any_box.append([], "INBOX")
    with any_box.client() as client:
        client.create("Club")
    any_box.append([message(1), message(2)], "Club")

    async def renewed() -> None:
        async with opened(any_box) as remote:
            club = await (await at(remote, "/club")).pull()
            before = {item.identity for item in club.items.values()}
            with any_box.client() as client:
                client.delete("Club")
                client.create("Other")
                client.create("Club")
            any_box.append([message(1), message(2)], "Club")
            with pytest.raises(Forgotten):
                await club.pull()
            again = await (await at(remote, "/club")).pull()
            # Another date of arrival makes another message; the server kept none of it here.
            assert len(again.items) == len(before) == 2

    drive(renewed())


def test_a_cursor_that_is_none_means_that_everything_is_listed_again(box: Mailbox) -> None:
    async def broken() -> None:
        async with opened(box) as remote:
            inbox = await at(remote)
            for text in ("x", "{}", '{"validity":1,"next":"2"}', "[1]"):
                inbox.cursor = text
                with pytest.raises(Forgotten):
                    await inbox.pull()

    drive(broken())


def test_nothing_new_is_one_request_a_folder(box: Mailbox) -> None:
    box.append([message(number) for number in range(30)])

    async def counted() -> None:
        with running_proxy(box.server.imap) as proxy:
            async with opened(box, port=str(proxy.port)) as remote:
                inbox = await (await at(remote)).pull()
                proxy.heard = []
                await inbox.pull()
                assert len(commands(proxy.heard)) == 1
                with box.client("INBOX") as client:
                    client.uid("STORE", "3", "+FLAGS", r"(\Seen)")
                proxy.heard = []
                await inbox.pull()
                assert len(commands(proxy.heard)) == 1
                assert inbox.states[inbox.n(3)]["unread"] is False
                box.deliver(message(500))
                proxy.heard = []
                await inbox.pull()
                assert len(commands(proxy.heard)) == 2

    drive(counted())


def test_folders_in_which_nothing_happened_cost_nothing_beside_their_list(box: Mailbox) -> None:
    async def counted() -> None:
        with running_proxy(box.server.imap) as proxy:
            async with opened(box, port=str(proxy.port)) as remote:
                box.append([message(1)])
                replicas = [await at(remote, str(one.path)) for one in await remote.collections()]
                for one in replicas:
                    await one.pull()
                await remote.collections()
                proxy.heard = []
                await remote.collections()
                for one in replicas:
                    await one.pull()
                # The list, and the folder that the connection has open: of that the list says nothing new.
                assert len(commands(proxy.heard)) <= 2
                assert all(one.parts[-1].done for one in replicas)

    drive(counted())


def test_mail_that_came_meanwhile_shows_in_the_folder_that_a_connection_has_open(box: Mailbox) -> None:
    async def counted() -> None:
        async with opened(box) as remote:
            box.append([message(1)])
            await remote.collections()
            inbox = await at(remote, "/inbox")
            await inbox.pull()
            box.append([message(2)])
            await remote.collections()
            await inbox.pull()
            assert len(inbox.states) == 2

    drive(counted())


@pytest.mark.parametrize("server", ["condstore_server", "poor_server"])
def test_nothing_new_is_few_requests_on_lesser_servers(server: str, request: pytest.FixtureRequest) -> None:
    lesser: Dovecot = request.getfixturevalue(server)
    box = lesser.mailbox()
    box.append([message(number) for number in range(30)])

    async def counted() -> None:
        with running_proxy(lesser.imap) as proxy:
            async with opened(box, port=str(proxy.port)) as remote:
                inbox = await (await at(remote)).pull()
                proxy.heard = []
                await inbox.pull()
                assert len(commands(proxy.heard)) <= 2

    drive(counted())


def test_a_poor_servers_old_marks_are_compared_now_and_then(
    poor_server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "BATCH", 3)
    box = poor_server.mailbox()
    box.append([message(number) for number in range(9)])

    async def compared() -> None:
        async with opened(box) as remote:
            inbox = await (await at(remote)).pull()
            with box.client("INBOX") as client:
                client.uid("STORE", "2,9", "+FLAGS", r"(\Seen)")
            await inbox.pull()
            assert inbox.states[inbox.n(9)]["unread"] is False, "the newest are looked at each time"
            assert inbox.states[inbox.n(2)]["unread"] is True
            held = cursors.read(inbox.cursor or "")
            assert held is not None
            inbox.cursor = held._replace(checked=held.checked - 3600).written()
            await inbox.pull()
            assert inbox.states[inbox.n(2)]["unread"] is False

    drive(compared())


def test_an_empty_mailbox_is_listed(any_box: Mailbox) -> None:
    async def listed() -> None:
        async with opened(any_box) as remote:
            inbox = await (await at(remote)).pull()
            assert inbox.items == {}
            assert inbox.parts[-1].done
            await inbox.pull()
            any_box.deliver(message(1))
            await inbox.pull()
            assert len(inbox.items) == 1

    drive(listed())


def test_what_was_pushed_from_here_is_not_taken_for_lost(any_box: Mailbox) -> None:
    any_box.append([message(number) for number in range(4)])

    async def pushed() -> None:
        async with opened(any_box) as remote:
            inbox = await (await at(remote)).pull()
            if not any(str(one.path) == "/club" for one in await remote.collections()):
                with any_box.client() as client:
                    client.create("Club")
            club = await (await at(remote, "/club")).pull()
            (told,) = await remote.push([inbox.change("Letter 2", await folder(remote, "/club"))])
            assert told.href, told  # type: ignore[union-attr]
            club.items[told.href] = inbox.items[inbox.n(3)]  # type: ignore[union-attr]
            inbox.drop(inbox.n(3))
            await club.pull()
            await inbox.pull()
            assert club.titles == ["Letter 2"]
            assert inbox.titles == ["Letter 0", "Letter 1", "Letter 3"]

    drive(pushed())
