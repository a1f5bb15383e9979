"""Rendering commutes: a line filter does to records what it does to their lines, wherever pieces end."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.parse import parse
from commands.registry import find
from commands.stream import Collected, Given, Io, Item, Record, lines_of
from tests.commands.desk import Desk
from vfs.drive import drive
from vfs.path import Path

TEXTS = st.text(alphabet="abAB 1é\t", max_size=5)
RECORDS = st.lists(TEXTS.map(lambda text: Record(text, {"size": len(text)}, Path(("n", text)))), max_size=14)
CUTS = st.lists(st.integers(1, 6), max_size=20)

FILTERS = [
    "grep a", "grep -v a", "grep -i b", "grep -w a", "grep -x ab", "grep -e a -e 1", "grep -m 2 a",
    "grep -F 'a '",
    "grep -E '(a|b)+$'", "grep ''", "grep -vm1 a", "grep '\\(a\\)\\1'", "head", "head -n 3", "head -n 0",
    "head -n -2", "tail", "tail -n 2", "tail -n +3", "sort", "sort -r", "sort -u", "sort -f", "sort -n",
    "sort -k2", "sort -fu", "uniq", "uniq -d", "uniq -u", "uniq -i", "uniq -D", "tee", "tee /kept", "tac",
]  # fmt: skip


def cut(records: Sequence[Record], cuts: Sequence[int]) -> list[Item]:
    """The records in batches of these sizes."""
    items: list[Item] = []
    at = 0
    for size in cuts:
        items.append(records[at : at + size])
        at += size
    items.append(records[at:])
    return items


def cut_bytes(data: bytes, cuts: Sequence[int]) -> list[Item]:
    """The bytes in pieces of these sizes."""
    items: list[Item] = []
    at = 0
    for size in cuts:
        items.append(data[at : at + size])
        at += size
    return [*items, data[at:]]


def filtered(line: str, items: Sequence[Item]) -> Collected:
    """What the command makes of its input."""
    name, *words = shlex.split(line)
    command = find(name)
    assert command is not None
    out = Collected()
    drive(command.run(Desk(), parse(command, words), Io(Given(*items), out, Collected())))
    return out


@pytest.mark.parametrize("line", FILTERS)
@given(RECORDS, CUTS, CUTS)
def test_filtering_records_is_filtering_their_lines(
    line: str, records: list[Record], cuts: list[int], byte_cuts: list[int]
) -> None:
    of_records = filtered(line, cut(records, cuts))
    of_lines = filtered(line, cut_bytes(lines_of(records), byte_cuts))
    assert of_records.data == of_lines.data
    assert lines_of(of_records.records) == of_records.data
    assert all(record in records for record in of_records.records)


def test_records_that_turn_into_text_go_on_as_lines() -> None:
    out = filtered("grep a", [[Record("a1"), Record("b")], b"a2\nb\na", b"3\n"])
    assert out.data == b"a1\na2\na3\n"


def test_counts_and_numbers_are_text() -> None:
    records = [Record("a", {"n": 1}), Record("b", {"n": 2}), Record("a", {"n": 3})]
    assert filtered("grep -n a", [records]).data == b"1:a\n3:a\n"
    assert filtered("grep -c a", [records]).data == b"2\n"
    assert filtered("uniq -c", [records]).data == b"      1 a\n      1 b\n      1 a\n"
    assert not filtered("grep -n a", [records]).records


def test_tee_hands_records_on_and_writes_lines() -> None:
    desk = Desk()
    records = [Record("a", {"n": 1}), Record("b", {"n": 2})]
    ran = desk.run("tee /kept", records)
    assert ran.records == records
    assert desk.read("/kept") == "a\nb\n"
