"""What is changed here becomes true at the server, once, however often it is told."""

from __future__ import annotations

import pytest

from providers.mail.imap.hrefs import uid_of
from providers.mirror.remote import Push, Pushed
from tests.imap.post import at, drive, folder, message, opened
from tests.imap.test_listing import commands
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.proxy import running_proxy
from vfs.errors import BadName, NotFound, Unavailable


def taken(result: object) -> Pushed:
    assert isinstance(result, Pushed), result
    return result


@pytest.fixture(autouse=True)
def _club(request: pytest.FixtureRequest) -> None:
    """Each user has a folder `Club`."""
    for name in ("box", "any_box"):
        if name in request.fixturenames:
            with request.getfixturevalue(name).client() as client:
                client.create("Club")


def test_marks_of_many_are_set_by_one_command(box: Mailbox) -> None:
    box.append([message(number) for number in range(40)])

    async def marked() -> None:
        with running_proxy(box.server.imap) as proxy:
            async with opened(box, port=str(proxy.port)) as remote:
                inbox = await (await at(remote)).pull()
                proxy.heard = []
                changes = [inbox.change(f"Letter {number}", unread=False) for number in range(40)]
                told = await remote.push(changes)
                assert all(taken(one).state["unread"] is False for one in told)
                assert [taken(one).href for one in told] == [change.href for change in changes]
                stores = [line for line in commands(proxy.heard) if line.startswith(b"UID STORE")]
                assert stores == [b"UID STORE 1:40 +FLAGS (\\Seen)"]
        assert all("\\Seen" in flags for flags in box.flags().values())

    drive(marked())


def test_marks_that_another_client_set_meanwhile_stay(any_box: Mailbox) -> None:
    any_box.append([message(1)])

    async def merged() -> None:
        async with opened(any_box) as remote:
            inbox = await (await at(remote)).pull()
            with any_box.client("INBOX") as client:
                client.uid("STORE", "1", "+FLAGS", r"(\Flagged home)")
            change = inbox.change("Letter 1", answered=True, labels=("Straße 1", "work"))
            told = taken((await remote.push([change]))[0])
            assert told.state["flagged"] is True
            assert told.state["answered"] is True
            assert told.state["labels"] == ("Straße 1", "home", "work")
            again = taken((await remote.push([change]))[0])
            assert again.state == told.state
            back = change._replace(base=told.state, state={**told.state, "labels": ("home",)})
            assert taken((await remote.push([back]))[0]).state["labels"] == ("home",)

    drive(merged())


def test_a_mail_is_moved_and_told_again_it_is_found_where_it_is(any_box: Mailbox) -> None:
    any_box.append([message(number) for number in range(6)])

    async def moved() -> None:
        async with opened(any_box) as remote:
            inbox = await (await at(remote)).pull()
            club = await folder(remote, "/club")
            changes = [inbox.change(f"Letter {number}", club, unread=False) for number in (1, 3, 4)]
            first = [taken(one) for one in await remote.push(changes)]
            again = [taken(one) for one in await remote.push(changes)]
            assert [one.href for one in again] == [one.href for one in first]
            there = await (await at(remote, "/club")).pull()
            assert there.titles == ["Letter 1", "Letter 3", "Letter 4"]
            assert {there.items[one.href].attrs["title"] for one in first} == set(there.titles)
            assert all(state["unread"] is False for state in there.states.values())
            assert (await (await at(remote)).pull()).titles == ["Letter 0", "Letter 2", "Letter 5"]

    drive(moved())


def test_a_copy_that_was_cut_before_its_original_went_is_not_copied_again(poor_server: Dovecot) -> None:
    box = poor_server.mailbox()
    box.append([message(1)])
    with box.client("INBOX") as client:
        client.create("Club")
        client.uid("COPY", "1", "Club")

    async def moved() -> None:
        async with opened(box) as remote:
            inbox = await (await at(remote)).pull()
            taken((await remote.push([inbox.change("Letter 1", await folder(remote, "/club"))]))[0])
            assert box.uids("Club") == [1]
            assert (await (await at(remote)).pull()).items == {}

    drive(moved())


def test_what_only_seems_to_have_been_copied_is_not_given_up(poor_server: Dovecot) -> None:
    box = poor_server.mailbox()
    date = '"15-Jan-2024 10:01:00 +0000"'
    with box.client() as client:
        client.create("Club")
        for name, text in (("INBOX", "One\n"), ("Club", "Two\n")):
            # Two mails that claim to be one, of the same size, kept at the same second.
            client.append(name, "", date, message(1, body=text))

    async def moved() -> None:
        async with opened(box) as remote:
            inbox = await (await at(remote)).pull()
            twin = await (await at(remote, "/club")).pull()
            assert [one.identity for one in inbox.items.values()] == [
                one.identity for one in twin.items.values()
            ]
            taken((await remote.push([inbox.change("Letter 1", twin.collection)]))[0])
            assert box.uids("Club") == [1, 2]
            there = await (await at(remote, "/club")).pull()
            told = [
                pair async for batch in remote.fetch(twin.collection, list(there.items)) for pair in batch
            ]
            assert {b"One" in content for _, content in told} == {True, False}  # type: ignore[operator]

    drive(moved())


def test_what_goes_for_good_takes_nothing_else_with_it(any_box: Mailbox) -> None:
    any_box.append([message(number) for number in range(4)])
    with any_box.client("INBOX") as client:
        client.uid("STORE", "2", "+FLAGS", r"(\Deleted)")

    async def deleted() -> None:
        async with opened(any_box) as remote:
            inbox = await (await at(remote)).pull()
            change = inbox.change("Letter 2", None)
            assert taken((await remote.push([change]))[0]).href == ""
            assert taken((await remote.push([change]))[0]).href == ""
            assert 2 in any_box.uids(), "what somebody else marked as deleted is theirs to expunge"
            assert (await (await at(remote)).pull()).titles == ["Letter 0", "Letter 3"]

    drive(deleted())


def test_a_mail_that_is_gone_at_the_server_is_told_as_gone(any_box: Mailbox) -> None:
    any_box.append([message(1), message(2)])

    async def gone() -> None:
        async with opened(any_box) as remote:
            inbox = await (await at(remote)).pull()
            with any_box.client("INBOX") as client:
                client.uid("STORE", "1", "+FLAGS", r"(\Deleted)")
                client.expunge()
            club = await folder(remote, "/club")
            told = await remote.push(
                [
                    inbox.change("Letter 1", unread=False),
                    inbox.change("Letter 1", club),
                    inbox.change("Letter 2", flagged=True),
                ]
            )
            assert isinstance(told[0], NotFound)
            assert isinstance(told[1], NotFound)
            assert taken(told[2]).state["flagged"] is True

    drive(gone())


def test_a_mail_is_appended_once(any_box: Mailbox) -> None:
    async def appended() -> None:
        async with opened(any_box) as remote:
            club = await folder(remote, "/club")
            state = {"unread": False, "flagged": True, "labels": ("home",)}
            content = message(7).replace(b"\r\n", b"\n")
            change = Push(None, "", "", {}, club, state, content, "")
            first = taken((await remote.push([change]))[0])
            again = taken((await remote.push([change]))[0])
            assert first.href == again.href
            there = await (await at(remote, "/club")).pull()
            assert there.titles == ["Letter 7"]
            assert there.states[there.n(1)]["labels"] == ("home",)
            assert there.states[there.n(1)]["flagged"] is True
            assert there.states[there.n(1)]["unread"] is False
            at_server = there.items[there.n(1)].at
            assert at_server is not None
            assert at_server.year == 2024

    drive(appended())


def test_a_mail_without_a_message_id_is_appended_once_too(any_box: Mailbox) -> None:
    async def appended() -> None:
        async with opened(any_box) as remote:
            club = await folder(remote, "/club")
            for text in (b"one", b"two", b"one"):
                content = b"From: bob@example.org\nSubject: None\n\nThe text of " + text
                taken((await remote.push([Push(None, "", "", {}, club, {}, content, "")]))[0])
            assert any_box.uids("Club") == [1, 2]

    drive(appended())


def test_two_mails_that_claim_to_be_one_are_both_kept(box: Mailbox) -> None:
    async def appended() -> None:
        async with opened(box) as remote:
            club = await folder(remote, "/club")
            new = [
                Push(None, "", "", {}, club, {"unread": True}, message(7, body=text), "")
                for text in ("One\n", "Two\n")
            ]
            hrefs = {taken(one).href for one in await remote.push(new)}
            assert len(hrefs) == 2
            assert {taken(one).href for one in await remote.push(new)} == hrefs
            assert box.uids("Club") == [1, 2]

    drive(appended())


def test_a_draft_takes_the_place_of_the_one_before(box: Mailbox) -> None:
    async def replaced() -> None:
        async with opened(box) as remote:
            drafts = await folder(remote, "/drafts")
            state = {"unread": False, "draft": True}
            new = Push(None, "", "", {}, drafts, state, message(1, body="One\n"), "")
            first = taken((await remote.push([new]))[0])
            change = Push(drafts, first.href, "", state, drafts, state, message(1, body="Another\n"), "")
            second = taken((await remote.push([change]))[0])
            assert second.href != first.href
            assert box.uids("Drafts") == [uid_of(second.href)]
            assert taken((await remote.push([change]))[0]).href == second.href
            assert box.uids("Drafts") == [uid_of(second.href)]

    drive(replaced())


def test_labels_that_cannot_be_are_refused_alone(box: Mailbox) -> None:
    box.append([message(1), message(2)])

    async def refused() -> None:
        async with opened(box) as remote:
            inbox = await (await at(remote)).pull()
            told = await remote.push(
                [inbox.change("Letter 1", labels=("",)), inbox.change("Letter 2", labels=("a) (b",))]
            )
            assert isinstance(told[0], BadName)
            assert taken(told[1]).state["labels"] == ("a) (b",)

    drive(refused())


def test_a_connection_that_is_cut_while_it_moves_loses_and_doubles_nothing(box: Mailbox) -> None:
    box.append([message(number) for number in range(3)])

    async def cut(way: str) -> None:
        with running_proxy(box.server.imap) as proxy:
            async with opened(box, port=str(proxy.port)) as remote:
                inbox = await (await at(remote)).pull()
                title = inbox.titles[0]
                change = inbox.change(title, await folder(remote, "/club"))
                proxy.add(b"UID MOVE", way)  # type: ignore[arg-type]
                told = taken((await remote.push([change]))[0])
                club = await (await at(remote, "/club")).pull()
                assert club.items[told.href].attrs["title"] == title

    drive(cut("cut"))
    drive(cut("swallow answer"))
    assert len(box.uids("Club")) == 2
    assert len(box.uids()) == 1


def test_an_append_that_is_cut_happens_once(box: Mailbox) -> None:
    async def cut() -> None:
        with running_proxy(box.server.imap) as proxy:
            async with opened(box, port=str(proxy.port)) as remote:
                club = await folder(remote, "/club")
                change = Push(None, "", "", {}, club, {"unread": True}, message(5), "")
                proxy.add(b"The text of letter 5", "swallow answer")
                with pytest.raises(Unavailable):
                    await remote.push([change])
                assert uid_of(taken((await remote.push([change]))[0]).href) == 1
                assert box.uids("Club") == [1]

    drive(cut())
