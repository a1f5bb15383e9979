"""mail rules: tried on the past, switched on for what comes from then on, applied once, each for itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pathlib
import shutil
import sqlite3
from collections.abc import Sequence

import pytest

from spatio.rules import Outcome, apply_rules
from spatio.workspace import open_workspace
from tests.commands.mailbox import NOW, Mailbox
from vfs.drive import drive
from vfs.path import Path

FULL = bool(os.environ.get("SPATIO_FULL"))

NEWS = "mail rules add news --when 'from ~ newsletter' --mark read --move archive"


@pytest.fixture
def box(tmp_path: pathlib.Path) -> Mailbox:
    made = Mailbox(tmp_path)
    made.deliver("Invoice #1234", "Client Office <client@example.com>", "Please pay.\n", days=1)
    made.deliver("Old newsletter", "newsletter@shop.example", "Buy more things.\n", days=3)
    made.run("ls -R /mail >/dev/null")
    return made


def news(box: Mailbox) -> Sequence[Outcome]:
    """What the rules do once the mailbox was looked at again."""

    async def look() -> Sequence[Outcome]:
        workspace = open_workspace(box.home)
        try:
            mount = workspace.mounts.at(Path(("mail",)))
            assert mount is not None
            await mount.provider().engine.sync()  # type: ignore[attr-defined]
            return await apply_rules(workspace, mount.path, "mail")
        finally:
            await workspace.aclose()

    return drive(look())


def begin(box: Mailbox, *lines: str) -> None:
    """Adds rules, tries them and switches them on; what is there already is the past."""
    for line in lines:
        name = line.split()[3]
        assert box.run(line).status == 0
        ran = box.run(f"mail rules test {name} >/dev/null && mail rules on {name}")
        assert ran.status == 0, ran
    assert [one.did for one in news(box)] == []


def test_a_new_rule_is_off_until_it_was_tried(box: Mailbox) -> None:
    ran = box.run(NEWS)
    assert ran.err == (
        "Created /mail/.rules/news.toml, switched off; to try it on the past: mail rules test news\n"
    )
    assert box.rows("mail rules")[0]["state"] == "untried"
    ran = box.run("mail rules on news")
    assert ran.status == 1
    assert ran.err == "mail rules: rule news: was not tried on the past yet\n  run: mail rules test news\n"
    ran = box.run("mail rules test news")
    assert ran.status == 0
    assert ran.out.count("\n") == 1
    assert "Old newsletter" in ran.out
    assert ran.err.startswith("1 of 2 mails in inbox fit; it would: mark read; move to archive\n")
    assert len(box.rows("mail")) == 2
    assert box.run("mail rules on news").err == "Switched on: from ~ newsletter: mark read; move to archive\n"
    row = box.rows("mail rules")[0]
    assert (row["state"], row["does"]) == ("on", "mark read; move to archive")


def test_a_rule_that_was_changed_is_tried_again(box: Mailbox) -> None:
    box.run(NEWS, "mail rules test news", "mail rules on news", "mail rules off news")
    box.run("sed -i s/newsletter/shop/ /mail/.rules/news.toml")
    assert "has changed since it was tried" in box.run("mail rules on news").err


def test_rules_stay_on_this_machine(box: Mailbox) -> None:
    box.run(NEWS)
    assert news(box) == []
    assert not [
        name for name in (one.name for one in box.root.rglob("*")) if "rules" in name or "toml" in name
    ]
    assert "rules" not in box.run("ls /mail").out


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        ("mail rules add x", 2, "a rule needs a condition"),
        ("mail rules add x --when 'unread'", 1, "it does nothing"),
        ("mail rules add x --when 'unread and' --move y", 1, "a condition is missing"),
        ("mail rules add x/y --when unread --move y", 1, "a name cannot hold `/`"),
        ("mail rules test nonesuch", 1, "there is no such rule\n  run: mail rules"),
        ("mail rules remove nonesuch", 1, "there is no such rule"),
        ("mail rules tset x", 2, "did you mean test?"),
        ("mail rules on", 2, "needs the name of a rule"),
        ("mail rules list x", 2, "extra operand 'x'"),
    ],
)
def test_mistakes_are_told(box: Mailbox, line: str, status: int, reason: str) -> None:
    ran = box.run(line)
    assert ran.status == status, ran
    assert reason in ran.err


def test_a_rule_that_moves_nowhere_is_not_switched_on(box: Mailbox) -> None:
    box.run("mail rules add x --when unread --move nowhere", "mail rules test x")
    ran = box.run("mail rules on x")
    assert ran.status == 1
    assert "/mail/nowhere: the rule moves mails there\n  to make it: mkdir /mail/nowhere" in ran.err


def test_new_mail_goes_through_the_rules_once(box: Mailbox) -> None:
    begin(box, NEWS)
    box.deliver("New newsletter", "newsletter@shop.example")
    box.deliver("Another", "Ada <ada@example.org>")
    (done,) = news(box)
    assert (done.rule, done.did, done.wrong) == ("news", "marked read; moved to archive", "")
    assert done.line == "rule news: /mail/inbox/2026-11-20-new-newsletter: marked read; moved to archive"
    assert box.rows("mail list archive")[0]["flags"] == ""
    assert len(box.rows("mail")) == 3
    assert news(box) == []
    box.run("mail list archive | mail move inbox")
    assert news(box) == []


def test_the_first_mail_after_a_rule_was_switched_on_goes_through_it(box: Mailbox) -> None:
    box.run("mail rules add news --when 'from ~ newsletter' --move archive")
    box.run("mail rules test news", "mail rules on news")
    box.deliver("New newsletter", "newsletter@shop.example")
    assert [one.did for one in news(box)] == ["moved to archive"]
    assert len(box.rows("ls /mail/inbox")) == 2


def test_what_a_rule_did_is_in_the_log_and_undo_takes_a_persons_line_back_first(box: Mailbox) -> None:
    begin(box, NEWS)
    box.run("echo mine > /notes/a.md")
    box.deliver("New newsletter", "newsletter@shop.example")
    news(box)
    assert "rule:news" in box.run("history /mail -n 3").out
    assert "echo mine" in box.run("undo").err
    event = next(row["event"] for row in box.rows("history /mail") if row["op"] == "move")
    assert box.run(f"undo --event {event}").status == 0
    assert "new-newsletter" in box.run("ls /mail/inbox").out


def test_rules_go_by_name_and_one_may_stop_the_others(box: Mailbox) -> None:
    begin(
        box,
        "mail rules add a-flag --when 'subject ~ urgent' --mark flagged --stop",
        "mail rules add b-move --when 'from ~ ada' --move work",
    )
    box.deliver("Urgent!")
    box.deliver("Plain")
    assert sorted([(one.rule, one.did) for one in news(box)]) == [
        ("a-flag", "marked flagged"),
        ("b-move", "moved to work"),
    ]
    assert box.rows("mail list --from ada")[0]["flags"] == "N!"


def test_a_condition_may_look_into_the_text(box: Mailbox) -> None:
    begin(box, """mail rules add pay --when 'text ~ "please pay" and unread' --mark flagged""")
    box.deliver("Bill", text="Dear Nora, please  pay soon.\n")
    box.deliver("Bill", text="Dear Nora, please pay soon.\n")
    assert len(news(box)) == 1


def test_a_rule_that_fails_is_told_and_the_rest_goes_on(box: Mailbox) -> None:
    begin(
        box,
        "mail rules add a --when unread --move work",
        "mail rules add b --when unread --mark flagged",
    )
    box.run("echo 'when = 3' > /mail/.rules/c.toml")
    shutil.rmtree(box.root / ".work")
    box.deliver("One")
    outcomes = {one.rule: one for one in news(box)}
    assert "must be text in quotes" in outcomes["c"].wrong
    assert "no such file or directory" in outcomes["a"].wrong
    assert outcomes["b"].did == "marked flagged"


def test_a_mail_that_came_while_no_rule_was_on_is_the_past(box: Mailbox) -> None:
    begin(box, NEWS)
    box.run("mail rules off news")
    box.deliver("Meanwhile", "newsletter@shop.example")
    assert news(box) == []
    text = (NOW.replace(year=2099)).isoformat()
    box.run("mail rules on news", f"sed -i 's/^since.*/since = \"{text}\"/' /mail/.rules/news.toml")
    assert news(box) == []


def test_an_agent_answers_to_a_file_and_only_once(box: Mailbox) -> None:
    begin(
        box,
        "mail rules add todo --when 'from ~ ada' --agent extract-tasks --append /notes/todo.md",
    )
    box.deliver("Plans", text="Can you send me the report by Friday?\n- [ ] book the train\n")
    (done,) = news(box)
    assert done.wrong == ""
    assert done.did == "ran extract-tasks into /notes/todo.md"
    note = box.run("cat /notes/todo.md").out
    assert note.startswith("\n## /mail/inbox/2026-11-20-plans\n\n")
    assert "book the train" in note
    assert news(box) == []


def test_an_answer_is_not_written_twice_though_the_mail_comes_again(box: Mailbox) -> None:
    """As after a crash between the answer and the note that the mail was handled."""
    begin(
        box, "mail rules add todo --when unread --agent extract-tasks --append /notes/todo.md --mark flagged"
    )
    box.deliver("Plans", text="- [ ] book the train\n")
    assert len(news(box)) == 1
    before = box.run("cat /notes/todo.md").out
    with contextlib.closing(sqlite3.connect(box.home / "data" / "spatio.db")) as database, database:
        database.execute("UPDATE replica SET handled = handled - 1 WHERE path = '/inbox'")
    (again,) = news(box)
    assert (again.did, again.wrong) == ("nothing was left to do", "")
    assert box.run("cat /notes/todo.md").out == before


@pytest.mark.parametrize("steps", range(1, 40, 1 if FULL else 6))
def test_rules_that_are_stopped_anywhere_go_on_where_they_were(box: Mailbox, steps: int) -> None:
    begin(box, NEWS, "mail rules add z --when 'from ~ ada' --mark flagged")
    for number in range(3):
        box.deliver(f"News {number}", "newsletter@shop.example")
        box.deliver(f"Plan {number}")
    box.run("ls --color=never /mail >/dev/null")

    async def stopped() -> None:
        workspace = open_workspace(box.home)
        mount = workspace.mounts.at(Path(("mail",)))
        assert mount is not None
        await mount.provider().engine.sync()  # type: ignore[attr-defined]
        work = asyncio.ensure_future(apply_rules(workspace, mount.path, "mail"))
        for _ in range(steps * 4):
            await asyncio.sleep(0.0005)
            if work.done():
                break
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        await workspace.aclose()

    asyncio.run(stopped())
    assert all(not one.wrong for one in news(box))
    assert len(box.rows("mail list archive")) == 3
    assert len(box.rows("mail --flagged")) == 3
    assert news(box) == []


def test_a_rule_that_was_changed_behind_its_back_does_nothing(box: Mailbox) -> None:
    begin(box, NEWS)
    box.run("sed -i s/archive/trash/ /mail/.rules/news.toml")
    box.deliver("New newsletter", "newsletter@shop.example")
    (told,) = news(box)
    assert told.wrong == "has changed since it was tried; run: mail rules test news"
    assert len(box.rows("mail")) == 3


def test_an_agent_that_is_not_there_keeps_the_rule_off(box: Mailbox) -> None:
    box.run("mail rules add x --when unread --agent nobody --append /notes/x.md", "mail rules test x")
    ran = box.run("mail rules on x")
    assert ran.status == 1
    assert "nobody" in ran.err


def test_a_sync_lets_the_rules_look_and_says_what_they_did(box: Mailbox) -> None:
    begin(box, NEWS)
    box.deliver("New newsletter", "newsletter@shop.example")
    ran = box.run("sync")
    assert ran.status == 0
    assert ran.err == "rule news: /mail/inbox/2026-11-20-new-newsletter: marked read; moved to archive\n"
