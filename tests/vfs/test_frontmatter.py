"""Front matter: read without surprises, rewritten with everything else kept."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vfs import frontmatter
from vfs.node import Value

HEAD = """---
title: Plan for Q3   # the working title
tags: [home, "two words", 'it''s']
due: 2026-03-01
at: 2026-03-01 10:30:00+02:00
labels:
  - red
  - dark blue
n: 3
price: 4.50
done: no
yes: true
none: ~
empty:
text: |
  line one
    indented
folded: >
  one
  two
nested:
  key: value
broken [line
---
the body
---
stays
"""


def test_a_flat_part_of_yaml_is_read() -> None:
    block = frontmatter.split(HEAD)
    assert block is not None
    assert block.body == "the body\n---\nstays\n"
    attrs = block.attrs
    assert attrs.pop("at").isoformat() == "2026-03-01T10:30:00+02:00"  # type: ignore[union-attr]
    assert attrs == {
        "title": "Plan for Q3",
        "tags": ("home", "two words", "it's"),
        "due": date(2026, 3, 1),
        "labels": ("red", "dark blue"),
        "n": 3,
        "price": 4.5,
        "done": "no",
        "yes": True,
        "none": None,
        "empty": None,
        "text": "line one\n  indented",
        "folded": "one two",
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no head",
        "---",
        "---\nnever ends",
        "--- \ntitle: x\n---\n",
        " ---\na: b\n---\n",
        "----\na: b\n---\n",
    ],
)
def test_what_is_no_front_matter_is_all_body(text: str) -> None:
    assert frontmatter.split(text) is None
    assert frontmatter.read(text.encode()) == {}


@pytest.mark.parametrize(
    "line",
    [
        'a: "never ends',
        "a: [x, y",
        "a: {b: c}",
        "a: [[1], 2]",
        "a: !!python/object:os.system x",
        "a: &x *y",
        "a: 'x' y",
    ],
)
def test_what_cannot_be_read_is_left_alone_and_never_raises(line: str) -> None:
    text = f"---\n{line}\nb: 1\n---\nbody"
    block = frontmatter.split(text)
    assert block is not None
    assert block.attrs["b"] == 1
    assert frontmatter.rewrite(text, {"b": 2}) == f"---\n{line}\nb: 2\n---\nbody"


def test_only_the_named_keys_change() -> None:
    text = frontmatter.rewrite(HEAD, {"n": 4, "due": None, "labels": ("green",), "new": "a: b"})
    expected = HEAD.replace("n: 3\n", "n: 4\n").replace("due: 2026-03-01\n", "")
    expected = expected.replace("labels:\n  - red\n  - dark blue\n", "labels: [green]\n")
    assert text == expected.replace("broken [line\n", 'broken [line\nnew: "a: b"\n')


def test_a_text_without_a_head_gets_one_and_keeps_its_body() -> None:
    assert frontmatter.rewrite("body", {"status": "done"}) == "---\nstatus: done\n---\nbody"
    assert frontmatter.rewrite("body", {"status": None}) == "body"


def test_windows_line_ends_are_read() -> None:
    assert frontmatter.read(b"---\r\na: 1\r\n---\r\nbody") == {"a": 1}


VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none().filter(lambda value: value is not None),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e")
    ),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)).map(lambda value: value.replace(microsecond=0)),
    st.lists(st.text("ab, []'\"#:-", max_size=6), max_size=3).map(tuple),
)


@example(value="0\r", body="")
@given(value=VALUES, body=st.text("ab-\n :#", max_size=20))
def test_what_is_written_is_read_back(value: Value, body: str) -> None:
    text = frontmatter.rewrite(body, {"key": value, "after": 1})
    block = frontmatter.split(text)
    assert block is not None
    assert block.attrs["after"] == 1
    assert block.attrs["key"] == value
    assert type(block.attrs["key"]) is type(value)


def test_a_carriage_return_within_a_value_is_escaped() -> None:
    text = frontmatter.rewrite("", {"key": "a\rb"})
    assert text == '---\nkey: "a\\rb"\n---\n'


def test_a_time_of_a_day_is_no_date() -> None:
    assert frontmatter.read(b"---\na: 2026-02-30\nb: 2026-02-03T04:05\n---\n") == {
        "a": "2026-02-30",
        "b": datetime(2026, 2, 3, 4, 5),
    }
