from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail import attachments
from providers.mail.addresses import Address
from providers.mail.compose import (
    File,
    attachment_names,
    draft_of,
    envelope,
    forward,
    new,
    new_message_id,
    reply,
    to_bytes,
)
from providers.mail.draft import Draft, spelt
from providers.mail.message import describe
from tests.mail.hostile import mail, page, typed
from tests.mail.test_attachments import with_files
from tests.mail.test_draft import drafts
from vfs.errors import BadName

WHEN = datetime(2024, 1, 15, 14, 3, 11, tzinfo=UTC)

ORIGINAL = b"""From: Ada <ada@example.org>
To: me@example.com, Bob <bob@example.org>
Cc: carol@example.org, ME@example.com
Date: Mon, 15 Jan 2024 14:03:11 +0000
Subject: Re: Plans
Message-ID: <b@example.org>
References: <a@example.org>

One
> two
--{SP}
Ada's signature
""".replace(b"{SP}", b" ")


def made(draft: Draft, *files: File) -> bytes:
    return to_bytes(draft, files, message_id="id.1@example.org", date=WHEN)


def read(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not [part.defects for part in message.walk() if part.defects]
    return message


def seen(message: EmailMessage, name: str) -> list[tuple[str, str]]:
    found = message[name]
    return [] if found is None else [_plain(one) for one in found.addresses]


def _plain(one: Mailbox) -> tuple[str, str]:
    return (one.display_name, one.addr_spec)


# -- messages


def test_a_plain_mail_is_plain() -> None:
    draft = new("Ada <ada@example.org>", to=["bob@example.org"], subject="Notes", body="Hello\n")
    assert made(draft) == (
        b"Date: Mon, 15 Jan 2024 14:03:11 +0000\r\nFrom: Ada <ada@example.org>\r\nTo: bob@example.org\r\n"
        b"Subject: Notes\r\nMessage-ID: <id.1@example.org>\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nHello\r\n"
    )


def test_hidden_recipients_are_in_the_envelope_alone() -> None:
    draft = new("ada@example.org", to=["bob@example.org"], bcc=["hidden@example.org"])
    assert b"hidden" not in made(draft)
    assert envelope(draft) == ("ada@example.org", ("bob@example.org", "hidden@example.org"), False)
    kept = to_bytes(draft, message_id="x@y", date=WHEN, keeps_bcc=True)
    assert b"\r\nBcc: hidden@example.org\r\n" in kept


def test_a_draft_without_recipients_has_no_envelope() -> None:
    with pytest.raises(BadName, match="names nobody"):
        envelope(new("ada@example.org"))
    with pytest.raises(BadName, match="from"):
        envelope(new(to=["ada@example.org"]))


def test_domains_travel_in_ascii_and_local_parts_as_they_are() -> None:
    draft = new("ada@example.org", to=["info@münchen.de", "jörg@example.org"])
    assert envelope(draft) == ("ada@example.org", ("info@xn--mnchen-3ya.de", "jörg@example.org"), True)
    assert "jörg@example.org".encode() in made(draft)
    with pytest.raises(BadName):
        envelope(new("ada@example.org", to=["x@" + "ü" * 80 + ".de"]))


@pytest.mark.parametrize(
    "draft",
    [
        Draft(subject="a\r\nBcc: eve@example.org"),
        Draft(subject="a\nb"),
        Draft(to=(Address("a\r\nb", "x@example.org"),)),
        Draft(to=(Address("", "x@example.org\r\nBcc: y@example.org"),)),
        Draft(in_reply_to="a\r\nb"),
        Draft(references=("a\nb",)),
        Draft(subject="a\0b"),
    ],
)
def test_a_value_that_would_begin_a_header_is_refused(draft: Draft) -> None:
    with pytest.raises(BadName, match="a header is one line"):
        made(draft)


@pytest.mark.parametrize("message_id", ["", "a b", "a\r\nb", "ü@example.org"])
def test_a_message_id_is_one_word(message_id: str) -> None:
    with pytest.raises(BadName):
        to_bytes(Draft(), message_id=message_id, date=WHEN)


def test_message_ids_differ_and_carry_the_domain() -> None:
    first, second = new_message_id("Ada <ada@example.org>"), new_message_id("ada@münchen.de")
    assert first.endswith("@example.org")
    assert second.endswith("@xn--mnchen-3ya.de")
    assert first != new_message_id("ada@example.org")
    assert new_message_id("").endswith("@localhost")


def test_attachments_arrive_as_they_were() -> None:
    inner = b"Subject: inner\r\n\r\nwords\r\n"
    files = (
        File("Rechnung für März.pdf", bytes(range(256))),
        File("/a/b/plan.md", "Plän\r\n".encode()),
        File("x" * 120 + ".txt", b""),
        File("mail.eml", inner),
        File("raw.eml", b"Subject: 8 bit\n\n\xff"),
        File('quote".bin', b"--=_\r\n.\r\n"),
    )
    data = made(new("a@example.org", to=["b@example.org"], body="see"), *files)
    message = read(data)
    found = list(message.iter_attachments())
    assert [one.get_filename() for one in found] == [
        "Rechnung für März.pdf",
        "plan.md",
        "x" * 120 + ".txt",
        "mail.eml",
        "raw.eml",
        'quote".bin',
    ]
    kinds = [one.get_content_type() for one in found]
    assert kinds[:2] == ["application/pdf", "text/markdown"]
    assert kinds[3:5] == ["message/rfc822", "application/octet-stream"]
    for one, file in zip(attachments.entries(data), files, strict=True):
        assert attachments.read(data, one.name) == file.content
    assert max(len(line) for line in data.split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    "body",
    [
        "",
        "From here on\nFrom",
        ".\n..\n. ",
        "x" * 5000,
        "trailing \t\nspaces  ",
        "日本語" * 300,
        "a\0b\x1bc",
        "-- \nAda",
        "=20 =\n=",
        "\n\nlate",
    ],
)
def test_a_body_arrives_as_it_was(body: str) -> None:
    data = made(new("a@example.org", to=["b@example.org"], body=body))
    part = read(data).get_body()
    assert part is not None
    assert part.get_content().replace("\r\n", "\n") == body.rstrip("\n") + "\n"
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert not [line for line in lines if line.startswith(b"From ")]
    assert b"\n" not in data.replace(b"\r\n", b"")


@settings(deadline=None)
@given(
    drafts,
    st.lists(
        st.builds(
            File,
            st.text(alphabet="aä日. \"'", max_size=80).map(lambda name: f"x{name}x"),
            st.binary(max_size=80),
            st.sampled_from(["", "text/plain", "multipart/mixed", "\n", "message/rfc822"]),
        ),
        max_size=2,
    ),
)
def test_what_is_written_says_the_same_to_others_and_to_us(draft: Draft, files: list[File]) -> None:
    data = made(draft, *files)
    message = read(data)
    assert message["subject"] == draft.subject
    assert seen(message, "from") == [tuple(draft.sender or ())]
    for name, wanted in (("to", draft.to), ("cc", draft.cc), ("reply-to", draft.reply_to)):
        assert seen(message, name) == [tuple(one) for one in wanted]
    assert "bcc" not in message
    part = message.get_body(("plain",))
    assert part is not None
    assert part.get_content().replace("\r\n", "\n") == draft.body + "\n"
    assert [one.get_filename() for one in message.iter_attachments()] == [file.name for file in files]
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    again = draft_of(data)
    assert again._replace(body=draft.body) == draft._replace(bcc=(), attach=())
    assert again.body.strip("\n") == draft.body.strip("\n") or not draft.body.strip()
    assert describe(data, True).attrs["attachments"] == len(files)


# -- answers


def test_an_answer_goes_to_who_wrote_and_quotes() -> None:
    draft = reply(ORIGINAL, own=["Me <me@example.com>"])
    assert spelt(draft) == (
        "From: Me <me@example.com>\nTo: Ada <ada@example.org>\nCc:\nBcc:\nSubject: Re: Plans\n"
        "In-Reply-To: <b@example.org>\nReferences: <a@example.org> <b@example.org>\n\n\n\n"
        "On Mon, 15 Jan 2024 14:03 +0000, Ada wrote:\n> One\n>> two\n"
    )


def test_an_answer_to_all_leaves_oneself_out() -> None:
    draft = reply(ORIGINAL, own=["other@example.com", "me@example.com"], everyone=True)
    assert [one.address for one in draft.to] == ["ada@example.org"]
    assert [one.address for one in draft.cc] == ["bob@example.org", "carol@example.org"]
    assert draft.sender == Address("", "me@example.com")


def test_an_answer_goes_where_the_sender_wants_it() -> None:
    data = ORIGINAL.replace(b"Subject:", b"Reply-To: office@example.org\nSubject:")
    assert [one.address for one in reply(data, own=["me@example.com"]).to] == ["office@example.org"]


def test_an_answer_to_oneself_goes_where_the_mail_went() -> None:
    draft = reply(ORIGINAL, own=["ada@example.org"], everyone=True)
    assert [one.address for one in draft.to] == ["me@example.com", "bob@example.org"]
    assert [one.address for one in draft.cc] == ["carol@example.org"]
    alone = reply(b"From: ada@example.org\nTo: ada@example.org\n\nx", own=["ada@example.org"])
    assert [one.address for one in alone.to] == ["ada@example.org"]


def test_an_answer_to_all_of_a_list_reaches_the_list() -> None:
    data = ORIGINAL.replace(b"Subject:", b"List-Post: <mailto:ours@lists.example.org?x=y>\nSubject:")
    cc = reply(data, own=["me@example.com"], everyone=True).cc
    assert cc[-1].address == "ours@lists.example.org"
    closed = data.replace(b"<mailto:ours@lists.example.org?x=y>", b"NO")
    assert len(reply(closed, own=["me@example.com"], everyone=True).cc) == len(cc) - 1


@pytest.mark.parametrize(
    ("subject", "answer"), [(b"x", "Re: x"), (b"RE: Re: x", "Re: x"), (b"", "Re:"), (b"Fwd: x", "Re: x")]
)
def test_a_subject_has_one_mark(subject: bytes, answer: str) -> None:
    assert reply(mail(subject=subject), own=[]).subject == answer


def test_many_references_keep_the_first_and_the_last() -> None:
    chain = b" ".join(b"<%d@x>" % at for at in range(100))
    found = reply(mail(headers=b"References: " + chain + b"\r\nMessage-ID: <last@x>\r\n"), own=[]).references
    assert (found[0], found[-2:], len(found)) == ("0@x", ("99@x", "last@x"), 30)


def test_a_page_is_quoted_as_text() -> None:
    assert reply(page("<p>Hello</p>"), own=[]).body.endswith("\n> Hello")


def test_an_answer_to_anything_can_be_spelt() -> None:
    for data in (
        b"",
        b"From: \n\n",
        b"Message-ID: <\xff\0@x>\nReferences: <a\0b> <c>\n\n",
        b"From: Eve <>\nSubject: =?utf-8?q?a=0Ab?=\nMessage-ID: a b\n\n",
    ):
        draft = reply(data, own=["me@example.com"])
        made(draft._replace(to=()))


# -- forwarding


def test_a_forwarded_mail_carries_its_headers_and_text() -> None:
    draft = forward(ORIGINAL, sender="me@example.com", to=["dave@example.org"])
    assert draft.subject == "Fwd: Plans"
    assert draft.body.startswith(
        "\n\n---------- Forwarded message ----------\nFrom: Ada <ada@example.org>\n"
        "Date: Mon, 15 Jan 2024 14:03:11 +0000\nSubject: Re: Plans\n"
        "To: me@example.com, Bob <bob@example.org>\nCc: carol@example.org, ME@example.com\n\nOne\n"
    )


def test_a_mail_can_be_forwarded_as_a_file() -> None:
    draft = forward(ORIGINAL, sender="me@example.com", attach=["/mail/inbox/2024-01-15-plans"], inline=False)
    assert draft.body == ""
    assert draft.attach == ("/mail/inbox/2024-01-15-plans",)


def test_what_has_to_go_along_is_named() -> None:
    assert attachment_names(with_files("a.pdf", "b.pdf")) == ["a.pdf", "b.pdf"]
    assert attachment_names(typed("text/html", b"<p>x")) == []
