"""mail on a real server: what is done here is done there, and what is sent arrives."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator

import pytest

from spatio.secrets.vault import variable_of
from tests.commands.mailbox import Mailbox
from tests.imap.post import message
from tests.servers.dovecot import PASSWORD, Dovecot, dovecot
from tests.servers.dovecot import Mailbox as There
from tests.servers.smtp import Sink, handing_on, running_smtp
from tests.workspaces import Answer

__all__ = ["dovecot"]

CONFIG = """
[mounts."/mail"]
provider = "imap"
host = "127.0.0.1"
port = "{imap}"
security = "none"
user = "{user}"
address = "Ada <ada@example.org>"
max_age = "1h"
smtp_host = "127.0.0.1"
smtp_port = "{smtp}"
smtp_security = "none"
smtp_auth = "none"
sent = "append"
"""


class Account(Mailbox):
    """A workspace whose mail is on a server."""

    def __init__(self, folder: pathlib.Path, there: There, sink: Sink) -> None:
        super().__init__(folder)
        config = CONFIG.format(imap=there.server.imap, user=there.user, smtp=sink.port)
        (self.home / "config.toml").write_text(config)
        self.server = there

    def states(self, folder: str = "INBOX") -> dict[str, set[str]]:
        """Subjects and flags of what the server has."""
        found = {}
        with self.server.client(folder) as client:
            _, numbers = client.search(None, "ALL")
            rows = []
            if numbers[0]:
                _, rows = client.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
            for row in rows:
                if isinstance(row, tuple):
                    subject = re.search(rb"Subject: (.*?)\r\n", row[1])
                    flags = re.search(rb"FLAGS \(([^)]*)\)", row[0])
                    assert subject is not None
                    assert flags is not None
                    found[subject.group(1).decode()] = set(flags.group(1).decode().split()) - {"\\Recent"}
        return found

    def synced(self, *lines: str) -> Answer:
        """Lines, and then a sync."""
        ran = self.run(*lines)
        assert self.run("sync").status == 0
        return ran


@pytest.fixture(scope="module")
def sink(dovecot: Dovecot) -> Iterator[Sink]:
    with running_smtp(login=False) as server:
        yield server


@pytest.fixture
def box(dovecot: Dovecot, sink: Sink, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    there = dovecot.mailbox()
    monkeypatch.setenv(variable_of(f"imap:{there.user}@127.0.0.1"), PASSWORD)
    sink.taken.clear()
    sink.on_taken = handing_on(dovecot.lmtp, {"ada@example.org": there.user})
    there.append([message(number) for number in range(4)])
    made = Account(tmp_path, there, sink)
    assert made.run("sync").status == 0
    return made


def test_marks_and_labels_are_the_servers_flags(box: Account) -> None:
    assert len(box.rows("mail --unread")) == 4
    assert box.synced("mail | mail mark --read --flag --label work").err == "Marked 4 mails\n"
    assert set.intersection(*box.states().values()) >= {"\\Seen", "\\Flagged", "work"}
    box.synced("undo")
    assert not set.union(*box.states().values()) & {"\\Seen", "\\Flagged", "work"}


def test_archived_deleted_and_moved_mails_are_there_too(box: Account) -> None:
    box.synced("mail archive letter-0", "mail delete letter-1", "mail move letter-2 junk")
    assert set(box.states()) == {"Letter 3"}
    assert set(box.states("Archive")) == {"Letter 0"}
    assert set(box.states("Trash")) == {"Letter 1"}
    assert set(box.states("Junk")) == {"Letter 2"}


def test_a_mail_to_oneself_arrives_and_is_answered(box: Account, sink: Sink) -> None:
    ran = box.run("mail send --to ada@example.org --bcc eve@example.org -s 'Grüße' 'Hallo du'")
    assert (ran.status, ran.err[:5]) == (0, "Sent:")
    (first,) = sink.taken
    assert sorted(first.recipients) == ["ada@example.org", "eve@example.org"]
    assert b"eve" not in first.content
    box.run("sync")
    assert "Hallo du" in box.run("mail read grüße").out
    assert box.synced("mail reply --to bob@example.org grüße 'Selber.'").status == 0
    assert "bob@example.org" in sink.taken[1].recipients
    assert len(box.states("Sent")) == 2
    assert any("\\Answered" in flags for flags in box.states().values())


def test_a_draft_lies_on_the_server_until_it_is_sent(box: Account, sink: Sink) -> None:
    box.synced("mail draft --to bob@example.org -s Plans 'About the summer'")
    assert set(box.states("Drafts")) == {"Plans"}
    assert box.synced("mail send plans").status == 0
    assert [mail.recipients for mail in sink.taken] == [["bob@example.org"]]
    assert box.states("Drafts") == {}
    assert set(box.states("Sent")) == {"Plans"}


def test_rules_move_what_comes_on_the_server(box: Account) -> None:
    box.run("mail rules add l --when 'subject ~ letter' --move archive --mark read", "mail rules test l")
    assert box.run("mail rules on l", "sync").status == 0
    box.server.deliver(message(9))
    ran = box.run("sync")
    assert "rule l: /mail/inbox/2024-01-15-letter-9: marked read; moved to archive" in ran.err
    box.run("sync")
    assert box.states("Archive") == {"Letter 9": {"\\Seen"}}


def test_without_the_server_everything_goes_on_and_is_made_true_later(box: Account) -> None:
    ran = box.run("ls /mail/inbox >/dev/null")
    assert ran.status == 0
    config = (box.home / "config.toml").read_text()
    (box.home / "config.toml").write_text(config.replace(f'port = "{box.server.server.imap}"', 'port = "9"'))
    assert box.run("mail archive letter-0").status == 0
    ran = box.run("sync")
    assert ran.status == 75
    (box.home / "config.toml").write_text(config)
    box.run("sync")
    assert set(box.states("Archive")) == {"Letter 0"}
