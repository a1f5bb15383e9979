from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from providers.mail.gmail.sending import LARGEST, MARK, prepare
from providers.mirror.remote import Throttled
from providers.outbox.deed import Performs
from tests.gmail.account import account, deed, letter, remote_of
from tests.servers.gmail import Mailbox, error, field_of
from tests.servers.web import Reply
from vfs.drive import drive
from vfs.errors import BadName, LoginNeeded, Refused, TooLarge, Unsupported, VfsError

ROUNDS = 500 if os.environ.get("SPATIO_FULL") else 12


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with account() as (box, _):
        yield box


class Worker:
    """What the outbox does with one deed, as far as its service notices."""

    def __init__(self, box: Mailbox, content: bytes, key: str) -> None:
        self.box, self.content, self.key = box, content, key
        self.tries = 0
        self.state = "waiting"

    def turn(self) -> None:
        """One try, and the look that follows where it may have left."""
        drive(self._turn())

    async def _turn(self) -> None:
        remote = remote_of(self.box)
        left = False

        async def leaving() -> None:
            nonlocal left
            left = True

        try:
            await remote.perform(deed(self.key, tries=self.tries), self.content, leaving)
            self.state = "done"
        except (Refused, TooLarge, BadName):
            self.state = "failed"
        except Throttled:
            self.state = "waiting"
        except VfsError:
            self.state = "leaving" if left else "waiting"
        try:
            if self.state == "leaving":
                happened = await remote.look(deed(self.key), self.content)
                self.state = {True: "done", False: "waiting", None: "unknown"}[happened]
        except VfsError:
            pass
        self.tries += 1
        await remote.aclose()


def sent(box: Mailbox, content: bytes, key: str) -> str:
    worker = Worker(box, content, key)
    worker.turn()
    return worker.state


# -- what a deed is


def test_a_mail_is_a_deed_with_its_message_id_as_key() -> None:
    deed = prepare("send", {"content": letter(7).decode(), "recipients": ("me@example.org",)})
    assert (deed.key, deed.name) == ("m7@example.org", "2024-01-15-invoice-7")
    assert deed.summary == "Invoice 7 to me@example.org"
    assert deed.content == letter(7)


def test_a_mail_without_an_id_gets_one() -> None:
    deed = prepare("send", {"content": "From: a@example.org\nTo: b@example.org\n\nhello"})
    assert deed.key.endswith("@example.org")
    assert field_of(deed.content, "Message-ID") == f"<{deed.key}>"


def test_who_gets_a_blind_copy_stands_in_the_mail_where_a_person_can_change_it() -> None:
    deed = prepare(
        "send", {"content": letter(1).decode(), "recipients": ("me@example.org", "eve@example.org")}
    )
    assert field_of(deed.content, "Bcc") == "eve@example.org"
    assert deed.summary == "Invoice 1 to me@example.org, eve@example.org"


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({}, BadName),
        ({"content": ""}, BadName),
        ({"content": "Subject: x\n\nto nobody"}, BadName),
        ({"content": "Subject: x\n\nhello", "recipients": ("a@b.c\nBcc: d@e.f",)}, BadName),
        ({"content": "Subject: x\n\nhello", "recipients": ("nobody",)}, BadName),
        ({"content": "Subject: x\n\nhello", "recipients": ("a@b.c, d@e.f",)}, BadName),
        ({"content": "To: a@b.c\n\n" + "x" * LARGEST}, TooLarge),
    ],
)
def test_what_could_never_be_sent_is_told_at_once(arguments: dict[str, object], kind: type[VfsError]) -> None:
    with pytest.raises(kind):
        prepare("send", arguments)  # type: ignore[arg-type]


def test_gmail_sends_and_does_nothing_else(box: Mailbox) -> None:
    remote: object = remote_of(box)
    assert isinstance(remote, Performs)
    assert list(remote.deeds()) == ["send"]
    with pytest.raises(Unsupported):
        prepare("pay", {"content": "x"})


# -- sending


def test_a_mail_leaves_once_and_is_among_the_sent_ones(box: Mailbox) -> None:
    assert sent(box, letter(1), "m1@example.org") == "done"
    assert [field_of(raw, MARK) for raw in box.sent] == ["m1@example.org"]
    assert box.sent[0].endswith(letter(1))
    assert not box.drafts
    (kept,) = (box.messages[id] for id in box.ids("SENT"))
    assert field_of(kept.raw, "Message-ID") != "<m1@example.org>", "the fake rewrites it, as Gmail does"


def test_an_answer_stays_in_its_conversation(box: Mailbox) -> None:
    question = box.add(letter(1), "INBOX")
    answer = letter(2, subject="Re: Invoice 1", In_Reply_To="<m1@example.org>")
    assert sent(box, answer, "m2@example.org") == "done"
    assert {box.messages[id].thread for id in box.ids("SENT")} == {question.thread}


def test_a_large_answer_leaves_and_stays_in_its_conversation(box: Mailbox) -> None:
    question = box.add(letter(1), "INBOX")
    answer = letter(2, body="x" * 6_000_000, In_Reply_To="<m1@example.org>")
    box.web.fail("drop", about="/drafts/send")
    worker = Worker(box, answer, "m2@example.org")
    worker.turn()
    worker.turn()
    assert (worker.state, len(box.sent), len(box.drafts)) == ("done", 1, 0)
    assert box.sent[0].endswith(answer)
    assert {box.messages[id].thread for id in box.ids("SENT")} == {question.thread}


def test_a_conversation_that_is_not_here_does_not_matter(box: Mailbox) -> None:
    assert sent(box, letter(2, In_Reply_To="<nowhere@example.org>"), "m2@example.org") == "done"


@pytest.mark.parametrize("rewrites", [True, False])
@pytest.mark.parametrize("kind", ["lost", "drop", "cut"])
def test_a_cut_while_it_is_sent_is_decided_by_a_look(box: Mailbox, kind: str, rewrites: bool) -> None:
    box.rewrites = rewrites
    box.web.fail(kind, about="/drafts/send")
    worker = Worker(box, letter(1), "m1@example.org")
    worker.turn()
    assert worker.state == ("waiting" if kind == "drop" else "done")
    assert len(box.sent) == (0 if kind == "drop" else 1)
    if worker.state == "waiting":
        worker.turn()
    assert worker.state == "done"
    assert len(box.sent) == 1
    assert not box.drafts


def test_a_busy_gmail_takes_nothing(box: Mailbox) -> None:
    box.web.fail(
        "reply", times=9, about="/drafts/send", reply=error(429, "rateLimitExceeded", Retry_After="3600")
    )
    worker = Worker(box, letter(1), "m1@example.org")
    worker.turn()
    assert worker.state == "waiting"
    box.web.faults.clear()
    worker.turn()
    assert (worker.state, len(box.sent), len(box.drafts)) == ("done", 1, 0)


def test_a_server_that_breaks_behind_its_proxy_may_have_sent(box: Mailbox) -> None:
    """503 with Retry-After may come from in front of the service, after it has done the work."""
    answered = box.web.answer

    def broken(request):  # type: ignore[no-untyped-def]
        reply = answered(request)
        return Reply(503, headers={"Retry-After": "1"}) if request.path.endswith("/send") else reply

    box.web.answer = broken
    worker = Worker(box, letter(1), "m1@example.org")
    worker.turn()
    assert (worker.state, len(box.sent)) == ("done", 1)


def test_a_mail_that_gmail_refuses_fails_for_good_and_leaves_no_draft(box: Mailbox) -> None:
    box.web.fail("reply", about="/drafts/send", reply=error(400, "invalidArgument"))
    assert sent(box, letter(1), "m1@example.org") == "failed"
    assert not box.sent
    assert not box.drafts


def test_what_was_edited_between_two_tries_is_what_leaves(box: Mailbox) -> None:
    box.web.fail("drop", times=1, about="/drafts/send")
    worker = Worker(box, letter(1, body="first"), "m1@example.org")
    worker.turn()
    worker.content = letter(1, body="second")
    worker.turn()
    assert len(box.sent) == 1
    assert box.sent[0].endswith(b"second\r\n")


def test_gmail_may_go_on_after_the_connection_was_cut(box: Mailbox) -> None:
    """The draft is still there when it is looked for, and sent a moment later."""
    worker = Worker(box, letter(1), "m1@example.org")
    box.web.fail("drop", about="/drafts/send")
    worker.turn()
    assert worker.state == "waiting"
    (draft,) = box.drafts

    async def late() -> None:
        remote = remote_of(box)
        await remote._api.send_draft(draft)
        await remote.aclose()

    drive(late())
    worker.turn()
    assert (worker.state, len(box.sent)) == ("done", 1)


def test_a_draft_that_somebody_removed_leaves_the_decision_to_a_person(box: Mailbox) -> None:
    async def work() -> None:
        remote = remote_of(box)
        assert await remote.look(deed("m1@example.org"), letter(1)) is None
        await remote.aclose()

    drive(work())


def test_a_login_that_was_taken_back_is_not_an_answer_to_whether_it_left(box: Mailbox) -> None:
    box.web.fail("reply", times=99, about="/messages", reply=Reply(401))

    async def work() -> None:
        remote = remote_of(box)
        with pytest.raises(LoginNeeded) as caught:
            await remote.look(deed("m1@example.org"), letter(1))
        assert caught.value.hint == "run: connect gmail"
        await remote.aclose()

    drive(work())


@pytest.mark.timeout(900)
def test_whatever_is_cut_where_each_mail_leaves_at_most_once_and_none_is_lost(box: Mailbox) -> None:
    chance = random.Random(36)
    states = []
    for number in range(ROUNDS):
        kind = chance.choice(["lost", "drop", "cut"])
        about = chance.choice(["", "/drafts", "/drafts/send", "/messages", "/drafts/send"])
        box.web.faults.clear()
        box.web.fail(kind, about=about, times=chance.choice([1, 1, 2, 6]), after=chance.randrange(4))
        box.rewrites = chance.random() < 0.7
        worker = Worker(box, letter(number), f"m{number}@example.org")
        for turn in range(6):
            worker.turn()
            if worker.state != "waiting":
                break
            if turn == 3:
                box.web.faults.clear()
        left = sum(1 for raw in box.sent if field_of(raw, MARK) == worker.key)
        assert left <= 1, (number, kind, about)
        assert worker.state in ("done", "leaving", "unknown")
        assert (worker.state != "done") or left == 1, (number, kind, about)
        states.append(worker.state)
    assert states.count("done") > ROUNDS // 2
