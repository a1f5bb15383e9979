"""The word index's tables and functions on PostgreSQL, as SQL.

A row of `words` holds a file's title and text as words, each with a space before and after it, so that
a word, a phrase or a prefix is a plain part of the text, as often as it stands there. The GIN index
stands on the set of them (a tsvector without positions): it proposes, and the text says how often, and
whether a phrase really stands there, whatever the length of the document. `often` says of a word that
stands in the text more than once how often: ranking reads no text where only words are asked for.

Row security never lets an index answer `@@`, since the operator might tell of others' rows. So
functions that run as the owner ask the index: each returns only rows of `reader()`, the very user that
the policies let the caller see. The owner may read all of `words` for that, and of other tables what the
caller may.
"""

from __future__ import annotations

LARGEST = 1_000_000
"""Bytes of words of which a tsvector may be made (its own limit is 1,048,575)."""

ALWAYS = " "
"""The one entry of a document whose words are too many for a tsvector: asked of the text, always."""

COUNTED = 400
"""Documents with a word that are counted to know how rare it is; where they lie tells how many there are."""

FEW = 20_000
"""Of more documents, SAMPLE are looked at first: a word that stands in many of them is not counted."""
SAMPLE = 64

RIGHTS = {
    "words": "SELECT, INSERT, UPDATE, DELETE",
    "words_total": "SELECT, INSERT, UPDATE, DELETE",
}
"""What the program does with each table."""

TABLES = (
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
    # Looked at for every phrase: twice as fast as it is, compressed.
    "ALTER TABLE words ALTER COLUMN body SET STORAGE EXTERNAL",
    """CREATE TABLE words_total (
    user_id TEXT COLLATE "C" NOT NULL,
    documents BIGINT NOT NULL,
    length BIGINT NOT NULL,
    PRIMARY KEY (user_id)
)""",
)

_SPLIT = "pg_catalog.array_remove(pg_catalog.string_to_array(title || body, '  '), '')"

# Called rather than spelt in the index, for its price: the planner must never take it for cheap.
LEXEMES = f"""CREATE FUNCTION lexemes(title text, body text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
DECLARE
    few text[];
BEGIN
    IF octet_length(title) + octet_length(body) <= {LARGEST} THEN
        RETURN pg_catalog.array_to_tsvector({_SPLIT});
    END IF;
    SELECT array_agg(DISTINCT word) INTO few FROM unnest({_SPLIT}) AS word;
    IF (SELECT sum(octet_length(word)) FROM unnest(few) AS word) <= {LARGEST} THEN
        RETURN pg_catalog.array_to_tsvector(few);
    END IF;
    RETURN pg_catalog.array_to_tsvector(ARRAY['{ALWAYS}']);
END $$"""

INDEX = "CREATE INDEX words_lexemes ON words USING gin (lexemes(title, body))"

_SETTINGS = """LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET jit = off
SET plan_cache_mode = force_generic_plan"""

# `IS NOT DISTINCT FROM` and `seq + 0` keep the planner from any index but that of the words.
_HOLDS = """w.user_id IS NOT DISTINCT FROM me AND w.seq + 0 >= first AND w.seq + 0 < last
        AND spatio.lexemes(w.title, w.body) @@ asked"""

_MISSES = """EXISTS (
            SELECT FROM unnest(spelt) AS part WHERE strpos(w.title, part) = 0 AND strpos(w.body, part) = 0
        )"""

SPELT = f"""CREATE FUNCTION words_spelt(question tsquery, spelt text[], exact boolean,
    first bigint, last bigint)
RETURNS SETOF bigint {_SETTINGS} AS $$
DECLARE
    me text := spatio.reader();
    asked tsquery := question || $q$'{ALWAYS}'$q$::tsquery;
BEGIN
    RETURN QUERY SELECT w.seq FROM spatio.words w WHERE {_HOLDS}
        AND (exact AND octet_length(w.body) <= {LARGEST} / 2 OR NOT {_MISSES});
END $$"""
"""The files in a range of numbers that hold words: `question` says which, `spelt` how they stand in the
text. `exact` where the index alone can tell."""

_BELOW = """(folder = '' OR EXISTS (
            SELECT FROM spatio.node n WHERE n.user_id = me AND n.seq = w.seq AND (n.parent = folder
            OR n.parent >= folder || '/' AND n.parent < folder || '0' OR n.parent = above AND n.name = own)
        ))"""

_WHOLE = "right(part, 1) = ' ' AND strpos(part, '  ') = 0"
"""Whether a part is a whole word: then the row says how often it stands there."""

_TIMES = "(octet_length({0}) - octet_length(replace({0}, part, ''))) / octet_length(part)::float8"
_IN_BODY = f"""CASE WHEN {_WHOLE} THEN coalesce(
        nullif(split_part(split_part(w.often, part, 2), E'\\n', 1), '')::float8,
        CASE WHEN strpos(w.title, part) = 0 OR strpos(w.body, part) > 0 THEN 1 ELSE 0 END
    ) ELSE {_TIMES.format("w.body")} END"""

FOUND = f"""CREATE FUNCTION words_found(question tsquery, parts tsquery[], spelt text[], exact boolean,
    folder text, above text, own text, first bigint, last bigint, wanted integer, best integer)
RETURNS TABLE (number bigint, score float8, total integer, oldest bigint) {_SETTINGS} AS $$
DECLARE
    me text := spatio.reader();
    asked tsquery := question || $q$'{ALWAYS}'$q$::tsquery;
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
                SELECT w.ctid AS place, w.seq FROM spatio.words w WHERE {_HOLDS} AND {_BELOW}
                AND (octet_length(w.body) <= {LARGEST} / 2 OR NOT {_MISSES})
                ORDER BY w.seq DESC LIMIT wanted
            ) AS held;
    ELSE
        -- The text is looked at in the order of the answer, until there are enough.
        SELECT array_agg(held.place ORDER BY held.seq DESC), count(*), min(held.seq)
            INTO places, total, oldest FROM (
                SELECT w.ctid AS place, w.seq FROM (
                    SELECT w.ctid AS place FROM spatio.words w WHERE {_HOLDS} AND {_BELOW}
                    ORDER BY w.seq DESC OFFSET 0
                ) AS newest JOIN spatio.words w ON w.ctid = newest.place AND NOT {_MISSES} LIMIT wanted
            ) AS held;
    END IF;
    IF many IS NULL OR total = 0 THEN
        RETURN;
    END IF;
    IF cardinality(parts) > 1 AND many > {FEW} THEN
        sampled := ARRAY(
            SELECT avg((strpos(w.body, part) > 0)::integer) FROM (
                SELECT w.body || '' AS body FROM spatio.words w WHERE w.user_id = me
                ORDER BY w.seq DESC LIMIT {SAMPLE}
            ) AS w CROSS JOIN unnest(spelt) WITH ORDINALITY AS s (part, at) GROUP BY at ORDER BY at
        );
    END IF;
    rarity := ARRAY(
        SELECT greatest(1e-6, ln((greatest(many, held) - held + 0.5) / (held + 0.5)))
        FROM unnest(parts, spelt) WITH ORDINALITY AS p (query, part, at) CROSS JOIN LATERAL (
            SELECT CASE WHEN sampled[at] > 0.1 THEN sampled[at] * many ELSE (
                SELECT count(*) FILTER (WHERE cardinality(parts) = 1 OR strpos(part, '  ') = 0
                    OR strpos(w.title, part) + strpos(w.body, part) > 0)
                    * CASE WHEN count(*) < {COUNTED} THEN 1
                    ELSE greatest(1, pages / (1 + (max(w.ctid)::text::point)[0])) END
                FROM (
                    SELECT w.ctid, w.title, w.body FROM spatio.words w
                    WHERE w.user_id IS NOT DISTINCT FROM me
                    AND spatio.lexemes(w.title, w.body) @@ p.query LIMIT {COUNTED}
                ) AS w
            ) END AS held
        ) AS known ORDER BY at
    );
    RETURN QUERY SELECT w.seq, (
            SELECT sum(weight * 2.2 * times / (times + 1.2 * (0.25 + 0.75 * w.length / average)))
            FROM unnest(spelt, rarity) AS p (part, weight) CROSS JOIN LATERAL (
                SELECT 4 * {_TIMES.format("w.title")} + {_IN_BODY} AS times OFFSET 0
            ) AS counted
        ), total, oldest
        FROM unnest(places) AS held (place) JOIN spatio.words w ON w.ctid = held.place
        WHERE w.user_id = me ORDER BY 2 DESC, 1 DESC LIMIT best;
END $$"""
"""The newest `wanted` files that hold the words, ranked as SQLite ranks them (bm25, the title four times),
the `best` of them named. How rare a word is, is counted; estimated where it stands in very many."""

NAMES = """DO $$
DECLARE
    place name := (
        SELECT nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE extname = 'pg_trgm'
    );
BEGIN
    IF place IS NOT NULL THEN
        EXECUTE format('CREATE INDEX words_names ON spatio.words USING gin (name %I.gin_trgm_ops)', place);
    END IF;
END $$"""
"""Finds parts of names. Without the extension they are looked for one by one, on the server all the same."""

NAMED = """CREATE FUNCTION words_named(part text, first bigint, last bigint)
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
END $$"""
"""The files in a range of numbers whose folded name holds a text."""

FUNCTIONS = (LEXEMES, INDEX, NAMES, SPELT, NAMED, FOUND)

_OWN = "user_id = (SELECT reader())"
_FOUND_TAKES = "tsquery, tsquery[], text[], boolean, text, text, text, bigint, bigint, integer, integer"

SEARCHERS = (
    "words_spelt(tsquery, text[], boolean, bigint, bigint)",
    "words_named(text, bigint, bigint)",
    f"words_found({_FOUND_TAKES})",
)
"""The functions that run as the owner."""

RUN = ("lexemes(text, text)", *SEARCHERS)
"""The functions that the program may call."""

OWNERS = (
    "CREATE POLICY searching ON words FOR SELECT TO CURRENT_USER USING (true)",
    f"CREATE POLICY searching ON words_total FOR SELECT TO CURRENT_USER USING ({_OWN})",
    f"CREATE POLICY searching ON node FOR SELECT TO CURRENT_USER USING ({_OWN})",
)
"""What the functions see that run as the owner, whom row security holds too."""

CREATE = (*TABLES, *FUNCTIONS, *OWNERS)
"""All of the index, once `reader` and the other tables are there; guards and grants are the schema's."""
