from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail.attachments import entries, read
from providers.mail.body import Role
from tests.mail import hostile
from tests.mail.hostile import typed
from vfs.errors import NotFound
from vfs.names import problem


def with_files(*names: str) -> bytes:
    parts = "".join(
        f"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment; filename*=utf-8''{quote(name, safe='')}\r\n\r\n"
        f"{base64.b64encode(str(at).encode()).decode()}\r\n"
        for at, name in enumerate(names)
    )
    return typed("multipart/mixed; boundary=b", f"--b\r\n\r\ntext\r\n{parts}--b--\r\n".encode())


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("../../../../tmp/pwn", "pwn"),
        ("..\\..\\x.exe", "x.exe"),
        ("C:\\x.exe", "x.exe"),
        ("/etc/passwd", "passwd"),
        ("\u202etxt.exe", "txt.exe"),
        (".bashrc", "bashrc"),
        ("-rf", "_rf"),
        (".-rf", "_rf"),
        (". . -rf", "_rf"),
        ("a/", "a"),
        ("a\nb", "a b"),
        ("..", "part-1.bin"),
        ("", "part-1.bin"),
        ("/", "part-1.bin"),
        ("\x00", "\ufffd"),
    ],
)
def test_a_name_is_safe_to_save(sent: str, name: str) -> None:
    (found,) = entries(with_files(sent))
    assert found.name == name


def test_a_long_name_keeps_its_suffix() -> None:
    (found,) = entries(with_files("x" * 5000 + ".pdf"))
    assert found.name.endswith("x.pdf")
    assert problem(found.name) is None


def test_every_attachment_has_a_name_of_its_own() -> None:
    data = with_files("a.png", "A.PNG", "b/a.png", "c.png")
    found = entries(data)
    assert len({one.name.casefold() for one in found}) == 4
    assert [read(data, one.name) for one in found] == [b"0", b"1", b"2", b"3"]
    assert [one.size for one in found] == [1, 1, 1, 1]
    assert found[3].name == "c.png"


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        read(with_files("a.png"), "b.png")


def test_a_text_that_was_sent_as_a_file_is_one() -> None:
    data = typed("text/plain\r\nContent-Disposition: attachment; filename=log.txt", b"line\r\n")
    assert [(one.name, one.mime, one.role) for one in entries(data)] == [
        ("log.txt", "text/plain", Role.ATTACHMENT)
    ]
    assert read(data, "log.txt") == b"line\r\n"


def test_a_message_within_is_a_file_and_so_are_its_files() -> None:
    inner = with_files("a.pdf")
    data = typed(
        "multipart/mixed; boundary=o",
        b"--o\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--o--\r\n",
    )
    assert [one.name for one in entries(data)] == ["x.eml", "a.pdf"]
    assert read(data, "x.eml") == inner
    assert read(data, "a.pdf") == b"0"


def test_the_page_of_a_mail_is_there_as_it_was_sent() -> None:
    data = typed("text/html", b"<p>hi</p>")
    assert [(one.name, one.role) for one in entries(data)] == [("message.html", Role.ALTERNATIVE)]
    assert read(data, "message.html") == b"<p>hi</p>"


def test_an_outlook_bundle_keeps_its_name() -> None:
    data = typed("application/ms-tnef; name=winmail.dat", b"x")
    assert [one.name for one in entries(data)] == ["winmail.dat"]


def test_a_mail_of_ten_thousand_files_names_each() -> None:
    found = entries(hostile.many_files(10_000))
    assert len({one.name for one in found}) == 10_000


@settings(deadline=None)
@given(st.lists(st.text(max_size=30), max_size=6))
def test_every_name_can_be_created(names: list[str]) -> None:
    data = with_files(*(name.encode("utf-8", "replace").decode() for name in names))
    found = entries(data)
    assert len(found) == len(names)
    assert len({one.name for one in found}) == len(names)
    for one in found:
        assert problem(one.name) is None
        assert not one.name.startswith((".", "-"))
        assert len(read(data, one.name)) == one.size
