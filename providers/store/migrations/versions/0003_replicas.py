"""Replicas of services: what a service said last, what it is to be told, and what is to leave."""

from __future__ import annotations

from alembic import op

from providers.store.migrations import online

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """From version 2 to version 3."""
    if op.get_context().dialect.name == "sqlite":
        online.run(_CREATE)
        return
    online.run(_on_postgres(statement) for statement in _CREATE)
    for table in ("replica", "item", "push", "deed"):
        online.run(statement.format(table) for statement in _GUARDS)


def _on_postgres(statement: str) -> str:
    return (
        statement.replace(" TEXT", ' TEXT COLLATE "C"')
        .replace(" BLOB", " BYTEA")
        .replace(" WITHOUT ROWID", "")
    )


_CREATE = (
    """CREATE TABLE replica (
    user_id TEXT NOT NULL,
    mount TEXT NOT NULL,
    key TEXT NOT NULL,
    path TEXT NOT NULL,
    role TEXT NOT NULL,
    attrs TEXT NOT NULL,
    cursor TEXT,
    generation BIGINT NOT NULL,
    listing BOOLEAN NOT NULL,
    total BIGINT,
    synced_at BIGINT,
    tried_at BIGINT,
    problem TEXT NOT NULL,
    handled BIGINT NOT NULL,
    lease TEXT,
    lease_until BIGINT,
    PRIMARY KEY (user_id, mount, key)
) WITHOUT ROWID""",
    """CREATE TABLE item (
    user_id TEXT NOT NULL,
    node BIGINT NOT NULL,
    mount TEXT NOT NULL,
    key TEXT NOT NULL,
    href TEXT NOT NULL,
    etag TEXT NOT NULL,
    identity TEXT NOT NULL,
    state TEXT NOT NULL,
    digest BLOB NOT NULL,
    whole BOOLEAN NOT NULL,
    generation BIGINT NOT NULL,
    PRIMARY KEY (user_id, node)
) WITHOUT ROWID""",
    "CREATE UNIQUE INDEX item_href ON item (user_id, mount, key, href)",
    "CREATE INDEX item_identity ON item (user_id, mount, identity) WHERE identity <> ''",
    "CREATE INDEX item_partial ON item (user_id, mount, key) WHERE NOT whole",
    """CREATE TABLE push (
    user_id TEXT NOT NULL,
    node BIGINT NOT NULL,
    mount TEXT NOT NULL,
    at BIGINT NOT NULL,
    due BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (user_id, node)
) WITHOUT ROWID""",
    "CREATE INDEX push_mount ON push (user_id, mount, due)",
    """CREATE TABLE deed (
    user_id TEXT NOT NULL,
    node BIGINT NOT NULL,
    account TEXT NOT NULL,
    verb TEXT NOT NULL,
    state TEXT NOT NULL,
    key TEXT NOT NULL,
    arguments TEXT NOT NULL,
    summary TEXT NOT NULL,
    command_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    due BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    problem TEXT NOT NULL,
    result TEXT NOT NULL,
    lease TEXT,
    lease_until BIGINT,
    PRIMARY KEY (user_id, node)
) WITHOUT ROWID""",
    "CREATE INDEX deed_open ON deed (user_id, due) WHERE state NOT IN ('done', 'cancelled')",
    "CREATE UNIQUE INDEX deed_key ON deed (user_id, account, key)",
)

_GUARDS = (
    "ALTER TABLE {0} ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE {0} FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON {0} TO spatio_app, spatio_person USING (user_id = (SELECT spatio.reader()))",
    "REVOKE ALL ON {0} FROM PUBLIC",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON {0} TO spatio_app, spatio_person",
)
