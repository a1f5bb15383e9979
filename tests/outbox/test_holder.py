"""Who has a lease, whether that program still runs, and what clocks that jump do not bring about."""

from __future__ import annotations

import asyncio
import os
import pathlib
import subprocess
import sys
import time

import pytest

from providers.outbox import holder, standing
from providers.outbox.holder import has_ended, new_lease
from tests.outbox.post import Desk, Office

HOUR = 3_600_000_000
NOW = 1_800_000_000_000_000


def lease_of_a_dead_program() -> str:
    script = "from providers.outbox.holder import new_lease; print(new_lease())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_program_that_is_gone_holds_nothing_whatever_the_clock_says() -> None:
    lease = lease_of_a_dead_program()
    for until in (NOW - HOUR, NOW, NOW + HOUR):
        assert has_ended(lease, until, NOW)
        assert has_ended(lease, until, NOW, sure=True)


def test_another_program_with_the_same_number_is_another_program() -> None:
    lease = new_lease()
    assert not has_ended(lease, NOW + HOUR, NOW)
    machine, pid, _, rest = lease.split(" ")
    assert has_ended(f"{machine} {pid} 1 {rest}", NOW + HOUR, NOW)


def test_a_program_that_runs_keeps_what_is_leaving_though_a_clock_jumped_ahead() -> None:
    lease = new_lease()
    assert has_ended(lease, NOW - HOUR, NOW)
    assert not has_ended(lease, NOW - HOUR, NOW, sure=True)


def test_another_machine_is_believed_by_the_clock_and_longer_about_what_is_leaving() -> None:
    lease = "elsewhere/boot/1 12 34 abcd"
    assert not has_ended(lease, NOW + 1, NOW)
    assert has_ended(lease, NOW - 1, NOW)
    assert not has_ended(lease, NOW - 1, NOW, sure=True)
    assert has_ended(lease, NOW - int(holder.GRACE * 1e6) - 1, NOW, sure=True)


def test_no_lease_is_held_by_nobody() -> None:
    assert has_ended(None, None, NOW)


@pytest.mark.parametrize("jump", [-HOUR, HOUR], ids=["back", "ahead"])
def test_a_clock_that_jumps_while_a_mail_is_leaving_sends_none_twice(
    tmp_path: pathlib.Path, jump: int
) -> None:
    async def scene() -> None:
        office = Office()
        desk = Desk(tmp_path, office)

        async def jumped(deed: object) -> None:
            office.before = office.after = None
            # To all others the clock is another one: the rows are as much older, or newer.
            await desk.store.write(
                lambda connection: connection.execute(
                    "UPDATE deed SET lease_until = lease_until - ?, due = due - ?, changed = changed - ?",
                    (jump, jump, jump),
                )
            )
            await desk.worker().turn()
            await desk.worker().turn()

        for moment in ("before", "after"):
            setattr(office, moment, jumped)
            await desk.queue()
            await desk.performing.turn()
            await desk.worker().turn()
        keys = [key for key, _ in office.taken]
        assert len(keys) == len(set(keys)) == 2

    asyncio.run(scene())


def test_what_a_killed_worker_had_is_taken_up_at_once_though_the_clock_went_back(
    tmp_path: pathlib.Path,
) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        await desk.queue()
        lease = lease_of_a_dead_program()
        await desk.store.write(
            lambda connection: connection.execute(
                "UPDATE deed SET state = 'sending', lease = ?, lease_until = lease_until + ?", (lease, HOUR)
            )
        )
        await desk.store.write(
            lambda connection: connection.execute("UPDATE deed SET lease_until = changed + ?", (HOUR,))
        )
        await desk.performing.turn()
        assert len(desk.office.taken) == 1

    asyncio.run(scene())


def test_a_worker_shows_itself_until_it_goes_or_is_killed(tmp_path: pathlib.Path) -> None:
    async def scene() -> None:
        desk = Desk(tmp_path)
        user, lease = desk.store.user, new_lease()
        assert not (await standing.standing_of(desk.store)).works
        now = time.time_ns() // 1000
        await desk.store.write(lambda connection: standing.beat(connection, user, lease, now))
        await desk.queue(countdown=60)
        found = await standing.standing_of(desk.store)
        assert (found.waiting, found.failed, found.unknown, found.works) == (1, 0, 0, True)
        await desk.store.write(lambda connection: standing.leave(connection, user, "another's"))
        assert (await standing.standing_of(desk.store)).works
        await desk.store.write(lambda connection: standing.leave(connection, user, lease))
        assert not (await standing.standing_of(desk.store)).works
        dead = lease_of_a_dead_program()
        await desk.store.write(lambda connection: standing.beat(connection, user, dead, now))
        assert not (await standing.standing_of(desk.store)).works

    asyncio.run(scene())


def test_a_lease_names_no_secret_and_fits_a_row() -> None:
    assert len(new_lease()) < 200
    assert str(os.getpid()) in new_lease()
