from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spatio.agents.chunk import OVERHEAD, Piece, cut, parts_of, tokens_of


@given(st.text(max_size=3000), st.integers(60, 400))
def test_the_parts_of_a_text_joined_are_the_text(text: str, most: int) -> None:
    parts = cut(Piece("a", text), most)
    assert "".join(part.text for part in parts) == text
    assert all(tokens_of(part.text) <= max(most - OVERHEAD, 16) for part in parts)
    assert [part.part for part in parts] == list(range(1, len(parts) + 1))


@given(st.lists(st.text(min_size=1, max_size=600), max_size=8), st.integers(60, 400))
def test_groups_hold_everything_in_order_and_fit(texts: list[str], most: int) -> None:
    groups = parts_of([Piece(str(at), text) for at, text in enumerate(texts)], most)
    assert "".join(piece.text for group in groups for piece in group) == "".join(texts)
    assert all(sum(tokens_of(piece.text) + OVERHEAD for piece in group) <= most for group in groups)


def test_small_files_stay_whole_and_share_a_part() -> None:
    groups = parts_of([Piece("a", "x" * 100), Piece("b", "y" * 100), Piece("c", "z" * 100)], 150)
    assert [[piece.source for piece in group] for group in groups] == [["a", "b"], ["c"]]


def test_a_text_is_cut_before_headings_rather_than_within_paragraphs() -> None:
    section = "## Part\n\n" + "A sentence that is here. " * 12 + "\n"
    parts = cut(Piece("a", section * 4), tokens_of(section) + OVERHEAD + 5)
    assert all(part.text.lstrip("\n").startswith("## Part") for part in parts)
    assert len(parts) == 4


def test_other_scripts_count_for_more() -> None:
    assert tokens_of("明日の会議") >= 5
    assert tokens_of("abcd" * 10) <= 12
