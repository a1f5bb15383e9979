"""How the words of text and expression commands reach them through the shell."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from commands.stream import Collected, Io, Nothing
from spatio.session import Session
from tests.commands.desk import Desk, Registered, stored
from vfs.drive import drive


@pytest.fixture
def desk(tmp_path: pathlib.Path) -> Iterator[Desk]:
    made, store = stored(tmp_path)
    yield made
    drive(store.aclose())


def run(desk: Desk, line: str) -> tuple[int, str, str]:
    session = Session(desk.tree.mounts, Registered())  # type: ignore[arg-type]
    out, err = Collected(), Collected()
    status = drive(session.run(line, Io(Nothing(), out, err)))
    return int(status), out.data.decode(), err.data.decode()


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("task add Don't do [this] * now? #home !high", "Don't do [this] * now?, priority 3 (high), #home"),
        ("task add 'one  word' two", "one word two"),
        ('task add "Pay #rent" -now due:today # not a comment', "Pay #rent -now # not a comment"),
        ("X=Ada; task add Call $X; echo done # a comment", "Call Ada"),
        ("task add a > /files/out", "a"),
    ],
)  # fmt: skip
def test_text_keeps_its_marks(desk: Desk, line: str, title: str) -> None:
    status, _, err = run(desk, line)
    assert status == 0
    assert title.split(",")[0] in err
    assert all(part in err for part in title.split(", ")[1:])


def test_operators_of_an_expression_are_no_redirects(desk: Desk) -> None:
    for title in ("a !high", "b !low", "c"):
        run(desk, f"task add {title}")
    for line in (
        "ls /tasks | where priority > 2",
        "ls /tasks | where priority>2",
        "ls /tasks | where (priority >= 3 or priority < 1) and name ~ a",
        "ls /tasks | where not (priority <= 2) and priority",
    ):
        assert run(desk, line) == (0, "a.md\n", "")
    assert run(desk, "ls /tasks | where priority >= 1 | select name > /files/out") == (0, "", "")
    assert desk.read("/files/out") == "a.md\nb.md\n"
    assert run(desk, "ls /tasks | where priority < 3 | wc -l")[1].strip() == "1"
    assert run(desk, "ls / | grep 2")[0] == 1
