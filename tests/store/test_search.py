"""Searching: what the index finds is what a scan would find, ranked, and quickly."""

import pathlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.store import search
from providers.store.index import StoreIndexing
from providers.store.provider import StoreProvider
from providers.store.store import Connection, Store
from providers.store.wordindex import Place
from tests.engines import BOTH
from tests.store.desk import FULL, blocks, change, files, make_store, notes, path, put
from vfs.drive import drive
from vfs.match import matches
from vfs.mount import Mount, MountTable
from vfs.path import Path
from vfs.provider import Found
from vfs.query import parse_query
from vfs.tree import Tree

ENGINES = BOTH


def found(provider: StoreProvider, text: str, *, under: str = "/", limit: int = 20) -> Found | None:
    return drive(provider.search(path(under), parse_query(text), limit))


def paths(provider: StoreProvider, text: str, *, under: str = "/", limit: int = 20) -> list[str] | None:
    answer = found(provider, text, under=under, limit=limit)
    return None if answer is None else sorted(str(hit.path) for hit in answer.hits)


@pytest.fixture
def store(tmp_path: pathlib.Path):  # type: ignore[no-untyped-def]
    made = make_store(tmp_path)
    yield made
    assert drive(StoreIndexing(made).check()) == []
    drive(made.aclose())


def fill(provider: StoreProvider, contents: dict[str, str]) -> None:
    async def write() -> None:
        folders: set[str] = set()
        for name in contents:
            for above in list(path(name).parts[:-1]):
                if above not in folders:
                    folders.add(above)
                    await provider.mkdir(Path((above,)), change())
        for name, text in contents.items():
            await put(provider, name, text)

    drive(write())


WORLD = {
    "/cafe.md": "Meet Zoë at the café, naïve façade, Ærøskøbing, Łódź, straße",
    "/cjk.md": "明日の会議室を予約する。東京タワーへ行く",
    "/chinese.md": "我们明天开会讨论预算",
    "/korean.md": "내일 회의에서 만나요",
    "/party.md": "Great 🎉 party 🎊 tonight 👨‍👩‍👧",
    "/greek.md": "Καλημέρα κόσμε, ΟΔΟΣ",
    "/russian.md": "Ёлка и счёт за апрель",
    "/hindi.md": "नमस्ते दुनिया",
    "/arabic.md": "مَرْحَبًا بالعالم",
    "/plain.md": "The invoice for Apollo is due. C++ and foo_bar, e-mail: ada@example.org",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cafe", ["/cafe.md"]),
        ("CAFÉ", ["/cafe.md"]),
        ("cafe\u0301", ["/cafe.md"]),
        ("naive facade", ["/cafe.md"]),
        ("zoe", ["/cafe.md"]),
        ("lodz", ["/cafe.md"]),
        ("strasse", ["/cafe.md"]),
        ("aeroskobing", ["/cafe.md"]),
        ("会議", ["/cjk.md"]),
        ("会議室", ["/cjk.md"]),
        ("室", ["/cjk.md"]),
        ("タワー", ["/cjk.md"]),
        ("预算", ["/chinese.md"]),
        ("开会讨论", ["/chinese.md"]),
        ("회의", ["/korean.md"]),
        ("🎉", ["/party.md"]),
        ("👨‍👩‍👧", ["/party.md"]),
        ('"great party"', ["/party.md"]),
        ("καλημερα", ["/greek.md"]),
        ("οδός", ["/greek.md"]),
        ("счет", ["/russian.md"]),
        ("елка", ["/russian.md"]),
        ("नमस्ते", ["/hindi.md"]),
        ("مرحبا", ["/arabic.md"]),
        ("foo_bar", ["/plain.md"]),
        ("ada@example.org", ["/plain.md"]),
        ('"invoice for apollo"', ["/plain.md"]),
        ('"apollo invoice"', []),
        ("inv*", ["/plain.md"]),
        ("invoice -apollo", []),
        ("invoice -mercury", ["/plain.md"]),
        ("plain", ["/plain.md"]),
        ("nothere", []),
    ],
)
def test_foreign_text_is_found_as_people_type_it(store: Store, text: str, expected: list[str]) -> None:
    provider = notes(store)
    fill(provider, WORLD)
    assert paths(provider, text) == expected


SIGNS = {
    "/percent.md": "50% of a_b, 100 percent",
    "/quotes.md": "it's 'quoted' and \"double\" \\ backslash",
    "/injection.md": "' OR 1=1 -- x; DROP TABLE words; $1 ?",
    "/operators.md": "a & b | !c <-> (d) e:* 'f':A NEAR(a b) ^g {h} + i",
    "/columns.md": "title:x body:y col:val marks:x rank seq user_id",
    "/none.md": "nothing of it",
}


@pytest.mark.parametrize(
    "text",
    [
        'NEAR(a b)', '"', '""', "*", "(", "a AND", "OR", "NOT x", "title:", "words MATCH", "^a", "a + b",
        "' OR 1=1 --", "%", "_", "\\", "{a b}", "-", "--", "a*b", "marks:x", "\0", "x\0y", "col:val", ";drop",
        "%%", "a%", "a_b", "100%", "'", "''", "\\'", "a & b", "a | b", "!c", "<->", "a <-> b", "(d)", "e:*",
        "'f':A", "f:A", "*:*", "'f':*", "$1", "?", "; DROP TABLE words", "title:x", "user_id:me", "rank:1",
        "\ud800", "a\ud800", "\x01", "x" * 3000, "a " * 500, '"a & b"', '"<->"', '"\' OR 1"', "会\\", "🎉'",
    ],
)  # fmt: skip
def test_nothing_that_is_typed_reaches_the_language_of_the_index(store: Store, text: str) -> None:
    provider = notes(store)
    fill(provider, WORLD | SIGNS)
    answer = found(provider, text)
    query = parse_query(text)
    if answer is not None:
        expected = []
        for name, content in (WORLD | SIGNS).items():
            node = drive(provider.stat(path(name)))
            if matches(query, path(name), node, content):
                expected.append(name)
        assert sorted(str(hit.path) for hit in answer.hits) == sorted(expected)


def test_a_query_that_only_a_scan_can_answer_is_declined(store: Store) -> None:
    fill(notes(store), WORLD)
    assert found(notes(store), "-nothere") is None
    assert found(notes(store), "\u0301") is None
    assert found(notes(store), "path:cafe") is None


def check_tells(folder: pathlib.Path, damage: str, said: str) -> None:
    """A check of the index finds the damage, and building it again mends it."""
    store = make_store(folder)
    fill(notes(store), WORLD)
    assert drive(StoreIndexing(store).check()) == []
    drive(store.write(lambda connection: connection.execute(damage)))
    assert any(said in line for line in drive(StoreIndexing(store).check()))
    drive(StoreIndexing(store).rebuild())
    assert drive(StoreIndexing(store).check()) == []
    drive(store.aclose())


class TestOnSqlite:
    ENGINES = ("sqlite",)

    @pytest.mark.parametrize(
        ("damage", "said"),
        [
            ("INSERT INTO words (rowid, title, body, marks) VALUES (5, 'stray', 'stray', '')", "stray"),
            ("UPDATE node SET deleted_at = 1 WHERE name = 'cafe.md'", "is gone, yet indexed"),
            ("INSERT INTO words (words) VALUES ('delete-all')", "stands in no index"),
        ],
    )
    def test_a_check_names_where_index_and_data_disagree(
        self, tmp_path: pathlib.Path, damage: str, said: str
    ) -> None:
        check_tells(tmp_path, damage, said)

    def test_punctuation_is_for_a_scan_to_find(self, store: Store) -> None:
        fill(notes(store), SIGNS)
        assert found(notes(store), "<->") is None


class TestOnPostgres:
    """There a scan would bring every content over the network."""

    ENGINES = ("postgres",)

    @pytest.mark.parametrize(
        ("damage", "said"),
        [
            (
                "INSERT INTO words VALUES ('me', 5, 1, '', '', '  stray  ', '')",
                "number 5: indexed, and no file",
            ),
            ("UPDATE words SET body = '  stray  ' WHERE title LIKE '% cafe %'", "notes/cafe.md: "),
            ("UPDATE words SET often = '  stray  2' WHERE title LIKE '% cafe %'", "notes/cafe.md: "),
            ("UPDATE node SET deleted_at = 1 WHERE name = 'cafe.md'", "is gone, yet indexed"),
            ("DELETE FROM words WHERE title LIKE '% cafe %'", "notes/cafe.md: stands in no index"),
            ("UPDATE words_total SET documents = 77", "and says 77"),
        ],
    )
    def test_a_check_names_where_index_and_data_disagree(
        self, tmp_path: pathlib.Path, damage: str, said: str
    ) -> None:
        check_tells(tmp_path, damage, said)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("<->", ["/operators.md"]),
            ('"->"', ["/operators.md"]),
            ("%", ["/percent.md"]),
            ("=", ["/injection.md"]),
            ("\\", ["/quotes.md"]),
            ('"--"', ["/injection.md"]),
            (":*", ["/operators.md"]),
            ('"* \'"', ["/operators.md"]),
            ("*", ["/operators.md"]),
            ("=>", []),
        ],
    )
    def test_punctuation_is_found_by_the_index(self, store: Store, text: str, expected: list[str]) -> None:
        fill(notes(store), SIGNS)
        assert paths(notes(store), text) == expected

    def test_the_index_is_asked_whatever_row_security_says_of_its_operator(self, store: Store) -> None:
        """Row security keeps `@@` from any index; a search uses it all the same, and never reads all rows."""
        provider = notes(store)
        common(provider, 300)
        scans = (
            "SELECT pg_stat_get_xact_numscans('words_lexemes'::regclass),"
            " pg_stat_get_xact_numscans('words'::regclass)"
        )

        def work(connection: Connection) -> tuple[int, int]:
            place = Place("me", "notes", "")
            for text in ("rare", "common rare", '"the common"', "comm*"):
                assert search.search(connection, place, parse_query(text), 10) is not None
            index, table = connection.execute(scans).fetchone()
            return index, table

        index, table = drive(store.read(work))
        assert index >= 4
        assert table == 0

    def test_nobody_is_shown_what_another_user_wrote(self, tmp_path: pathlib.Path) -> None:
        ada, bob = make_store(tmp_path, user="ada"), make_store(tmp_path, user="bob")
        fill(notes(ada), {"/hers.md": "lighthouse keeper, " * 3, "/d/more.md": "lighthouse"})
        fill(notes(bob), {"/his.md": "a lighthouse"})
        assert paths(notes(bob), "lighthouse") == ["/his.md"]
        assert paths(notes(bob), "lighthouse", under="/d") == []
        assert paths(notes(bob), "keeper") == []
        assert paths(notes(bob), '"lighthouse keeper"') == []
        found_by = "SELECT count(*) FROM words_found('a | lighthouse | keeper', ARRAY[]::tsquery[],"
        everything = f"{found_by} ARRAY[]::text[], true, '', '', '', 0, 9223372036854775807, 100, 100)"
        spelt = "SELECT count(*) FROM words_spelt('keeper', ARRAY[]::text[], true, 0, 9223372036854775807)"
        for sql, count in ((everything, 1), (spelt, 0), ("SELECT count(*) FROM words", 1)):
            assert drive(bob.read(lambda connection, sql=sql: connection.execute(sql).fetchone()[0])) == count
        scores = [[hit.score for hit in found(notes(one), "lighthouse").hits] for one in (ada, bob)]  # type: ignore[union-attr]
        drive(notes(ada).remove(path("/hers.md"), change()))
        assert [hit.score for hit in found(notes(bob), "lighthouse").hits] == scores[1]  # type: ignore[union-attr]
        assert drive(StoreIndexing(ada).check()) == drive(StoreIndexing(bob).check()) == []
        drive(StoreIndexing(bob).rebuild())
        assert paths(notes(ada), "lighthouse") == ["/d/more.md"]
        drive(ada.aclose())
        drive(bob.aclose())

    def test_a_part_of_a_name_is_found_by_its_trigrams(self, store: Store) -> None:
        fill(notes(store), {f"/n{number:04}.md": "x" for number in range(300)} | {"/d/Häuser_50%.md": "y"})

        def scans(connection: Connection) -> int:
            count = "SELECT pg_stat_get_xact_numscans('words_names'::regclass)"
            place = Place("me", "notes", "")
            answer = search.search(connection, place, parse_query("name:hauser"), 10)
            assert answer is not None
            assert [str(hit.path) for hit in answer.hits] == ["/d/Häuser_50%.md"]
            return int(connection.execute(count).fetchone()[0])

        assert drive(store.read(scans)) == 1
        drive(notes(store).move(path("/n0007.md"), path("/lighthouse.md"), change()))
        assert paths(notes(store), "name:ghthou") == ["/lighthouse.md"]
        assert paths(notes(store), "name:n0007") == []

    def test_a_document_of_more_words_than_a_tsvector_holds_is_found_all_the_same(self, store: Store) -> None:
        provider = files(store)
        tail = "x" * 50
        many = " ".join([f"word{number:05}{tail}" for number in range(17_000)])
        drive(put(provider, "/many.txt", f"lighthouse keeper\n{many}"))
        drive(put(provider, "/one.txt", "a keeper of a lighthouse"))
        lexemes = "SELECT min(length(lexemes(title, body))) FROM words"
        assert drive(store.read(lambda connection: connection.execute(lexemes).fetchone()[0])) == 1
        assert paths(provider, "lighthouse") == ["/many.txt", "/one.txt"]
        assert paths(provider, f"word00077{tail}") == ["/many.txt"]
        assert paths(provider, "word2*") == []
        assert paths(provider, "word0700*") == ["/many.txt"]
        assert paths(provider, '"lighthouse keeper"') == ["/many.txt"]
        assert paths(provider, "nothere") == []
        counted = found(provider, f"word00077{tail} lighthouse", limit=1)
        assert counted is not None
        assert counted.total == 1

    def test_a_large_document_of_few_different_words_is_indexed_by_them(self, store: Store) -> None:
        provider = files(store)
        drive(put(provider, "/log.txt", "lighthouse keeper\n" * 60_000))
        lexemes = "SELECT length(lexemes(title, body)) FROM words"
        assert drive(store.read(lambda connection: connection.execute(lexemes).fetchone()[0])) > 3
        assert paths(provider, '"keeper lighthouse"') == ["/log.txt"]


def test_hits_come_best_first_with_a_snippet(store: Store) -> None:
    provider = notes(store)
    fill(
        provider,
        {"/once.md": "budget " + "filler " * 50, "/often.md": "budget budget budget", "/budget.md": "x"},
    )
    answer = found(provider, "budget")
    assert answer is not None
    assert [str(hit.path) for hit in answer.hits][-1] == "/once.md"
    assert answer.total == 3
    snippet = answer.hits[1].snippet
    assert [snippet[start:stop] for start, stop in answer.hits[1].spans][:1] == ["budget"]


def test_a_search_stays_below_its_folder_and_in_its_collection(store: Store) -> None:
    fill(notes(store), {"/a/x.md": "apollo", "/ab/y.md": "apollo", "/z.md": "apollo"})
    fill(files(store), {"/f.txt": "apollo"})
    assert paths(notes(store), "apollo", under="/a") == ["/a/x.md"]
    assert paths(notes(store), "apollo") == ["/a/x.md", "/ab/y.md", "/z.md"]
    assert paths(notes(store), "apollo", under="/z.md") == ["/z.md"]
    assert paths(files(store), "apollo") == ["/f.txt"]


def test_attributes_are_conditions(store: Store) -> None:
    provider = notes(store)
    fill(
        provider,
        {
            "/a.md": "---\ntags: [home, garden]\nproject: Apollo\n---\nroses",
            "/b.md": "---\ntags: [work]\ndate: 2024-03-05\n---\nroses project:gemini",
            "/c.md": "roses",
        },
    )
    assert paths(provider, "roses tag:home") == ["/a.md"]
    assert paths(provider, "tag:home") == ["/a.md"]
    assert paths(provider, "roses -tag:home") == ["/b.md", "/c.md"]
    assert paths(provider, "project:apollo") == ["/a.md"]
    assert paths(provider, "project:gemini") == ["/b.md"]
    assert paths(provider, "on:2024-03-05") == ["/b.md"]
    assert paths(provider, "before:2024-04-01 roses") == ["/b.md"]
    assert paths(provider, "after:2025-01-01 tag:home") == ["/a.md"]
    assert paths(provider, "kind:md") == ["/a.md", "/b.md", "/c.md"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name:hauser", ["/d/Häuser_50%.md"]),
        ("name:R_5", ["/d/Häuser_50%.md"]),
        ("name:50%", ["/d/Häuser_50%.md"]),
        ("name:%", ["/d/Häuser_50%.md"]),
        ("name:_", ["/a_b.md", "/d/Häuser_50%.md"]),
        ("name:\\", ["/back\\slash.md"]),
        ("name:a", ["/a_b.md", "/axb.md", "/back\\slash.md", "/d/Häuser_50%.md"]),
        ("name:a name:b", ["/a_b.md", "/axb.md", "/back\\slash.md"]),
        ("name:a -name:_", ["/axb.md", "/back\\slash.md"]),
        ("name:md kind:md -name:a", []),
        ("name:\ud800", []),
        ("name:a\0b", []),
        ("name:nothere", []),
    ],
)
def test_a_part_of_a_name_is_literal(store: Store, text: str, expected: list[str]) -> None:
    fill(notes(store), dict.fromkeys(("/a_b.md", "/axb.md", "/d/Häuser_50%.md", "/back\\slash.md"), "x"))
    assert paths(notes(store), text) == expected
    assert paths(notes(store), text, under="/d") == [name for name in expected if name.startswith("/d/")]


def test_the_index_follows_every_change(store: Store) -> None:
    provider = notes(store)
    fill(provider, {"/a.md": "first words", "/d/b.md": "deep words"})
    drive(put(provider, "/a.md", "second words"))
    assert paths(provider, "first") == []
    assert paths(provider, "second") == ["/a.md"]
    drive(provider.move(path("/d"), path("/e"), change()))
    assert paths(provider, "deep", under="/e") == ["/e/b.md"]
    drive(provider.copy(path("/a.md"), path("/e/c.md"), change()))
    assert paths(provider, "second") == ["/a.md", "/e/c.md"]
    drive(provider.move(path("/e/c.md"), path("/renamed.md"), change()))
    assert paths(provider, "renamed") == ["/renamed.md"]
    drive(provider.remove(path("/e"), change(), recursive=True))
    assert paths(provider, "words") == ["/a.md", "/renamed.md"]


def test_binary_contents_are_found_by_name_only(store: Store) -> None:
    provider = files(store)
    drive(put(provider, "/photo-lisbon.png", b"\x89PNG\r\n\0\0 lighthouse"))
    assert paths(provider, "lisbon") == ["/photo-lisbon.png"]
    assert paths(provider, "lighthouse") == []


def test_large_files_are_found_by_their_beginning_and_that_is_said(store: Store) -> None:
    provider = files(store)
    drive(put(provider, "/log.txt", b"lighthouse\n" + b"filler line\n" * 150_000 + b"atend\n"))
    answer = found(provider, "lighthouse")
    assert answer is not None
    assert len(answer.hits) == 1
    assert "only the beginning was searched" in answer.remark
    assert paths(provider, "atend") == []


def common(provider: StoreProvider, count: int) -> None:
    async def many():  # type: ignore[no-untyped-def]
        for number in range(count):
            yield (
                path(f"/n{number:05}.md"),
                f"the common word {'rare ' if number == 3 else ''}{number}".encode(),
            )

    async def write() -> None:
        async for _ in provider.write_many(many(), change()):
            pass

    drive(write())


def test_a_word_that_stands_nearly_everywhere_is_ranked_among_the_newest_and_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "CANDIDATES", 50)
    provider = notes(store)
    common(provider, 300)
    answer = found(provider, "common", limit=5)
    assert answer is not None
    assert len(answer.hits) == 5
    assert "newest 50" in answer.remark
    assert all(str(hit.path) >= "/n00250.md" for hit in answer.hits)


def test_conditions_beside_a_common_word_look_further_until_there_are_enough(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "CANDIDATES", 50)
    provider = notes(store)
    common(provider, 300)
    assert paths(provider, "common rare") == ["/n00003.md"]
    assert paths(provider, "common -name:n002 -name:n001", limit=1000) == [
        f"/n000{n:02}.md" for n in range(100)
    ]
    everything = found(provider, "common", limit=1000)
    assert everything is not None
    assert (len(everything.hits), everything.total, everything.remark) == (300, 300, "")


def test_the_index_can_be_built_again(store: Store) -> None:
    provider = notes(store)
    fill(provider, WORLD)
    drive(provider.remove(path("/party.md"), change()))
    told: list[tuple[int, int]] = []
    assert (
        drive(StoreIndexing(store).rebuild(lambda done, total: told.append((done, total)))) == len(WORLD) - 1
    )
    assert told[-1] == (len(WORLD) - 1, len(WORLD) - 1)
    assert paths(provider, "cafe") == ["/cafe.md"]
    assert paths(provider, "party") == []


LETTERS = "ab éß会議室x 🎉_-.2\n漢%'\\:"
TEXTS = st.lists(st.text(LETTERS, max_size=24), min_size=1, max_size=6)
QUERIES = st.text(LETTERS + '"*', min_size=1, max_size=8)


@settings(
    max_examples=2000 if FULL else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=TEXTS, text=QUERIES)
def test_the_index_answers_as_a_scan_would(store: Store, texts: list[str], text: str) -> None:
    provider = notes(store)
    query = parse_query(text)

    async def answers() -> tuple[Found | None, list[str]]:
        async for page in provider.list(Path()):
            for node in page:
                await provider.remove(path(f"/{node.name}"), change())
        expected = []
        for number, content in enumerate(texts):
            place = path(f"/n{number}.md")
            node = await provider.write(place, blocks(content.encode()), change())
            if matches(query, place, node, content):
                expected.append(str(place))
        return await provider.search(Path(), query, 100), expected

    answer, expected = drive(answers())
    if answer is not None:
        assert sorted(str(hit.path) for hit in answer.hits) == expected


def test_a_path_is_asked_of_the_tree_and_the_index_still_answers(store: Store) -> None:
    fill(notes(store), {f"/{folder}/{n}.md": "apollo" for folder in ("work", "home") for n in range(30)})
    mounts = MountTable()
    mounts.add(Mount(Path(("notes",)), "notes", lambda: notes(store)))

    def hits(text: str) -> list[str]:
        answer = drive(Tree(mounts).search(parse_query(text), Path(), 100))
        return sorted({str(hit.path.parent) for hit in answer.hits})

    assert hits("apollo path:work") == ["/notes/work"]
    assert hits("apollo -path:work") == ["/notes/home"]
    assert hits("apollo path:notes/home") == ["/notes/home"]
    assert hits("path:home/2") == ["/notes/home"]
