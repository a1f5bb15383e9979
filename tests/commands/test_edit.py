"""edit: what was typed is saved, or kept and said where."""

from __future__ import annotations

import os
import pathlib
import stat
import sys

import pytest

from tests.commands.desk import Desk


@pytest.fixture(autouse=True)
def _drafts_here(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)


def desk(tmp_path: pathlib.Path, script: str) -> Desk:
    """A desk whose editor is a program of Python that gets the draft as `draft`."""
    program = tmp_path / "editor.py"
    program.write_text(f"import sys, os\ndraft = sys.argv[1]\n{script}\n")
    made = Desk()
    made.env = {"EDITOR": f"{sys.executable} {program}"}
    made.write("/notes/a.md", "old\n")
    return made


def drafts(tmp_path: pathlib.Path) -> list[pathlib.Path]:
    return list(tmp_path.glob("spatio-edit-*/*"))


def test_what_was_typed_is_saved_and_the_draft_goes(tmp_path: pathlib.Path) -> None:
    made = desk(tmp_path, "open(draft, 'a').write('new\\n')")
    ran = made.run("edit /notes/a.md")
    assert (ran.status, ran.err, made.read("/notes/a.md")) == (0, "", "old\nnew\n")
    assert list(tmp_path.glob("spatio-edit-*")) == []


def test_a_new_file_is_made_when_something_was_typed(tmp_path: pathlib.Path) -> None:
    made = desk(tmp_path, "open(draft, 'a').write('new\\n')")
    assert made.run("edit /notes/b.md").status == 0
    assert made.read("/notes/b.md") == "new\n"


def test_nothing_typed_is_nothing_saved(tmp_path: pathlib.Path) -> None:
    ran = desk(tmp_path, "pass").run("edit /notes/a.md /notes/b.md")
    assert ran.err == "edit: /notes/a.md: nothing was changed\nedit: /notes/b.md: nothing was changed\n"


def test_nobody_else_can_read_the_draft(tmp_path: pathlib.Path) -> None:
    made = desk(tmp_path, "m = os.stat(draft).st_mode\nopen(draft, 'w').write(oct(m & 0o777))")
    old = os.umask(0)
    try:
        made.run("edit /notes/a.md")
    finally:
        os.umask(old)
    assert made.read("/notes/a.md") == oct(stat.S_IRUSR | stat.S_IWUSR)


def test_a_conflicting_change_is_noticed_and_the_text_kept(tmp_path: pathlib.Path) -> None:
    made = desk(tmp_path, "open(draft, 'w').write('mine\\n')")
    real = made.tree.read

    async def meanwhile(*args: object, **options: object) -> bytes:
        data = await real(*args, **options)  # type: ignore[arg-type]
        made.tree.read = real  # type: ignore[method-assign]
        await made.tree.write(made.resolve("/notes/a.md"), b"theirs\n")
        return data

    made.tree.read = meanwhile  # type: ignore[method-assign]
    ran = made.run("edit /notes/a.md")
    assert ran.status == 1
    assert made.read("/notes/a.md") == "theirs\n"
    (draft,) = drafts(tmp_path)
    assert draft.read_text() == "mine\n"
    assert ran.err == (
        "edit: /notes/a.md: changed by somebody else in the meantime; nothing was saved\n"
        f"  your text is kept in {draft}\n"
    )


def test_an_editor_that_fails_loses_nothing(tmp_path: pathlib.Path) -> None:
    made = desk(tmp_path, "open(draft, 'w').write('mine\\n')\nsys.exit(3)")
    ran = made.run("edit /notes/a.md")
    assert (ran.status, made.read("/notes/a.md")) == (1, "old\n")
    assert drafts(tmp_path)[0].read_text() == "mine\n"


def test_an_editor_that_fails_at_once_is_a_failure(tmp_path: pathlib.Path) -> None:
    ran = desk(tmp_path, "sys.exit(3)").run("edit /notes/a.md")
    assert (ran.status, drafts(tmp_path)) == (1, [])
    assert "the editor ended with status 3; nothing was changed" in ran.err


def test_what_cannot_be_edited_is_refused(tmp_path: pathlib.Path) -> None:
    made = desk(tmp_path, "pass")
    ran = made.run("edit /notes /none/x")
    assert ran.err == "edit: /notes: is a directory\nedit: /none: no such file or directory\n"
    made.env = {"EDITOR": "/nonexistent/editor"}
    ran = made.run("edit /notes/a.md")
    assert (ran.status, ran.err) == (1, "edit: /nonexistent/editor: no such file or directory\n")
