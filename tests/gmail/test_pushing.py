from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from providers.mail.gmail.remote import GmailRemote
from providers.mirror.remote import Push, Pushed
from tests.gmail.account import Replica, account, change, letter, remote_of
from tests.servers.gmail import Mailbox, error
from tests.servers.web import Reply
from vfs.drive import drive
from vfs.errors import BadName, Conflict, LoginNeeded, NotFound, Refused, Unavailable, Unsupported, VfsError


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with account() as (box, _):
        yield box


@pytest.fixture
def remote(box: Mailbox) -> GmailRemote:
    return remote_of(box)


SEEN = {"unread": False, "flagged": False, "labels": ()}


def pushed(
    remote: GmailRemote, *steps: tuple[str, str, str, dict[str, object]]
) -> Sequence[Pushed | VfsError]:
    """The outcomes of pushes told as (href, from, to, what else); "" is nowhere."""

    async def work() -> Sequence[Pushed | VfsError]:
        places = {str(one.path): one for one in await remote.collections()}
        try:
            return await remote.push(
                [
                    change(href, places.get(source), places.get(target), **how)  # type: ignore[arg-type]
                    for href, source, target, how in steps
                ]
            )
        finally:
            await remote.aclose()

    return drive(work())


def test_marks_become_labels(box: Mailbox, remote: GmailRemote) -> None:
    kept = box.add(letter(1), "INBOX", "UNREAD")
    base = {"unread": True, "flagged": False, "labels": ()}
    wanted = {"unread": False, "flagged": True, "labels": ("Taxes", "Taxes/2024")}
    how = {"base": base, "state": wanted}
    (outcome,) = pushed(remote, (kept.id, "/inbox", "/inbox", how))
    assert isinstance(outcome, Pushed)
    assert (outcome.href, outcome.state) == (kept.id, wanted)
    assert kept.labels == {"INBOX", "STARRED", box.label("Taxes"), box.label("Taxes/2024")}
    again = pushed(remote_of(box), (kept.id, "/inbox", "/inbox", how))
    assert again == [outcome]


@pytest.mark.parametrize(
    ("source", "target", "before", "after"),
    [
        ("/inbox", "/archive", {"INBOX"}, set()),
        ("/inbox", "/trash", {"INBOX"}, {"TRASH"}),
        ("/inbox", "/junk", {"INBOX"}, {"SPAM"}),
        ("/archive", "/inbox", set(), {"INBOX"}),
        ("/archive", "/trash", set(), {"TRASH"}),
        ("/trash", "/inbox", {"TRASH"}, {"INBOX"}),
        ("/trash", "/archive", {"TRASH"}, set()),
        ("/junk", "/inbox", {"SPAM"}, {"INBOX"}),
        ("/sent", "/trash", {"SENT"}, {"SENT", "TRASH"}),
    ],
)
def test_moving_is_changing_labels(
    box: Mailbox, remote: GmailRemote, source: str, target: str, before: set[str], after: set[str]
) -> None:
    kept = box.add(letter(1), *before)
    (outcome,) = pushed(remote, (kept.id, source, target, {}))
    assert isinstance(outcome, Pushed)
    assert kept.labels == after


def test_a_mail_moves_between_labels_and_keeps_its_others(box: Mailbox, remote: GmailRemote) -> None:
    one, two, other = (box.label(name) for name in ("One", "Two", "Other"))
    kept = box.add(letter(1), one, other)
    how = {"base": {"labels": ("One", "Other")}, "state": {"labels": ("One", "Other")}}
    (outcome,) = pushed(remote, (kept.id, "/one", "/two", how))
    assert isinstance(outcome, Pushed)
    assert outcome.state["labels"] == ("Other", "Two")
    assert kept.labels == {two, other}


def test_many_alike_are_changed_by_one_request(box: Mailbox, remote: GmailRemote) -> None:
    ids = [box.add(letter(number), "INBOX").id for number in range(300)]
    outcomes = pushed(remote, *[(id, "/inbox", "/archive", {}) for id in ids])
    assert [one.href for one in outcomes if isinstance(one, Pushed)] == ids
    assert not box.ids("INBOX")
    assert box.web.count("POST") == 1


def test_a_mail_that_is_gone_is_an_error_of_its_own(box: Mailbox, remote: GmailRemote) -> None:
    kept = box.add(letter(1), "INBOX")
    gone, there = pushed(remote, ("18cdead", "/inbox", "/archive", {}), (kept.id, "/inbox", "/archive", {}))
    assert isinstance(gone, NotFound)
    assert isinstance(there, Pushed)


def test_steps_of_one_mail_happen_in_their_order(box: Mailbox, remote: GmailRemote) -> None:
    kept = box.add(letter(1), "INBOX")
    pushed(remote, (kept.id, "/inbox", "/archive", {}), (kept.id, "/archive", "/inbox", {}))
    assert kept.labels == {"INBOX"}


def test_removing_for_good_may_be_said_twice(box: Mailbox, remote: GmailRemote) -> None:
    kept = box.add(letter(1), "TRASH")
    assert pushed(remote, (kept.id, "/trash", "", {})) == [Pushed("", "", {})]
    assert pushed(remote_of(box), (kept.id, "/trash", "", {})) == [Pushed("", "", {})]
    assert not box.messages


@pytest.mark.parametrize(
    ("source", "target"),
    [("/inbox", "/sent"), ("/inbox", "/drafts"), ("/sent", "/inbox"), ("/drafts", "/inbox")],
)
def test_what_gmail_lets_nobody_do_is_said(
    box: Mailbox, remote: GmailRemote, source: str, target: str
) -> None:
    kept = box.add(letter(1), {"/inbox": "INBOX", "/sent": "SENT", "/drafts": "DRAFT"}[source])
    (outcome,) = pushed(remote, (kept.id, source, target, {}))
    assert isinstance(outcome, Unsupported)
    assert "Gmail lets" in str(outcome)


@pytest.mark.parametrize("name", ["", "/", "a\nb", "x" * 300])
def test_what_can_be_no_label_fails_alone(box: Mailbox, remote: GmailRemote, name: str) -> None:
    one, two = box.add(letter(1), "INBOX"), box.add(letter(2), "INBOX")
    wrong, right = pushed(
        remote,
        (one.id, "/inbox", "/inbox", {"state": {**SEEN, "labels": (name,)}}),
        (two.id, "/inbox", "/inbox", {"state": {**SEEN, "flagged": True}}),
    )
    assert isinstance(wrong, BadName)
    assert isinstance(right, Pushed)


def test_a_label_that_gmail_has_in_other_letters_is_refused_in_words(
    box: Mailbox, remote: GmailRemote
) -> None:
    box.label("Work")
    kept = box.add(letter(1), "INBOX")
    (outcome,) = pushed(remote, (kept.id, "/inbox", "/inbox", {"state": {**SEEN, "labels": ("work",)}}))
    assert isinstance(outcome, Unsupported)


# -- contents


def test_a_new_mail_is_put_into_a_folder_once(box: Mailbox, remote: GmailRemote) -> None:
    how = {"content": letter(5), "base": {}, "state": {"unread": True}}
    (outcome,) = pushed(remote, ("", "", "/inbox", how))
    assert isinstance(outcome, Pushed)
    assert box.messages[outcome.href].labels == {"INBOX", "UNREAD"}
    assert box.messages[outcome.href].raw == letter(5)
    (again,) = pushed(remote_of(box), ("", "", "/inbox", how))
    assert isinstance(again, Pushed)
    assert again.href == outcome.href
    assert not box.sent


def test_a_large_mail_is_sent_beside_what_is_said_of_it(box: Mailbox, remote: GmailRemote) -> None:
    content = letter(5, body="ä" * 4_000_000)
    how = {"content": content, "base": {}, "state": {"flagged": True}}
    received, draft = pushed(remote, ("", "", "/inbox", how), ("", "", "/drafts", how))
    assert isinstance(received, Pushed)
    assert isinstance(draft, Pushed)
    assert box.messages[received.href].raw == content
    assert box.messages[received.href].labels == {"INBOX", "STARRED"}
    assert box.messages[box.drafts[draft.href]].raw == content


def test_another_mail_with_the_same_id_is_another_mail(box: Mailbox, remote: GmailRemote) -> None:
    box.add(letter(5, body="one"), "INBOX")
    (outcome,) = pushed(
        remote, ("", "", "/inbox", {"content": letter(5, body="two"), "base": {}, "state": {}})
    )
    assert isinstance(outcome, Pushed)
    assert len(box.messages) == 2


def test_a_copy_in_another_folder_is_another_label(box: Mailbox, remote: GmailRemote) -> None:
    label = box.label("Projects")
    kept = box.add(letter(5), "INBOX")
    how = {"content": letter(5), "base": {}, "state": {}, "identity": kept.id}
    (outcome,) = pushed(remote, ("", "", "/projects", how))
    assert isinstance(outcome, Pushed)
    assert outcome.href == kept.id
    assert kept.labels == {"INBOX", label}


def test_a_mail_that_was_received_cannot_be_written_over(box: Mailbox, remote: GmailRemote) -> None:
    kept = box.add(letter(1), "INBOX")
    (outcome,) = pushed(remote, (kept.id, "/inbox", "/inbox", {"content": b"x"}))
    assert isinstance(outcome, Unsupported)


def test_a_draft_is_made_changed_and_removed(box: Mailbox, remote: GmailRemote) -> None:
    new = {"content": letter(1), "base": {}, "state": {}}
    (made,) = pushed(remote, ("", "", "/drafts", new))
    assert isinstance(made, Pushed)
    assert pushed(remote_of(box), ("", "", "/drafts", new)) == [made]
    assert list(box.drafts) == [made.href]
    better = {"content": letter(1, subject="Better"), "etag": made.etag}
    (changed,) = _drafted(box, made.href, better)
    assert isinstance(changed, Pushed)
    assert changed.href == made.href
    assert changed.etag != made.etag
    assert _drafted(box, made.href, better) == [changed], "again, since its answer may have been lost"
    (stale,) = _drafted(box, made.href, {"content": letter(1, subject="Worse"), "etag": made.etag})
    assert isinstance(stale, Conflict)
    assert b"Better" in box.messages[box.drafts[made.href]].raw
    assert pushed(remote_of(box), (made.href, "/drafts", "", {})) == [Pushed("", "", {})]
    assert not box.drafts


def _drafted(box: Mailbox, href: str, how: dict[str, object]) -> Sequence[Pushed | VfsError]:
    async def work() -> Sequence[Pushed | VfsError]:
        remote = remote_of(box)
        folder = next(one for one in await remote.collections() if one.role == "drafts")
        push = Push(folder, href, str(how["etag"]), {}, folder, {}, how["content"])  # type: ignore[arg-type]
        try:
            return await remote.push([push])
        finally:
            await remote.aclose()

    return drive(work())


def test_a_draft_goes_to_the_trash(box: Mailbox, remote: GmailRemote) -> None:
    kept = box.add(letter(1), "DRAFT")
    box.drafts["r1"] = kept.id
    (outcome,) = pushed(remote, ("r1", "/drafts", "/trash", {}))
    assert isinstance(outcome, Pushed)
    assert outcome.href == kept.id
    assert kept.labels == {"TRASH"}


# -- failures


@pytest.mark.parametrize("kind", ["lost", "drop", "cut"])
@pytest.mark.parametrize("after", [0, 1])
def test_a_push_that_is_cut_off_is_made_good_by_the_next(box: Mailbox, kind: str, after: int) -> None:
    ids = [box.add(letter(number), "INBOX").id for number in range(12)]
    steps = [
        *[(id, "/inbox", "/archive", {}) for id in ids],
        ("", "", "/inbox", {"content": letter(50), "base": {}, "state": {}}),
        ("", "", "/drafts", {"content": letter(51), "base": {}, "state": {}}),
    ]
    box.web.fail(kind, times=4, method="POST", after=after)
    for _ in range(6):
        try:
            outcomes = pushed(remote_of(box), *steps)
        except Unavailable:
            continue
        break
    assert all(isinstance(one, Pushed) for one in outcomes)
    assert len(box.ids("INBOX")) == 1
    assert len(box.messages) == 14
    assert len(box.drafts) == 1


def test_a_login_without_the_permission_says_what_to_do(box: Mailbox, remote: GmailRemote) -> None:
    kept = box.add(letter(1), "INBOX")
    box.web.fail("reply", times=9, method="POST", reply=error(403, "insufficientPermissions"))
    with pytest.raises(LoginNeeded, match="not permitted") as caught:
        pushed(remote, (kept.id, "/inbox", "/archive", {}))
    assert caught.value.hint == "run: connect gmail"


def test_a_refusal_of_many_is_an_error_of_each(box: Mailbox, remote: GmailRemote) -> None:
    ids = [box.add(letter(number), "INBOX").id for number in range(10)]
    box.web.fail("reply", times=9, method="POST", reply=error(400, "invalidArgument"))
    outcomes = pushed(remote, *[(id, "/inbox", "/archive", {}) for id in ids])
    assert all(isinstance(one, Refused) for one in outcomes)


def test_what_was_pushed_comes_back_as_it_was_wanted(box: Mailbox, remote: GmailRemote) -> None:
    ids = [box.add(letter(number), "INBOX", "UNREAD").id for number in range(20)]

    async def work() -> None:
        replica = Replica(remote)
        await replica.sync()
        inbox, archive = replica.folders["/inbox"], replica.folders["/archive"]
        before = {"unread": True, "flagged": False, "labels": ()}
        wanted = {"unread": False, "flagged": True, "labels": ("Done",)}
        await remote.push([change(id, inbox, archive, before, wanted) for id in ids])
        await replica.sync()
        assert not replica.hrefs("/inbox")
        assert replica.hrefs("/archive") == replica.hrefs("/done") == set(ids)
        assert {tuple(item.state.items()) for item in replica.items["ARCHIVE"].values()} == {
            tuple(wanted.items())
        }
        await remote.aclose()

    drive(work())


def test_a_broken_answer_to_a_change_is_not_taken_for_done(box: Mailbox, remote: GmailRemote) -> None:
    kept = box.add(letter(1), "INBOX")
    box.web.fail("reply", times=9, method="POST", reply=Reply(200, b"[]"))
    with pytest.raises(Unavailable):
        pushed(remote, (kept.id, "/inbox", "/archive", {}))
