"""mail send, reply, forward and draft: what is written leaves by the outbox, to whom it names alone."""

from __future__ import annotations

import email.policy
import os
import pathlib
import re
import shutil
import stat
import sys
from email.message import EmailMessage
from email.parser import BytesParser
from typing import cast

import pexpect
import pytest

from tests.commands.mailbox import Mailbox
from vfs.visible import visible

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture
def box(tmp_path: pathlib.Path) -> Mailbox:
    made = Mailbox(tmp_path)
    made.deliver(
        "Lunch on Friday?", text="At noon?\n", flags="S", days=0.2, more="Cc: Bob <bob@example.org>\r\n"
    )
    return made


def sent(box: Mailbox, folder: str = ".Sent") -> list[EmailMessage]:
    """The mails that a folder of this computer holds."""
    found = []
    for place in ("cur", "new"):
        for file in sorted((box.root / folder / place).iterdir()):
            found.append(BytesParser(policy=email.policy.default).parsebytes(file.read_bytes()))
    return [cast(EmailMessage, one) for one in found]


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_mail_is_sent_from_a_line_and_stands_among_the_sent_ones(box: Mailbox) -> None:
    ran = box.run("mail send --to 'Ada <ada@example.org>, c@example.org' -s 'Über uns' See you there!")
    assert (ran.status, ran.out) == (0, "")
    assert ran.err.startswith("Sent: Über uns to ada@example.org, c@example.org (filed in sent")
    (mail,) = sent(box)
    assert mail["to"] == "Ada <ada@example.org>, c@example.org"
    assert mail["from"] == "Nora Vermeer <nora@example.org>"
    assert mail["subject"] == "Über uns"
    assert body(mail) == "See you there!\n"
    assert box.run("ls /outbox").out == ""


def test_the_text_comes_from_a_file_or_a_pipe(box: Mailbox) -> None:
    ran = box.run("mail send --to ada@example.org -s Notes < /notes/none")
    assert ran.status == 1
    assert box.run("echo 'line one' | mail send --to ada@example.org -s Notes").status == 0
    assert body(sent(box)[0]) == "line one\n"


def test_a_mail_without_a_text_is_not_sent_by_mistake(box: Mailbox) -> None:
    box.deliver("Question")
    for line in ("mail send --to ada@example.org -s Notes", "mail reply question"):
        for nothing in (line, f"{line} < /dev/null", f"echo ' ' | {line}"):
            ran = box.run(nothing)
            assert ran.status == 2
            assert "has no text" in ran.err
    assert sent(box) == []
    assert box.run("mail send --to ada@example.org -s Notes ''").status == 0


def test_blind_recipients_get_it_and_show_in_the_outbox_only(box: Mailbox) -> None:
    box.run("mail send --to ada@example.org --bcc boss@example.org --in 1h -s Hi text")
    assert "Bcc: boss@example.org" in box.run("cat /outbox/*").out
    box.run("release /outbox/*")
    box.run("mail list")
    (mail,) = sent(box)
    assert (mail["to"], mail["bcc"]) == ("ada@example.org", "boss@example.org")


def test_what_waits_says_when_it_leaves_and_can_be_stopped(box: Mailbox) -> None:
    ran = box.run("mail send --to ada@example.org --in 10m -s Hi text")
    assert ran.status == 0
    assert "Leaves at " in ran.err
    assert ran.out == box.run("ls -d /outbox/*").out
    assert "(in 10 min)" in ran.err
    assert sent(box) == []
    assert len(box.rows("ls /outbox")) == 1
    box.run("undo")
    assert box.run("ls /outbox").out == ""


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        ("mail send -s Hi --cc '' text", 2, "it names nobody to send it to"),
        ("mail send --to nobody -s Hi text", 2, "mail send: nobody is no address: it has no @"),
        ("mail send --to a@b@c -s Hi text", 2, "is no address"),
        ("mail send --to 'ada@example.org\nBcc: x@y.z' -s Hi text", 2, ""),
        ("mail send --to ada@example.org --attach /notes/none -s Hi text", 2, "no such file to attach"),
        ("mail send --to ada@example.org --attach /notes -s Hi text", 2, "is a directory"),
        ("mail send --to ada@example.org --now --in 1m -s Hi text", 2, "exclude each other"),
        ("mail send --to ada@example.org --at someday -s Hi text", 2, "--at: 'someday' is no date"),
        ("mail send --to ada@example.org --at 2020-01-01 -s Hi text", 2, "is over"),
        ("mail send --to ada@example.org --from eve@example.org -s Hi text", 1, "no account is called"),
        ("mail send nothing-like-this", 1, "no mail is called so"),
        ("mail send lunch", 1, "is no draft"),
        ("mail forward lunch 'for you'", 2, "who gets it?"),
    ],
)
def test_what_cannot_be_sent_is_told_and_nothing_waits(
    box: Mailbox, line: str, status: int, reason: str
) -> None:
    ran = box.run("ls -R /mail >/dev/null", line)
    assert ran.status == status, ran
    assert reason in ran.err
    assert "a bug in Spatio" not in ran.err
    assert box.run("ls /outbox").out == ""
    assert sent(box) == []


def test_attachments_go_along(box: Mailbox) -> None:
    box.run("printf 'some bytes' > /files/a.bin", "echo '# Plan' > /notes/plan.md")
    ran = box.run("mail send --to ada@example.org -s Files -a /files/a.bin --attach /notes/plan.md 'Here.'")
    assert ran.status == 0, ran
    (mail,) = sent(box)
    files = {part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()}
    assert files == {"a.bin": b"some bytes", "plan.md": b"# Plan\n"}


def test_an_answer_goes_to_who_wrote_quotes_and_marks(box: Mailbox) -> None:
    ran = box.run("mail reply lunch 'With pleasure.'")
    assert ran.status == 0, ran
    (mail,) = sent(box)
    assert mail["to"] == "Ada Lovelace <ada@example.org>"
    assert mail["cc"] is None
    assert mail["subject"] == "Re: Lunch on Friday?"
    assert mail["in-reply-to"] == mail["references"] == "<m1@example.org>"
    assert body(mail).startswith("With pleasure.\n\nOn ")
    assert body(mail).endswith("\n> At noon?\n")
    assert box.rows("mail")[0]["flags"] == "r"


def test_an_answer_to_all_leaves_oneself_out(box: Mailbox) -> None:
    box.run("mail reply --all --cc carol@example.org lunch Yes.")
    (mail,) = sent(box)
    assert mail["to"] == "Ada Lovelace <ada@example.org>"
    assert mail["cc"] == "Bob <bob@example.org>, carol@example.org"


def test_a_mail_is_handed_on_with_what_hangs_on_it(box: Mailbox) -> None:
    box.deliver(
        "Papers",
        text="--b\r\nContent-Type: text/plain\r\n\r\nAttached.\r\n--b\r\nContent-Type: text/csv\r\n"
        "Content-Disposition: attachment; filename=a.csv\r\n\r\n1,2\r\n--b--\r\n",
        more="Content-Type: multipart/mixed; boundary=b\r\n",
    )
    ran = box.run("mail forward papers --to bob@example.org 'For your files.'")
    assert ran.status == 0, ran
    (mail,) = sent(box)
    assert mail["subject"] == "Fwd: Papers"
    assert body(mail).startswith("For your files.\n\n---")
    assert "Attached." in body(mail)
    assert [part.get_filename() for part in mail.iter_attachments()] == ["a.csv"]
    assert box.rows("mail")[0]["flags"] == "Nf+"


def test_a_draft_is_kept_sent_and_is_a_draft_no_more(box: Mailbox) -> None:
    ran = box.run("mail draft --to ada@example.org --bcc boss@example.org -s Plans 'About the summer:'")
    assert ran.status == 0, ran
    assert ran.out == "/mail/drafts/2026-11-20-plans\n"
    assert ran.err == "Kept as /mail/drafts/2026-11-20-plans; to send it: mail send 2026-11-20-plans\n"
    ran = box.run("mail send 2026-11-20-plans")
    assert ran.status == 0
    assert ran.err.startswith("Sent: Plans to ada@example.org, boss@example.org (filed in sent")
    (mail,) = sent(box)
    assert len(mail.get_all("date", [])) == len(mail.get_all("bcc", [])) == 1
    assert box.run("ls /mail/drafts").out == ""


def test_a_draft_without_a_recipient_is_kept_but_not_sent(box: Mailbox) -> None:
    assert box.run("echo text | mail draft -s Plans").status == 0
    ran = box.run("mail send plans")
    assert ran.status == 1
    assert "it names nobody to send it to" in ran.err
    assert box.names("ls /mail/drafts") == ["2026-11-20-plans"]


def test_a_sent_draft_that_still_waits_comes_back_by_undo(box: Mailbox) -> None:
    box.run("mail draft --to ada@example.org -s Plans text", "mail send --in 1h plans")
    assert box.run("ls /mail/drafts").out == ""
    box.run("undo")
    assert box.names("ls /mail/drafts") == ["2026-11-20-plans"]
    assert box.run("ls /outbox").out == ""


def test_a_person_is_asked_and_a_no_keeps_a_draft(box: Mailbox) -> None:
    box.interactive = True
    ran = box.run("mail send --to 'Ada <ada@example.org>' -s Hi text of four words")
    assert ran.status == 1
    assert ran.err == "Not sent; kept as /mail/drafts/2026-11-20-hi\n"
    (asked,) = box.asked
    assert asked.split("\n") == [
        "  From     Nora Vermeer <nora@example.org>",
        "  To       Ada <ada@example.org>",
        "  Subject  Hi",
        "  Text     4 words",
        "Send it?",
    ]
    box.run("mail send --yes --to ada@example.org -s Hi text")
    assert len(sent(box)) == 1
    box.answers = [True]
    assert box.run("mail send drafts/2026-11-20-hi").status == 0
    assert len(sent(box)) == 2


def test_what_a_question_shows_is_visible(box: Mailbox) -> None:
    box.interactive = True
    assert box.run("mail send --to ada@example.org -s $'Pay\\x1b]0;x\\x07' text").status == 2
    box.run("mail send --to $'\"Al\\u202eice\" <m@example.org>' -s $'Pay\\u200b' -a $'/files/a\\u202eb' text")
    box.run("echo x > $'/files/a\\u202eb'")
    box.run("mail send --to $'\"Al\\u202eice\" <m@example.org>' -s $'Pay\\u200b' -a $'/files/a\\u202eb' text")
    assert len(box.asked) == 1
    assert visible(box.asked[0]) == box.asked[0]


def by_hand(box: Mailbox, script: str, line: str, answer: str = "y") -> str:
    """What a person sees on a terminal whose editor does what `script` says to the file `$1`."""
    editor = box.home.parent / "editor"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    env = {**os.environ, "SPATIO_HOME": str(box.home), "EDITOR": str(editor), "TERM": "xterm"}
    child = pexpect.spawn(sys.executable, ["-m", "spatio", "-c", line], env=env, timeout=60, cwd=ROOT)
    found = child.expect([r"\[y/N\]", pexpect.EOF])
    seen = child.before or b""
    if found == 0:
        child.sendline(answer)
        child.expect(pexpect.EOF)
        seen += child.before or b""
    child.close()
    return bytes(seen).decode("utf-8", "replace").replace("\r\n", "\n")


def test_a_person_writes_in_the_editor_and_is_asked(box: Mailbox) -> None:
    script = (
        'sed -i \'s/^To:.*/To: bob@example.org/; s/^Subject:.*/Subject: By hand/\' "$1"; echo Typed. >> "$1"'
    )
    seen = by_hand(box, script, "mail send")
    assert "To       bob@example.org" in seen
    assert "Sent: By hand to bob@example.org" in seen
    (mail,) = sent(box)
    assert body(mail) == "\nTyped.\n"


def test_an_editor_that_is_left_without_a_word_sends_nothing(box: Mailbox) -> None:
    assert "nothing was written, and nothing is sent" in by_hand(box, "true", "mail reply lunch")
    assert sent(box) == []


def test_what_was_typed_is_kept_when_it_cannot_be_sent(box: Mailbox) -> None:
    seen = by_hand(box, 'echo "A long text." >> "$1"', "mail send --to nobody", answer="n")
    assert "nobody is no address" in seen
    kept = re.search(r"your text is kept in (\S+)", seen)
    assert kept is not None
    assert pathlib.Path(kept.group(1)).read_text().endswith("A long text.\n")
    shutil.rmtree(pathlib.Path(kept.group(1)).parent)


def test_a_draft_is_gone_on_with_and_keeps_what_hangs_on_it(box: Mailbox) -> None:
    box.run("printf 'a,b' > /files/a.csv", "mail draft --to ada@example.org -s Plans -a /files/a.csv text")
    seen = by_hand(box, 'echo "More text." >> "$1"', "mail draft --edit plans")
    assert "Kept as /mail/drafts/2026-11-20-plans" in seen
    assert "More text." in box.run("cat /mail/drafts/2026-11-20-plans").out
    seen = by_hand(box, "sed -i 's/More/Most/' \"$1\"", "mail send --edit plans")
    assert "Sent: Plans" in seen
    (mail,) = sent(box)
    assert body(mail) == "text\nMost text.\n"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["a.csv"]
    assert box.run("ls /mail/drafts").out == ""


def test_a_draft_is_found_by_its_name_where_a_folder_is_called_so(box: Mailbox) -> None:
    box.run("mail draft --to ada@example.org -s Notes text")
    assert "Kept as /mail/drafts/2026-11-20-notes" in by_hand(box, "true", "mail draft --edit notes")
    ran = box.run("mail read /notes")
    assert (ran.status, ran.out) == (1, "")
    assert "is a directory" in ran.err
    assert "is a directory" in box.run("cd /mail; mail read inbox").err
