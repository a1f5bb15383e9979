"""Runs of agents, and their steps; on PostgreSQL everything, from nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from providers.store.migrations import online, postgres_2

revision = "0002"
down_revision = "0001"

_CLUSTERED = {"sqlite_with_rowid": False}


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null)


def upgrade() -> None:
    """From version 1 to version 2."""
    if op.get_context().dialect.name != "sqlite":
        online.run(postgres_2.CREATE)
        return
    op.create_table(
        "run",
        *(_text(name) for name in ("user_id", "id", "agent", "actor", "line", "model", "status")),
        _number("started_at"),
        _number("ended_at", null=True),
        _text("input"),
        _text("output"),
        sa.PrimaryKeyConstraint("user_id", "id"),
        **_CLUSTERED,
    )
    op.create_table(
        "step",
        _text("user_id"),
        _text("run_id"),
        _number("seq"),
        *(_text(name) for name in ("kind", "name", "status")),
        _number("started_at"),
        _number("ended_at", null=True),
        _text("before"),
        _text("after"),
        _number("tokens_in"),
        _number("tokens_out"),
        _text("cost"),
        sa.PrimaryKeyConstraint("user_id", "run_id", "seq"),
        sa.ForeignKeyConstraint(["user_id", "run_id"], ["run.user_id", "run.id"]),
        **_CLUSTERED,
    )
