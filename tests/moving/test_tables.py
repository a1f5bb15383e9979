"""What is carried is all that there is: a table or a column that the schema gains fails here."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import Boolean

from providers.store import schema
from providers.store.models import METADATA
from providers.store.moving import rowtext, tables
from providers.store.moving.tables import CONTENT, NODE, TABLES

LEFT = {("content", "seq"), ("node", "indexed")}
"""What each store makes for itself."""


def test_every_table_and_column_of_the_schema_is_carried() -> None:
    declared = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if column.name != "user_id"
    }
    carried = {(table.name, column) for table in TABLES for column in table.columns}
    assert declared - LEFT == carried


def test_a_key_names_one_row() -> None:
    connection = sqlite3.connect(":memory:")
    for statement in schema.TABLES:
        connection.execute(statement)
    for table in TABLES:
        unique = [
            [column[2] for column in connection.execute(f"PRAGMA index_info({index[1]})")]
            for index in connection.execute(f"PRAGMA index_list({table.name})")
            if index[2]
        ]
        keys = [sorted({*columns, "user_id"}) for columns in unique]
        if table is NODE:
            keys.append(["seq", "user_id"])
        assert sorted(["user_id", *table.key]) in keys
    connection.close()


def test_a_row_is_read_from_its_line_as_it_was() -> None:
    row = (b"\0" * 32, 3, 4, "rows", b"a\xff\n", None, 5)
    text = rowtext.line(CONTENT, row)
    assert text.endswith(b"\n")
    assert text.count(b"\n") == 1
    assert rowtext.read(CONTENT, text) == row


def test_text_that_looks_like_an_end_of_line_stays_within_it() -> None:
    node = dict.fromkeys(NODE.columns)
    row = tuple({**node, "seq": 1, "name": 'a\u2028b\r\n\x85c"\\😀'}.values())
    assert rowtext.read(NODE, rowtext.line(NODE, row)) == row
    assert len(rowtext.line(NODE, row).splitlines()) == 1


@pytest.mark.parametrize(
    "text", [b"[]", b"{}", b'{"name":"a"}', b'{"name":"a","number":1,"more":2}', b'{"name":"a","no":1}', b"{"]
)
def test_a_line_with_other_columns_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        rowtext.read(tables.COLLECTION, text)


def test_rows_come_in_batches_that_lose_none() -> None:
    new = [(number,) for number in range(7)]
    assert [len(batch) for batch in tables.batches(iter(new), 3)] == [3, 3, 1]
    assert [row for batch in tables.batches(iter(new), 3) for row in batch] == new


def test_what_is_true_or_false_is_put_as_that() -> None:
    declared = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, Boolean)
    }
    assert declared - LEFT == {(table.name, column) for table in TABLES for column in table.flags}
