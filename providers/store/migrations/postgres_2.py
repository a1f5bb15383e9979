"""What version 2 is on PostgreSQL, its first there, as revision 0002 makes it."""

from __future__ import annotations

CREATE = (
    """CREATE FUNCTION reader() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE current_setting('role') WHEN 'spatio_app' THEN nullif(current_setting('spatio.user_id', true), '')
ELSE session_user::text END""",
    "CREATE TABLE meta (version INTEGER NOT NULL, part INTEGER NOT NULL)",
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
    """CREATE INDEX node_cut ON node (user_id, mount) WHERE deleted_at IS NULL AND indexed AND size >
1048576""",
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
    "REVOKE ALL ON SCHEMA spatio FROM PUBLIC",
    "GRANT USAGE ON SCHEMA spatio TO spatio_app, spatio_person",
    "ALTER TABLE collection ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE collection FORCE ROW LEVEL SECURITY",
    """CREATE POLICY own ON collection TO spatio_app, spatio_person USING (user_id = (SELECT
spatio.reader()))""",
    "REVOKE ALL ON collection FROM PUBLIC",
    "GRANT SELECT, INSERT ON collection TO spatio_app, spatio_person",
    "ALTER TABLE node ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE node FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON node TO spatio_app, spatio_person USING (user_id = (SELECT spatio.reader()))",
    "REVOKE ALL ON node FROM PUBLIC",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON node TO spatio_app, spatio_person",
    "ALTER TABLE content ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE content FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON content TO spatio_app, spatio_person USING (user_id = (SELECT spatio.reader()))",
    "REVOKE ALL ON content FROM PUBLIC",
    "GRANT SELECT, INSERT, UPDATE ON content TO spatio_app, spatio_person",
    "ALTER TABLE event ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE event FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON event TO spatio_app, spatio_person USING (user_id = (SELECT spatio.reader()))",
    "REVOKE ALL ON event FROM PUBLIC",
    "GRANT SELECT, INSERT ON event TO spatio_app, spatio_person",
    "ALTER TABLE event_name ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE event_name FORCE ROW LEVEL SECURITY",
    """CREATE POLICY own ON event_name TO spatio_app, spatio_person USING (user_id = (SELECT
spatio.reader()))""",
    "REVOKE ALL ON event_name FROM PUBLIC",
    "GRANT SELECT, INSERT, DELETE ON event_name TO spatio_app, spatio_person",
    "ALTER TABLE command ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE command FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON command TO spatio_app, spatio_person USING (user_id = (SELECT spatio.reader()))",
    "REVOKE ALL ON command FROM PUBLIC",
    "GRANT SELECT, INSERT, UPDATE ON command TO spatio_app, spatio_person",
    "ALTER TABLE intent ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE intent FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON intent TO spatio_app, spatio_person USING (user_id = (SELECT spatio.reader()))",
    "REVOKE ALL ON intent FROM PUBLIC",
    "GRANT SELECT, INSERT, DELETE ON intent TO spatio_app, spatio_person",
    "ALTER TABLE run ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE run FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON run TO spatio_app, spatio_person USING (user_id = (SELECT spatio.reader()))",
    "REVOKE ALL ON run FROM PUBLIC",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON run TO spatio_app, spatio_person",
    "ALTER TABLE step ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE step FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON step TO spatio_app, spatio_person USING (user_id = (SELECT spatio.reader()))",
    "REVOKE ALL ON step FROM PUBLIC",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON step TO spatio_app, spatio_person",
    "ALTER TABLE meta ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE meta FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON meta TO PUBLIC USING (true)",
    "REVOKE ALL ON meta FROM PUBLIC",
    "GRANT SELECT ON meta TO spatio_app, spatio_person",
    "REVOKE ALL ON FUNCTION reader() FROM PUBLIC",
    "REVOKE ALL ON FUNCTION event_next() FROM PUBLIC",
    "REVOKE ALL ON FUNCTION event_kept() FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION reader() TO spatio_app, spatio_person",
)
