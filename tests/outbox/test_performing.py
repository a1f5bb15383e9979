"""What becomes of deeds that are due, whatever happens on the way."""

from __future__ import annotations

import asyncio
import pathlib

import pytest

from providers.mirror.remote import Throttled
from providers.outbox import table
from providers.outbox.deed import Deed, Leaving
from providers.outbox.performing import deliver
from tests.outbox.post import OUTBOX, Desk, Office, letter, states
from vfs.drive import drive, event_loop
from vfs.errors import Conflict, LoginNeeded, Refused, TimedOut, Unavailable
from vfs.path import Path

ENGINES = ("sqlite", "postgres")


def run(scene) -> None:  # type: ignore[no-untyped-def]
    asyncio.run(scene())


def raising(error: Exception):  # type: ignore[no-untyped-def]
    async def raise_it(deed: Deed) -> None:
        raise error

    return raise_it


def test_what_is_due_leaves_once_and_its_file_goes(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        await desk.queue()
        assert await desk.performing.turn() is None
        assert await desk.performing.turn() is None
        assert len(desk.office.taken) == 1
        assert await desk.names() == []
        assert states(desk.told) == ["done"]
        pages = [page async for page in desk.history.trash()]
        assert not [item for page in pages for item in page]

    run(scene)


def test_the_log_says_that_it_was_sent_and_undo_leaves_that_alone(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        await desk.queue()
        await desk.performing.turn()
        events = [event async for page in desk.history.events() for event in page]
        assert [(event.op, event.actor) for event in events] == [("send", "sync:outbox"), ("write", "user")]
        assert await desk.history.verify() is None

    run(scene)


@pytest.mark.parametrize(
    "error",
    [
        Unavailable(None, "offline"),
        TimedOut(None, "no answer"),
        Throttled("slowly", 7),
        LoginNeeded(None, "log in"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_service_that_cannot_be_reached_is_tried_later(tmp_path: pathlib.Path, error: Exception) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path, Office(before=raising(error)))
        await desk.queue()
        wait = await desk.performing.turn()
        assert wait is not None
        assert wait > 5
        attrs = await desk.attrs("notes")
        assert (attrs["state"], attrs["tries"], attrs["problem"]) == ("waiting", 1, str(error))
        desk.office.before = None
        await desk.tree(line="release").act(OUTBOX.child("notes"), "release", {})
        row = await deliver(desk.performing, Path(("notes",)), 5)
        assert row is not None
        assert row.state == "done"
        assert len(desk.office.taken) == 1

    run(scene)


def test_a_refused_mail_stays_with_the_reason_until_it_is_edited(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path, Office(before=raising(Refused(None, "no such user here"))))
        await desk.queue()
        assert await desk.performing.turn() is None
        attrs = await desk.attrs("notes")
        assert (attrs["state"], attrs["problem"]) == ("failed", "no such user here")
        desk.office.before = None
        await desk.tree(line="edit").write(OUTBOX.child("notes"), b"To: b@example.org\nSubject: S\n\nnew\n")
        await desk.performing.turn()
        assert len(desk.office.taken) == 1
        assert await desk.names() == []

    run(scene)


def test_a_bug_in_a_service_keeps_the_deed_and_names_itself(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path, Office(before=raising(KeyError("x"))))
        await desk.queue()
        await desk.performing.turn()
        assert "a bug in Spatio: KeyError" in (await desk.attrs("notes"))["problem"]

    run(scene)


def test_a_connection_that_broke_after_the_last_line_is_looked_up_not_repeated(
    tmp_path: pathlib.Path,
) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path, Office(after=raising(Unavailable(None, "connection lost"))))
        await desk.queue()
        await desk.performing.turn()
        assert len(desk.office.taken) == len(desk.office.looked) == 1
        assert await desk.names() == []
        assert states(desk.told) == ["done"]

    run(scene)


def test_what_surely_did_not_arrive_is_sent_again_later(tmp_path: pathlib.Path) -> None:
    class Losing(Office):
        async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
            await leaving()
            raise Unavailable(None, "connection lost")

    async def scene() -> None:
        desk = Desk(tmp_path, Losing())
        await desk.queue()
        assert await desk.performing.turn() is not None
        assert (await desk.attrs("notes"))["state"] == "waiting"

    run(scene)


def test_a_service_that_cannot_tell_leaves_the_decision_to_a_person(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        office = Office(after=raising(Unavailable(None, "connection lost")), knows=False)
        desk = Desk(tmp_path, office)
        await desk.queue()
        assert await desk.performing.turn() is None
        attrs = await desk.attrs("notes")
        assert (attrs["state"], attrs["problem"]) == ("unknown", "connection lost")
        with pytest.raises(Conflict, match="may have been sent already"):
            await desk.tree().write(OUTBOX.child("notes"), b"To: b@example.org\nSubject: S\n\nnew\n")
        await desk.tree(line="rm").remove(OUTBOX.child("notes"))
        assert await desk.names() == []
        assert len(office.taken) == 1

    run(scene)


def test_a_look_that_is_not_possible_yet_is_made_later(tmp_path: pathlib.Path) -> None:
    class Away(Office):
        async def look(self, deed: Deed, content: bytes) -> bool | None:
            raise Unavailable(None, "offline")

    async def scene() -> None:
        desk = Desk(tmp_path, Away(after=raising(Unavailable(None, "connection lost"))))
        await desk.queue()
        await desk.performing.turn()
        assert (await desk.attrs("notes"))["state"] == "leaving"
        with pytest.raises(Conflict):
            await desk.tree(line="rm").remove(OUTBOX.child("notes"))
        assert len(desk.office.taken) == 1

    run(scene)


def test_what_is_on_its_way_can_neither_be_removed_nor_edited_nor_released(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        wrongs: list[Exception] = []

        async def meddle(deed: Deed) -> None:
            for attempt in (
                desk.tree().remove(OUTBOX.child("notes")),
                desk.tree().write(OUTBOX.child("notes"), b"To: b@example.org\nSubject: S\n\nnew\n"),
                desk.tree().act(OUTBOX.child("notes"), "release", {}),
            ):
                try:
                    await attempt
                except Conflict as error:
                    wrongs.append(error)

        desk.office.before = meddle
        await desk.queue()
        await desk.performing.turn()
        assert ["is being sent at this moment" in str(wrong) for wrong in wrongs] == [True] * 3
        assert len(desk.office.taken) == 1

    run(scene)


def test_a_worker_that_lost_its_lease_sends_nothing(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)

        async def steal(deed: Deed) -> None:
            await desk.store.write(
                lambda connection: connection.execute(
                    "UPDATE deed SET lease = 'another' WHERE user_id = ? AND node = ?",
                    (desk.store.user, deed.node),
                )
            )

        desk.office.before = steal
        await desk.queue()
        await desk.performing.turn()
        assert not desk.office.taken
        assert not desk.told

    run(scene)


def test_two_workers_send_each_deed_once(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        await event_loop()
        desk = Desk(tmp_path)
        for number in range(12):
            await desk.queue(letter(f"number {number}"))
        await asyncio.gather(*(desk.worker().turn() for _ in range(4)))
        keys = [key for key, _ in desk.office.taken]
        assert len(keys) == len(set(keys)) == 12
        assert await desk.names() == []

    run(scene)


def test_stopping_before_anything_left_lets_it_wait_and_after_that_lets_it_end(
    tmp_path: pathlib.Path,
) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        here, go_on = asyncio.Event(), asyncio.Event()

        async def hold(deed: Deed) -> None:
            here.set()
            await go_on.wait()

        async def stopped_within(turn: asyncio.Task[float | None]) -> None:
            await here.wait()
            turn.cancel()
            await asyncio.sleep(0)
            go_on.set()
            with pytest.raises(asyncio.CancelledError):
                await turn

        desk.office.before = hold
        await desk.queue()
        await stopped_within(asyncio.create_task(desk.performing.turn()))
        assert (await desk.attrs("notes"))["state"] == "waiting"
        assert not desk.office.taken

        here.clear()
        go_on.clear()
        desk.office.before, desk.office.after = None, hold
        await stopped_within(asyncio.create_task(desk.worker().turn()))
        assert len(desk.office.taken) == 1
        assert await desk.names() == []

    run(scene)


def test_a_deed_of_an_account_that_is_not_mounted_waits_and_says_so(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        await desk.queue()
        await desk.store.write(
            lambda connection: connection.execute(
                "UPDATE deed SET account = 'gone' WHERE user_id = ?", (desk.store.user,)
            )
        )
        await desk.performing.turn()
        attrs = await desk.attrs("notes")
        assert (attrs["state"], attrs["problem"]) == ("waiting", "nothing is mounted that sends for gone")

    run(scene)


def test_one_account_that_is_away_does_not_hold_up_the_others_nor_is_asked_again_for_each(
    tmp_path: pathlib.Path,
) -> None:
    async def scene() -> None:
        calls: list[str] = []

        async def away(deed: Deed) -> None:
            calls.append(deed.key)
            raise Unavailable(None, "offline")

        desk = Desk(tmp_path, Office(before=away))
        for number in range(5):
            await desk.queue(letter(f"number {number}"))
        wait = await desk.performing.turn()
        assert len(calls) == 1
        assert wait is not None
        assert wait > 30

    run(scene)


def test_a_deed_whose_number_is_unknown_is_none(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        assert await deliver(desk.performing, Path(("nobody",)), 1) is None
        assert await desk.store.read(lambda connection: table.open_deeds(connection, desk.store.user)) == []

    drive(scene())


def test_a_store_that_is_away_when_it_is_to_be_noted_sends_nothing_twice(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        write = desk.store.write

        async def away(*args: object, **options: object) -> None:
            raise Unavailable(None, "the store is away")

        async def goes(deed: Deed) -> None:
            desk.store.write = away

        desk.office.after = goes
        await desk.queue()
        with pytest.raises(Unavailable):
            await desk.performing.turn()
        desk.store.write = write
        assert (await desk.attrs("notes"))["state"] == "leaving"
        await desk.performing.turn()
        assert len(desk.office.taken) == len(desk.office.looked) == 1
        assert await desk.names() == []

    run(scene)
