from __future__ import annotations

import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vfs.trees import P, names, tree_of
from vfs.drive import drive
from vfs.errors import BadName
from vfs.ids import uuid7
from vfs.names import BYTES, check, clean, distinct, mark, marked, problem, slug
from vfs.path import Path

CASES = pathlib.Path(__file__).parent / "hostile_names.json"
ANY = st.text(st.characters(), max_size=40)


@pytest.mark.parametrize("name", ["a", "a b", "-rf", "...", "日本語", "🙂", "CON", "e\u0301", "x" * 255, "*"])
def test_a_name_may_be(name: str) -> None:
    check(name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"), (".", "`.`"), ("..", "`..`"), ("a/b", "`/`"), ("a\0", "U\\+0000"), ("a\n", "U\\+000A"),
        ("\x1b[2J", "U\\+001B"), ("\x7f", "U\\+007F"), ("\x9b2J", "U\\+009B"), ("\udcff", "UTF-8"),
        ("x" * 256, "at most 255 bytes, but this one has 256"), ("é" * 128, "has 256"),
    ],
)  # fmt: skip
def test_a_name_may_not_be_and_the_reason_is_told(name: str, reason: str) -> None:
    with pytest.raises(BadName, match=reason):
        check(name, P("/x"))


def test_each_hostile_name_round_trips_or_is_refused() -> None:
    async def all_of_them() -> None:
        for name in json.loads(CASES.read_text()):
            tree = tree_of("/m")
            path = P("/m").child(name)
            try:
                await tree.write(path, b"x")
            except BadName:
                assert await names(tree, "/m") == []
            else:
                assert await names(tree, "/m") == [name]
                assert await tree.read(Path.parse(str(path))) == b"x"
                await tree.move(path, P("/m/y"))
                await tree.remove(P("/m/y"))

    drive(all_of_them())


@given(
    st.lists(
        st.text(st.characters(exclude_characters="/\0"), min_size=1).filter(lambda n: n not in (".", ".."))
    )
)
def test_a_path_comes_back_from_its_text(parts: list[str]) -> None:
    path = Path(tuple(parts))
    assert Path.parse(str(path)) == path


@given(ANY)
def test_nothing_climbs_above_the_root(text: str) -> None:
    path = Path.parse(text.replace("\0", ""))
    assert not {".", "..", ""} & set(path.parts)
    assert str(path).startswith("/")


@given(ANY)
def test_a_cleaned_name_may_be_created_and_stays(name: str) -> None:
    assert problem(clean(name)) is None
    assert clean(clean(name)) == clean(name)


@given(ANY)
def test_a_slug_may_be_created_and_is_typed_easily(title: str) -> None:
    name = slug(title)
    assert problem(name) is None
    assert " " not in name
    assert not name.startswith((".", "-"))


def test_slugs() -> None:
    for title, name in {
        "Meeting notes": "meeting-notes",
        "  Q3: plan & budget!  ": "q3-plan-budget",
        "Ärger über Öl": "ärger-über-öl",
        "v1.2 notes": "v1.2-notes",
        "../../etc/passwd": "etc-passwd",
        "会議 メモ": "会議-メモ",
        "!!!": "untitled",
        "": "untitled",
    }.items():
        assert slug(title) == name


def test_a_cleaned_name_keeps_its_suffix() -> None:
    assert clean("a/b.pdf") == "a∕b.pdf"
    assert clean("x" * 300 + ".pdf") == "x" * 251 + ".pdf"
    assert clean("evil\u202egpj.exe") == "evil gpj.exe"
    assert clean("\x1b]0;title\x07.txt") == "]0;title .txt"


def test_twins_carry_stable_marks() -> None:
    one = distinct([("plan.md", "k1"), ("plan.md", "k2"), ("other.md", "k3")])
    two = distinct([("plan.md", "k2"), ("other.md", "k3"), ("plan.md", "k1")])
    assert one[0] == two[2] == marked("plan.md", "k1")
    assert one[1] == two[0]
    assert one[2] == "other.md"
    assert mark("k1").startswith("~")
    assert len(mark("k1")) == 4


@given(st.lists(st.tuples(st.sampled_from(["a", "A", "é", "e\u0301", "b.md", "x" * 300]), ANY), max_size=30))
def test_distinct_names_are_distinct(items: list[tuple[str, str]]) -> None:
    found = distinct(items)
    assert len(set(found)) == len(items)
    assert all(len(name.encode()) <= BYTES for name in found)


def test_ids_are_in_the_order_of_their_making() -> None:
    ids = [uuid7() for _ in range(3000)]
    assert ids == sorted(set(ids))
    assert all(len(one) == 36 and one[14] == "7" for one in ids)
