"""Mail that leaves: to all or to nobody, once, and with a clear word when it does not."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator

import pytest

from providers.mail.envelope import Envelope, envelope, prepare, stripped
from providers.mail.imap.login import Address
from providers.mail.smtp import Handover, mapped
from providers.mirror.remote import Throttled
from tests.imap.post import message
from tests.imap.test_login import AUTHORITY, CANARY
from tests.servers.dovecot import TLS
from tests.servers.imapscript import Talk, scripted
from tests.servers.smtp import PASSWORD, USER, Sink, running_smtp
from vfs.errors import BadName, LoginNeeded, Refused, TimedOut, TooLarge, Unavailable, Unsupported, VfsError

BOB = Envelope(USER, ("bob@example.org",))


@pytest.fixture(scope="module")
def server() -> Iterator[Sink]:
    with running_smtp() as sink:
        yield sink


@pytest.fixture
def sink(server: Sink) -> Sink:
    server.taken.clear()
    server.refused.clear()
    server.answer = "250 2.0.0 taken"
    return server


def account(port: int, **more: object) -> Address:
    fixed = {"host": "127.0.0.1", "user": USER, "security": "none", "patience": 5.0, "remedy": "run: connect"}
    return Address(**{**fixed, "port": port, **more})  # type: ignore[arg-type]


def sent(
    port: int, to: Envelope = BOB, content: bytes = message(1), secret: str = PASSWORD, **more: object
) -> str:
    handover = Handover(account(port, **more), secret)
    try:
        handover.offer(to, content)
        return handover.finish()
    finally:
        handover.drop()


def test_a_mail_is_handed_over(sink: Sink) -> None:
    content = message(1, body=".\n..\n.dot first\nline\n")
    assert "taken" in sent(sink.port, content=content)
    (mail,) = sink.taken
    assert (mail.sender, mail.recipients) == (USER, ["bob@example.org"])
    assert mail.content == content
    assert sink.logins[-1] == USER


def test_nothing_is_taken_before_the_last_line(sink: Sink) -> None:
    handover = Handover(account(sink.port), PASSWORD)
    handover.offer(BOB, message(1))
    handover.drop()
    assert "taken" in sent(sink.port, content=message(2))
    assert sink.keys == ["letter-2@example.org"]


@pytest.mark.parametrize("kind", ["tls", "starttls"])
def test_it_is_handed_over_encrypted(kind: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
    contexts = {"tls" if kind == "tls" else "starttls": context}
    with running_smtp(**contexts) as sink:  # type: ignore[arg-type]
        sent(sink.port, host="localhost", security=kind, ca=AUTHORITY)
        assert len(sink.taken) == 1
        with pytest.raises(Unavailable, match="trusted"):
            sent(sink.port, host="localhost", security=kind)
        assert len(sink.taken) == 1


def test_a_server_without_encryption_gets_no_password(sink: Sink) -> None:
    with pytest.raises(Unavailable, match="no encryption"):
        sent(sink.port, security="starttls", host="localhost")
    with pytest.raises(Refused, match="unencrypted"):
        sent(sink.port, host="mail.example.org")


def test_a_refused_password_says_the_next_step(sink: Sink) -> None:
    with pytest.raises(LoginNeeded) as caught:
        sent(sink.port, secret=CANARY)
    assert "the password was refused" in str(caught.value)
    assert caught.value.hint == "run: connect"
    assert CANARY not in str(caught.value)


def test_a_server_that_wants_no_login_gets_none() -> None:
    with running_smtp(login=False) as sink:
        sent(sink.port, auth="none")
        assert len(sink.taken) == 1


def test_when_one_recipient_is_refused_nobody_gets_it(sink: Sink) -> None:
    sink.refused["carol@example.org"] = "550 5.1.1 no such user here"
    with pytest.raises(Refused) as caught:
        sent(sink.port, Envelope(USER, ("bob@example.org", "carol@example.org", "dan@example.org")))
    assert "carol@example.org: 5.1.1 no such user here" in str(caught.value)
    assert "bob@" not in str(caught.value)
    assert sink.taken == []


def test_what_is_refused_for_now_is_tried_later(sink: Sink) -> None:
    sink.refused["carol@example.org"] = "450 4.2.1 greylisted, come back"
    with pytest.raises(Throttled, match="greylisted"):
        sent(sink.port, Envelope(USER, ("bob@example.org", "carol@example.org")))
    sink.answer = "451 4.3.0 try again"
    with pytest.raises(Throttled, match="try again"):
        sent(sink.port)
    sink.answer = "554 5.7.1 spam"
    with pytest.raises(Refused, match="spam"):
        sent(sink.port)
    sink.answer = "552 5.3.4 too big"
    with pytest.raises(TooLarge):
        sent(sink.port)
    assert sink.taken == []


def test_a_mail_that_is_too_large_is_refused_before_it_is_sent() -> None:
    with running_smtp(size=2000) as sink:
        with pytest.raises(TooLarge, match="2000 bytes"):
            sent(sink.port, content=message(1, body="x\n" * 2000))
        sent(sink.port)
        assert len(sink.taken) == 1


def test_letters_beyond_ascii_go_where_they_can(sink: Sink) -> None:
    sent(sink.port, Envelope(USER, ("grüße@exämple.org", "bob@exämple.org")))
    assert sink.taken[-1].recipients == ["grüße@exämple.org", "bob@xn--exmple-cua.org"]
    assert "SMTPUTF8" in sink.taken[-1].options
    sent(sink.port, content="Subject: Grüße\r\n\r\nÄ\r\n".encode())
    assert "SMTPUTF8" in sink.taken[-1].options
    sent(sink.port, content="Subject: x\r\n\r\nÄ\r\n".encode())
    assert sink.taken[-1].options == [f"SIZE={len('Subject: x__Ä__') + 3}", "BODY=8BITMIME"]
    with running_smtp(utf8=False) as old:
        with pytest.raises(BadName, match="beyond ASCII"):
            sent(old.port, Envelope(USER, ("grüße@example.org",)))
        sent(old.port, Envelope(USER, ("bob@exämple.org",)))
        assert old.taken[-1].recipients == ["bob@xn--exmple-cua.org"]


@pytest.mark.parametrize(
    "rules",
    [
        {"EHLO": lambda talk: talk.hang()},
        {"EHLO": lambda talk: talk.drip(b"250-x\r\n" * 500)},
        {"EHLO": lambda talk: talk.cut()},
        {"EHLO": lambda talk: [talk.say(b"250-endless\r\n" * 9000) for _ in range(100_000)]},
        {"EHLO": lambda talk: talk.say(b"x" * 100_000)},
        {"EHLO": lambda talk: talk.say(b"\xff\xfe garbage\r\n")},
        {"MAIL": lambda talk: talk.say(b"421 4.3.2 going down\r\n")},
        {"DATA": lambda talk: talk.hang()},
    ],
    ids=["hang", "drip", "cut", "flood", "line", "garbage", "down", "hang in data"],
)
def test_servers_that_misbehave_are_one_clear_error(rules: dict[str, object]) -> None:
    known = {"EHLO": lambda talk: talk.say(b"250 x\r\n"), "MAIL": _ok, "RCPT": _ok, "HELO": _ok, "QUIT": _ok}
    with (
        scripted({**known, **rules}, greeting=b"220 ready\r\n", tagged=False) as server,  # type: ignore[dict-item]
        pytest.raises((Unavailable, TimedOut)) as caught,
    ):
        sent(server.port, patience=1.0, secret=CANARY)
    assert CANARY not in str(caught.value)
    assert len(str(caught.value)) < 300


def _ok(talk: Talk) -> None:
    talk.say(b"250 ok\r\n")


def test_nobody_at_the_address_is_told() -> None:
    with pytest.raises(Unavailable):
        sent(1)


def test_every_error_of_the_library_is_one_of_the_tree() -> None:
    made = {
        smtplib.SMTPRecipientsRefused: ({"x": (550, b"no")},),
        smtplib.SMTPSenderRefused: (550, b"no", "x"),
    }
    for kind in vars(smtplib).values():
        if isinstance(kind, type) and issubclass(kind, smtplib.SMTPException):
            response = issubclass(kind, smtplib.SMTPResponseException)
            error = kind(*made.get(kind, (451, b"no") if response else ("x",)))
            assert isinstance(mapped(error, "mail.example.org"), VfsError)
    assert isinstance(mapped(ssl.SSLError(1, "x"), "h"), VfsError)


# -- what leaves, and to whom


MAIL = (
    "From: Ada <ada@example.org>\nTo: Bob <bob@example.org>, carol@example.org\nCc: bob@example.org\n"
    "Bcc: Eve <eve@example.org>,\n dan@example.org\nSubject: Notes\nMessage-ID: <k@example.org>\n"
    "\nBcc: text\n"
)


def test_a_mail_becomes_a_deed() -> None:
    deed = prepare("send", {"content": MAIL})
    assert deed.key == "k@example.org"
    assert deed.content == MAIL.encode()
    assert deed.summary == "Notes to bob@example.org, carol@example.org, eve@example.org and 1 more"
    more = prepare("send", {"content": MAIL, "recipients": ("zoe@example.org", "bob@example.org")})
    assert envelope(more.content, "").recipients[-1] == "dan@example.org"
    assert "zoe@example.org" in envelope(more.content, "").recipients


def test_a_mail_without_an_id_gets_one() -> None:
    deed = prepare("send", {"content": "From: a@example.org\nTo: b@example.org\n\nx"})
    assert deed.key.endswith("@example.org")
    assert f"Message-ID: <{deed.key}>".encode() in deed.content


def test_blind_recipients_get_it_and_are_shown_to_nobody() -> None:
    to = envelope(MAIL.encode(), "")
    assert to == Envelope(
        "ada@example.org", ("bob@example.org", "carol@example.org", "eve@example.org", "dan@example.org")
    )
    left = stripped(MAIL.encode())
    assert b"eve@" not in left
    assert b"dan@" not in left
    assert left.endswith(b"\r\n\r\nBcc: text\r\n")
    assert b"Subject: Notes\r\n" in left
    assert envelope(MAIL.encode(), "own@example.org").sender == "own@example.org"


@pytest.mark.parametrize(
    "arguments",
    [
        {"content": ""},
        {"content": "Subject: x\n\nto nobody"},
        {"content": MAIL, "recipients": "a b@example.org"},
        {"content": MAIL, "recipients": "a@example.org\r\nRCPT TO:<evil@example.org>"},
        {"content": "To: <a@example.org> <b>\n\nx", "recipients": "nowhere"},
    ],
)
def test_what_cannot_be_sent_is_told_at_once(arguments: dict[str, str]) -> None:
    with pytest.raises(BadName):
        prepare("send", arguments)


def test_only_sending_is_a_deed() -> None:
    with pytest.raises(Unsupported):
        prepare("burn", {"content": MAIL})
