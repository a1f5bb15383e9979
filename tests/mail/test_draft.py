from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail.addresses import Address
from providers.mail.draft import Draft, missing, parse_draft, read_draft, spelt, typed
from vfs.errors import BadName

ADA = Address("Ada Lovelace", "ada@example.org")

TEXT = """From: Ada Lovelace <ada@example.org>
To: "Doe, Jane" <jane@example.org>,
  bob@example.org
Cc:
bcc: carol@example.org
Subject: Grüße  aus Wien
Attach: /notes/a plan.md
Attach: notes/b.md
In-Reply-To: <x@example.org>
References: <w@example.org> <x@example.org>

Hello,

  indented
"""


def test_a_text_is_read_as_a_draft() -> None:
    assert parse_draft(TEXT) == Draft(
        sender=ADA,
        to=(Address("Doe, Jane", "jane@example.org"), Address("", "bob@example.org")),
        bcc=(Address("", "carol@example.org"),),
        subject="Grüße aus Wien",
        body="Hello,\n\n  indented",
        attach=("/notes/a plan.md", "notes/b.md"),
        in_reply_to="x@example.org",
        references=("w@example.org", "x@example.org"),
    )


def test_an_editor_shows_the_headers_that_are_to_be_filled_in() -> None:
    assert spelt(Draft(body="x")) == "From:\nTo:\nCc:\nBcc:\nSubject:\n\nx\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("To: ada\n\nx", "line 1: ada is no address: it has no @"),
        (
            "From: a@example.org\nTo: a b@c d@example.org\n\nx",
            "line 2: a b@c d@example.org is no address: what stands before @ cannot be one's name",
        ),
        ("To: a@-example.org\n\n", "line 1: a@-example.org is no address: what stands behind @ is no domain"),
        (
            "To: a@exa mple..org\n\n",
            "line 1: a@exa mple..org is no address: what stands behind @ is no domain",
        ),
        (
            "X-Mailer: y\n\n",
            "line 1: `x-mailer:` is no header of a draft, which are From, To, Cc, Bcc, Subject, Attach",
        ),
        ("Hello\n\nx", "line 1: a header such as `To:` must stand here, or an empty line before the text"),
        ("From: a@example.org, b@example.org\n\nx", "a mail has one sender, but From: names more"),
        ("Subject: a\x07b\n\nx", "line 1: a header cannot hold the character U+0007"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(BadName) as caught:
        parse_draft(text)
    assert str(caught.value) == reason
    assert read_draft(text)[1][0] == reason


def test_what_is_missing_is_told() -> None:
    assert missing(parse_draft("Subject: x\n\ny")) == (
        "it says not whom it is from: fill in From:",
        "it names nobody to send it to: fill in To:",
    )
    assert missing(parse_draft("From: a@example.org\nBcc: b@example.org\n\n")) == ()
    assert missing(Draft(sender=ADA, to=(Address("", "b"),))) == ("b is no address: it has no @",)


def test_each_recipient_is_counted_once() -> None:
    draft = parse_draft("To: a@example.org\nCc: A@Example.org, b@example.org\nBcc: b@example.org\n\n")
    assert [one.address for one in draft.recipients] == ["a@example.org", "b@example.org"]


def test_a_name_is_quoted_where_it_has_to_be() -> None:
    assert typed(ADA) == "Ada Lovelace <ada@example.org>"
    assert typed(Address('Doe, "J"', "j@example.org")) == '"Doe, \\"J\\"" <j@example.org>'
    assert typed(Address("Jörg", "j@example.org")) == "Jörg <j@example.org>"


letters = st.text(alphabet="abcdefghijkmnxyz0123456789", min_size=1, max_size=8)
names = st.text(alphabet="abc äöß日本.,;:()\"\\@'-", max_size=12).map(
    lambda text: " ".join(text.strip("'\" ").split())
)
people = st.builds(Address, names, st.builds("{}.{}@{}.example".format, letters, letters, letters))
lines = st.text(alphabet="abc äöß日本.,;:<>=?_@\"'", max_size=30).map(lambda text: " ".join(text.split()))
bodies = st.text(alphabet="ab ä日>-.=\tF\n", max_size=200).map(lambda text: text.rstrip("\n"))
drafts = st.builds(
    Draft,
    sender=people,
    to=st.lists(people, max_size=3).map(tuple),
    cc=st.lists(people, max_size=2).map(tuple),
    bcc=st.lists(people, max_size=2).map(tuple),
    reply_to=st.lists(people, max_size=1).map(tuple),
    subject=lines,
    body=bodies,
    attach=st.lists(letters, max_size=2).map(tuple),
    in_reply_to=st.one_of(st.just(""), letters),
    references=st.lists(letters, max_size=3).map(tuple),
)


@settings(deadline=None)
@given(drafts)
def test_what_is_spelt_is_read_again(draft: Draft) -> None:
    assert read_draft(spelt(draft)) == (draft, ())


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    draft, _ = read_draft(text)
    missing(draft)
    spelt(draft)
