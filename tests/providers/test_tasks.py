"""Notes and tasks: attributes follow the content, and the content the attributes."""

import pathlib
from datetime import date

import pytest

from tests.engines import BOTH
from tests.store.desk import change, everything, make_store, notes, path, put, read, tasks
from vfs.drive import drive
from vfs.errors import BadName, IsADirectory, NotFound

ENGINES = BOTH


def test_a_notes_title_and_tags_are_attributes(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(put(notes(store), "/a.md", "---\ntitle: Plan\ntags: work, home\n---\ntext"))
    node = drive(notes(store).stat(path("/a.md")))
    assert dict(node.attrs) == {"title": "Plan", "tags": ("work", "home")}
    assert node.mime == "text/markdown"
    drive(store.aclose())


def test_setting_attributes_rewrites_the_head_and_nothing_else(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(put(notes(store), "/a.md", "---\n# kept\ntitle: Plan\nother: {a: b}\n---\nthe text\n"))
    node = drive(notes(store).set_attrs(path("/a.md"), {"title": "New", "tags": ("x",)}, change()))
    assert node.attrs["tags"] == ("x",)
    expected = b"---\n# kept\ntitle: New\nother: {a: b}\ntags: [x]\n---\nthe text\n"
    assert drive(read(notes(store), "/a.md")) == expected
    drive(store.aclose())


def test_attributes_of_what_is_no_text_are_refused(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(put(notes(store), "/a.md", b"\xff\xfe"))
    with pytest.raises(BadName, match="text only"):
        drive(notes(store).set_attrs(path("/a.md"), {"a": 1}, change()))
    with pytest.raises(NotFound):
        drive(notes(store).set_attrs(path("/b.md"), {"a": 1}, change()))
    drive(notes(store).mkdir(path("/d"), change()))
    with pytest.raises(IsADirectory):
        drive(notes(store).set_attrs(path("/d"), {"a": 1}, change()))
    drive(store.aclose())


def test_a_task_has_a_status_a_title_and_a_priority_that_compares(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(put(tasks(store), "/pay-rent.md", "---\npriority: high\ndue: 2026-03-01\nlabels: home\n---\n"))
    attrs = drive(tasks(store).stat(path("/pay-rent.md"))).attrs
    assert dict(attrs) == {
        "priority": 3,
        "due": date(2026, 3, 1),
        "labels": ("home",),
        "status": "todo",
        "title": "pay rent",
    }
    drive(store.aclose())


def test_what_a_task_says_wrongly_stays_as_it_was_said(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(put(tasks(store), "/a.md", "---\npriority: whenever\ndue: soon\n---\n"))
    attrs = drive(tasks(store).stat(path("/a.md"))).attrs
    assert (attrs["priority"], attrs["due"]) == ("whenever", "soon")
    drive(store.aclose())


def test_a_finished_task_goes_to_done_and_comes_back(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(put(tasks(store), "/a.md", "---\nstatus: todo\n---\nwhat to do"))
    drive(tasks(store).set_attrs(path("/a.md"), {"status": "done"}, change()))
    assert drive(everything(tasks(store))) == ["/done", "/done/a.md"]
    assert drive(read(tasks(store), "/done/a.md")) == b"---\nstatus: done\n---\nwhat to do"
    drive(tasks(store).set_attrs(path("/done/a.md"), {"status": "todo"}, change()))
    assert drive(everything(tasks(store))) == ["/a.md", "/done"]
    drive(store.aclose())


def test_two_finished_tasks_of_one_name_are_both_kept(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    for text in ("first", "second"):
        drive(put(tasks(store), "/a.md", text))
        drive(tasks(store).set_attrs(path("/a.md"), {"status": "done"}, change()))
    done = [name for name in drive(everything(tasks(store))) if name != "/done"]
    assert len(done) == 2
    assert {drive(read(tasks(store), name))[-5:] for name in done} == {b"first", b"econd"}
    drive(store.aclose())


def test_a_file_written_to_done_is_done(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(tasks(store).mkdir(path("/done"), change()))
    drive(put(tasks(store), "/done/a.md", "x"))
    assert drive(tasks(store).stat(path("/done/a.md"))).attrs["status"] == "done"
    drive(store.aclose())


def test_a_task_moved_by_hand_keeps_what_its_head_says(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(put(tasks(store), "/a.md", "x"))
    drive(tasks(store).mkdir(path("/done"), change()))
    drive(tasks(store).move(path("/a.md"), path("/done/a.md"), change()))
    assert drive(tasks(store).stat(path("/done/a.md"))).attrs["status"] == "done"
    drive(store.aclose())


def test_attributes_of_many_are_set_at_once_and_an_error_stands_for_its_own(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    for name in ("/a.md", "/b.md", "/c.md"):
        drive(put(tasks(store), name, "---\nstatus: todo\n---\n"))
    wanted = {
        path("/a.md"): {"status": "done"},
        path("/none.md"): {"status": "done"},
        path("/b.md"): {"due": 1},
    }
    one, none, other = drive(tasks(store).set_attrs_many(wanted, change()))
    assert (one.attrs["status"], other.attrs["status"]) == ("done", "todo")
    assert isinstance(none, NotFound)
    assert drive(everything(tasks(store))) == ["/b.md", "/c.md", "/done", "/done/a.md"]
    drive(store.aclose())
