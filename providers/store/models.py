"""The schema, declared with SQLModel. Only migrations and tests load it; `schema` has the same as SQL.

METADATA is what SQLite has; `postgres.models` says by what rule PostgreSQL's tables differ. What one engine
alone has (triggers, the search index, row security) is in `schema.ENGINE` and `postgres.schema`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
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
        _where("node_calendar", "user_id", "digest", where="mime = 'text/calendar' AND deleted_at IS NULL"),
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


class Replica(Table, table=True):
    """A collection of a service, as a mount has it; the one with the key '' is the account itself."""

    __tablename__ = "replica"
    __table_args__ = (_CLUSTERED,)

    user_id: str = _text(key=True)
    mount: str = _text(key=True)
    key: str = _text(key=True)
    path: str = _text()
    role: str = _text()
    attrs: str = _text()
    cursor: str | None = _maybe(Text)
    generation: int = _number()
    listing: bool = Field(sa_type=Boolean)
    total: int | None = _maybe(BigInteger)
    synced_at: int | None = _maybe(BigInteger)
    tried_at: int | None = _maybe(BigInteger)
    problem: str = _text()
    handled: int = _number()
    lease: str | None = _maybe(Text)
    lease_until: int | None = _maybe(BigInteger)


class Item(Table, table=True):
    """What a service said last of the item that a node stands for."""

    __tablename__ = "item"
    __table_args__ = (
        Index("item_href", "user_id", "mount", "key", "href", unique=True),
        _where("item_identity", "user_id", "mount", "identity", where="identity <> ''"),
        _where("item_partial", "user_id", "mount", "key", where="NOT whole"),
        _CLUSTERED,
    )

    user_id: str = _text(key=True)
    node: int = _number(key=True)
    mount: str = _text()
    key: str = _text()
    href: str = _text()
    etag: str = _text()
    identity: str = _text()
    state: str = _text()
    digest: bytes = _bytes()
    whole: bool = Field(sa_type=Boolean)
    generation: int = _number()


class Push(Table, table=True):
    """A node that was changed here, which its service does not know yet."""

    __tablename__ = "push"
    __table_args__ = (Index("push_mount", "user_id", "mount", "due"), _CLUSTERED)

    user_id: str = _text(key=True)
    node: int = _number(key=True)
    mount: str = _text()
    at: int = _number()
    due: int = _number()
    tries: int = _number()
    problem: str = _text()


class Deed(Table, table=True):
    """What is to leave, or left; its content is the node's."""

    __tablename__ = "deed"
    __table_args__ = (
        _where("deed_open", "user_id", "due", where="state NOT IN ('done', 'cancelled')"),
        Index("deed_key", "user_id", "account", "key", unique=True),
        _CLUSTERED,
    )

    user_id: str = _text(key=True)
    node: int = _number(key=True)
    account: str = _text()
    verb: str = _text()
    state: str = _text()
    key: str = _text()
    arguments: str = _text()
    summary: str = _text()
    command_id: str = _text()
    actor: str = _text()
    at: int = _number()
    due: int = _number()
    changed: int = _number()
    tries: int = _number()
    problem: str = _text()
    result: str = _text()
    lease: str | None = _maybe(Text)
    lease_until: int | None = _maybe(BigInteger)


class Span(Table, table=True):
    """Between which moments a calendar file may say anything, and what that is computed from."""

    __tablename__ = "span"
    __table_args__ = (Index("span_last", "user_id", "last", "first"), _CLUSTERED)

    user_id: str = _text(key=True)
    digest: bytes = Field(sa_type=LargeBinary, primary_key=True)
    first: int = _number()
    last: int = _number()
    form: str = _text()
