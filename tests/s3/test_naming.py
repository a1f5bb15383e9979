"""Keys as paths, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.s3.naming import is_plain, names_of, spot_of
from vfs.names import BYTES, problem
from vfs.path import Path

STRANGE = "ab./%␛\x00\n\x7f\x9b\u202e\u200b\\*é日🙂-0E"
KEYS = st.one_of(
    st.text(st.sampled_from(STRANGE), max_size=12),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=20),
    st.lists(st.sampled_from(["", ".", "..", "a", "␛file", "x" * 250, "é🙂" * 90, "␛" * 99]), max_size=5).map(
        "/".join
    ),
)


@given(KEYS)
def test_every_key_comes_back_from_its_path(key: str) -> None:
    names = names_of(key)
    assert spot_of(names).key == key
    assert Path.parse(str(Path(names))).parts == names


@given(KEYS)
def test_nothing_hostile_is_in_a_name(key: str) -> None:
    for name in names_of(key):
        assert problem(name) is None
        assert not set(name) & set("\u202e\u200b\u2028\u2066")


@given(KEYS, KEYS)
def test_two_keys_never_share_a_path(one: str, two: str) -> None:
    assert (names_of(one) == names_of(two)) is (one == two)


@given(st.lists(st.text(st.sampled_from(STRANGE.replace("/", "")), min_size=1, max_size=9), max_size=3))
def test_a_path_is_that_of_its_key_or_of_none(names: list[str]) -> None:
    try:
        spot = spot_of(names)
    except ValueError:
        return
    if spot.key is not None:
        spelt = names_of(spot.key)
        assert tuple(names) in (spelt, (*spelt[:-1], f"{spelt[-1]}␛file"))


@given(KEYS, KEYS)
def test_a_name_is_never_before_one_that_its_key_comes_after(one: str, two: str) -> None:
    """So that a listing in the order of keys can be brought into the order of names as it comes."""
    first, second = one.partition("/")[0], two.partition("/")[0]
    if is_plain(first) and first < second and len(names_of(second)) == 1:
        assert first < names_of(second)[0]


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("a/b.txt", "/a/b.txt"),
        ("a//b", "/a/␛empty/b"),
        ("a/", "/a/␛empty"),
        ("/a", "/␛empty/a"),
        ("../a", "/␛002E./a"),
        ("./a", "/␛002E/a"),
        ("new\nline", "/new␛000Aline"),
        ("100%", "/100%"),
        ("a%2Fb", "/a%2Fb"),
        ("␛", "/␛241B"),
        ("\u202eevil", "/␛202Eevil"),
        ("...", "/..."),
        (" ", "/ "),
    ],
)
def test_what_keys_look_like(key: str, path: str) -> None:
    assert str(Path(names_of(key))) == path


def test_a_component_that_is_too_long_goes_on_in_a_folder() -> None:
    first, second, third = names_of("x" * 600)
    assert first == second == "x" * 248 + "␛more"
    assert third == "x" * 104
    assert all(len(name.encode()) <= BYTES for name in (first, second, third))
    assert spot_of([first]).key is None
    assert spot_of([first]).prefix == "x" * 248


def test_what_lies_below_a_folder_begins_with_its_prefix() -> None:
    assert spot_of([]).prefix == ""
    assert spot_of(["a"]).prefix == "a/"
    assert spot_of(["a", "␛empty"]).prefix == "a//"


def test_a_file_beside_a_folder_is_only_a_file() -> None:
    spot = spot_of(["a", "b␛file"])
    assert (spot.key, spot.prefix) == ("a/b", None)


@pytest.mark.parametrize(
    "name", ["a␛", "␛0041", "␛000a", "␛file", "new\nline", "..", "\u202ex", "a␛filex", "␛more"]
)
def test_a_name_that_no_key_has_is_told(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        spot_of(["a", name])
