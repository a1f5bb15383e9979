"""Summaries without a model: quotations that matter."""

from __future__ import annotations

import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatio.agents.chunk import Piece
from spatio.agents.extract import MOST_UNITS, Ranked
from spatio.agents.forms import summary
from spatio.agents.sentences import sentences, title_of, units_of

LABELLED = sorted((pathlib.Path(__file__).parent.parent / "data" / "summaries").glob("*.json"))


def found(chosen: list[str], matters: list[str]) -> int:
    return len(set(chosen) & set(matters))


def test_more_of_what_matters_is_found_than_in_the_first_three_sentences() -> None:
    ours = theirs = marked = 0
    for file in LABELLED:
        note = json.loads(file.read_text(encoding="utf-8"))
        ours += found([unit.text for unit in Ranked(note["text"]).best(3)], note["matters"])
        theirs += found([unit.text for unit in units_of(note["text"])][:3], note["matters"])
        marked += len(note["matters"])
    assert len(LABELLED) >= 12
    assert ours >= 2 * theirs
    assert ours / marked >= 0.6


@pytest.mark.parametrize("file", LABELLED, ids=lambda file: file.stem)
def test_every_marked_sentence_is_a_unit(file: pathlib.Path) -> None:
    note = json.loads(file.read_text(encoding="utf-8"))
    units = {unit.text for unit in units_of(note["text"])}
    assert [sentence for sentence in note["matters"] if sentence not in units] == []


def test_each_sentence_of_a_summary_stands_in_the_file_under_whose_name_it_stands() -> None:
    notes = [json.loads(file.read_text(encoding="utf-8")) for file in LABELLED]
    made = summary([Piece(f"/notes/{note['name']}", note["text"]) for note in notes]).text
    texts = {f"/notes/{note['name']}": " ".join(note["text"].split()) for note in notes}
    covered: dict[str, int] = {}
    above, *sections = made.split("\n\n## ")
    for section in sections:
        source, _, body = section.partition("\n\n")
        for line in body.strip().splitlines():
            assert line.removeprefix("- ") in texts[source]
            covered[source] = covered.get(source, 0) + 1
    assert covered.keys() == texts.keys()
    for line in above.removeprefix("## Above all\n\n").splitlines():
        quotation, _, source = line.removeprefix("- ").rpartition(" (")
        assert quotation in texts[source.removesuffix(")")]


def test_a_summary_of_very_many_files_is_short_and_goes_folder_by_folder() -> None:
    texts = {
        f"/notes/{folder}/{at}.md": f"We decided to pay {at} euros for the {folder} by May {at % 28 + 1}.\n"
        for folder in ("house", "trips")
        for at in range(50)
    }
    texts |= {"/notes/a.md": "The roof must be mended in June.", "/notes/b.md": "| one | two |\n"}
    made = summary([Piece(path, text) for path, text in texts.items()])
    lines = [line.removeprefix("- ") for line in made.text.splitlines() if line.startswith("- ")]
    for line in lines:
        quotation, _, source = line.rpartition(" (")
        assert quotation in texts[source.removesuffix(")")]
    for part in (
        "(/notes/a.md)",
        "(/notes/b.md)",
        "## /notes/house/, 50 files",
        "## /notes/trips/, 50 files",
    ):
        assert part in made.text
    assert len(made.text) < 3_000
    assert made.remark.startswith("102 files are too many to quote each: ")


def test_sixty_files_are_each_quoted() -> None:
    pieces = [Piece(f"/notes/{at % 7}/{at}.md", f"The lamp of room {at} is broken.") for at in range(60)]
    made = summary(pieces)
    assert all(f"## {piece.source}\n\n- {piece.text}" in made.text for piece in pieces)
    assert made.remark == ""


@given(st.lists(st.text(max_size=400), min_size=1, max_size=5))
def test_whatever_the_texts_each_is_covered_by_its_own_words(texts: list[str]) -> None:
    texts = [text for text in texts if text.strip()]
    made = summary([Piece(f"/n/{at}", text) for at, text in enumerate(texts)]).text
    for at, text in enumerate(texts):
        body = made.split(f"## /n/{at}\n\n", 1)[1].split("\n\n## /n/", 1)[0]
        for line in body.removesuffix("\n").split("\n- "):
            assert " ".join(line.removeprefix("- ").split()) in " ".join(text.split())


def test_the_same_text_gives_the_same_sentences() -> None:
    text = json.loads(LABELLED[0].read_text(encoding="utf-8"))["text"]
    assert [unit.text for unit in Ranked(text).best(4)] == [unit.text for unit in Ranked(text).best(4)]


def test_two_sentences_that_say_the_same_are_not_both_chosen() -> None:
    text = (
        "The rent of 450 euros is due on 3 May.\n\n"
        "Remember: the rent of 450 euros is due on 3 May.\n\n"
        "Bruno must renew the passport before the journey.\n\nWe walked along the river."
    )
    chosen = [unit.text for unit in Ranked(text).best(2)]
    assert "Bruno must renew the passport before the journey." in chosen


def test_a_very_long_text_is_ranked_in_bounded_time() -> None:
    text = " ".join(f"Sentence {at} speaks of topic {at % 97} and of nothing else." for at in range(5000))
    ranked = Ranked(text + " We decided to pay 900 euros by 4 May.")
    assert len(ranked.units) == MOST_UNITS
    assert "We decided to pay 900 euros by 4 May." in [unit.text for unit in ranked.best(3)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Ada met Mr. Bo at 3.5 km. Then she left.", ["Dr. Ada met Mr. Bo at 3.5 km.", "Then she left."]),
        ("Am 14. Mai kommt er. Gut.", ["Am 14. Mai kommt er.", "Gut."]),
        ("Chapters 4 to 6. Next week none.", ["Chapters 4 to 6.", "Next week none."]),
        ("今日は晴れ。明日は雨！本当？", ["今日は晴れ。", "明日は雨！", "本当？"]),
        ('He said "no." She left.', ['He said "no."', "She left."]),
        ("a line\nthat goes on. Next", ["a line that goes on.", "Next"]),
        ("see e.g. this one", ["see e.g. this one"]),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_front_matter_code_tables_and_headings_are_no_units() -> None:
    text = (
        "---\ntitle: T\n---\n# Heading\n\nFirst.\n\n```\ncode here.\n```\n\n| a | b |\n|---|---|\n\n"
        "> Quoted words.\n\n- [ ] open box\n- [x] ticked box\n1. numbered\n\n**Bold.** Then text.\n"
    )
    units = units_of(text)
    assert [unit.text for unit in units] == [
        "First.", "Quoted words.", "open box", "ticked box", "numbered", "Then text."
    ]  # fmt: skip
    assert [unit.checked for unit in units] == [None, None, False, True, None, None]
    assert (units[0].heading, units[1].quoted, units[5].heading) == ("Heading", True, "Bold")


def test_the_head_of_a_mail_is_no_unit_and_its_subject_is_what_the_rest_is_about() -> None:
    text = "From: Ada <a@b.c>\nTo: Bob <b@b.c>\nSubject: Plan\nRemark: odd\n\nWe meet at ten.\n"
    assert [(unit.text, unit.heading) for unit in units_of(text)] == [("We meet at ten.", "Plan")]
    assert title_of(text) == "Plan"


def test_what_only_begins_like_a_mail_is_text() -> None:
    assert [unit.text for unit in units_of("From: Ada.\nShe wrote it.\n")] == ["From: Ada.", "She wrote it."]


def test_a_list_that_is_quoted_is_read_item_by_item() -> None:
    units = units_of("Yes.\n\n> To do:\n>\n> - Ada: the plan\n> - Bob: the stairs\n")
    assert [(unit.text, unit.quoted, unit.item) for unit in units] == [
        ("Yes.", False, False),
        ("To do:", True, False),
        ("Ada: the plan", True, True),
        ("Bob: the stairs", True, True),
    ]
