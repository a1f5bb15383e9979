"""The tables of a fresh PostgreSQL database, as SQL; `models` declares the same, `migrations` arrive there.

Columns and names are those of `providers.store.schema`. Every key begins with `user_id`, so that no
unique key tells of another user's row and each user's numbers are their own. Text is ordered by its
bytes (COLLATE "C") whatever the database's locale.

Whose rows a statement sees is decided by the server: row security is enabled and forced on every
table, and the policies compare `user_id` with `spatio.reader()`:

    role spatio_app      whoever the transaction has set as `spatio.user_id`: for a login that is trusted
                         to say for whom it acts, such as that of one person alone, or of a server
    role spatio_person   the name of the login itself, which nothing in a session can change: for people
                         who share a database and do not trust each other, a login each

With nothing set no row is seen and none can be written. Neither role owns anything, may log in, or is
above row security.
"""

from __future__ import annotations

from providers.store.postgres import wordtable
from providers.store.postgres.roles import APP, PERSON, SCHEMA

ROLES = f"{APP}, {PERSON}"

OWN = f"user_id = (SELECT {SCHEMA}.reader())"
"""The condition of every policy; evaluated once a statement."""

TABLES = (
    """CREATE TABLE collection (
    user_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (user_id, name),
    UNIQUE (user_id, number)
)""",
    """CREATE TABLE node (
    seq BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    mount TEXT COLLATE "C" NOT NULL,
    parent TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    mtime BIGINT NOT NULL,
    digest BYTEA,
    mime TEXT COLLATE "C",
    attrs TEXT COLLATE "C" NOT NULL,
    indexed BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (user_id, seq)
)""",
    "CREATE UNIQUE INDEX node_live ON node (user_id, mount, parent, name) WHERE deleted_at IS NULL",
    "CREATE INDEX node_gone ON node (user_id, mount, parent, name) WHERE deleted_at IS NOT NULL",
    "CREATE UNIQUE INDEX node_id ON node (user_id, id)",
    "CREATE INDEX node_cut ON node (user_id, mount) WHERE deleted_at IS NULL AND indexed AND size > 1048576",
    """CREATE INDEX node_calendar ON node (user_id, digest)
    WHERE mime = 'text/calendar' AND deleted_at IS NULL""",
    """CREATE TABLE content (
    user_id TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    size BIGINT NOT NULL,
    crc BIGINT NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    data BYTEA,
    excerpt BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, digest)
)""",
    """CREATE TABLE event (
    user_id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    command_id TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    op TEXT COLLATE "C" NOT NULL,
    node TEXT COLLATE "C",
    before BYTEA,
    after BYTEA,
    ref BIGINT,
    names BYTEA NOT NULL,
    chain BYTEA NOT NULL,
    PRIMARY KEY (user_id, seq)
)""",
    "CREATE INDEX event_ref ON event (user_id, ref) WHERE ref IS NOT NULL",
    """CREATE TABLE event_name (
    user_id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    mount TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C",
    detail TEXT COLLATE "C" NOT NULL,
    salt BYTEA NOT NULL,
    PRIMARY KEY (user_id, seq)
)""",
    "CREATE INDEX event_name_path ON event_name (user_id, mount, path)",
    "CREATE INDEX event_name_target ON event_name (user_id, mount, target) WHERE target IS NOT NULL",
    """CREATE TABLE command (
    user_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    line TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    undone_by TEXT COLLATE "C",
    undoes TEXT COLLATE "C",
    PRIMARY KEY (user_id, id)
)""",
    "CREATE INDEX command_last ON command (user_id, last)",
    """CREATE TABLE intent (
    user_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    command_id TEXT COLLATE "C" NOT NULL,
    line TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    op TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C",
    before BYTEA,
    PRIMARY KEY (user_id, id)
)""",
    """CREATE TABLE run (
    user_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    agent TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    line TEXT COLLATE "C" NOT NULL,
    model TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    input TEXT COLLATE "C" NOT NULL,
    output TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, id)
)""",
    """CREATE TABLE step (
    user_id TEXT COLLATE "C" NOT NULL,
    run_id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    before TEXT COLLATE "C" NOT NULL,
    after TEXT COLLATE "C" NOT NULL,
    tokens_in BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    cost TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, run_id, seq),
    FOREIGN KEY(user_id, run_id) REFERENCES run (user_id, id)
)""",
    """CREATE TABLE replica (
    user_id TEXT COLLATE "C" NOT NULL,
    mount TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    attrs TEXT COLLATE "C" NOT NULL,
    cursor TEXT COLLATE "C",
    generation BIGINT NOT NULL,
    listing BOOLEAN NOT NULL,
    total BIGINT,
    synced_at BIGINT,
    tried_at BIGINT,
    problem TEXT COLLATE "C" NOT NULL,
    handled BIGINT NOT NULL,
    lease TEXT COLLATE "C",
    lease_until BIGINT,
    PRIMARY KEY (user_id, mount, key)
)""",
    """CREATE TABLE item (
    user_id TEXT COLLATE "C" NOT NULL,
    node BIGINT NOT NULL,
    mount TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    href TEXT COLLATE "C" NOT NULL,
    etag TEXT COLLATE "C" NOT NULL,
    identity TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    whole BOOLEAN NOT NULL,
    generation BIGINT NOT NULL,
    PRIMARY KEY (user_id, node)
)""",
    "CREATE UNIQUE INDEX item_href ON item (user_id, mount, key, href)",
    "CREATE INDEX item_identity ON item (user_id, mount, identity) WHERE identity <> ''",
    "CREATE INDEX item_partial ON item (user_id, mount, key) WHERE NOT whole",
    """CREATE TABLE push (
    user_id TEXT COLLATE "C" NOT NULL,
    node BIGINT NOT NULL,
    mount TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    due BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    problem TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, node)
)""",
    "CREATE INDEX push_mount ON push (user_id, mount, due)",
    """CREATE TABLE deed (
    user_id TEXT COLLATE "C" NOT NULL,
    node BIGINT NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    verb TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    arguments TEXT COLLATE "C" NOT NULL,
    summary TEXT COLLATE "C" NOT NULL,
    command_id TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    due BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    problem TEXT COLLATE "C" NOT NULL,
    result TEXT COLLATE "C" NOT NULL,
    lease TEXT COLLATE "C",
    lease_until BIGINT,
    PRIMARY KEY (user_id, node)
)""",
    "CREATE INDEX deed_open ON deed (user_id, due) WHERE state NOT IN ('done', 'cancelled')",
    "CREATE UNIQUE INDEX deed_key ON deed (user_id, account, key)",
    """CREATE TABLE span (
    user_id TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    form TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, digest)
)""",
    "CREATE INDEX span_last ON span (user_id, last, first)",
)
"""What the models declare too."""

READER = f"""CREATE FUNCTION reader() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE current_setting('role') WHEN '{APP}' THEN nullif(current_setting('spatio.user_id', true), '')
ELSE session_user::text END"""
"""Whose rows this transaction sees: NULL for nobody's. The role's name is asked of the setting, not of
`current_user`, which is another one within a SECURITY DEFINER function."""

LOG = (
    # A row's predecessor must be there; with the unique key that leaves the next number alone.
    """CREATE FUNCTION event_next() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.seq <> 1 AND NOT EXISTS (
        SELECT FROM spatio.event WHERE user_id = NEW.user_id AND seq = NEW.seq - 1
    ) THEN
        RAISE EXCEPTION 'the event log only grows at its end'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE FUNCTION event_kept() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the event log cannot be changed'
        USING ERRCODE = 'object_not_in_prerequisite_state';
END $$""",
    "CREATE TRIGGER event_next BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION event_next()",
    "CREATE TRIGGER event_kept BEFORE UPDATE ON event FOR EACH STATEMENT EXECUTE FUNCTION event_kept()",
    "CREATE TRIGGER event_stays BEFORE DELETE ON event FOR EACH STATEMENT EXECUTE FUNCTION event_kept()",
    "CREATE TRIGGER event_whole BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION event_kept()",
)

META = "CREATE TABLE meta (version INTEGER NOT NULL, part INTEGER NOT NULL)"
"""The schema's version, in one row; `part` says how much of the way to the next one is done."""

RIGHTS = {
    "collection": "SELECT, INSERT",
    "node": "SELECT, INSERT, UPDATE, DELETE",
    "content": "SELECT, INSERT, UPDATE",
    "event": "SELECT, INSERT",
    "event_name": "SELECT, INSERT, DELETE",
    "command": "SELECT, INSERT, UPDATE",
    "intent": "SELECT, INSERT, DELETE",
    "run": "SELECT, INSERT, UPDATE, DELETE",
    "step": "SELECT, INSERT, UPDATE, DELETE",
    "replica": "SELECT, INSERT, UPDATE, DELETE",
    "item": "SELECT, INSERT, UPDATE, DELETE",
    "push": "SELECT, INSERT, UPDATE, DELETE",
    "deed": "SELECT, INSERT, UPDATE, DELETE",
    "span": "SELECT, INSERT, UPDATE, DELETE",
    **wordtable.RIGHTS,
}
"""What the program does with each table; more it may not."""


def guarded(table: str, rights: str, *, to: str = ROLES, policy: str = f"USING ({OWN})") -> tuple[str, ...]:
    """What every table gets: row security, forced; one policy for the program; the program's rights."""
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own ON {table} TO {to} {policy}",
        f"REVOKE ALL ON {table} FROM PUBLIC",
        f"GRANT {rights} ON {table} TO {ROLES}",
    )


GUARDS = (
    f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC",
    f"GRANT USAGE ON SCHEMA {SCHEMA} TO {ROLES}",
    *(statement for table, rights in RIGHTS.items() for statement in guarded(table, rights)),
    *guarded("meta", "SELECT", to="PUBLIC", policy="USING (true)"),
    *(f"REVOKE ALL ON FUNCTION {name}() FROM PUBLIC" for name in ("reader", "event_next", "event_kept")),
    f"GRANT EXECUTE ON FUNCTION reader() TO {ROLES}",
    *(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC" for name in wordtable.RUN),
    *(f"GRANT EXECUTE ON FUNCTION {name} TO {ROLES}" for name in wordtable.RUN),
)

CREATE = (READER, META, *TABLES, *LOG, *wordtable.CREATE, *GUARDS)
"""All of a fresh database, within the schema, in order; the two roles are there."""
