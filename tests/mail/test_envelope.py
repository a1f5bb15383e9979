"""What leaves with a mail: nobody who is named as a blind recipient stands in it."""

from __future__ import annotations

import pytest

from providers.mail.envelope import envelope, stripped


@pytest.mark.parametrize(
    "mail",
    [
        b"To: ada@example.org\nBcc: eve@example.org\n\nHello.\n",
        b"To: ada@example.org\r\nBCC : Eve\r\n\t<eve@example.org>\r\n\r\nHello.\r\n",
        b"Bcc:\n eve@example.org\nTo: ada@example.org\n\nHello.\n",
        b"To: ada@example.org\nBcc: eve@example.org\n",
        b"To: ada@example.org\nBcc: eve@example.org",
        b"To: ada@example.org\nBcc: Eve\n <eve@example.org>",
    ],
)
def test_a_blind_recipient_gets_the_mail_and_does_not_stand_in_it(mail: bytes) -> None:
    assert sorted(envelope(mail, "").recipients) == ["ada@example.org", "eve@example.org"]
    assert b"eve" not in stripped(mail)
    assert b"To: ada@example.org\r\n" in stripped(mail)


def test_a_body_that_speaks_of_blind_recipients_stays_as_it_is() -> None:
    assert stripped(b"To: ada@example.org\n\nBcc: me next time\n").endswith(b"\r\n\r\nBcc: me next time\r\n")
