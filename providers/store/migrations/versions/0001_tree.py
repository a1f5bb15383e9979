"""Files and folders, their contents, the event log, the search index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_CLUSTERED = {"sqlite_with_rowid": False}
_ROWID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _text(name: str, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _number(name: str, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null)


def _bytes(name: str, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=null)


def upgrade() -> None:
    """From an empty database to version 1, which only SQLite ever had."""
    if op.get_context().dialect.name != "sqlite":
        return
    _files()
    _log()
    for statement in _SQLITE:
        op.execute(statement)


def _files() -> None:
    op.create_table(
        "collection",
        _text("user_id"),
        _text("name"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "name"),
        sa.UniqueConstraint("number"),
        **_CLUSTERED,
    )
    op.create_table(
        "node",
        sa.Column("seq", _ROWID, nullable=False, autoincrement=False),
        *(_text(name) for name in ("id", "user_id", "mount", "parent", "name", "kind")),
        _number("size"),
        _number("mtime"),
        _bytes("digest", null=True),
        _text("mime", null=True),
        _text("attrs"),
        sa.Column("indexed", sa.Boolean, nullable=False),
        _number("created_at"),
        _number("deleted_at", null=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    place = ["user_id", "mount", "parent", "name"]
    _index("node_live", "node", place, where="deleted_at IS NULL", unique=True)
    _index("node_gone", "node", place, where="deleted_at IS NOT NULL")
    op.create_index("node_id", "node", ["id"], unique=True)
    cut = "deleted_at IS NULL AND indexed AND size > 1048576"
    _index("node_cut", "node", ["user_id", "mount"], where=cut)
    op.create_table(
        "content",
        sa.Column("seq", _ROWID, nullable=False),
        _text("user_id"),
        _bytes("digest"),
        _number("size"),
        _number("crc"),
        _text("place"),
        _bytes("data", null=True),
        _bytes("excerpt", null=True),
        _number("created_at"),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("content_digest", "content", ["user_id", "digest"], unique=True)


def _log() -> None:
    op.create_table(
        "event",
        _text("user_id"),
        _number("seq"),
        _number("at"),
        *(_text(name) for name in ("command_id", "actor", "op")),
        _text("node", null=True),
        _bytes("before", null=True),
        _bytes("after", null=True),
        _number("ref", null=True),
        _bytes("names"),
        _bytes("chain"),
        sa.PrimaryKeyConstraint("user_id", "seq"),
        **_CLUSTERED,
    )
    _index("event_ref", "event", ["user_id", "ref"], where="ref IS NOT NULL")
    op.create_table(
        "event_name",
        _text("user_id"),
        _number("seq"),
        _text("mount"),
        _text("path"),
        _text("target", null=True),
        _text("detail"),
        _bytes("salt"),
        sa.PrimaryKeyConstraint("user_id", "seq"),
        **_CLUSTERED,
    )
    op.create_index("event_name_path", "event_name", ["user_id", "mount", "path"])
    _index("event_name_target", "event_name", ["user_id", "mount", "target"], where="target IS NOT NULL")
    op.create_table(
        "command",
        *(_text(name) for name in ("user_id", "id", "line", "actor")),
        *(_number(name) for name in ("at", "first", "last")),
        _text("undone_by", null=True),
        _text("undoes", null=True),
        sa.PrimaryKeyConstraint("user_id", "id"),
        **_CLUSTERED,
    )
    op.create_index("command_last", "command", ["user_id", "last"])
    op.create_table(
        "intent",
        _text("user_id"),
        _text("id"),
        _number("at"),
        *(_text(name) for name in ("command_id", "line", "actor", "op", "path")),
        _text("target", null=True),
        _bytes("before", null=True),
        sa.PrimaryKeyConstraint("user_id", "id"),
        **_CLUSTERED,
    )


def _index(name: str, table: str, columns: list[str], *, where: str, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


_SQLITE = (
    """CREATE TRIGGER event_next BEFORE INSERT ON event
WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM event WHERE user_id = NEW.user_id), 0)
BEGIN SELECT RAISE(ABORT, 'the event log only grows at its end'); END""",
    """CREATE TRIGGER event_kept BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'the event log cannot be changed'); END""",
    """CREATE TRIGGER event_stays BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'the event log cannot be changed'); END""",
    """CREATE VIRTUAL TABLE words USING fts5(
    title, body, marks, content='', tokenize="unicode61 remove_diacritics 0"
)""",
)
