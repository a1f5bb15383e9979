"""What happens to a deed between being queued and being due."""

from __future__ import annotations

import pathlib
from datetime import UTC, datetime

import pytest

from tests.outbox.post import OUTBOX, Desk, letter
from vfs.drive import drive
from vfs.errors import BadName, Conflict, Exists, Unsupported
from vfs.query import parse_query

ENGINES = ("sqlite", "postgres")


def test_a_queued_mail_is_a_file_that_shows_what_leaves_and_when(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        node = await desk.queue(letter("Notes", "Grüße an alle."), countdown=60)
        assert await desk.names() == ["notes"] == [node.name]
        attrs = await desk.attrs("notes")
        assert attrs["title"] == "Notes"
        assert attrs["to"] == ("Ada <ada@example.org>",)
        assert attrs["state"] == "waiting"
        assert attrs["account"] == "mail"
        assert 50 < (attrs["due"] - datetime.now(UTC)).total_seconds() <= 60
        text = await desk.text("notes")
        assert text.startswith("From: nora@example.org\nTo: Ada <ada@example.org>\nSubject: Notes")
        assert "Grüße an alle." in text
        found = await desk.tree().search(parse_query("Grüße"), OUTBOX, 5)
        assert [hit.path.name for hit in found.hits] == ["notes"]

    drive(scene())


def test_what_an_agent_sends_waits_for_five_minutes_however_it_asks(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        await desk.queue(actor="agent:triage/1", countdown=0)
        attrs = await desk.attrs("notes")
        assert 290 < (attrs["due"] - datetime.now(UTC)).total_seconds() <= 300
        assert attrs["actor"] == "agent:triage/1"
        assert await desk.performing.turn() > 250
        assert not desk.office.taken

    drive(scene())


def test_two_mails_of_one_subject_have_two_names(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        first, second = await desk.queue(), await desk.queue()
        assert first.name != second.name
        assert sorted(await desk.names()) == sorted([first.name, second.name])

    drive(scene())


def test_the_same_message_is_not_queued_twice_nor_after_it_was_sent(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        twin = letter(key="<one@example.org>")
        await desk.queue(twin)
        with pytest.raises(Exists):
            await desk.queue(twin)
        await desk.performing.turn()
        with pytest.raises(Conflict, match="was sent already"):
            await desk.queue(twin)
        assert len(desk.office.taken) == 1

    drive(scene())


def test_rm_cancels_and_undo_queues_again(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        await desk.queue(countdown=60)
        await desk.tree(line="rm /outbox/notes").remove(OUTBOX.child("notes"))
        assert await desk.names() == []
        assert await desk.performing.turn() is None
        undone = await desk.history.undo()
        assert not undone.skipped
        attrs = await desk.attrs("notes")
        assert attrs["state"] == "waiting"
        assert 50 < (attrs["due"] - datetime.now(UTC)).total_seconds() <= 60

    drive(scene())


def test_a_cancelled_mail_lies_in_the_trash_and_comes_back_from_there(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        await desk.queue()
        await desk.tree(line="rm /outbox/notes").remove(OUTBOX.child("notes"))
        pages = [page async for page in desk.history.trash()]
        [(event, path)] = pages[0]
        assert path == OUTBOX.child("notes")
        assert not (await desk.history.undo(event=event.seq)).skipped
        await desk.performing.turn()
        assert len(desk.office.taken) == 1

    drive(scene())


def test_what_was_cancelled_can_be_queued_anew_and_then_not_be_restored(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        twin = letter(key="<one@example.org>")
        await desk.queue(twin)
        await desk.tree(line="rm /outbox/notes").remove(OUTBOX.child("notes"))
        await desk.queue(twin)
        await desk.performing.turn()
        assert [key for key, _ in desk.office.taken] == ["<one@example.org>"]
        pages = [page async for page in desk.history.trash()]
        [(event, _)] = pages[0]
        skipped = (await desk.history.undo(event=event.seq)).skipped
        assert [reason for _, reason in skipped] == ["the same was queued again since"]

    drive(scene())


def test_undo_of_sending_cancels_it_and_says_when_it_is_too_late(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        await desk.queue(letter("first"))
        assert not (await desk.history.undo()).skipped
        assert await desk.names() == []
        await desk.queue(letter("second"))
        await desk.performing.turn()
        [(path, reason)] = (await desk.history.undo()).skipped
        assert (str(path), reason) == ("/outbox/second", "was sent")
        assert [content.count(b"Subject: second") for _, content in desk.office.taken] == [1]

    drive(scene())


def test_an_edited_mail_leaves_as_it_was_edited_under_the_same_message_id(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        await desk.queue(letter(key="<one@example.org>"), countdown=60)
        edited = b"To: Bo <bo@example.org>\nSubject: Other\n\nOther t\xc3\xa9xt.\n"
        await desk.tree(line="edit /outbox/notes").write(OUTBOX.child("notes"), edited)
        attrs = await desk.attrs("notes")
        assert attrs["to"] == ("Bo <bo@example.org>",)
        assert attrs["title"] == "Other"
        assert "Other téxt." in await desk.text("notes")
        await desk.tree(line="release").act(OUTBOX.child("notes"), "release", {})
        await desk.performing.turn()
        [(key, content)] = desk.office.taken
        assert key == "<one@example.org>"
        assert b"Message-ID: <one@example.org>" in content
        assert b"From: nora@example.org" in content
        assert "Other téxt.".encode() in content

    drive(scene())


def test_an_edit_that_names_nobody_is_refused_and_changes_nothing(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        await desk.queue(countdown=60)
        before = await desk.tree().read(OUTBOX.child("notes"))
        for wrong in (b"Subject: x\n\nno recipient\n", b"just text", b""):
            with pytest.raises(BadName):
                await desk.tree().write(OUTBOX.child("notes"), wrong)
        assert await desk.tree().read(OUTBOX.child("notes")) == before

    drive(scene())


def test_undo_of_an_edit_brings_the_first_text_back_and_starts_the_countdown_again(
    tmp_path: pathlib.Path,
) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        await desk.queue(letter(text="as it was"), countdown=60)
        due = (await desk.attrs("notes"))["due"]
        await desk.tree(line="edit").write(OUTBOX.child("notes"), b"To: b@example.org\nSubject: S\n\nnew\n")
        assert not (await desk.history.undo()).skipped
        attrs = await desk.attrs("notes")
        assert attrs["title"] == "Notes"
        assert attrs["due"] > due
        assert "as it was" in await desk.text("notes")

    drive(scene())


def test_nothing_is_made_by_hand_in_the_outbox(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        await desk.queue(countdown=60)
        tree = desk.tree()
        with pytest.raises(Unsupported, match="queued by the command that makes it"):
            await tree.write(OUTBOX.child("new"), b"To: a@example.org\n\nx")
        with pytest.raises(Unsupported, match="no folders"):
            await tree.mkdir(OUTBOX.child("folder"))
        with pytest.raises(Unsupported, match="keeps its name"):
            await tree.move(OUTBOX.child("notes"), OUTBOX.child("other"))
        assert await desk.names() == ["notes"]

    drive(scene())


def test_a_large_mail_is_kept_and_leaves_whole(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        text = "line of text that is long enough\n" * 40_000
        await desk.queue(letter(text=text))
        assert len(await desk.text("notes")) > len(text)
        await desk.performing.turn()
        [(_, content)] = desk.office.taken
        assert content.decode().endswith(text + "\n")

    drive(scene())


def test_what_a_backup_brought_back_is_shown_as_it_stands(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        await desk.queue(countdown=60)
        await desk.store.write(
            lambda connection: connection.execute(
                "UPDATE deed SET state = 'unknown', problem = 'was restored' WHERE user_id = ?",
                (desk.store.user,),
            )
        )
        assert await desk.performing.turn() is None
        attrs = await desk.attrs("notes")
        assert (attrs["state"], attrs["problem"]) == ("unknown", "was restored")
        assert "due" not in attrs

    drive(scene())
