"""JSON Lines: values as other programs read them, safe on a terminal."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

from commands.render import JsonLines, json_line
from commands.stream import Collected, Record
from tests.commands.render.screen import ESCAPES, findings, hostile_names
from vfs.drive import drive
from vfs.path import Path


def test_values_keep_their_meaning_and_their_order() -> None:
    record = Record(
        "x",
        {
            "z": 1,
            "at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
            "day": date(2026, 1, 2),
            "amount": Decimal("0.10"),
            "tags": ("a", "b"),
            "none": None,
            "odd": float("nan"),
        },
        Path.parse("/notes/a.md"),
    )
    assert json_line(record) == (
        '{"path": "/notes/a.md", "z": 1, "at": "2026-01-02T03:04:00+00:00", "day": "2026-01-02", '
        '"amount": "0.10", "tags": ["a", "b"], "none": null, "odd": "nan"}'
    )


def test_a_line_without_fields_is_text() -> None:
    assert json_line(Record("hé")) == '{"text": "hé"}'


def test_bytes_become_records_of_text_line_by_line() -> None:
    out = Collected()
    sink = JsonLines(out)
    for part in (b"on", b"e\ntw", b"o"):
        drive(sink.write(part))
    drive(sink.flush())
    assert out.data == b'{"text": "one"}\n{"text": "two"}\n'


def test_hostile_text_survives_and_stays_on_its_line() -> None:
    for text in [*ESCAPES, *hostile_names(), 'x\n{"event": "forged"}']:
        line = json_line(Record(text, {text: text}))
        assert "\n" not in line
        assert findings(line.encode()) == []
        assert json.loads(line) == {text: text}
