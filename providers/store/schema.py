"""The tables of a fresh database, as SQL; `models` declares the same, `migrations` arrive at the same.

Every row says whose it is. Times are integer microseconds since 1970, UTC. A node is found by its
folder's path and its name, so that one lookup answers a `stat` and one range of an index lists a
folder or everything below it. `node.seq` is also the document's number in the search index; each
collection owns one range of it (SPAN), so that searching one collection is a range of rows.

The event log is append-only: triggers refuse to change it, and each row carries the hash of the one
before. What a person may want gone (paths, command lines) stands beside it in `event_name` and
`command`, and the chained row holds only a salted hash of it.

A collection may be the replica of an account at a service (`providers.mirror`):

    replica   a row for each collection of the service, and one with the key '' for the account
    item      which node stands for which item of which collection, and what the service said of it last
    push      nodes that were changed here, which the service does not know yet
    deed      what is to leave (`providers.outbox`): its content is the node's

A content that is a calendar file has a row of `span`: between which moments it may say anything, and the
form from which that is computed (`providers.calendar.form`). Whichever file holds the content happens then.
"""

from __future__ import annotations

VERSION = 4
"""Stands in the file as `PRAGMA user_version`; raised with every migration."""

APPLICATION = 0x53504154
"""Stands in the file as `PRAGMA application_id`: "SPAT"."""

SPAN = 1 << 40
"""How many nodes a collection may have: collection number n owns seq n*SPAN to (n+1)*SPAN - 1."""

TABLES = (
    """CREATE TABLE collection (
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (user_id, name),
    UNIQUE (number)
) WITHOUT ROWID""",
    """CREATE TABLE node (
    seq INTEGER NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    mount TEXT NOT NULL,
    parent TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size BIGINT NOT NULL,
    mtime BIGINT NOT NULL,
    digest BLOB,
    mime TEXT,
    attrs TEXT NOT NULL,
    indexed BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (seq)
)""",
    "CREATE UNIQUE INDEX node_live ON node (user_id, mount, parent, name) WHERE deleted_at IS NULL",
    "CREATE INDEX node_gone ON node (user_id, mount, parent, name) WHERE deleted_at IS NOT NULL",
    "CREATE UNIQUE INDEX node_id ON node (id)",
    # The few files of which only the beginning is searchable.
    "CREATE INDEX node_cut ON node (user_id, mount) WHERE deleted_at IS NULL AND indexed AND size > 1048576",
    # Which files hold a content that is a calendar's.
    """CREATE INDEX node_calendar ON node (user_id, digest)
    WHERE mime = 'text/calendar' AND deleted_at IS NULL""",
    """CREATE TABLE content (
    seq INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    size BIGINT NOT NULL,
    crc BIGINT NOT NULL,
    place TEXT NOT NULL,
    data BLOB,
    excerpt BLOB,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (seq)
)""",
    "CREATE UNIQUE INDEX content_digest ON content (user_id, digest)",
    """CREATE TABLE event (
    user_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    command_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    op TEXT NOT NULL,
    node TEXT,
    before BLOB,
    after BLOB,
    ref BIGINT,
    names BLOB NOT NULL,
    chain BLOB NOT NULL,
    PRIMARY KEY (user_id, seq)
) WITHOUT ROWID""",
    "CREATE INDEX event_ref ON event (user_id, ref) WHERE ref IS NOT NULL",
    """CREATE TABLE event_name (
    user_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    mount TEXT NOT NULL,
    path TEXT NOT NULL,
    target TEXT,
    detail TEXT NOT NULL,
    salt BLOB NOT NULL,
    PRIMARY KEY (user_id, seq)
) WITHOUT ROWID""",
    "CREATE INDEX event_name_path ON event_name (user_id, mount, path)",
    "CREATE INDEX event_name_target ON event_name (user_id, mount, target) WHERE target IS NOT NULL",
    """CREATE TABLE command (
    user_id TEXT NOT NULL,
    id TEXT NOT NULL,
    line TEXT NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    undone_by TEXT,
    undoes TEXT,
    PRIMARY KEY (user_id, id)
) WITHOUT ROWID""",
    "CREATE INDEX command_last ON command (user_id, last)",
    """CREATE TABLE intent (
    user_id TEXT NOT NULL,
    id TEXT NOT NULL,
    at BIGINT NOT NULL,
    command_id TEXT NOT NULL,
    line TEXT NOT NULL,
    actor TEXT NOT NULL,
    op TEXT NOT NULL,
    path TEXT NOT NULL,
    target TEXT,
    before BLOB,
    PRIMARY KEY (user_id, id)
) WITHOUT ROWID""",
    """CREATE TABLE run (
    user_id TEXT NOT NULL,
    id TEXT NOT NULL,
    agent TEXT NOT NULL,
    actor TEXT NOT NULL,
    line TEXT NOT NULL,
    model TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    input TEXT NOT NULL,
    output TEXT NOT NULL,
    PRIMARY KEY (user_id, id)
) WITHOUT ROWID""",
    """CREATE TABLE step (
    user_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    tokens_in BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    cost TEXT NOT NULL,
    PRIMARY KEY (user_id, run_id, seq),
    FOREIGN KEY(user_id, run_id) REFERENCES run (user_id, id)
) WITHOUT ROWID""",
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
"""What the models declare too."""

ENGINE = (
    # Only the next number is taken: the log has no gaps, and no row is replaced by `INSERT OR REPLACE`.
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
"""What SQLite alone has: triggers, and the search index."""

CREATE = (*TABLES, *ENGINE)

LOG_TABLE = "event"
LOG_TRIGGERS = ("event_next", "event_kept", "event_stays")
