"""What version 2 is on PostgreSQL, its first there, as revision 0002 makes it."""

# ruff: noqa: E501 (statements as the server is given them)

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
    """CREATE TABLE words (
    user_id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    length INTEGER NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    often TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, seq)
)""",
    "ALTER TABLE words ALTER COLUMN body SET STORAGE EXTERNAL",
    """CREATE TABLE words_total (
    user_id TEXT COLLATE "C" NOT NULL,
    documents BIGINT NOT NULL,
    length BIGINT NOT NULL,
    PRIMARY KEY (user_id)
)""",
    """CREATE FUNCTION lexemes(title text, body text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
DECLARE
    few text[];
BEGIN
    IF octet_length(title) + octet_length(body) <= 1000000 THEN
        RETURN pg_catalog.array_to_tsvector(pg_catalog.array_remove(pg_catalog.string_to_array(title || body, '  '), ''));
    END IF;
    SELECT array_agg(DISTINCT word) INTO few FROM unnest(pg_catalog.array_remove(pg_catalog.string_to_array(title || body, '  '), '')) AS word;
    IF (SELECT sum(octet_length(word)) FROM unnest(few) AS word) <= 1000000 THEN
        RETURN pg_catalog.array_to_tsvector(few);
    END IF;
    RETURN pg_catalog.array_to_tsvector(ARRAY[' ']);
END $$""",
    "CREATE INDEX words_lexemes ON words USING gin (lexemes(title, body))",
    """DO $$
DECLARE
    place name := (
        SELECT nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE extname = 'pg_trgm'
    );
BEGIN
    IF place IS NOT NULL THEN
        EXECUTE format('CREATE INDEX words_names ON spatio.words USING gin (name %I.gin_trgm_ops)', place);
    END IF;
END $$""",
    """CREATE FUNCTION words_spelt(question tsquery, spelt text[], exact boolean,
    first bigint, last bigint)
RETURNS SETOF bigint LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    me text := spatio.reader();
    asked tsquery := question || $q$' '$q$::tsquery;
BEGIN
    RETURN QUERY SELECT w.seq FROM spatio.words w WHERE w.user_id IS NOT DISTINCT FROM me AND w.seq + 0 >= first AND w.seq + 0 < last
        AND spatio.lexemes(w.title, w.body) @@ asked
        AND (exact AND octet_length(w.body) <= 1000000 / 2 OR NOT EXISTS (
            SELECT FROM unnest(spelt) AS part WHERE strpos(w.title, part) = 0 AND strpos(w.body, part) = 0
        ));
END $$""",
    """CREATE FUNCTION words_named(part text, first bigint, last bigint)
RETURNS SETOF bigint LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
    me text := spatio.reader();
    pattern text := '%' || regexp_replace(part, '([\\\\%_])', '\\\\\\1', 'g') || '%';
BEGIN
    IF part ~ '[[:alnum:]]{3}' AND to_regclass('spatio.words_names') IS NOT NULL THEN
        RETURN QUERY SELECT w.seq FROM spatio.words w WHERE w.user_id IS NOT DISTINCT FROM me
            AND w.seq + 0 >= first AND w.seq + 0 < last AND w.name LIKE pattern;
    ELSE
        RETURN QUERY SELECT w.seq FROM spatio.words w
            WHERE w.user_id = me AND w.seq >= first AND w.seq < last AND w.name LIKE pattern;
    END IF;
END $$""",
    """CREATE FUNCTION words_found(question tsquery, parts tsquery[], spelt text[], exact boolean,
    folder text, above text, own text, first bigint, last bigint, wanted integer, best integer)
RETURNS TABLE (number bigint, score float8, total integer, oldest bigint) LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    me text := spatio.reader();
    asked tsquery := question || $q$' '$q$::tsquery;
    pages float8 := pg_relation_size('spatio.words') / current_setting('block_size')::float8;
    many float8;
    average float8;
    sampled float8[];
    rarity float8[];
    places tid[];
BEGIN
    SELECT t.documents, greatest(1, t.length / greatest(1, t.documents)::float8) INTO many, average
        FROM spatio.words_total t WHERE t.user_id = me;
    IF exact THEN
        SELECT array_agg(held.place ORDER BY held.seq DESC), count(*), min(held.seq)
            INTO places, total, oldest FROM (
                SELECT w.ctid AS place, w.seq FROM spatio.words w WHERE w.user_id IS NOT DISTINCT FROM me AND w.seq + 0 >= first AND w.seq + 0 < last
        AND spatio.lexemes(w.title, w.body) @@ asked AND (folder = '' OR EXISTS (
            SELECT FROM spatio.node n WHERE n.user_id = me AND n.seq = w.seq AND (n.parent = folder
            OR n.parent >= folder || '/' AND n.parent < folder || '0' OR n.parent = above AND n.name = own)
        ))
                AND (octet_length(w.body) <= 1000000 / 2 OR NOT EXISTS (
            SELECT FROM unnest(spelt) AS part WHERE strpos(w.title, part) = 0 AND strpos(w.body, part) = 0
        ))
                ORDER BY w.seq DESC LIMIT wanted
            ) AS held;
    ELSE
        -- The text is looked at in the order of the answer, until there are enough.
        SELECT array_agg(held.place ORDER BY held.seq DESC), count(*), min(held.seq)
            INTO places, total, oldest FROM (
                SELECT w.ctid AS place, w.seq FROM (
                    SELECT w.ctid AS place FROM spatio.words w WHERE w.user_id IS NOT DISTINCT FROM me AND w.seq + 0 >= first AND w.seq + 0 < last
        AND spatio.lexemes(w.title, w.body) @@ asked AND (folder = '' OR EXISTS (
            SELECT FROM spatio.node n WHERE n.user_id = me AND n.seq = w.seq AND (n.parent = folder
            OR n.parent >= folder || '/' AND n.parent < folder || '0' OR n.parent = above AND n.name = own)
        ))
                    ORDER BY w.seq DESC OFFSET 0
                ) AS newest JOIN spatio.words w ON w.ctid = newest.place AND NOT EXISTS (
            SELECT FROM unnest(spelt) AS part WHERE strpos(w.title, part) = 0 AND strpos(w.body, part) = 0
        ) LIMIT wanted
            ) AS held;
    END IF;
    IF many IS NULL OR total = 0 THEN
        RETURN;
    END IF;
    IF cardinality(parts) > 1 AND many > 20000 THEN
        sampled := ARRAY(
            SELECT avg((strpos(w.body, part) > 0)::integer) FROM (
                SELECT w.body || '' AS body FROM spatio.words w WHERE w.user_id = me
                ORDER BY w.seq DESC LIMIT 64
            ) AS w CROSS JOIN unnest(spelt) WITH ORDINALITY AS s (part, at) GROUP BY at ORDER BY at
        );
    END IF;
    rarity := ARRAY(
        SELECT greatest(1e-6, ln((greatest(many, held) - held + 0.5) / (held + 0.5)))
        FROM unnest(parts, spelt) WITH ORDINALITY AS p (query, part, at) CROSS JOIN LATERAL (
            SELECT CASE WHEN sampled[at] > 0.1 THEN sampled[at] * many ELSE (
                SELECT count(*) FILTER (WHERE cardinality(parts) = 1 OR strpos(part, '  ') = 0
                    OR strpos(w.title, part) + strpos(w.body, part) > 0)
                    * CASE WHEN count(*) < 400 THEN 1
                    ELSE greatest(1, pages / (1 + (max(w.ctid)::text::point)[0])) END
                FROM (
                    SELECT w.ctid, w.title, w.body FROM spatio.words w
                    WHERE w.user_id IS NOT DISTINCT FROM me
                    AND spatio.lexemes(w.title, w.body) @@ p.query LIMIT 400
                ) AS w
            ) END AS held
        ) AS known ORDER BY at
    );
    RETURN QUERY SELECT w.seq, (
            SELECT sum(weight * 2.2 * times / (times + 1.2 * (0.25 + 0.75 * w.length / average)))
            FROM unnest(spelt, rarity) AS p (part, weight) CROSS JOIN LATERAL (
                SELECT 4 * (octet_length(w.title) - octet_length(replace(w.title, part, ''))) / octet_length(part)::float8 + CASE WHEN right(part, 1) = ' ' AND strpos(part, '  ') = 0 THEN coalesce(
        nullif(split_part(split_part(w.often, part, 2), E'\\n', 1), '')::float8,
        CASE WHEN strpos(w.title, part) = 0 OR strpos(w.body, part) > 0 THEN 1 ELSE 0 END
    ) ELSE (octet_length(w.body) - octet_length(replace(w.body, part, ''))) / octet_length(part)::float8 END AS times OFFSET 0
            ) AS counted
        ), total, oldest
        FROM unnest(places) AS held (place) JOIN spatio.words w ON w.ctid = held.place
        WHERE w.user_id = me ORDER BY 2 DESC, 1 DESC LIMIT best;
END $$""",
    "CREATE POLICY searching ON words FOR SELECT TO CURRENT_USER USING (true)",
    """CREATE POLICY searching ON words_total FOR SELECT TO CURRENT_USER USING (user_id = (SELECT reader()))""",
    "CREATE POLICY searching ON node FOR SELECT TO CURRENT_USER USING (user_id = (SELECT reader()))",
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
    "ALTER TABLE words ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE words FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON words TO spatio_app, spatio_person USING (user_id = (SELECT spatio.reader()))",
    "REVOKE ALL ON words FROM PUBLIC",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON words TO spatio_app, spatio_person",
    "ALTER TABLE words_total ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE words_total FORCE ROW LEVEL SECURITY",
    """CREATE POLICY own ON words_total TO spatio_app, spatio_person USING (user_id = (SELECT
spatio.reader()))""",
    "REVOKE ALL ON words_total FROM PUBLIC",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON words_total TO spatio_app, spatio_person",
    "ALTER TABLE meta ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE meta FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON meta TO PUBLIC USING (true)",
    "REVOKE ALL ON meta FROM PUBLIC",
    "GRANT SELECT ON meta TO spatio_app, spatio_person",
    "REVOKE ALL ON FUNCTION reader() FROM PUBLIC",
    "REVOKE ALL ON FUNCTION event_next() FROM PUBLIC",
    "REVOKE ALL ON FUNCTION event_kept() FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION reader() TO spatio_app, spatio_person",
    "REVOKE ALL ON FUNCTION lexemes(text, text) FROM PUBLIC",
    "REVOKE ALL ON FUNCTION words_spelt(tsquery, text[], boolean, bigint, bigint) FROM PUBLIC",
    "REVOKE ALL ON FUNCTION words_named(text, bigint, bigint) FROM PUBLIC",
    """REVOKE ALL ON FUNCTION words_found(tsquery, tsquery[], text[], boolean, text, text, text, bigint,
bigint, integer, integer) FROM PUBLIC""",
    "GRANT EXECUTE ON FUNCTION lexemes(text, text) TO spatio_app, spatio_person",
    """GRANT EXECUTE ON FUNCTION words_spelt(tsquery, text[], boolean, bigint, bigint) TO spatio_app,
spatio_person""",
    "GRANT EXECUTE ON FUNCTION words_named(text, bigint, bigint) TO spatio_app, spatio_person",
    """GRANT EXECUTE ON FUNCTION words_found(tsquery, tsquery[], text[], boolean, text, text, text,
bigint, bigint, integer, integer) TO spatio_app, spatio_person""",
)
