"""Mails that strangers might send to hang, crash, fill or deceive whoever reads them: made, not collected."""

from __future__ import annotations

from collections.abc import Callable, Mapping

SIZE = 2_000_000
"""Bytes of the large ones."""

FROM = b"From: Eve <eve@example.org>\r\nTo: me@example.com\r\nDate: Wed, 18 Nov 2026 09:30:00 +0200\r\n"


def mail(body: bytes = b"hello\r\n", headers: bytes = b"", subject: bytes = b"x") -> bytes:
    return FROM + b"Subject: " + subject + b"\r\n" + headers + b"\r\n" + body


def typed(kind: str, body: bytes, more: str = "") -> bytes:
    return mail(body, f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\n{more}".encode())


def page(html: str) -> bytes:
    return typed("text/html; charset=utf-8", html.encode())


def many_parts(count: int) -> bytes:
    return typed("multipart/mixed; boundary=b", b"--b\r\n\r\nx\r\n" * count + b"--b--\r\n")


def many_files(count: int) -> bytes:
    part = b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n"
    return typed("multipart/mixed; boundary=b", part * count + b"--b--\r\n")


def deep_parts(depth: int) -> bytes:
    opening = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (at, at + 1) for at in range(depth)
    )
    return typed("multipart/mixed; boundary=b0", opening + b"--b%d\r\n\r\ninside\r\n" % depth)


def deep_messages(depth: int) -> bytes:
    inner = b"Content-Type: message/rfc822\r\nSubject: m\r\n\r\n" * depth
    return typed("message/rfc822", inner + b"Subject: last\r\n\r\ninside\r\n")


def fill(piece: str, size: int = SIZE) -> bytes:
    return (piece * (size // len(piece) + 1)).encode()[:size]


LARGE: Mapping[str, Callable[[], bytes]] = {
    "10,000 parts": lambda: many_parts(10_000),
    "100,000 parts": lambda: many_parts(100_000),
    "10,000 files": lambda: many_files(10_000),
    "1,000 levels of parts": lambda: deep_parts(1000),
    "20,000 levels of parts": lambda: deep_parts(20_000),
    "10,000 levels of messages": lambda: deep_messages(10_000),
    "boundaries that look like headers": lambda: typed(
        'multipart/mixed; boundary="b:x"', b"--b:x\r\na:b\r\n" * 100_000
    ),
    "a boundary that is never met": lambda: typed("multipart/mixed; boundary=b", fill("--c\r\n")),
    "dashes and spaces": lambda: typed(
        "multipart/mixed; boundary=b", fill("-- \n") + b"--" + b" " * SIZE + b"x"
    ),
    "a line of 2 MB": lambda: mail(b"A" * SIZE),
    "empty lines": lambda: mail(b"\r\n" * SIZE),
    "a header of 64 KB": lambda: mail(headers=b"X-Big: " + b"a" * 65536 + b"\r\n"),
    "a header of 2 MB": lambda: mail(headers=b"X-Big: " + b"a" * SIZE + b"\r\n"),
    "300,000 headers": lambda: mail(headers=b"X: 1\r\n" * 300_000),
    "300,000 lines of a header": lambda: mail(headers=b"References:\r\n" + b" <a@b>\r\n" * 300_000),
    "a subject of 2 MB": lambda: mail(subject=b"s" * SIZE),
    "encoded words": lambda: mail(subject=fill("=?utf-8?q?a?= ", 200_000)),
    "encoded words that do not end": lambda: mail(subject=fill("=?utf-8?q?", 200_000)),
    "beginnings of encoded words": lambda: mail(subject=fill("=?", 200_000)),
    "a boundless charset": lambda: mail(subject=b"=?" + b"a" * 200_000 + b"?q?x?="),
    "100,000 recipients": lambda: mail(headers=b"Cc: " + fill("a@b.c, ", 700_000) + b"\r\n"),
    "brackets in an address": lambda: mail(headers=b"Cc: " + b"(" * 200_000 + b"\r\n"),
    "angles in an address": lambda: mail(headers=b"Cc: " + b"<" * 200_000 + b"\r\n"),
    "quotes in an address": lambda: mail(headers=b"Cc: " + b'"\\' * 100_000 + b"\r\n"),
    "odd quotes in an address": lambda: mail(headers=b"Cc: " + b'" ' * 99_999 + b"\r\n"),
    "dots in an address": lambda: mail(headers=b"Cc: " + b". @ " * 50_000 + b"\r\n"),
    "parameters": lambda: typed("text/plain" + "; a=b" * 50_000, b"x"),
    "parameters in pieces": lambda: typed(
        "text/plain" + "".join(f"; a*{n % 10000}*=b" for n in range(50_000)), b"x"
    ),
    "parameters that do not end": lambda: typed('text/plain; a="' + "\\" * 200_000, b"x"),
    "semicolons": lambda: typed("text/plain" + ";" * 200_000 + " " * 200_000, b"x"),
    "quotes of a flowed text": lambda: typed("text/plain; format=flowed", fill(">")),
    "flowed lines": lambda: typed("text/plain; format=flowed; delsp=yes", fill("a \r\n")),
    "enriched marks": lambda: typed("text/enriched", fill("<param>")),
    "signs of base64": lambda: typed("text/plain", fill("=\n"), "Content-Transfer-Encoding: base64\r\n"),
    "signs of quoted-printable": lambda: typed(
        "text/plain", fill("=\r\n"), "Content-Transfer-Encoding: quoted-printable\r\n"
    ),
    "a code that does not end": lambda: typed(
        "text/plain",
        b"begin 644 x\n" + fill("M" + "A" * 60 + "\n"),
        "Content-Transfer-Encoding: x-uuencode\r\n",
    ),
    "events": lambda: typed("text/calendar", fill("BEGIN:VEVENT\r\nSUMMARY:x\r\n")),
    "folded events": lambda: typed("text/calendar", b"SUMMARY:" + fill("\r\n a")),
    "parameters of an event": lambda: typed("text/calendar", b"DTSTART" + fill(';a="')),
    "an international charset": lambda: typed("text/plain; charset=idna", b"a" * SIZE),
    "a charset that escapes": lambda: typed("text/plain; charset=utf-7", fill("+AAA-")),
}
"""Mails that cost too much when they are read naively."""

PAGES: Mapping[str, str] = {
    "comments": "<!--",
    "declarations": "<!",
    "tags that do not end": "<a",
    "angles": "<",
    "ends": "</p>",
    "depth": "<div>",
    "formatting": "<a href=1><b><i></p>",
    "quotes": '<a href="',
    "balanced quotes that hide the end": '<a ">"',
    "mixed quotes": "<a '\">",
    "attributes": "<a x=y>",
    "tables": "<table><tr><td>",
    "rows": "<tr>",
    "cells": "<table><td>a</td>",
    "lists": "<ul><li>",
    "quotations": "<blockquote>",
    "references": "&#",
    "long references": "&#1234567890",
    "scripts": "<script>",
    "styles": "<style></style",
    "hidden": '<div style="display:none">',
    "links": "<a href=http://a.example>b.example</a>",
    "preformatted": "<pre>\n",
    "spaces": " \u00a0",
    "padding": "\u034f \u200c",
    "images": "<img src=http://x width=1>",
    "equals": "<a " + "=" * 1000 + ">",
    "styles within": '<p style="' + "font-size: " * 200 + '">',
}
"""What pages are filled with; each also stands once within an unfinished tag."""
