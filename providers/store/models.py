"""The schema, declared with SQLModel. Only migrations and tests load it; `schema` has the same as SQL.

METADATA is what SQLite has; `on_postgres` says by what rule PostgreSQL's tables differ. What one engine
alone has (triggers, the search index, row security) is in `schema.ENGINE` and `postgres.schema`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy import Table as SqlTable
from sqlmodel import Field, SQLModel

METADATA = MetaData()

ROWID = BigInteger().with_variant(Integer, "sqlite")
"""A key that SQLite takes for the row's own number."""

_CLUSTERED = {"sqlite_with_rowid": False}


def _text(*, key: bool = False) -> Any:
    return Field(sa_type=Text, primary_key=key)


def _number(*, key: bool = False) -> Any:
    return Field(sa_type=BigInteger, primary_key=key)


def _maybe(kind: Any) -> Any:
    return Field(default=None, sa_type=kind, nullable=True)


def _bytes() -> Any:
    return Field(sa_type=LargeBinary)


def _where(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


class Table(SQLModel):
    """What all tables share."""

    metadata: ClassVar[MetaData] = METADATA


class Collection(Table, table=True):
    """A tree of files, such as `notes`; its number is the range that its nodes are numbered in."""

    __tablename__ = "collection"
    __table_args__ = (UniqueConstraint("number"), _CLUSTERED)

    user_id: str = _text(key=True)
    name: str = _text(key=True)
    number: int = Field(sa_type=Integer)


class Node(Table, table=True):
    """A file or a folder, live or removed."""

    __tablename__ = "node"
    __table_args__ = (
        _where("node_live", "user_id", "mount", "parent", "name", where="deleted_at IS NULL", unique=True),
        _where("node_gone", "user_id", "mount", "parent", "name", where="deleted_at IS NOT NULL"),
        _where("node_cut", "user_id", "mount", where="deleted_at IS NULL AND indexed AND size > 1048576"),
        Index("node_id", "id", unique=True),
    )

    seq: int = Field(sa_type=ROWID, primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: str = _text()
    user_id: str = _text()
    mount: str = _text()
    parent: str = _text()
    name: str = _text()
    kind: str = _text()
    size: int = _number()
    mtime: int = _number()
    digest: bytes | None = _maybe(LargeBinary)
    mime: str | None = _maybe(Text)
    attrs: str = _text()
    indexed: bool = Field(sa_type=Boolean)
    created_at: int = _number()
    deleted_at: int | None = _maybe(BigInteger)


class Content(Table, table=True):
    """Bytes by their hash: in the row, or kept as an object, or purged."""

    __tablename__ = "content"
    __table_args__ = (Index("content_digest", "user_id", "digest", unique=True),)

    seq: int = Field(sa_type=ROWID, primary_key=True)
    user_id: str = _text()
    digest: bytes = _bytes()
    size: int = _number()
    crc: int = _number()
    place: str = _text()
    data: bytes | None = _maybe(LargeBinary)
    excerpt: bytes | None = _maybe(LargeBinary)
    created_at: int = _number()


class Event(Table, table=True):
    """One row of the log that is only ever added to."""

    __tablename__ = "event"
    __table_args__ = (_where("event_ref", "user_id", "ref", where="ref IS NOT NULL"), _CLUSTERED)

    user_id: str = _text(key=True)
    seq: int = _number(key=True)
    at: int = _number()
    command_id: str = _text()
    actor: str = _text()
    op: str = _text()
    node: str | None = _maybe(Text)
    before: bytes | None = _maybe(LargeBinary)
    after: bytes | None = _maybe(LargeBinary)
    ref: int | None = _maybe(BigInteger)
    names: bytes = _bytes()
    chain: bytes = _bytes()


class EventName(Table, table=True):
    """What an event was about, in words that can be purged."""

    __tablename__ = "event_name"
    __table_args__ = (
        Index("event_name_path", "user_id", "mount", "path"),
        _where("event_name_target", "user_id", "mount", "target", where="target IS NOT NULL"),
        _CLUSTERED,
    )

    user_id: str = _text(key=True)
    seq: int = _number(key=True)
    mount: str = _text()
    path: str = _text()
    target: str | None = _maybe(Text)
    detail: str = _text()
    salt: bytes = _bytes()


class Command(Table, table=True):
    """A line that changed something, and what became of it."""

    __tablename__ = "command"
    __table_args__ = (Index("command_last", "user_id", "last"), _CLUSTERED)

    user_id: str = _text(key=True)
    id: str = _text(key=True)
    line: str = _text()
    actor: str = _text()
    at: int = _number()
    first: int = _number()
    last: int = _number()
    undone_by: str | None = _maybe(Text)
    undoes: str | None = _maybe(Text)


class Intent(Table, table=True):
    """A change of a mount outside of the store that is about to happen."""

    __tablename__ = "intent"
    __table_args__ = (_CLUSTERED,)

    user_id: str = _text(key=True)
    id: str = _text(key=True)
    at: int = _number()
    command_id: str = _text()
    line: str = _text()
    actor: str = _text()
    op: str = _text()
    path: str = _text()
    target: str | None = _maybe(Text)
    before: bytes | None = _maybe(LargeBinary)


class Run(Table, table=True):
    """A run of an agent."""

    __tablename__ = "run"
    __table_args__ = (_CLUSTERED,)

    user_id: str = _text(key=True)
    id: str = _text(key=True)
    agent: str = _text()
    actor: str = _text()
    line: str = _text()
    model: str = _text()
    status: str = _text()
    started_at: int = _number()
    ended_at: int | None = _maybe(BigInteger)
    input: str = _text()
    output: str = _text()


class Step(Table, table=True):
    """One thing that a run did."""

    __tablename__ = "step"
    __table_args__ = (ForeignKeyConstraint(["user_id", "run_id"], ["run.user_id", "run.id"]), _CLUSTERED)

    user_id: str = _text(key=True)
    run_id: str = _text(key=True)
    seq: int = _number(key=True)
    kind: str = _text()
    name: str = _text()
    status: str = _text()
    started_at: int = _number()
    ended_at: int | None = _maybe(BigInteger)
    before: str = _text()
    after: str = _text()
    tokens_in: int = _number()
    tokens_out: int = _number()
    cost: str = _text()


ALONE = {"content": "seq"}
"""Keys that only number SQLite's rows; nothing names them, and PostgreSQL has no such columns."""


def on_postgres() -> MetaData:
    """The tables as PostgreSQL has them.

    Text is ordered by its bytes. Every key begins with the user, so that no unique key tells of
    another user's row; a key that would then stand twice stands once.
    """
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
        SqlTable(table.name, metadata, *columns, *_keys(table), *_indexes(table))
    return metadata


def _keys(table: SqlTable) -> list[PrimaryKeyConstraint | UniqueConstraint | ForeignKeyConstraint]:
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


def _primary(table: SqlTable) -> list[str]:
    """The primary key; where SQLite only numbers the rows, the one that is unique besides."""
    names = table.primary_key.columns.keys()
    if [ALONE.get(table.name)] == names:
        names = next(index.columns.keys() for index in table.indexes if index.unique)
    return _owned(names)


def _indexes(table: SqlTable) -> list[Index]:
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
