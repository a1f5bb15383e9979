"""What is released is sent at once; its service knows that there was a try whose end nobody saw."""

from __future__ import annotations

import pathlib

import pytest

from providers.outbox.deed import Deed
from tests.engines import BOTH
from tests.outbox.post import OUTBOX, Desk, Office
from vfs.drive import drive
from vfs.errors import Unavailable

ENGINES = BOTH


@pytest.mark.parametrize("knows", [True, False], ids=["not there yet", "cannot tell"])
def test_a_service_is_told_that_what_was_released_was_tried_before(
    tmp_path: pathlib.Path, knows: bool
) -> None:
    tries: list[int] = []

    async def begun(deed: Deed) -> None:
        tries.append(deed.tries)

    async def cut(deed: Deed) -> None:
        # It arrives later than the look.
        desk.office.taken.clear()
        desk.office.after = None
        raise Unavailable(None, "the connection was cut")

    desk = Desk(tmp_path, Office(before=begun, after=cut, knows=knows))

    async def scene() -> None:
        await desk.queue()
        await desk.performing.turn()
        attrs = await desk.attrs("notes")
        assert attrs["state"] == ("waiting" if knows else "unknown")
        await desk.tree(line="release").act(OUTBOX.child("notes"), "release", {})
        await desk.performing.turn()

    drive(scene())
    assert tries[0] == 0
    assert tries[1] >= 1
