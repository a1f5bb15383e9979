"""search: a sentence in, ranked records out; hostile queries and results do no harm."""

from __future__ import annotations

import pathlib
import shlex
from collections.abc import Iterator

import pytest

from commands.render import width
from commands.search import _phrase
from tests.commands.desk import Desk, Ran, stored
from tests.commands.render.screen import ESCAPES, findings
from tests.engines import BOTH
from vfs.drive import drive

ENGINES = BOTH

NOTES = {
    "/notes/rent.md": "# Rent\n\nThe invoice for the flat is due on Friday.\n",
    "/notes/taxes.md": "Invoice 2024-17 was paid, the receipt is in the folder.\n",
    "/notes/cafe.md": "---\ntitle: Café\ntags: [food]\n---\nNaïve plans for a café in Zürich. 会議室の予約\n",
    "/tasks/call.md": "---\nstatus: todo\n---\nCall about the invoice.\n",
    "/files/a.txt": "nothing of interest\n",
}


@pytest.fixture(params=["store", "memory"])
def desk(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[Desk]:
    store = None
    if request.param == "store":
        made, store = stored(tmp_path)
    else:
        made = Desk("/notes", "/tasks", "/files")
    for path, text in NOTES.items():
        made.write(path, text)
    yield made
    if store is not None:
        drive(store.aclose())


def paths(desk: Desk, line: str) -> list[str]:
    return [str(record.path) for record in desk.run(line).records]


def test_every_mount_is_searched_and_results_are_records(desk: Desk) -> None:
    ran = desk.run('search "invoice" in /')
    assert {str(record.path) for record in ran.records} == {
        "/notes/rent.md",
        "/notes/taxes.md",
        "/tasks/call.md",
    }
    assert (ran.status, ran.err) == (0, "Found 3 results\n")
    assert ran.out.splitlines()[0].startswith(f"{ran.records[0].path}: ")
    assert "invoice" in str(ran.records[0].fields["snippet"]).lower()
    assert desk.pipe("search invoice", "select path", "first 1").out.startswith("/")


def test_a_place_narrows_it_and_names_what_was_found(desk: Desk) -> None:
    ran = desk.run("search invoice in /notes")
    assert ran.err == "Found 2 notes\n"
    assert desk.run("search invoice in /tasks").err == "Found 1 task\n"
    assert paths(desk, "search invoice in notes") == paths(desk, "search invoice in /notes")
    assert paths(desk, "search invoice in /notes/rent.md") == ["/notes/rent.md"]


def test_in_is_a_word_where_no_such_place_exists(desk: Desk) -> None:
    assert paths(desk, "search café in Zürich") == ["/notes/cafe.md"]


def test_a_place_that_is_missing_is_an_error(desk: Desk) -> None:
    ran = desk.run("search invoice in /none")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("search: /none: no such file or directory")


def test_words_phrases_negation_prefix_and_attributes(desk: Desk) -> None:
    assert paths(desk, "search invoice -paid in /notes") == ["/notes/rent.md"]
    assert paths(desk, "search 'the invoice for'") == ["/notes/rent.md"]
    assert paths(desk, "search invoice for paid in /notes") == []
    assert paths(desk, "search 'invoice -paid' in /notes") == ["/notes/rent.md"]
    assert paths(desk, "search rece*") == ["/notes/taxes.md"]
    assert paths(desk, "search cafe") == paths(desk, "search CAFÉ") == ["/notes/cafe.md"]
    assert paths(desk, "search 会議") == ["/notes/cafe.md"]
    assert len(paths(desk, "search invoice -n 1")) == 1


def test_nothing_found_is_the_answer_no(desk: Desk) -> None:
    ran = desk.run("search xyzzy in /notes")
    assert (ran.status, ran.out, ran.err) == (1, "", "Found nothing for xyzzy in /notes\n")
    assert desk.run("search").status == 2
    assert desk.run("search ''").status == 2


def test_what_is_left_out_is_said(desk: Desk) -> None:
    ran = desk.run("search invoice -n 1")
    assert "Found 3 results, here the best 1 (" in ran.err or "or more" in ran.err
    assert desk.run("search invoice -n 0").err == "Found 3 results\n"


@pytest.mark.parametrize(
    "text", ["'", '"', "%", "_", "NEAR", "NEAR(a b)", "*", "col:", "' OR 1=1 --", "a AND",
     "-", "--", "(", "^a", "invoice*)", "{", "\\", ":", '"unclosed', "a\x00b", "name:"],
)  # fmt: skip
def test_no_query_is_an_error_or_reaches_the_index_as_syntax(desk: Desk, text: str) -> None:
    ran = _search(desk, text)
    assert ran.status in (0, 1, 2)
    assert "syntax" not in ran.err
    assert "Traceback" not in ran.err


def _search(desk: Desk, *words: str, tty: int = 0) -> Ran:
    return desk.run(shlex.join(["search", *words]), tty=tty)


def test_results_are_painted_on_a_terminal_and_hostile_ones_made_visible(desk: Desk) -> None:
    for at, text in enumerate(ESCAPES):
        desk.write(f"/notes/hostile-{at}.md", f"canary {text} canary".encode("utf-8", "replace"))
    ran = desk.run("search canary", tty=80)
    assert findings(ran.out.encode()) == []
    assert ran.out.startswith(" 1. /notes/hostile-")
    assert findings(_search(desk, "zzz" + ESCAPES[0]).err.encode()) == []


def test_a_quoted_word_is_a_phrase_unless_it_is_a_query() -> None:
    assert _phrase("two words") == '"two words"'
    assert _phrase("word") == "word"
    assert _phrase("invoice -paid after:2024-01-01") == "invoice -paid after:2024-01-01"
    assert _phrase('say "hi there"') == 'say "hi there"'


def test_a_snippet_is_the_line_of_the_match_without_the_front_matter(desk: Desk) -> None:
    head = "---\ntitle: The invoice\n---\n"
    desk.write("/notes/zebra.md", f"{head}# Zebra\n\nfirst line\n- [ ] a zebra, an invoice\nlast line\n")
    (hit,) = desk.run("search zebra in /notes").records
    assert hit.fields["snippet"] == "# Zebra"
    (hit,) = desk.run("search 'zebra, an invoice' in /notes").records
    assert hit.fields["snippet"] == "- [ ] a zebra, an invoice"
    (hit,) = desk.run("search title zebra in /notes").records
    assert hit.fields["snippet"] == "# Zebra"
    (hit,) = desk.run("search title in /notes/zebra.md").records
    assert hit.fields["snippet"] == "title: The invoice"


@pytest.mark.parametrize("columns", [30, 60, 120])
def test_on_a_terminal_a_result_is_its_path_and_one_line_that_fits(desk: Desk, columns: int) -> None:
    desk.write(
        "/notes/l.md", "- " + "many words before it " * 9 + "the zebra " + "and as many behind it " * 9
    )
    ran = desk.run("search zebra in /notes", tty=columns)
    assert ran.err == "Found 1 note:\n"
    path, line = ran.out.splitlines()
    assert path == "1. /notes/l.md"
    assert "zebra" in line
    assert width(line) <= columns
    assert line.startswith("   …")


def test_marks_of_markdown_are_left_out_on_a_terminal(desk: Desk) -> None:
    desk.write("/notes/l.md", "## The zebra")
    assert desk.run("search zebra in /notes", tty=80).out.splitlines()[1] == "   The zebra"


def test_a_date_may_be_said_in_words_and_is_the_last_one(tmp_path: pathlib.Path) -> None:
    desk, store = stored(tmp_path)
    desk.write("/notes/old.md", "---\ndate: 2026-11-13T10:00:00+00:00\n---\nan invoice of last friday\n")
    assert paths(desk, "search invoice on:friday") == ["/notes/old.md"]
    assert paths(desk, "search invoice 'on:\"last week\"'") == ["/notes/old.md"]
    assert paths(desk, "search invoice after:monday") == []
    drive(store.aclose())


def test_a_date_that_may_be_two_is_refused_and_what_is_none_is_text(desk: Desk) -> None:
    ran = desk.run("search invoice 'after:\"last monday\"'")
    assert (ran.status, ran.out) == (2, "")
    assert "'last monday' may be Mon 2026-11-09 or Mon 2026-11-16" in ran.err
    assert desk.run("search invoice after:lunch").status == 1
