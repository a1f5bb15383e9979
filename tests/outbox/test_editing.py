"""`edit /outbox/NAME`: a draft in the editor, the same mail on its way out."""

from __future__ import annotations

import pathlib

import pytest

from providers.mail.revising import editable, mended
from tests.outbox.house import make_house, sent
from tests.workspaces import run_in
from vfs.errors import BadName


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    make_house(tmp_path / "home")
    return tmp_path / "home"


def editor(home: pathlib.Path, script: str) -> dict[str, str]:
    file = home.parent / "editor"
    file.write_text(f'#!/bin/sh\ncp "$1" {home.parent}/shown\nsed -i "{script}" "$1"\n')
    file.chmod(0o755)
    return {"EDITOR": str(file)}


SEND = (
    'mail send --yes --to ada@example.org --bcc bo@example.org -s "Übung" --attach /notes/a.txt --in 1h'
    ' "Grüße."'
)


def test_what_waits_is_edited_as_a_draft_and_leaves_as_edited(home: pathlib.Path) -> None:
    run_in(home, "echo attached > /notes/a.txt", SEND)
    env = editor(home, "s/^To: .*/To: Jörg <joerg@example.org>/; s/Grüße/Viele Grüße/; s/Übung/Prüfung/")
    answer = run_in(home, "edit /outbox/*", "cat /outbox/*", env=env)
    shown = (home.parent / "shown").read_text()
    assert "To: ada@example.org\n" in shown
    assert "Bcc: bo@example.org\n" in shown
    assert "Attach: a.txt\n" in shown
    assert shown.endswith("\n\nGrüße.\n")
    assert answer.status == 0, answer
    assert "To: Jörg <joerg@example.org>\nBcc: bo@example.org\n" in answer.out
    assert "Attachments: a.txt" in answer.out
    answer = run_in(home, "release /outbox/*")
    assert "Sent: Prüfung to Jörg <joerg@example.org>, bo@example.org" in answer.err
    assert len(sent(home.parent / "maildir")) == 1


def test_a_draft_that_cannot_be_sent_is_kept_and_the_mail_stays_as_it_was(home: pathlib.Path) -> None:
    run_in(home, "echo attached > /notes/a.txt", SEND)
    before = run_in(home, "cat /outbox/*").out
    for script, wrong in (
        ("s/^To: .*/To: nobody/", "nobody"),
        ("s/^Attach: .*/Attach: other.txt/", "other.txt is no attachment of this mail"),
        ("s/^To:.*/To:/; s/^Bcc:.*/Bcc:/", "nobody to send it to"),
    ):
        answer = run_in(home, "edit /outbox/*", env=editor(home, script))
        assert answer.status == 1, answer
        assert wrong in answer.err
        assert "your text is kept in" in answer.err
    assert run_in(home, "cat /outbox/*").out == before


def test_an_attachment_that_is_not_named_any_more_stays_behind(home: pathlib.Path) -> None:
    run_in(home, "echo attached > /notes/a.txt", SEND)
    answer = run_in(home, "edit /outbox/*", "cat /outbox/*", env=editor(home, "/^Attach:/d"))
    assert "Attachments" not in answer.out


def test_a_mail_that_says_more_than_a_draft_can_is_not_made_one() -> None:
    html = b"To: a@example.org\r\nContent-Type: text/html\r\n\r\n<b>bold</b>\r\n"
    assert editable(html) is None
    plain = b"From: n@example.org\r\nTo: a@example.org\r\nSubject: S\r\nMessage-ID: <1@x>\r\n\r\nText.\r\n"
    draft = editable(plain)
    assert draft is not None
    assert b"Message-ID: <1@x>" in mended(draft, plain)
    with pytest.raises(BadName):
        mended("no headers at all", plain)
