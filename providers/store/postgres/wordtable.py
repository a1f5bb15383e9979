"""The word index's tables and functions on PostgreSQL, as SQL.

A row of `words` holds a file's title and text as words, each with a line's end after it and a space
before it, so that a word, a phrase or a prefix is a plain part of the text. The GIN index stands on the
set of them (a tsvector without positions): it proposes, and the text says how often, and whether a
phrase really stands there, whatever the length of the document.

Row security never lets an index answer `@@`, since the operator might tell of others' rows. So two
functions, which run as the owner, ask the index: each returns only rows of `reader()`, the very user that
the policies let the caller see. The owner may read all of `words` for that, and of other tables what the
caller may.
"""

from __future__ import annotations

LARGEST = 1_000_000
"""Bytes of words of which a tsvector may be made (its own limit is 1,048,575)."""

ALWAYS = "  "
"""The one entry of a document whose words are too many for a tsvector: asked of the text, always."""

RANKED = 2000
"""Documents up to which a word is counted to know how rare it is; beyond, a sample says it."""

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
    title TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, seq)
)""",
    """CREATE TABLE words_total (
    user_id TEXT COLLATE "C" NOT NULL,
    documents BIGINT NOT NULL,
    length BIGINT NOT NULL,
    PRIMARY KEY (user_id)
)""",
)

_SPLIT = "pg_catalog.array_remove(pg_catalog.string_to_array(title || body, E'\\n '), '')"

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

_TIMES = (
    "(octet_length({0}) - octet_length(replace({0}, part, ''))) / greatest(1, octet_length(part))::float8"
)

FOUND = f"""CREATE FUNCTION words_found(question tsquery, parts tsquery[], spelt text[], exact boolean,
    folder text, above text, own text, first bigint, last bigint, wanted integer, best integer)
RETURNS TABLE (number bigint, score float8, total integer, oldest bigint) {_SETTINGS} AS $$
DECLARE
    me text := spatio.reader();
    asked tsquery := question || $q$'{ALWAYS}'$q$::tsquery;
    many float8;
    average float8;
    rarity float8[];
    newest bigint[];
BEGIN
    SELECT t.documents, greatest(1, t.length / greatest(1, t.documents)::float8) INTO many, average
        FROM spatio.words_total t WHERE t.user_id = me;
    IF exact THEN
        newest := ARRAY(SELECT w.seq FROM spatio.words w WHERE {_HOLDS} AND {_BELOW}
            AND (octet_length(w.body) <= {LARGEST} / 2 OR NOT {_MISSES})
            ORDER BY w.seq DESC LIMIT wanted);
    ELSE
        -- The text is looked at in the order of the answer, until there are enough.
        newest := ARRAY(SELECT w.seq FROM (
            SELECT w.seq FROM spatio.words w WHERE {_HOLDS} AND {_BELOW} ORDER BY w.seq DESC OFFSET 0
        ) AS held JOIN spatio.words w ON w.user_id = me AND w.seq = held.seq AND NOT {_MISSES} LIMIT wanted);
    END IF;
    IF many IS NULL OR cardinality(newest) = 0 THEN
        RETURN;
    END IF;
    rarity := ARRAY(
        SELECT greatest(1e-6, ln((greatest(many, held) - held + 0.5) / (held + 0.5)))
        FROM unnest(parts) WITH ORDINALITY AS p (part, at)
        CROSS JOIN LATERAL (SELECT count(*)::float8 AS held FROM (
            SELECT FROM spatio.words w WHERE w.user_id IS NOT DISTINCT FROM me
            AND spatio.lexemes(w.title, w.body) @@ p.part LIMIT {RANKED}
        ) AS bounded) AS counted ORDER BY at
    );
    RETURN QUERY SELECT w.seq, (
            SELECT sum(weight * 2.2 * times / (times + 1.2 * (0.25 + 0.75 * w.length / average)))
            FROM unnest(spelt, rarity) AS p (part, weight)
            CROSS JOIN LATERAL (
                SELECT 4 * {_TIMES.format("w.title")} + {_TIMES.format("w.body")} AS times
            ) AS counted WHERE times > 0
        ), cardinality(newest), newest[cardinality(newest)]
        FROM spatio.words w WHERE w.user_id = me AND w.seq = ANY (newest)
        ORDER BY 2 DESC, 1 DESC LIMIT best;
END $$"""
"""The newest `wanted` files that hold the words, ranked as SQLite ranks them (bm25, the title four times),
the `best` of them named."""

FUNCTIONS = (LEXEMES, INDEX, SPELT, FOUND)

_OWN = "user_id = (SELECT reader())"
_FOUND_TAKES = "tsquery, tsquery[], text[], boolean, text, text, text, bigint, bigint, integer, integer"

SEARCHERS = (
    "words_spelt(tsquery, text[], boolean, bigint, bigint)",
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
