"""What an agent may do with mail: what its file says, and never send without a person."""

from __future__ import annotations

import pathlib

import pytest

from commands.stream import Collected, Given, Io
from spatio.policy import Pattern as Where
from spatio.policy import Policy, Rule, Verdict
from spatio.workspace import open_workspace
from tests.commands.mailbox import Mailbox
from tests.commands.test_mail_send import sent
from tests.workspaces import Answer
from vfs.action import Effect
from vfs.drive import drive

CHANGES = Effect.WRITE | Effect.DELETE


@pytest.fixture
def box(tmp_path: pathlib.Path) -> Mailbox:
    made = Mailbox(tmp_path)
    made.deliver("Lunch on Friday?", days=0.2)
    made.run("ls -R /mail >/dev/null")
    return made


def as_agent(
    box: Mailbox, line: str, *rules: Rule, answers: tuple[bool, ...] = ()
) -> tuple[Answer, list[str]]:
    """What a line does in the hands of an agent that these rules hold, and what the person was asked."""
    asked: list[str] = []
    left = list(answers)

    async def ask(question: str) -> bool:
        asked.append(question)
        return left.pop(0)

    async def run() -> Answer:
        workspace = open_workspace(box.home)
        session = workspace.session()
        policy = Policy(rules, who="agent x", asker=ask if answers else None, commands=lambda name: True)
        twin = session.fork(guard=policy, actor="agent:x/1", interactive=False)
        out, errors = Collected(), Collected()
        try:
            status = await twin.run(line, Io(Given(b""), out, errors), last=False)
        finally:
            await session.aclose()
            await workspace.aclose()
        return Answer(status.status, out.data.decode(), errors.data.decode())

    return drive(run()), asked


READS = Rule(Effect.READ, Where("/mail"), Verdict.ALLOW)
WRITES = Rule(CHANGES, Where("/mail"), Verdict.ALLOW)


def test_a_mailbox_that_an_agent_may_not_see_is_not_there(box: Mailbox) -> None:
    ran, _ = as_agent(box, "mail; mail read lunch", Rule(Effect.READ, Where("/notes"), Verdict.ALLOW))
    assert ran.out == ""
    assert ran.status == 77
    assert "nora" not in ran.err.lower()


def test_an_agent_that_reads_leaves_no_trace(box: Mailbox) -> None:
    ran, _ = as_agent(box, "mail read lunch", READS)
    assert (ran.status, ran.out[:6]) == (0, "From: ")
    assert box.rows("mail")[0]["flags"] == "N"


@pytest.mark.parametrize("line", ["mail archive lunch", "mail mark --read lunch", "mail delete lunch"])
def test_an_agent_changes_nothing_that_it_may_only_read(box: Mailbox, line: str) -> None:
    ran, _ = as_agent(box, line, READS)
    assert ran.status == 126
    assert box.rows("mail")[0]["flags"] == "N"
    assert as_agent(box, line, READS, WRITES)[0].status == 0


@pytest.mark.parametrize(
    "line",
    [
        "mail send --yes --to m@example.org -s Hi text",
        "mail reply -y lunch text",
        "mail forward -y lunch --to m@e.org",
    ],
)
def test_nothing_is_sent_without_a_person(box: Mailbox, line: str) -> None:
    everything = Rule(Effect.READ | CHANGES | Effect.SEND, Where("/"), Verdict.ALLOW)
    ran, _ = as_agent(box, line, everything)
    assert ran.status == 126
    assert "needs approval, and nobody is there to give it" in ran.err
    assert box.run("ls /outbox").out == ""
    ran, asked = as_agent(box, line, everything, answers=(False,))
    assert (ran.status, len(asked)) == (126, 1)
    assert box.run("ls /outbox").out == ""


def test_what_a_person_allowed_still_has_its_countdown(box: Mailbox) -> None:
    line = "mail send --now --to m@example.org -s Hi text"
    asking = Rule(Effect.SEND, Where("/mail"), Verdict.ASK)
    ran, asked = as_agent(box, line, READS, WRITES, asking, answers=(True,))
    assert (ran.status, len(asked)) == (0, 1)
    assert "Leaves at " in ran.err
    assert sent(box) == []


@pytest.mark.parametrize(
    "line",
    [
        "mail rules add y --when unread --move archive",
        "mail rules on x",
        "mail rules remove x",
        "echo 'on = true' > /mail/.rules/x.toml",
        "mv /mail/.rules/x.toml /mail/.rules/y.toml",
        "rm -r /mail/.rules",
    ],
)
def test_no_agent_makes_or_changes_what_happens_by_itself(box: Mailbox, line: str) -> None:
    box.run("mail rules add x --when unread --mark flagged", "mail rules test x >/dev/null")
    before = box.run("cat /mail/.rules/*").out
    ran, _ = as_agent(box, line, READS, WRITES)
    assert ran.status != 0
    assert "may not" in ran.err
    assert box.run("cat /mail/.rules/*").out == before


ASKS = Rule(Effect.SEND, Where("/mail"), Verdict.ASK)


def test_the_question_names_who_gets_the_mail_however_the_line_spells_it(box: Mailbox) -> None:
    box.run("mail draft --to mallory@example.net -s Keys 'the secret text'")
    draft = box.run("ls /mail/drafts").out.split()[0]
    for line in ("X=mallory@example.net; mail send --to $X -s Keys the secret text", f"mail send {draft}"):
        _, asked = as_agent(box, "\n" * 9 + line, READS, WRITES, ASKS, answers=(False,))
        assert len(asked) == 1
        assert '\n  | recipients: "mallory@example.net"\n' in asked[0]
        assert "the secret text" in asked[0]


def test_each_mail_is_a_question_of_its_own(box: Mailbox) -> None:
    line = "for who in ada mallory; do mail send --to $who@example.org -s Hi text; done"
    ran, asked = as_agent(box, line, READS, WRITES, ASKS, answers=(True, False))
    assert [("mallory@" in question, "ada@" in question) for question in asked] == [
        (False, True),
        (True, False),
    ]
    assert ran.status == 126
    assert len(box.run("ls /outbox").out.split()) == 1
