"""What is offered at the cursor, on a workspace full of names."""

from __future__ import annotations

import pathlib

import pytest

from spatio.completing import offer, typed
from spatio.unfinished import unfinished
from spatio.workspace import open_workspace
from tests.workspaces import copy_of_demo, run_in
from vfs.drive import drive


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return copy_of_demo(tmp_path_factory.mktemp("complete") / "home")


def offered(home: pathlib.Path, text: str, cwd: str = "/") -> list[str]:
    """The words offered at the end of `text`, as they would be typed."""

    async def ask() -> list[str]:
        workspace = open_workspace(home)
        session = workspace.session(env={"HOME": "/", "HOUSE": "x"})
        session.change_folder(session.resolve(cwd))
        here = unfinished(text)
        try:
            return [typed(one, here.quote) for one in await offer(session, here)]
        finally:
            await workspace.aclose()

    return drive(ask())


@pytest.mark.parametrize(
    ("text", "includes", "leaves_out"),
    [
        ("so", {"sort", "sort-by"}, {"ls"}),
        ("ls /not", {"/notes/"}, {"/tasks/"}),
        ("ls /notes | gre", {"grep"}, set()),
        ("grep --ig", {"--ignore-case"}, {"--help"}),
        ("ls --re", {"--recursive", "--reverse"}, {"--json"}),
        ("ls --js", {"--json"}, set()),
        ("cat /notes/house/b", {"/notes/house/boiler.md"}, {"/notes/house/paint.md"}),
        ("cd /notes/h", {"/notes/health/", "/notes/house/"}, set()),
        ("cd /notes/meeting", {"/notes/meetings/"}, {"/notes/meeting-notes.md"}),
        ("echo hello > /fi", {"/files/"}, set()),
        ("agent run su", {"summarizer"}, set()),
        ("@su", {"@summarizer"}, set()),
        ("help hea", {"head"}, set()),
        ("umount /no", {"/notes"}, set()),
        ("bank tr", {"transactions", "transfer"}, {"balance"}),
        ("bank transactions --account ch", {"checking"}, {"savings"}),
        ("bank transactions --category food", {"food", "food:groceries"}, {"leisure"}),
        ("bank categories s", {"set", "suggest"}, {"rule"}),
        ("bank categories set foo", {"food:out"}, set()),
        ("bank transfer checking sa", {"savings"}, {"checking"}),
        ("plaid bal", {"balance"}, set()),
        ("echo $HO", {"$HOME", "$HOUSE"}, set()),
        ("echo ${HOU", {"${HOUSE}"}, set()),
        ("for f in a; do cat /notes/q", {"/notes/quotes.md"}, set()),
        ("cat ~/notes/q", {"~/notes/quotes.md"}, set()),
        ("", {"ls", "search", "cd", "agent"}, {"/notes/"}),
    ],
)
def test_what_fits_is_offered(
    home: pathlib.Path, text: str, includes: set[str], leaves_out: set[str]
) -> None:
    found = set(offered(home, text))
    assert includes <= found
    assert not leaves_out & found


def test_relative_paths_stay_relative(home: pathlib.Path) -> None:
    assert offered(home, "cat bo", "/notes/house") == ["boiler.md"]
    assert offered(home, "cat ../quo", "/notes/house") == ["../quotes.md"]


def test_fields_of_the_folder_are_offered(home: pathlib.Path) -> None:
    assert {"priority", "due", "labels", "name"} <= set(offered(home, "ls | sort-by ", "/tasks"))
    assert "-due" in offered(home, "ls | sort-by -d", "/tasks")


def test_odd_names_are_typed_so_that_they_mean_themselves(home: pathlib.Path) -> None:
    async def make() -> None:
        workspace = open_workspace(home)
        session = workspace.session()
        for name in ("it's here", 'two "quotes" $x', "日本 語.md"):
            await session.tree.write(session.resolve(f"/files/odd {name}"), b"found\n")
        await workspace.aclose()

    drive(make())
    for text in ("cat /files/odd", "cat '/files/odd", 'cat "/files/odd'):
        for word in offered(home, text):
            line = "cat " + word
            assert run_in(home, line).out == "found\n", line


@pytest.mark.parametrize(
    "text", ["cat /none/", "nosuch -", "cat /notes/quotes.md/", "ls --nothing", "cat \0"]
)
def test_where_nothing_fits_nothing_is_offered(home: pathlib.Path, text: str) -> None:
    assert offered(home, text) == []
