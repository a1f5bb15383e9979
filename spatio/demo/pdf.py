"""A PDF of plain text as bytes: Helvetica on A4, as many pages as the lines need."""

from __future__ import annotations

from collections.abc import Sequence

LINES = 46


def document(title: str, lines: Sequence[str]) -> bytes:
    """A PDF with a heading on the first page. Letters beyond Latin-1 become a question mark."""
    pages = [lines[at : at + LINES] for at in range(0, len(lines), LINES)] or [[]]
    first = 4
    kids = " ".join(f"{first + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for at, page in enumerate(pages):
        content = _content(title if at == 0 else "", page)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {first + 2 * at + 1} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    return _joined(objects)


def _content(title: str, lines: Sequence[str]) -> bytes:
    parts = [b"BT", b"/F1 18 Tf", b"56 780 Td", b"(%s) Tj" % _text(title)]
    parts += [b"/F1 10 Tf", b"0 -32 Td", b"15 TL"]
    parts += [b"(%s) Tj T*" % _text(line) for line in lines]
    return b"\n".join([*parts, b"ET"])


def _text(text: str) -> bytes:
    data = text.encode("cp1252", "replace")
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _joined(objects: Sequence[bytes]) -> bytes:
    data = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
