"""note: a line kept, and found again."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from tests.commands.desk import Desk, stored
from tests.commands.render.screen import ESCAPES, findings, hostile_names
from tests.engines import BOTH
from vfs.drive import drive

ENGINES = BOTH


@pytest.fixture
def desk(tmp_path: pathlib.Path) -> Iterator[Desk]:
    made, store = stored(tmp_path)
    yield made
    drive(store.aclose())


def test_a_line_becomes_a_note_named_after_it(desk: Desk) -> None:
    ran = desk.run("note add 'Ada likes the blue one' '#gifts'")
    assert (ran.status, ran.out, ran.err) == (
        0,
        "/notes/ada-likes-the-blue-one.md\n",
        "Created /notes/ada-likes-the-blue-one.md\n",
    )
    assert (
        desk.read("/notes/ada-likes-the-blue-one.md") == "---\ntags: [gifts]\n---\nAda likes the blue one\n"
    )
    assert ran.records[0].fields["tags"] == ("gifts",)


def test_a_note_may_come_from_a_pipe(desk: Desk) -> None:
    ran = desk.run("note add", b"# Plan for the week\n\nfirst\nsecond\n")
    assert ran.out == "/notes/plan-for-the-week.md\n"
    assert desk.read("/notes/plan-for-the-week.md") == "# Plan for the week\n\nfirst\nsecond\n"
    assert desk.run("note add", b" \n").status == 2


def test_long_lines_and_twins_get_names_of_their_own(desk: Desk) -> None:
    long = "word " * 40
    first, second = desk.run(f"note add '{long}'").out, desk.run(f"note add '{long}'").out
    assert first != second
    assert len(first) < 80
    assert desk.read(first.strip()) == desk.read(second.strip())


def test_notes_are_listed_and_shown_by_part_of_their_name(desk: Desk) -> None:
    desk.write("/notes/trips/lisbon.md", "---\ntitle: Lisbon in May\n---\nSee Rita.\n")
    desk.run("note add Blue is better")
    assert {record.fields["name"] for record in desk.run("note list").records} == {
        "trips/lisbon.md",
        "blue-is-better.md",
    }
    assert desk.run("note show blue").out == "Blue is better\n"
    assert desk.run("note show /notes/trips/lisbon.md").out.endswith("See Rita.\n")
    ran = desk.run("note show bleu-is-better blue")
    assert ran.status == 1
    assert "did you mean blue-is-better?" in ran.err
    assert ran.out == "Blue is better\n"
    assert "did you mean note list?" in desk.run("note lst").err


def test_hostile_text_is_kept_whole_under_a_harmless_name(desk: Desk) -> None:
    for text in [*ESCAPES, *hostile_names()]:
        data = (text.replace("\x00", "") + " tail").encode("utf-8", "replace")
        ran = desk.run("note add", data, tty=80)
        assert ran.status == 0, ran.err
        assert findings(ran.err.encode()) == []
        path = ran.err.removeprefix("Created ").strip()
        assert desk.read(path).encode() == data + b"\n"
    assert findings(desk.run("note list", tty=100).out.encode()) == []
