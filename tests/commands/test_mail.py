"""mail: mails listed, read and put in order, by the names that people use for them."""

from __future__ import annotations

import pathlib

import pytest

from tests.commands.mailbox import Mailbox
from tests.commands.render.screen import ESCAPES, findings

INVOICE = "2026-11-19-invoice-1234"


@pytest.fixture
def box(tmp_path: pathlib.Path) -> Mailbox:
    made = Mailbox(tmp_path)
    made.deliver("Invoice #1234", "Client Office <client@example.com>", "Please pay.\n", days=1)
    first = made.deliver("Lunch on Friday?", flags="S", days=0.2)
    made.deliver("Re: Lunch on Friday?", flags="F", days=0.1, more=f"References: <{first}>\r\n")
    made.deliver("Weekly newsletter", "newsletter@shop.example", days=3)
    return made


def test_without_a_mailbox_the_way_to_one_is_said(tmp_path: pathlib.Path) -> None:
    made = Mailbox(tmp_path)
    (made.home / "config.toml").unlink()
    for line in ("mail", "mail read x", "mail send --to a@b.c -s x y", "mail rules", "mail archive x"):
        ran = made.run(line)
        assert ran.status == 77, line
        assert "no mailbox is connected\n  run: connect imap, or connect gmail\n" in ran.err


def test_the_inbox_is_listed_newest_first(box: Mailbox) -> None:
    rows = box.rows("mail")
    assert [row["subject"] for row in rows] == [
        "Re: Lunch on Friday?",
        "Lunch on Friday?",
        "Invoice #1234",
        "Weekly newsletter",
    ]
    assert [row["flags"] for row in rows] == ["N!", "", "N", "N"]
    assert rows[2]["from"] == "Client Office <client@example.com>"
    assert rows[2]["path"] == f"/mail/inbox/{INVOICE}"
    assert rows[2]["date"] == "2026-11-19T09:30:00+01:00"


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ("--unread", 3),
        ("--flagged", 1),
        ("-u -f", 1),
        ("--from ada", 2),
        ("--from NEWSLETTER@", 1),
        ("-n 2", 2),
        ("-n 0", 4),
        ("inbox", 4),
        ("/mail/inbox", 4),
    ],
)
def test_options_narrow_the_list(box: Mailbox, options: str, count: int) -> None:
    assert len(box.rows(f"mail list {options}")) == count


def test_a_thread_is_one_row_with_its_people(box: Mailbox) -> None:
    box.deliver("Re: Lunch on Friday?", "Bob <bob@example.org>", more="References: <m2@example.org>\r\n")
    rows = box.rows("mail list --threads")
    assert [row["mails"] for row in rows] == [3, 1, 1]
    assert rows[0]["subject"] == "Lunch on Friday?"
    assert rows[0]["from"] == ["Ada Lovelace", "Bob"]
    assert rows[0]["flags"] == "N!"


def test_the_current_folder_is_listed_where_it_holds_mail(box: Mailbox) -> None:
    box.deliver("Plans", folder=".work")
    assert [row["subject"] for row in box.rows("cd /mail/work", "mail")] == ["Plans"]
    assert len(box.rows("cd /mail", "mail")) == 4
    assert box.run("mail list nowhere").err == (
        "mail list: /mail/nowhere: there is no such folder\n  to make it: mkdir /mail/nowhere\n"
    )


def test_a_folder_without_mail_is_no_list_of_mails(box: Mailbox) -> None:
    box.deliver("Kept", folder=".work")
    assert len(box.rows("mkdir /notes/work", "cd /notes", "mail list work")) == 1
    for line in ("mail list /notes", "cd /mail/inbox; mail list ~/notes"):
        ran = box.run(line)
        assert (ran.status, ran.out) == (1, "")
        assert "is in no mailbox" in ran.err


def test_an_unknown_subcommand_is_told_with_the_nearest(box: Mailbox) -> None:
    ran = box.run("mail sned x")
    assert (ran.status, ran.err) == (2, "mail: unknown subcommand 'sned'\n  did you mean mail send?\n")


def test_reading_shows_the_mail_and_marks_it_as_read(box: Mailbox) -> None:
    ran = box.run("mail read invoice-1234")
    assert ran.status == 0
    assert ran.out.startswith("From: Client Office <client@example.com>\n")
    assert ran.out.endswith("\n\nPlease pay.\n")
    assert box.rows("mail list --from client")[0]["flags"] == ""
    assert box.run("undo").status == 0
    assert box.rows("mail list --from client")[0]["flags"] == "N"


def test_a_mail_can_be_read_without_a_trace(box: Mailbox) -> None:
    box.run("mail read -k invoice; cat /mail/inbox/2026-11-17-weekly-newsletter")
    assert len(box.rows("mail -u")) == 3


def test_a_mail_is_read_as_it_came(box: Mailbox) -> None:
    raw = box.run("mail read --raw invoice").out
    assert raw.startswith("From: Client Office <client@example.com>\r\nTo: ")
    head = box.run("mail read --headers invoice").out
    assert raw.startswith(head)
    assert "Please pay" not in head
    assert head.count("\n") == 6


def test_html_is_shown_as_it_came_and_only_where_there_is_some(box: Mailbox) -> None:
    page = "<p>Hello <img src='https://tracker.example/x.png'></p>\n"
    box.deliver("Page", text=page, more="Content-Type: text/html; charset=utf-8\r\n")
    assert box.run("mail read --html page").out == page.replace("\n", "\n")
    ran = box.run("mail read --html invoice")
    assert (ran.status, ran.out) == (1, "")
    assert "has no HTML" in ran.err


def test_a_conversation_is_read_as_a_whole_oldest_first(box: Mailbox) -> None:
    box.deliver("Re: Lunch on Friday?", folder=".Sent", flags="S", more="References: <m2@example.org>\r\n")
    box.run("ls -R /mail")
    out = box.run("mail read --thread 2026-11-20-lunch-on-friday").out
    assert out.count("Subject: ") == 3
    assert out.index("Subject: Lunch") < out.index("Subject: Re: Lunch")


@pytest.mark.parametrize(
    "word",
    [
        INVOICE,
        "invoice",
        "1234",
        "2026-11-19",
        "'Invoice #1234'",
        f"inbox/{INVOICE}",
        f"/mail/inbox/{INVOICE}",
        "INVOICE",
    ],
)
def test_a_mail_is_found_by_what_people_call_it(box: Mailbox, word: str) -> None:
    assert "Please pay." in box.run("ls /mail >/dev/null", f"mail read -k {word}").out


def test_the_inbox_comes_before_other_folders(box: Mailbox) -> None:
    box.deliver("Invoice #99", folder=".Archive", text="Old.\n", days=30)
    assert "Please pay." in box.run("ls -R /mail >/dev/null", "mail read invoice").out
    assert "Old." in box.run("mail read invoice-99").out


def test_a_name_that_fits_several_lists_them(box: Mailbox) -> None:
    ran = box.run("mail read lunch")
    assert ran.status == 1
    assert ran.err == (
        "mail read: 'lunch' may be any of 2: 2026-11-20-lunch-on-friday, 2026-11-20-re-lunch-on-friday\n"
        "  write more of the name\n"
    )


def test_a_name_that_fits_nothing_is_told_and_the_others_are_shown(box: Mailbox) -> None:
    ran = box.run("ls -R /mail >/dev/null", "mail read -k nonesuch invoice")
    assert ran.status == 1
    assert "Please pay." in ran.out
    assert ran.err.startswith("mail read: nonesuch: no mail is called so\n  run: mail list")


def test_what_a_pipe_finds_is_archived_and_undo_takes_all_of_it_back(box: Mailbox) -> None:
    ran = box.run("ls /mail/inbox | where from ~ ada | mail archive")
    assert (ran.status, ran.err) == (0, "Archived 2 mails\n")
    assert ran.out.splitlines() == [
        "/mail/archive/2026-11-20-lunch-on-friday",
        "/mail/archive/2026-11-20-re-lunch-on-friday",
    ]
    assert len(box.rows("mail")) == 2
    assert "2 entries" in box.run("undo").err
    assert len(box.rows("mail")) == 4


def test_lines_name_mails_too(box: Mailbox) -> None:
    ran = box.run("printf 'invoice\\n\\n/mail/inbox/nothing\\n' | mail archive")
    assert ran.status == 1
    assert "mail archive: /mail/inbox/nothing: no such file or directory" in ran.err
    assert box.names("ls /mail/archive") == [INVOICE]


def test_nothing_is_replaced_by_a_mail_of_the_same_name(box: Mailbox) -> None:
    box.deliver("Invoice #1234", folder=".Archive", text="Another.\n", days=1)
    box.run("ls -R /mail >/dev/null", "mail archive /mail/inbox/2026-11-19-invoice-1234")
    names = box.names("ls /mail/archive")
    assert len(names) == 2
    assert "Another." in box.run(f"cat /mail/archive/{INVOICE}").out


def test_mails_move_to_folders_by_name_or_path(box: Mailbox) -> None:
    box.run("ls -R /mail >/dev/null")
    assert box.run("mail move invoice work").err == "Moved 1 mail\n"
    assert box.run("mail list --from newsletter | mail move /mail/work").status == 0
    assert len(box.rows("mail list work")) == 2
    ran = box.run("mail move lunch-on nowhere")
    assert ran.status == 1
    ran = box.run("mail move 2026-11-20-lunch-on-friday nowhere")
    assert "there is no such folder\n  to make it: mkdir /mail/nowhere" in ran.err
    assert box.run("mail move 'Invoice #1234' work").err == (
        f"mail move: /mail/work/{INVOICE}: is in /mail/work already\n"
    )


def test_marks_are_set_and_taken_off(box: Mailbox) -> None:
    assert box.run("mail mark --read --flag invoice").err == "Marked 1 mail\n"
    row = box.rows("mail list --from client")[0]
    assert (row["unread"], row["flagged"]) == (False, True)
    assert box.run("mail | mail mark --unread --unflag").err == "Marked 4 mails\n"
    assert {row["flags"] for row in box.rows("mail")} == {"N"}
    box.run("undo")
    assert len(box.rows("mail -f")) == 2


def test_what_is_no_mail_is_left_alone(box: Mailbox) -> None:
    box.run("echo '# A' > /notes/a.md")
    for line in ("mail mark --flag /notes/a.md", "ls /notes | mail mark --flag", "mail read /notes/a.md"):
        ran = box.run(line)
        assert ran.status == 1
        assert "/notes/a.md: is in no mailbox" in ran.err
    assert box.run("cat /notes/a.md").out == "# A\n"


@pytest.mark.parametrize("options", ["", "--read --unread", "--flag --unflag"])
def test_marks_that_make_no_sense_are_refused(box: Mailbox, options: str) -> None:
    assert box.run(f"mail mark {options} invoice").status == 2


def test_a_deleted_mail_goes_to_the_trash_and_comes_back(box: Mailbox) -> None:
    assert box.run("mail delete invoice").err == "Deleted 1 mail\n"
    assert [name for name in box.names("ls /mail/trash") if name.startswith(INVOICE)]
    box.run("undo")
    assert INVOICE in box.names("ls /mail/inbox")


def test_a_part_of_a_name_never_means_a_rule(box: Mailbox) -> None:
    box.run("mail rules add tidy --when 'from ~ shop' --move archive")
    ran = box.run("mail delete tidy")
    assert ran.status == 1
    assert "no mail is called so" in ran.err
    assert "tidy" in box.run("mail rules").out


def test_a_person_is_asked_before_the_trash_is_emptied(box: Mailbox) -> None:
    box.deliver("Old", folder=".Trash")
    box.run("ls -R /mail >/dev/null")
    box.interactive = True
    assert box.run("mail delete trash/2026-11-20-old").status == 1
    assert box.asked == ["Delete 1 mail in the trash from the server, for good?"]
    box.answers = [True]
    assert box.run("mail delete trash/2026-11-20-old").status == 0
    assert "old" not in box.run("ls /mail/trash").out


MIXED = (
    "--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n"
    "--b\r\nContent-Type: application/pdf\r\n"
    'Content-Disposition: attachment; filename="../in voice.pdf"\r\n\r\n'
    "%PDF\r\n--b--\r\n"
)


def test_attachments_are_listed_and_saved_and_replace_nothing(box: Mailbox) -> None:
    box.deliver("With a file", text=MIXED, more="Content-Type: multipart/mixed; boundary=b\r\n")
    box.run("ls /mail/inbox >/dev/null")
    listed = box.rows("mail attachments with-a-file")
    assert [(row["mime"], row["size"]) for row in listed] == [("application/pdf", 4)]
    name = listed[0]["name"]
    assert "/" not in name
    for expected in (name, name.replace(".pdf", "-2.pdf")):
        ran = box.run("mail attachments with-a-file --save /files")
        assert (ran.status, ran.out) == (0, f"/files/{expected}\n")
        assert ran.err == "Saved 1 file in /files\n"
        assert box.run(f"cat --raw '/files/{expected}'").out == "%PDF"
    assert box.run("mail attachments invoice").out == ""
    ran = box.run("mail attachments with-a-file --save /nowhere")
    assert ran.err.endswith("there is no such folder\n  to make it: mkdir /nowhere\n")


def test_a_search_says_what_was_found_and_who_wrote(box: Mailbox) -> None:
    ran = box.run("ls /mail/inbox >/dev/null", 'search "invoice" in /mail/inbox')
    assert (ran.status, ran.err) == (0, "Found 1 message\n")


@pytest.mark.parametrize("text", ESCAPES, ids=range(len(ESCAPES)))
def test_hostile_subjects_and_senders_do_no_harm(tmp_path: pathlib.Path, text: str) -> None:
    box = Mailbox(tmp_path)
    plain = "".join([char for char in text if char not in "\r\n\0"])
    box.deliver(f"canary {plain}", f'"{plain.replace(chr(34), "")}" <x@example.org>', f"canary {text}\n")
    for line in ("mail", "mail --threads", "mail read canary", "mail archive canary", "mail | mail mark -r"):
        ran = box.run(line)
        assert findings(ran.err.encode("utf-8", "surrogateescape")) == [], line
        assert "a bug in Spatio" not in ran.err
