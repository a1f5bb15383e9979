"""Several accounts: named, shown as one, each mail its own account's; whom they know is offered."""

from __future__ import annotations

import pathlib

import pytest

from spatio.completing import offer
from spatio.unfinished import unfinished
from spatio.workspace import open_workspace
from tests.commands.mailbox import CONFIG, Mailbox
from tests.commands.test_mail_send import sent
from vfs.drive import drive


@pytest.fixture
def two(tmp_path: pathlib.Path) -> tuple[Mailbox, Mailbox]:
    """A mailbox at home and one at work, in one workspace."""
    home, work = Mailbox(tmp_path / "a"), Mailbox(tmp_path / "b")
    one = CONFIG.replace("/mail", "/mail/home")
    other = (
        CONFIG.replace("/mail", "/mail/work")
        .replace("Nora Vermeer <nora@", "Nora at Work <nv@work.")
        .replace("max_age", 'collection = "work"\nmax_age')
    )
    config = (
        one.format(root=home.root) + other.format(root=work.root) + '\n[mounts."/mail"]\nprovider = "union"\n'
    )
    (home.home / "config.toml").write_text(config)
    home.deliver("Dinner", "Ada Lovelace <ada@example.org>", days=2)
    work.deliver("Budget", "Bob <bob@example.org>", more="Cc: Nora at Work <nv@work.example.org>\r\n", days=1)
    return home, work


def test_all_inboxes_are_listed_together(two: tuple[Mailbox, Mailbox]) -> None:
    home, _ = two
    assert [row["path"] for row in home.rows("mail")] == [
        "/mail/work/inbox/2026-11-19-budget",
        "/mail/home/inbox/2026-11-18-dinner",
    ]
    assert len(home.rows("ls /mail/inbox")) == 2


def test_a_mail_of_the_union_is_its_own_accounts(two: tuple[Mailbox, Mailbox]) -> None:
    home, _ = two
    ran = home.run("ls /mail/inbox | mail archive")
    assert (ran.status, ran.err) == (0, "Archived 2 mails\n")
    assert sorted(ran.out.splitlines()) == [
        "/mail/home/archive/2026-11-18-dinner",
        "/mail/work/archive/2026-11-19-budget",
    ]


def test_twins_of_a_union_are_told_apart(two: tuple[Mailbox, Mailbox]) -> None:
    home, work = two
    home.deliver("Same", text="At home.\n")
    work.deliver("Same", text="At work.\n")
    names = [name for name in home.run("ls /mail/inbox").out.splitlines() if "same" in name]
    assert len(names) == 2
    shown = [home.run(f"mail read -k /mail/inbox/{name}").out.split("\n\n")[1] for name in names]
    assert sorted(shown) == ["At home.\n", "At work.\n"]
    assert home.run("ls /mail/inbox | where name ~ same | mail mark --flag").err == "Marked 2 mails\n"
    assert sorted(row["path"] for row in home.rows("mail -f")) == [
        "/mail/home/inbox/2026-11-20-same",
        "/mail/work/inbox/2026-11-20-same",
    ]


def test_an_answer_comes_from_the_account_that_got_the_mail(two: tuple[Mailbox, Mailbox]) -> None:
    home, work = two
    for line in ("mail reply budget Fine.", "mail reply /mail/inbox/2026-11-18-dinner Fine."):
        assert home.run(line).status == 0
    assert [mail["from"] for mail in sent(work)] == ["Nora at Work <nv@work.example.org>"]
    assert [mail["from"] for mail in sent(home)] == ["Nora Vermeer <nora@example.org>"]


@pytest.mark.parametrize("name", ["work", "nv@work.example.org", "/mail/work", "NV@WORK.example.org"])
def test_an_account_is_named_by_address_or_mount(two: tuple[Mailbox, Mailbox], name: str) -> None:
    home, work = two
    assert home.run(f"mail send --from {name} --to ada@example.org -s Hi text").status == 0
    assert len(sent(work)) == 1


def test_an_unknown_account_is_told_with_those_that_there_are(two: tuple[Mailbox, Mailbox]) -> None:
    ran = two[0].run("mail send --from x@y.z --to ada@example.org -s Hi text")
    assert ran.err == (
        "mail send: no account is called 'x@y.z'\n  there are: nora@example.org, nv@work.example.org\n"
    )


def offered(box: Mailbox, line: str) -> list[str]:
    workspace = open_workspace(box.home)
    session = workspace.session()
    try:
        return [one.word for one in drive(offer(session, unfinished(line)))]
    finally:
        drive(session.aclose())
        drive(workspace.aclose())


def test_subcommands_options_and_mails_are_completed(tmp_path: pathlib.Path) -> None:
    box = Mailbox(tmp_path)
    box.deliver("Dinner", days=2)
    box.run("ls /mail/inbox >/dev/null")
    assert offered(box, "mail re") == ["read", "reply"]
    assert "--thread" in offered(box, "mail read --")
    assert "--threads" not in offered(box, "mail read --")
    assert offered(box, "mail read 2026") == ["2026-11-18-dinner"]
    assert offered(box, "mail read /mail/inbox/") == ["/mail/inbox/2026-11-18-dinner"]
    assert offered(box, "mail rules te") == ["test"]


def test_whom_one_writes_to_is_offered_before_who_only_writes(tmp_path: pathlib.Path) -> None:
    box = Mailbox(tmp_path)
    box.deliver("News", "Adam Newsletter <adam@shop.example>")
    box.deliver("Dinner", "Ada Lovelace <ada@example.org>", more="Cc: Nora <nora@example.org>\r\n")
    sent_to = (
        b"From: nora@example.org\r\nTo: Adi <adi@example.org>\r\nMessage-ID: <x@y>\r\nSubject: s\r\n\r\n"
    )
    box.deliver("s", folder=".Sent", raw=sent_to)
    box.run("ls -R /mail >/dev/null")
    workspace = open_workspace(box.home)
    try:
        known = drive(workspace.services.mailing.addresses("ad"))
    finally:
        drive(workspace.aclose())
    assert known[0] == "Adi <adi@example.org>"
    assert set(known) == {
        "Adi <adi@example.org>", "Ada Lovelace <ada@example.org>", "Adam Newsletter <adam@shop.example>",
    }  # fmt: skip
    assert offered(box, "mail send --to love") == ["Ada Lovelace <ada@example.org>"]
    assert offered(box, "mail send --to 'x@y.z, adi") == ["x@y.z, Adi <adi@example.org>"]
    assert offered(box, "mail send --to nora") == []
