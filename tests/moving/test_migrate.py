"""A workspace taken to another store: the same there, proven, whatever breaks it off."""

from __future__ import annotations

import asyncio
import pathlib
from typing import Any

import pytest

from providers.store.history import StoreHistory
from providers.store.moving import differing
from providers.store.moving import migrate as moving
from providers.store.moving.migrate import Moved, migrate, preview
from providers.store.moving.proof import is_empty
from providers.store.runs import StoreRuns
from providers.store.store import Connection, Store
from tests.engines import BOTH
from tests.moving.desk import BIG, NOISE, PAIRS, fill, said, sound, store_on
from tests.store.desk import change, files, names, notes, path, put, read
from vfs.drive import drive
from vfs.errors import Conflict, Corrupt, Unavailable

pytestmark = pytest.mark.timeout(180)


class Switched:
    """Counts how often a move came to its end."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def filled(engine: str, folder: pathlib.Path) -> Any:
    store = store_on(engine, folder)
    drive(fill(store))
    return store


def moved(source: Store, target: Store) -> Moved:
    switched = Switched()
    result = drive(migrate(source, target, switched))
    assert switched.times == 1
    return result


def close(*stores: Store) -> None:
    for store in stores:
        drive(store.aclose())


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_every_row_and_every_content_is_there_and_the_source_as_it_was(
    tmp_path: pathlib.Path, source: str, target: str
) -> None:
    first, second = filled(source, tmp_path / "one"), store_on(target, tmp_path / "two")
    before = said(first)
    result = moved(first, second)
    assert said(first) == said(second) == before
    assert result.rows == result.changes == sum(map(len, before.values()))
    assert (result.objects, result.bytes) == (2, len(BIG) + len(NOISE))
    assert drive(sound(second)) == []
    assert drive(read(files(second), "/big")) == BIG
    close(first, second)


@pytest.mark.parametrize("engine", BOTH)
def test_it_comes_back_with_what_was_changed_there(tmp_path: pathlib.Path, engine: str) -> None:
    first, second = filled("sqlite", tmp_path / "one"), store_on(engine, tmp_path / "two")
    moved(first, second)

    async def work() -> None:
        await put(notes(second), "/n006.md", "changed there", change("echo there"))
        await notes(second).move(path("/n007.md"), path("/moved.md"), change("mv"))
        await notes(second).move(path("/n008.md"), path("/n007.md"), change("mv"))
        await notes(second).move(path("/moved.md"), path("/n008.md"), change("mv"))
        await notes(second).remove(path("/n009.md"), change("rm"))
        await StoreHistory(second).forget(path("/files/noise"))
        await StoreRuns(second).finish_run("run-1", status="done", output="out")
        await put(files(second), "/more", BIG + b"more")

    drive(work())
    result = moved(second, first)
    assert said(first) == said(second)
    assert 0 < result.changes < result.rows / 2
    assert result.objects == 1
    assert drive(sound(first)) == []
    drive(StoreHistory(first).undo())
    assert "more" not in drive(names(files(first)))
    close(first, second)


@pytest.mark.parametrize("engine", BOTH)
def test_items_and_deeds_that_traded_places_meanwhile_are_brought_over_with_who_holds_them(
    tmp_path: pathlib.Path, engine: str
) -> None:
    first, second = filled("sqlite", tmp_path / "one"), store_on(engine, tmp_path / "two")
    moved(first, second)

    def trade(connection: Connection) -> None:
        for table, column, one, other in (("item", "href", "17", "18"), ("deed", "key", "<3@x>", "<4@x>")):
            for old, new in ((one, ""), (other, one), ("", other)):
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (new, old))
        connection.execute("UPDATE deed SET state = 'leaving', lease = 'w', lease_until = 9 WHERE node = 3")
        connection.execute("DELETE FROM push")

    drive(first.write(trade))
    result = moved(first, second)
    assert result.changes == 5
    assert said(first) == said(second)
    assert said(second)["push"] == []
    close(first, second)


@pytest.mark.parametrize("engine", BOTH)
def test_a_target_with_another_workspace_is_left_as_it_is(tmp_path: pathlib.Path, engine: str) -> None:
    first, second = filled("sqlite", tmp_path / "one"), store_on(engine, tmp_path / "two")
    drive(put(notes(second), "/mine.md", "mine"))
    before = said(second)
    for work in (migrate(first, second, Switched()), preview(first, second)):
        with pytest.raises(Conflict, match="holds another workspace"):
            drive(work)
    assert said(second) == before
    close(first, second)


def test_one_that_went_on_in_both_places_is_left_as_it_is(tmp_path: pathlib.Path) -> None:
    first, second = filled("sqlite", tmp_path / "one"), store_on("sqlite", tmp_path / "two")
    moved(first, second)
    drive(put(notes(first), "/here.md", "here"))
    drive(put(notes(second), "/there.md", "there"))
    before = said(second)
    with pytest.raises(Conflict, match="holds another workspace"):
        drive(migrate(first, second, Switched()))
    assert said(second) == before
    close(first, second)


@pytest.mark.parametrize("engine", BOTH)
def test_it_goes_on_where_it_was_broken_off(
    tmp_path: pathlib.Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever write to the target is the last one: nothing shows there until all of it does."""
    first, second = filled("sqlite", tmp_path / "one"), store_on(engine, tmp_path / "two")
    monkeypatch.setattr(differing, "HEAVY", 20_000)
    write, verify = second.write, second.objects.verify
    for last in range(20):
        count = 0

        async def failing(work: Any, *, clearing: bool = False, last: int = last) -> Any:
            nonlocal count
            count += 1
            if count > last:
                raise Unavailable(second.name, "cut off")
            return await write(work, clearing=clearing)

        second.write = failing
        switched = Switched()
        try:
            drive(migrate(first, second, switched))
        except Unavailable:
            assert switched.times == 0
            assert drive(is_empty(second))
        else:
            break
    assert last >= 3
    assert switched.times == 1
    assert said(first) == said(second)
    assert verify == second.objects.verify
    close(first, second)


@pytest.mark.parametrize(("source", "target"), [("sqlite", "postgres"), ("postgres", "sqlite")])
def test_changes_made_meanwhile_are_brought_over(
    tmp_path: pathlib.Path, source: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = filled(source, tmp_path / "one"), store_on(target, tmp_path / "two")
    damaged_contents, count = moving.damaged_contents, 0

    async def busy(*args: Any, **options: Any) -> Any:
        """Writes to the source after everything was compared, and before the switch."""
        nonlocal count
        count += 1
        if count < 4:
            await put(notes(first), f"/late{count}.md", "late")
            await put(files(first), "/late", NOISE + bytes([count]))
        elif count == 4:
            await StoreRuns(first).finish_run("run-1", status="done", output="late")
        return await damaged_contents(*args, **options)

    monkeypatch.setattr(moving, "damaged_contents", busy)
    moved(first, second)
    assert count == 5
    assert said(first) == said(second)
    assert drive(read(files(second), "/late")) == NOISE + b"\x03"
    assert drive(sound(second)) == []
    close(first, second)


def test_a_source_that_does_not_stop_changing_is_told(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = filled("sqlite", tmp_path / "one"), store_on("sqlite", tmp_path / "two")
    compare, switched = moving.differences, Switched()

    async def busy(*args: Any, **options: Any) -> Any:
        await put(notes(first), "/busy.md", "again")
        return await compare(*args, **options)

    monkeypatch.setattr(moving, "differences", busy)
    with pytest.raises(Unavailable, match="does not stop changing"):
        drive(migrate(first, second, switched))
    assert switched.times == 0
    close(first, second)


def test_nobody_can_write_to_the_source_while_it_is_switched(tmp_path: pathlib.Path) -> None:
    first, second = filled("sqlite", tmp_path / "one"), store_on("sqlite", tmp_path / "two")
    other = store_on("sqlite", tmp_path / "one")
    tried: list[str] = []

    def switch() -> None:
        connection = other._writing()
        try:
            connection.execute("BEGIN IMMEDIATE")
        except Exception as error:
            tried.append(str(error))

    drive(migrate(first, second, switch))
    assert tried == ["database is locked"]
    close(first, second, other)


def test_a_switch_that_fails_is_an_error_and_can_be_done_again(tmp_path: pathlib.Path) -> None:
    first, second = filled("sqlite", tmp_path / "one"), store_on("sqlite", tmp_path / "two")

    def failing() -> None:
        raise Unavailable("config.toml", "cannot be written")

    with pytest.raises(Unavailable, match="cannot be written"):
        drive(migrate(first, second, failing))
    assert moved(first, second).changes == 0
    assert said(first) == said(second)
    close(first, second)


@pytest.mark.parametrize("engine", BOTH)
def test_a_damaged_content_is_named_and_nothing_is_switched(tmp_path: pathlib.Path, engine: str) -> None:
    first, second = filled("sqlite", tmp_path / "one"), store_on(engine, tmp_path / "two")
    switched = Switched()

    def spoil(connection: Connection) -> None:
        connection.execute(
            "UPDATE content SET data = X'00' WHERE digest = (SELECT digest FROM node WHERE name = 'n010.md')"
        )

    first.write_here(spoil)
    with pytest.raises(Corrupt, match=r"such as that of /notes/n010\.md") as caught:
        drive(migrate(first, second, switched))
    assert "spatio forget" in (caught.value.hint or "")
    assert switched.times == 0
    assert drive(is_empty(second))
    drive(StoreHistory(first).forget(path("/notes/n010.md")))
    drive(migrate(first, second, switched))
    assert switched.times == 1
    close(first, second)


def test_a_damaged_object_is_named_and_nothing_is_switched(tmp_path: pathlib.Path) -> None:
    first, second = filled("sqlite", tmp_path / "one"), store_on("sqlite", tmp_path / "two")
    switched = Switched()
    for place in (tmp_path / "one" / "objects").glob("*/*"):
        place.write_bytes(b"x" * place.stat().st_size)
    with pytest.raises(Corrupt, match=r"/files/(big|noise)"):
        drive(migrate(first, second, switched))
    assert switched.times == 0
    assert drive(is_empty(second))
    close(first, second)


def test_what_did_not_arrive_as_it_was_sent_is_noticed(tmp_path: pathlib.Path) -> None:
    first, second = filled("sqlite", tmp_path / "one"), store_on("sqlite", tmp_path / "two")
    switched = Switched()
    moved(first, second)

    def spoil(connection: Connection) -> None:
        connection.execute(
            "UPDATE content SET data = X'00' WHERE digest = (SELECT digest FROM node WHERE name = 'n010.md')"
        )

    second.write_here(spoil)
    with pytest.raises(Corrupt, match="n010"):
        drive(migrate(first, second, switched))
    assert switched.times == 0
    close(first, second)


def test_it_can_be_counted_beforehand(tmp_path: pathlib.Path) -> None:
    first, second = filled("sqlite", tmp_path / "one"), store_on("sqlite", tmp_path / "two")
    count = sum(map(len, said(first).values()))
    foreseen = drive(preview(first, second))
    assert foreseen[:4] == (count, count, 2, len(BIG) + len(NOISE))
    assert drive(is_empty(second))
    assert not list((tmp_path / "two" / "objects").glob("*/*"))
    moved(first, second)
    assert drive(preview(first, second))[1:4] == (0, 0, 0)
    close(first, second)


@pytest.mark.parametrize("engine", BOTH)
def test_it_works_within_a_running_loop(tmp_path: pathlib.Path, engine: str) -> None:
    first, second = filled("sqlite", tmp_path / "one"), store_on(engine, tmp_path / "two")

    async def work() -> None:
        await migrate(first, second, Switched())
        await first.aclose()
        await second.aclose()

    asyncio.run(work())
    assert said(first) == said(second)
    close(first, second)


def test_what_a_broken_off_move_of_another_workspace_left_is_cleared(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(differing, "HEAVY", 20_000)
    first, other = filled("sqlite", tmp_path / "one"), filled("sqlite", tmp_path / "other")
    second = store_on("sqlite", tmp_path / "two")
    drive(put(notes(other), "/theirs.md", "theirs"))
    write = second.write
    count = 0

    async def failing(work: Any, *, clearing: bool = False) -> Any:
        nonlocal count
        count += 1
        if count > 2:
            raise Unavailable(None, "cut off")
        return await write(work, clearing=clearing)

    second.write = failing
    with pytest.raises(Unavailable):
        drive(migrate(other, second, Switched()))
    del second.write
    moved(first, second)
    mine = {row[0] for row in said(first)["content"]}
    for row in said(second)["content"]:
        assert row[0] in mine or (row[3], row[4]) == ("purged", None)
    assert drive(sound(second)) == []
    close(first, other, second)


def test_a_server_that_goes_away_after_the_switch_does_not_undo_it_nor_do_it_twice(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from providers.store.postgres.session import Session

    first, second = filled("postgres", tmp_path / "one"), store_on("sqlite", tmp_path / "two")
    switched = Switched()
    commit = Session.commit
    cut: list[Session] = []

    async def cut_off(session: Session, notice: str = "") -> None:
        if switched.times and not cut:
            cut.append(session)
            session.raw.terminate()
            raise ConnectionResetError("cut")
        await commit(session, notice)

    monkeypatch.setattr(Session, "commit", cut_off)
    drive(migrate(first, second, switched))
    assert (switched.times, len(cut)) == (1, 1)
    assert said(first) == said(second)
    close(first, second)
