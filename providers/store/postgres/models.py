"""The models' tables as PostgreSQL has them. Only tests load it; `schema` has the same as SQL.

Text is ordered by its bytes. Every key begins with the user, so that no unique key tells of another
user's row; a key that would then stand twice stands once.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from providers.store.models import METADATA

ALONE = {"content": "seq"}
"""Keys that only number SQLite's rows; nothing names them, and PostgreSQL has no such columns."""


def declared() -> MetaData:
    """The tables as PostgreSQL has them."""
    metadata = MetaData()
    for table in METADATA.sorted_tables:
        columns = [
            Column(
                column.name,
                Text(collation="C") if isinstance(column.type, Text) else column.type,
                nullable=column.nullable,
                autoincrement=False,
            )
            for column in table.columns
            if ALONE.get(table.name) != column.name
        ]
        Table(table.name, metadata, *columns, *_keys(table), *_indexes(table))
    return metadata


def _keys(table: Table) -> list[PrimaryKeyConstraint | UniqueConstraint | ForeignKeyConstraint]:
    keys: list[PrimaryKeyConstraint | UniqueConstraint | ForeignKeyConstraint] = [
        PrimaryKeyConstraint(*_primary(table))
    ]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            keys.append(UniqueConstraint(*_owned(constraint.columns.keys())))
        elif isinstance(constraint, ForeignKeyConstraint):
            there = [element.target_fullname for element in constraint.elements]
            keys.append(ForeignKeyConstraint(constraint.column_keys, there))
    return keys


def _primary(table: Table) -> list[str]:
    """The primary key; where SQLite only numbers the rows, the one that is unique besides."""
    names = table.primary_key.columns.keys()
    if [ALONE.get(table.name)] == names:
        names = next(index.columns.keys() for index in table.indexes if index.unique)
    return _owned(names)


def _indexes(table: Table) -> list[Index]:
    return [
        Index(
            index.name,
            *names,
            unique=index.unique,
            postgresql_where=index.dialect_options["postgresql"]["where"],
        )
        for index in table.indexes
        if (names := _owned(index.columns.keys()) if index.unique else index.columns.keys())
        != _primary(table)
    ]


def _owned(names: list[str]) -> list[str]:
    return names if "user_id" in names else ["user_id", *names]
