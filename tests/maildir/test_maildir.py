"""A maildir as a mount: what other programs do in it is seen, what is done here is done there."""

from __future__ import annotations

import os
import pathlib

import pytest

from providers.mail.maildir import files, folders
from tests.workspaces import Answer, run_in

UNREAD = {"unread": True, "flagged": False}


def mail(
    subject: str, *, id: str = "", body: str = "Hello.", date: str = "Mon, 15 Jan 2024 10:00:00 +0000"
) -> bytes:
    lines = [
        "From: Ada <ada@example.org>",
        "To: Bob <bob@example.org>",
        f"Subject: {subject}",
        f"Date: {date}",
        f"Message-ID: <{id or subject.replace(' ', '.')}@example.org>",
        "",
        body,
        "",
    ]
    return "\r\n".join(lines).encode()


class Box:
    """A workspace with a maildir at `/mail`, and the maildir itself."""

    def __init__(self, home: pathlib.Path) -> None:
        self.home = home / "home"
        self.root = str(home / "box")
        self.home.mkdir()
        for name in ("", ".Sent", ".Trash", ".Drafts", ".projects.spatio"):
            files.make(os.path.join(self.root, name))
        mount = {"provider": "maildir", "path": self.root, "send": "file", "address": "bob@example.org"}
        config = "\n".join(['[mounts."/mail"]', *(f'{name} = "{value}"' for name, value in mount.items())])
        (self.home / "config.toml").write_text(config)

    def deliver(self, content: bytes, folder: str = "", **state: bool) -> files.Message:
        return files.deliver(os.path.join(self.root, folder), content, {**UNREAD, **state})

    def names(self, folder: str = "") -> dict[str, files.Message]:
        return files.listed(os.path.join(self.root, folder))

    def run(self, *lines: str) -> Answer:
        return run_in(self.home, *lines)


@pytest.fixture
def box(tmp_path: pathlib.Path) -> Box:
    return Box(tmp_path)


def test_its_folders_and_mails_are_shown_by_names_that_a_person_would_type(box: Box) -> None:
    box.deliver(mail("Invoice 1234"))
    box.deliver(mail("Plan"), ".projects.spatio")
    assert box.run("ls /mail").out.split() == ["drafts", "inbox", "projects", "sent", "trash"]
    assert box.run("ls /mail/inbox /mail/projects/spatio").out.split() == [
        "/mail/inbox:",
        "2024-01-15-invoice-1234",
        "/mail/projects/spatio:",
        "2024-01-15-plan",
    ]


def test_what_another_program_does_is_seen_by_the_next_sync(box: Box) -> None:
    first = box.deliver(mail("one"))
    box.deliver(mail("two"))
    box.run("sync")
    os.unlink(first.path(box.root))
    box.deliver(mail("three"), unread=False)
    answer = box.run("sync", "ls /mail/inbox", "ls /mail/inbox | where not unread")
    assert answer.status == 0
    assert answer.out.splitlines() == [
        "/mail: 1 new, 1 gone",
        "2024-01-15-three",
        "2024-01-15-two",
        "2024-01-15-three",
    ]


def test_marks_moves_and_removals_reach_the_folder_and_undo_takes_them_back_there(box: Box) -> None:
    for subject in ("a", "b", "c"):
        box.deliver(mail(subject))
    box.run("sync")
    lines = (
        "mail mark --read --flag 2024-01-15-a",
        "mv /mail/inbox/2024-01-15-b /mail/projects/spatio",
        "rm /mail/inbox/2024-01-15-c",
    )
    assert box.run(*lines, "sync").status == 0
    flags = {message.flags for message in box.names().values()}
    assert (flags, len(box.names(".projects.spatio")), len(box.names(".Trash"))) == ({"FS"}, 1, 1)
    assert box.run("undo", "undo", "undo", "sync").status == 0
    assert {message.flags for message in box.names().values()} == {""}
    assert len(box.names()) == 3
    assert not box.names(".projects.spatio")
    assert not box.names(".Trash")
    assert box.run("ls /mail/inbox").out.split() == ["2024-01-15-a", "2024-01-15-b", "2024-01-15-c"]


def test_what_is_removed_from_the_trash_is_gone_for_good(box: Box) -> None:
    box.deliver(mail("old"), ".Trash")
    box.run("sync", "rm /mail/trash/2024-01-15-old", "sync")
    assert not box.names(".Trash")


def test_an_empty_folder_all_of_a_sudden_is_not_believed(box: Box) -> None:
    for at in range(60):
        box.deliver(mail(f"mail {at}"))
    box.run("sync")
    for message in box.names().values():
        os.unlink(message.path(box.root))
    answer = box.run("sync")
    assert answer.status == 3
    assert "would delete 60 of 60" in answer.err
    assert box.run("ls /mail/inbox | wc -l").out.strip() == "60"
    assert box.run("sync --accept").out.strip() == "/mail: 60 gone"
    assert box.run("ls /mail/inbox | wc -l").out.strip() == "0"


def test_a_mailbox_that_is_away_is_said_and_what_is_here_is_served(box: Box) -> None:
    box.deliver(mail("here"))
    box.run("sync")
    os.rename(box.root, box.root + ".away")
    answer = box.run("sync")
    assert answer.status == 1
    assert answer.err.count("\n") <= 2
    assert "there is no such mailbox" in answer.err
    assert box.run("cat /mail/inbox/2024-01-15-here").out.endswith("Hello.\n")


def test_what_is_sent_is_filed_once_and_said_to_have_gone_no_further(box: Box) -> None:
    line = 'mail send --yes --to ada@example.org --subject "Re: Plan" "Yes."'
    answer = box.run(line)
    assert answer.status == 0
    assert len(box.names(".Sent")) == 1
    assert "filed in sent" in answer.out + answer.err
    (message,) = box.names(".Sent").values()
    with open(message.path(os.path.join(box.root, ".Sent")), "rb") as file:
        content = file.read()
    assert b"To: ada@example.org" in content
    assert b"Yes." in content


def test_a_message_that_is_being_delivered_is_not_seen(box: Box) -> None:
    with open(os.path.join(box.root, "tmp", "half"), "wb") as file:
        file.write(mail("half")[:40])
    assert box.run("sync", "ls /mail/inbox").out == "/mail: nothing new\n"


def test_two_mails_of_one_name_keep_their_names(box: Box) -> None:
    box.deliver(mail("twin", id="first"))
    box.run("sync")
    box.deliver(mail("twin", id="second", body="other"))
    box.run("sync")
    names = box.run("ls /mail/inbox").out.split()
    assert names[0] == "2024-01-15-twin"
    assert names[1].startswith("2024-01-15-twin~")
    assert box.run("sync --full", "ls /mail/inbox").out.split()[-2:] == names
    assert box.run(f"cat /mail/inbox/{names[1]}").out.endswith("other\n")


def test_folders_of_both_layouts_are_found_and_links_are_not_followed(tmp_path: pathlib.Path) -> None:
    root = str(tmp_path / "box")
    for name in ("", ".Sent", "work/2024", "INBOX.odd"):
        files.make(os.path.join(root, name))
    os.symlink("/", os.path.join(root, "everything"))
    found = {str(one.path): one.role for one in folders.collections(root)}
    assert found == {"/inbox": "inbox", "/sent": "sent", "/work/2024": "", "/inbox.odd": ""}


def test_flags_are_kept_in_the_order_of_the_format_and_unknown_ones_stay() -> None:
    assert files.flags_of({"unread": False, "flagged": True}, "aT") == "FSTa"
    assert files.flags_of({"unread": True}, "FSa") == "Fa"


def test_what_is_no_mail_among_the_mails_does_no_harm(box: Box) -> None:
    inbox = os.path.join(box.root, "cur")
    os.mkdir(os.path.join(inbox, "folder"))
    os.mkfifo(os.path.join(inbox, "pipe"))
    os.symlink("/nonexistent", os.path.join(inbox, "nowhere"))
    box.deliver(mail("Hello"))
    synced = box.run("sync", "ls /mail/inbox")
    assert (synced.status, synced.err) == (0, "")
    assert synced.out.splitlines()[-1] == "2024-01-15-hello"


def test_a_file_whose_name_is_no_text_is_a_mail_like_all_others(box: Box) -> None:
    inbox = os.path.join(os.fsencode(box.root), b"cur")
    with open(os.path.join(inbox, b"1.\xff\xfe:2,"), "wb") as file:
        file.write(mail("Hello"))
    ran = box.run("sync", "mail mark --read hello", "sync")
    assert (ran.status, ran.err) == (0, "Marked 1 mail\n")
    assert os.listdir(inbox) == [b"1.\xff\xfe:2,S"]
    box.run("mv /mail/inbox/2024-01-15-hello /mail/projects/spatio", "sync")
    assert os.listdir(inbox) == []
    assert os.listdir(os.path.join(os.fsencode(box.root), b".projects.spatio/cur")) == [b"1.\xff\xfe:2,S"]


def test_a_folder_whose_name_is_no_text_is_a_folder_like_all_others(box: Box) -> None:
    odd = os.path.join(box.root, os.fsdecode(b".odd\xff%41"))
    files.make(odd)
    files.deliver(odd, mail("Hello"), UNREAD)
    ran = box.run("sync", "mail mark --read hello", "sync", "ls /mail")
    assert (ran.status, ran.err) == (0, "Marked 1 mail\n")
    assert "odd-41" in ran.out.splitlines()
    assert [one.flags for one in files.listed(odd).values()] == ["S"]


def test_folders_made_renamed_and_removed_here_are_so_in_the_mailbox(box: Box) -> None:
    box.deliver(mail("plan"))
    box.run("sync", "mkdir -p /mail/clients/acme")
    box.run("mv /mail/inbox/2024-01-15-plan /mail/clients/acme", "sync")
    assert len(box.names(".clients.acme")) == 1
    assert box.run("mv /mail/clients/acme /mail/clients/zenith", "sync").status == 0
    assert len(box.names(".clients.zenith")) == 1
    assert not os.path.exists(os.path.join(box.root, ".clients.acme"))
    assert box.run("mv /mail/clients/zenith/* /mail/inbox", "rmdir /mail/clients/zenith", "sync").status == 0
    assert not os.path.exists(os.path.join(box.root, ".clients.zenith"))
    assert len(box.names()) == 1


def test_a_mailbox_without_a_trash_gets_one_from_the_first_removal(box: Box) -> None:
    os.rename(os.path.join(box.root, ".Trash"), box.root + ".elsewhere")
    box.deliver(mail("old"))
    box.run("sync", "rm /mail/inbox/2024-01-15-old")
    assert box.run("ls /mail/trash").out == "2024-01-15-old\n"
    assert box.run("sync").status == 0
    assert len(box.names(".Trash")) == 1
    assert box.run("undo", "sync", "ls /mail/inbox").out.endswith("2024-01-15-old\n")
    assert len(box.names()) == 1


def test_many_changes_list_their_folder_once(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [box.deliver(mail(f"Mail {number}")) for number in range(5)]
    seen, counted = files.Listings(), []
    real = files.listed
    monkeypatch.setattr(files, "listed", lambda folder: counted.append(folder) or real(folder))
    for one in made:
        there = seen.find(box.root, one.href)
        assert there is not None
        seen.settle(there, box.root, box.root, {"unread": False})
    assert counted == [box.root]
    assert {one.flags for one in box.names().values()} == {"S"}


def test_a_mail_that_another_program_marks_meanwhile_is_found_under_its_other_name(box: Box) -> None:
    first, second = box.deliver(mail("One")), box.deliver(mail("Two"))
    seen = files.Listings()
    stale = [seen.find(box.root, one.href) for one in (first, second)]
    for one in (first, second):
        files.settle(one, box.root, box.root, {"unread": False})
    assert stale[0] is not None
    assert stale[1] is not None
    settled = seen.settle(stale[0], box.root, os.path.join(box.root, ".Trash"), {"flagged": True})
    seen.drop(stale[1], box.root)
    assert (settled.flags, box.names()) == ("FS", {})
    assert list(box.names(".Trash")) == [first.href]
