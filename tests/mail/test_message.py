from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone

import pytest

from providers.mail.body import LONGEST
from providers.mail.message import MOST_NAMED, describe, size_text
from tests.mail import hostile
from tests.mail.hostile import mail, page, typed

HEAD = "From: Eve <eve@example.org>\nTo: me@example.com\nDate: Wed, 18 Nov 2026 09:30 +0200\nSubject: x\n"


def text(data: bytes) -> str:
    return describe(data, True).text


def body(data: bytes) -> str:
    return text(data).partition("\n\n")[2]


def multipart(kind: str, *parts: tuple[str, str], params: str = "") -> bytes:
    inner = "".join(f"--b\r\nContent-Type: {head}\r\n\r\n{content}\r\n" for head, content in parts)
    return typed(f"multipart/{kind}; boundary=b{params}", f"{inner}--b--\r\n".encode())


def test_a_mail_is_its_headers_an_empty_line_and_its_text() -> None:
    assert text(mail(b"hello\r\nyou\r\n")) == f"{HEAD}\nhello\nyou\n"


def test_a_mail_has_attributes() -> None:
    described = describe(mail(), True)
    assert described.mime == "message/rfc822"
    assert described.attrs == {
        "title": "x",
        "from": "Eve <eve@example.org>",
        "to": ("me@example.com",),
        "date": datetime(2026, 11, 18, 9, 30, tzinfo=timezone(timedelta(hours=2))),
        "attachments": 0,
    }


def test_of_a_header_alone_there_are_its_headers() -> None:
    data = mail()
    described = describe(data[: data.index(b"hello")], False)
    assert described.text == HEAD
    assert described.attrs["title"] == "x"


def test_a_header_is_one_line_whatever_it_holds() -> None:
    lines = text(mail(subject=b"=?utf-8?q?a=0D=0ADate:_now=0A=0Abody=E2=80=A8x?=")).split("\n")
    assert lines[3] == "Subject: a Date: now body x"
    assert lines[4] == ""


def test_an_answer_that_goes_elsewhere_is_shown() -> None:
    assert "Reply-To: eve@evil.example\n" in text(mail(headers=b"Reply-To: eve@evil.example\r\n"))
    assert "Reply-To" not in text(mail(headers=b"Reply-To: EVE@example.org\r\n"))


def test_a_name_that_pretends_is_remarked_and_the_address_shown() -> None:
    data = mail().replace(b"Eve <", b'"security@bank.example" <')
    assert text(data).startswith("From: security@bank.example <eve@example.org>\n")
    assert "\nRemark: the sender's name looks like another address, security@bank.example\n" in text(data)


def test_a_date_that_is_impossible_stands_as_it_was_sent() -> None:
    data = mail().replace(b"Wed, 18 Nov 2026 09:30:00 +0200", b"Thu, 32 Foo 20266")
    assert "Date: Thu, 32 Foo 20266\n" in text(data)
    assert "date" not in describe(data, True).attrs


def test_control_characters_stay_for_the_terminal_to_show() -> None:
    assert "\x1b]0;x\x07" in text(mail(b"\x1b]0;x\x07\r\n"))
    assert "a\ufffdb" in text(mail(b"a\0b\r\n"))


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n\r\n", b"\0", b"\xff" * 100, b"From \n", b":", b"a:b"])
def test_what_is_hardly_a_mail_is_shown(data: bytes) -> None:
    assert text(data).startswith("From: unknown\n")


# -- alternatives and pages


def test_plain_text_goes_before_its_page() -> None:
    described = describe(
        multipart("alternative", ("text/plain", "words"), ("text/html", "<p>page</p>")), True
    )
    assert described.text == f"{HEAD}\nwords\n"
    assert described.attrs["attachments"] == 0


@pytest.mark.parametrize(
    "plain", ["", "  \r\n", "View this mail in your browser", "Your program shows no HTML."]
)
def test_plain_text_that_says_nothing_gives_way_to_the_page(plain: str) -> None:
    data = multipart("alternative", ("text/plain", plain), ("text/html", f"<p>{'Real news. ' * 20}</p>"))
    assert body(data).startswith("Real news.")


def test_a_page_is_read_and_its_links_are_judged() -> None:
    found = text(page('<p>Log in: <a href="https://evil.example">bank.example</a></p>'))
    assert found == (
        f"{HEAD}Remark: a link that says bank.example leads to evil.example\n"
        "\nLog in: [bank.example](https://evil.example)\n"
    )


def test_pictures_of_a_page_are_no_attachments() -> None:
    data = multipart(
        "related",
        ("text/html", '<p>Hi<img src="cid:l" alt="Logo"></p>'),
        ("image/png; name=l.png\r\nContent-ID: <l>", "x"),
    )
    described = describe(data, True)
    assert described.attrs["attachments"] == 0
    assert "Pictures: l.png (1 bytes)\n" in described.text
    assert described.text.endswith("\nHi[image: Logo]\n")


# -- attachments and messages within


def test_attachments_are_named_with_their_sizes() -> None:
    described = describe(
        multipart(
            "mixed",
            ("text/plain", "see"),
            ("application/pdf; name=a.pdf", "x" * 12345),
            ("text/plain; name=b.txt", "y"),
        ),
        True,
    )
    assert described.attrs["attachments"] == 2
    assert "Attachments: a.pdf (12.3 KB), b.txt (1 bytes)\n" in described.text
    assert described.text.endswith("\n\nsee\n")


def test_very_many_attachments_are_counted() -> None:
    described = describe(hostile.many_files(500), True)
    assert described.attrs["attachments"] == 500
    assert f" and {500 - MOST_NAMED} more\n" in described.text


def test_a_forwarded_message_is_shown_with_its_headers() -> None:
    inner = "From: Ann <ann@example.org>\r\nSubject: Plans\r\n\r\nthe plan"
    described = describe(multipart("mixed", ("text/plain", "look"), ("message/rfc822", inner)), True)
    assert described.text.endswith(
        "look\n\n---------- Forwarded message ----------\n"
        "From: Ann <ann@example.org>\nSubject: Plans\n\nthe plan\n"
    )
    assert "Attachments: plans.eml" in described.text


def test_a_report_of_delivery_is_shown() -> None:
    data = multipart(
        "report",
        ("text/plain", "It could not be delivered."),
        ("message/delivery-status", "Action: failed\r\nStatus: 5.1.1"),
        ("text/rfc822-headers", "Subject: lost"),
    )
    assert body(data) == "It could not be delivered.\n\nAction: failed\nStatus: 5.1.1\n\nSubject: lost\n"


def test_an_invitation_is_summarised_and_attached() -> None:
    event = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Lunch\r\n"
        "DTSTART:20240115T120000Z\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )
    described = describe(multipart("alternative", ("text/plain", "Come!"), ("text/calendar", event)), True)
    assert described.text.endswith("\nCome!\n\nInvitation\n\nLunch\nWhen: Mon 2024-01-15 12:00 UTC\n")
    assert "Attachments: part-1.ics" in described.text


# -- signed and encrypted


def test_a_signature_is_named_and_not_said_to_be_good() -> None:
    data = multipart(
        "signed",
        ("text/plain", "true words"),
        ("application/pgp-signature", "xyz"),
        params='; protocol="application/pgp-signature"',
    )
    assert "\nSigned: OpenPGP, not checked\n" in text(data)
    assert body(data) == "true words\n"
    assert describe(data, True).attrs["attachments"] == 0


def test_what_is_encrypted_is_said_to_be() -> None:
    data = multipart(
        "encrypted",
        ("application/pgp-encrypted", "Version: 1"),
        ("application/octet-stream; name=msg.asc", "secret"),
        params='; protocol="application/pgp-encrypted"',
    )
    assert "\nEncrypted: OpenPGP; the text cannot be shown\n" in text(data)
    assert "msg.asc" in text(data)
    sealed = typed("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", b"x")
    assert "\nEncrypted: S/MIME; the text cannot be shown\n" in text(sealed)
    signed = typed("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", b"x")
    assert "\nSigned: S/MIME, not checked\n" in text(signed)


def test_pgp_within_the_text_is_named() -> None:
    assert "\nEncrypted: OpenPGP, within the text;" in text(mail(b"-----BEGIN PGP MESSAGE-----\r\n\r\nx\r\n"))
    assert "\nSigned: OpenPGP, within the text, not checked\n" in text(
        mail(b"-----BEGIN PGP SIGNED MESSAGE-----\r\n")
    )


# -- too much


def test_what_is_too_long_is_cut_said_to_be_and_attached() -> None:
    described = describe(mail(b"x" * (LONGEST + 10)), True)
    assert len(described.text) < LONGEST + 1000
    assert "\nRemark: the message is longer than what is shown\n" in described.text
    assert described.attrs["attachments"] == 1


QUICK = {
    "10,000 parts",
    "a line of 2 MB",
    "a header of 64 KB",
    "1,000 levels of parts",
    "quotes in an address",
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", hostile.LARGE)
def test_a_large_hostile_mail_is_read(name: str) -> None:
    """Whoever reads these naively takes minutes, all memory, or too many frames."""
    if name not in QUICK and not os.environ.get("SPATIO_FULL"):
        data = hostile.LARGE[name]()
        half = len(data) // 4
        described = describe(data[:half], True)
    else:
        described = describe(hostile.LARGE[name](), True)
    assert described.text.startswith("From: Eve <eve@example.org>\n")
    described.text.encode()


def test_sizes_are_said_as_people_say_them() -> None:
    assert [size_text(size) for size in (1, 999, 12345, 999_960, 5_000_000, 3_200_000_000)] == [
        "1 bytes",
        "999 bytes",
        "12.3 KB",
        "1.0 MB",
        "5.0 MB",
        "3.2 GB",
    ]


def test_dates_are_aware() -> None:
    date = describe(mail(), True).attrs["date"]
    assert isinstance(date, datetime)
    assert date.astimezone(UTC).hour == 7
