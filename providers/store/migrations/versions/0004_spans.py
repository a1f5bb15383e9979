"""Spans: when calendar files may say something, found by an index."""

from __future__ import annotations

from alembic import op

from providers.store.migrations import online

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """From version 3 to version 4."""
    if op.get_context().dialect.name == "sqlite":
        online.run(_CREATE)
    else:
        online.run(_on_postgres(statement) for statement in _CREATE)
        online.run(_GUARDS)
    online.create_index(
        "node_calendar",
        "node",
        ["user_id", "digest"],
        where="mime = 'text/calendar' AND deleted_at IS NULL",
    )


def _on_postgres(statement: str) -> str:
    return (
        statement.replace(" TEXT", ' TEXT COLLATE "C"')
        .replace(" BLOB", " BYTEA")
        .replace(" WITHOUT ROWID", "")
    )


_CREATE = (
    """CREATE TABLE span (
    user_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    form TEXT NOT NULL,
    PRIMARY KEY (user_id, digest)
) WITHOUT ROWID""",
    "CREATE INDEX span_last ON span (user_id, last, first)",
)

_GUARDS = (
    "ALTER TABLE span ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE span FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON span TO spatio_app, spatio_person USING (user_id = (SELECT spatio.reader()))",
    "REVOKE ALL ON span FROM PUBLIC",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON span TO spatio_app, spatio_person",
)
