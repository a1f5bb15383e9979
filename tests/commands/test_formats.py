"""to and from: records as text and back, hostile ones included."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.csvtext import CsvReader
from commands.stream import Record
from tests.commands.desk import Desk, records
from tests.commands.render.screen import ESCAPES, hostile_names
from vfs.path import Path

ROWS = records(
    {"a": 1, "b": "x|y\nz", "c": Decimal("1.50")}, {"a": None, "b": 'say "hi", Bob', "c": Decimal("-2")}
)

HOSTILE = [
    *hostile_names(),
    *ESCAPES,
    "BEGIN:VEVENT",
    "From x",
    "---",
    "a|b",
    "x\r\ny",
    "'=1",
    "''+1",
    "'",
    "'a",
    " a ",
    '"',
    "-5",
    "=1+1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "+1",
]
PLAIN = [text.encode("utf-8", "replace").decode() for text in HOSTILE if text]


def test_csv_quotes_what_needs_it() -> None:
    assert Desk().run("to csv", ROWS).out == 'a,b,c\n1,"x|y\nz",1.50\n,"say ""hi"", Bob",-2\n'


@pytest.mark.parametrize(
    "text",
    ["=HYPERLINK('x')", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "\n=1", "\uff1d1"],
)
def test_no_text_becomes_a_formula_in_a_spreadsheet(text: str) -> None:
    out = Desk().run("to csv", records({text: text})).out
    cells = [cell for row in csv.reader(io.StringIO(out, newline="")) for cell in row]
    assert cells
    assert all(cell.startswith("'") for cell in cells)


def test_numbers_stay_numbers() -> None:
    assert Desk().run("to csv", records({"n": -5, "d": Decimal("-1.10")})).out == "n,d\n-5,-1.10\n"


@pytest.mark.parametrize(
    ("number", "shown"),
    [("1E+15", "1000000000000000"), ("1E-9", "0.000000001"), ("-0.00", "0.00"), ("12.50", "12.50")],
)
def test_amounts_are_written_in_digits_everywhere(number: str, shown: str) -> None:
    rows = records({"n": Decimal(number)})
    assert Desk().run("to csv", rows).out == f"n\n{shown}\n"
    assert json.loads(Desk().run("to jsonl", rows).out) == {"n": shown}
    assert Desk().run("to md", rows).out.splitlines()[-1] == f"| {shown} |"
    assert Desk().run("select n", rows).out == f"{shown}\n"


def test_every_hostile_text_comes_back_from_csv_and_json() -> None:
    for form in ("csv", "json", "jsonl"):
        rows = records(*({"text": text, "n": 1} for text in PLAIN))
        back = Desk().pipe(f"to {form}", f"from {form}", given=[rows]).records
        for record, text in zip(back, PLAIN, strict=True):
            value = record.fields["text"]
            assert value == text or (form == "csv" and str(value) == text), text


def test_another_reader_of_csv_sees_the_same_rows() -> None:
    rows = records(
        *(
            {"a": text, "b": "z"}
            for text in PLAIN
            if not text.startswith(("=", "+", "-", "@", "\t", "\r", "'"))
        )
    )
    out = Desk().run("to csv", rows).out
    read = list(csv.reader(io.StringIO(out, newline="")))
    assert [row[0] for row in read[1:]] == [record.fields["a"] for record in rows]


@given(
    st.lists(
        st.lists(st.text(alphabet='ab",\n\r ;', max_size=6), min_size=2, max_size=2), min_size=1, max_size=6
    ),
    st.integers(1, 9),
)
def test_csv_is_read_alike_however_it_is_cut(rows: list[list[str]], size: int) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    text = buffer.getvalue()
    reader = CsvReader()
    read = [row for at in range(0, len(text), size) for row in reader.feed(text[at : at + size])]
    read += reader.feed("", last=True)
    assert [row for _, row in read] == [row for row in csv.reader(io.StringIO(text, newline="")) if row]


def test_csv_numbers_are_read_where_they_are_written_plainly() -> None:
    given = b"i,d,zero,exp,plus,empty,text\n12,-1.50,007,1e5,+3,,x\n"
    fields = Desk().run("from csv", given).records[0].fields
    assert dict(fields) == {
        "i": 12,
        "d": Decimal("-1.50"),
        "zero": "007",
        "exp": "1e5",
        "plus": "+3",
        "empty": None,
        "text": "x",
    }


def test_csv_without_names_and_with_other_separators() -> None:
    assert Desk().run("from csv --columns a,b -s tab", b"1\t2\n").records[0].fields == {"a": 1, "b": 2}
    assert list(Desk().run("from csv", b"x,,x\r\n1,2,3\r\n").records[0].fields) == ["x", "column2", "x_3"]
    assert Desk().run("from csv", b"\xef\xbb\xbfname\na\n").records[0].fields == {"name": "a"}
    assert Desk().run("from csv -s ab", b"").status == 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (b"a,b\n1,2\n1,2,3\n", "from: line 3: 3 columns, but the first line names 2\n"),
        (b'a,b\n1,2\n"x,3\n', "from: line 3: a quote is never closed\n"),
        (b'a,b\n"x"y,3\n', "from: line 2: a closing quote is followed by 'y'\n"),
        (b"a\n\xff\n", "from: the input is no UTF-8 text: invalid start byte\n"),
    ],
)
def test_bad_csv_is_named_by_its_line(given: bytes, message: str) -> None:
    ran = Desk().run("from csv", given)
    assert (ran.status, ran.err) == (1, message)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_json_is_read_as_an_array_or_value_by_value(size: int) -> None:
    for text in (
        '[{"a": 1, "b": {"c": [1, "x"]}},\n {"a": 2.50}]',
        '{"a": 1, "b": {"c": [1, "x"]}}\n{"a": 2.50}\n',
    ):
        pieces = [text.encode()[at : at + size] for at in range(0, len(text), size)]
        rows = Desk().run("from json", *pieces).records
        assert [dict(row.fields) for row in rows] == [{"a": 1, "b.c": (1, "x")}, {"a": Decimal("2.50")}]


def test_json_values_that_are_no_objects_are_records_too() -> None:
    rows = Desk().run("from json", b'12 "x" null [] ').records
    assert [row.fields["value"] for row in rows] == [12, "x", None, ()]
    assert [row.fields["value"] for row in Desk().run("from json", b"[1,2]").records] == [1, 2]
    assert Desk().run("from json", b"[]").records == []
    assert Desk().run("from json", b"").records == []


@pytest.mark.parametrize(
    ("given", "line"),
    [(b'{"a": 1}\n{"a": }\n{"a":1}\n', 2), (b"[1,\n2", 2), (b"[1\n2]", 2), (b"[1,,2]", 1), (b"[1] x", 1),
     (b"{'a': 1}", 1), (b"[" * 200_000, 1)],
)  # fmt: skip
def test_bad_json_is_named_by_its_line(given: bytes, line: int) -> None:
    ran = Desk().run("from json", given)
    assert ran.status == 1
    assert ran.err.startswith(f"from: line {line}: ")
    assert ran.err.count("\n") == 1


def test_records_before_a_bad_line_are_handed_on() -> None:
    ran = Desk().run("from jsonl", b'{"a": 1}\n{"a": ?}\n')
    assert [dict(row.fields) for row in ran.records] == [{"a": 1}]


def test_paths_come_back_from_json() -> None:
    given = [Record("x", {"name": "x"}, Path.parse("/notes/x"))]
    back = Desk().pipe("to jsonl", "from jsonl", given=[given]).records
    assert back[0].path == Path.parse("/notes/x")


def test_a_lone_surrogate_in_json_does_no_harm() -> None:
    ran = Desk().run("from json", b'{"a": "\\ud800"}')
    assert ran.status == 0
    assert ran.out == "?\n"


def test_json_is_an_array_and_jsonl_lines() -> None:
    assert json.loads(Desk().run("to json", ROWS).out)[1]["b"] == 'say "hi", Bob'
    assert Desk().run("to json", ROWS[:1], ROWS[1:]).out == Desk().run("to json", ROWS).out
    assert Desk().run("to json").out == "[]\n"
    assert [json.loads(line)["a"] for line in Desk().run("to jsonl", ROWS).out.splitlines()] == [1, None]


def test_markdown_keeps_each_text_in_its_cell() -> None:
    rows = records({"a|b": "x|y", "c": "one\ntwo"}, {"a|b": "<script>*", "c": "[l](u)\\"})
    assert Desk().run("to md", rows).out == (
        "| a\\|b | c |\n| --- | --- |\n| x\\|y | one<br>two |\n| &lt;script>\\* | \\[l](u)\\\\ |\n"
    )
    for text in PLAIN:
        assert Desk().run("to md", records({"x": text})).out.count("\n") == 3


def test_a_table_is_text_in_columns() -> None:
    rows = records({"name": "a", "due": date(2026, 1, 2)}, {"name": "long name", "due": None})
    assert Desk().run("to table", rows).out == "name       due\na          2026-01-02\nlong name\n"
    assert Desk().run("to table -w 10", rows).out.splitlines()[0].startswith("name")


@pytest.mark.parametrize("form", ["table", "md", "csv", "json", "jsonl"])
def test_no_records_are_written_as_nothing(form: str) -> None:
    ran = Desk().run(f"to {form}", records())
    assert (ran.status, ran.err) == (0, "")
    assert ran.out in ("", "[]\n")


def test_a_field_that_comes_after_the_header_is_an_error_not_a_loss() -> None:
    many = records(*({"a": at} for at in range(2500)))
    ran = Desk().run("to csv", many, records({"a": 1, "late": 2}))
    assert ran.status == 1
    assert ran.err == (
        "to: record 2501 has a field 'late' that the first 2500 have not\n"
        "  choose the columns first: select FIELD ...\n"
    )


def test_an_unknown_format_is_answered_with_the_nearest() -> None:
    ran = Desk().run("to jsn", ROWS)
    assert ran.status == 2
    assert "did you mean json" in ran.err
    assert Desk().run("to csv", b"text\n").err == "to: needs records, but was given text\n"


def test_lines_become_records_with_numbers() -> None:
    ran = Desk().run("from lines", b"x\ny\n")
    assert [dict(row.fields) for row in ran.records] == [
        {"number": 1, "line": "x"},
        {"number": 2, "line": "y"},
    ]


def test_a_quote_within_a_cell_is_only_a_quote() -> None:
    rows = Desk().run("from csv", b'size,n\n5" disk,1\n7" disk,2\n').records
    assert [dict(row.fields) for row in rows] == [{"size": '5" disk', "n": 1}, {"size": '7" disk', "n": 2}]
