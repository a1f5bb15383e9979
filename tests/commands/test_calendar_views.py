"""calendar on a terminal: its views fit it, and nothing that a stranger wrote gets through as it is."""

from __future__ import annotations

import pathlib

import pytest

from commands.render import Terminal, width
from commands.stream import Collected, Io, Nothing
from spatio.workspace import open_workspace
from tests.workspaces import MORNING
from vfs.drive import drive

HOSTILE = (
    "calendar schedule $'Evil\\e[31m\\u202e[/b]\\r\\n\\u009b2J 灯台灯台灯台' saturday 15:00 for 20 hours"
)
LINES = (
    HOSTILE,
    'calendar schedule "Choir" every tuesday at 19:30 for 2 hours',
    'calendar schedule "Fair" 2026-11-24 to 2026-11-26',
    'calendar schedule "Overlap one" monday 10:00 to 11:30',
    'calendar schedule "Overlap two" monday 11:00 to 12:00 --free',
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    place = tmp_path_factory.mktemp("home")
    drive(_shown(place, 80, *LINES))
    return place


async def _shown(home: pathlib.Path, columns: int, *lines: str) -> str:
    workspace = open_workspace(home)
    session = workspace.session(env={"HOME": "/"}, clock=lambda: MORNING)
    out, errors = Collected(), Collected()
    screen = Terminal(out, env={}, width=columns)
    try:
        for line in lines:
            done = await session.run(line, Io(Nothing(), screen, errors), last=False)
            assert done.status == 0, errors.data
        await screen.flush()
    finally:
        await session.aclose()
        await workspace.aclose()
    return out.data.decode()


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("view", ["agenda 2026-11-16 to 2026-12-06", "day saturday", "week", "month"])
def test_a_view_fits_its_terminal(home: pathlib.Path, view: str, columns: int) -> None:
    lines = drive(_shown(home, columns, f"calendar {view}")).splitlines()
    assert max(map(width, lines)) <= columns
    assert not any(
        char < " " or "\x7f" <= char <= "\x9f" or char == "\u202e" for line in lines for char in line
    )


def test_a_month_shows_each_event_on_its_days(home: pathlib.Path) -> None:
    text = drive(_shown(home, 120, "calendar month 2026-11"))
    assert text.startswith(" November 2026\n Monday")
    assert text.count("19:30 Choir") == 2, "24 November, and 1 December in its last week"
    assert text.count("Fair") == 3
    assert " more" not in text


def test_a_narrow_month_counts_what_a_day_has(home: pathlib.Path) -> None:
    assert "••" in drive(_shown(home, 50, "calendar month 2026-11"))


def test_a_day_shows_what_overlaps_side_by_side(home: pathlib.Path) -> None:
    lines = drive(_shown(home, 80, "calendar day monday")).splitlines()
    (row,) = [line for line in lines if "Overlap two" in line]
    assert row.startswith(" 11:00 │ │ Overlap two 11:00-12:00")


def test_what_goes_on_over_midnight_is_on_both_days(home: pathlib.Path) -> None:
    text = drive(_shown(home, 100, "calendar agenda 2026-11-21 to 2026-11-22"))
    first, second = text.split("\n\n")
    assert "15:00-" in first
    assert "-11:00" in second
