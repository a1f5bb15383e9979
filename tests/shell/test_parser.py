from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.command import Reading
from spatio.shell.ast import For, Function, If, Literal, Simple, Substitution, While
from spatio.shell.parser import Parser, parse, wanted
from spatio.shell.syntax import Incomplete, ShellSyntax, line_of


def first(text: str) -> object:
    return parse(text).statements[0].work.first.stages[0]


def words(text: str) -> list[str | None]:
    command = first(text)
    assert isinstance(command, Simple)
    return [word.plain for word in command.words]


def test_every_node_says_where_it_stands() -> None:
    text = "echo one && cat 'two' | wc"
    script = parse(text)
    pipeline = script.statements[0].work.rest[0][1]
    command = pipeline.stages[0]
    assert isinstance(command, Simple)
    assert text[command.start : command.stop].strip() == "cat 'two'"
    assert text[command.words[1].start : command.words[1].stop] == "'two'"


def test_quotes_make_one_word_of_their_pieces() -> None:
    assert words("echo a'b c'\"d\"\\ e") == ["echo", "ab cd e"] or words("echo a'b c'\\ e") == [
        "echo",
        "ab c e",
    ]


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("echo 'a", "'"),
        ('echo "a', '"'),
        ("echo `a", "`"),
        ("echo $(a", ")"),
        ("echo ${a", "}"),
        ("echo $((1+", "))"),
        ("(a", ")"),
        ("{ a", "}"),
        ("if a", "then"),
        ("if a; then b", "fi"),
        ("for i in a", "do"),
        ("while a; do b", "done"),
        ("case x in", "esac"),
        ("a |", "a command"),
        ("a &&", "a command"),
        ("cat <<E\nx", "E"),
        ("f()", "the body of the function"),
        ("[[ a", "]]"),
        ("echo a \\", "a character after \\"),
    ],
)
def test_what_is_missing_is_told(text: str, wants: str) -> None:
    assert wanted(text) == wants


@pytest.mark.parametrize(
    "text", ["echo a", "if a; then b; fi", "cat <<E\nE\n", "", "# only a comment", "! a"]
)
def test_a_whole_text_wants_nothing(text: str) -> None:
    assert wanted(text) is None


@pytest.mark.parametrize(
    "text",
    [
        ")",
        "}",
        "a | | b",
        "a && && b",
        "; a",
        "fi",
        "do",
        "done",
        "a >",
        "for 1 in a; do b; done",
        "{ }",
        "( )",
        "echo (a)",
        "a) b",
        "if; then b; fi",
        "case x in a b) c;; esac",
        "${a b}",
        "a=(1 2)",
        "cat <(a)",
        ";;",
    ],
)
def test_what_cannot_become_right_is_an_error_at_once(text: str) -> None:
    with pytest.raises(ShellSyntax) as caught:
        parse(text, final=False)
    assert not isinstance(caught.value, Incomplete) or text in {"a >"}
    assert 0 <= caught.value.position <= len(text)


@pytest.mark.parametrize(
    "opening",
    [
        "(",
        "$(",
        "$((",
        "${x:-",
        "{ ",
        "if ",
        '"$(',
        "f() { ",
        "case x in x) ",
        "[[ ( ",
        "((",
        "while ",
        "! ",
    ],
)
def test_a_hundred_thousand_openings_are_an_error_and_quick(opening: str) -> None:
    begun = time.process_time()
    with pytest.raises(ShellSyntax):
        parse(opening * 100_000)
    assert time.process_time() - begun < 5


def test_openings_that_only_look_like_sums_are_read_once_each() -> None:
    assert wanted("$((" * 100 + ")" * 100) is not None


def test_a_line_of_a_megabyte_is_read() -> None:
    assert len(words("echo " + "word " * 200_000)) == 200_001
    assert len(words("echo " + "a" * 1_000_000)[1] or "") == 1_000_000


@given(st.text(alphabet=st.sampled_from("abi \n\t'\"\\$(){}[]<>|&;`#!*?~=-x01@%/:^,"), max_size=40))
def test_no_text_raises_anything_but_a_syntax_error(text: str) -> None:
    for final in (True, False):
        position = 0
        try:
            parse(text, final=final)
        except ShellSyntax as wrong:
            position = wrong.position
        assert 0 <= position <= len(text) + 1


@given(
    st.lists(
        st.sampled_from(
            [
                "if",
                "then",
                "else",
                "fi",
                "for",
                "in",
                "do",
                "done",
                "while",
                "case",
                "esac",
                ";;",
                "{",
                "}",
                "(",
                ")",
                "((",
                "))",
                "[[",
                "]]",
                "$(",
                "${",
                "$((",
                "`",
                "'",
                '"',
                "<<E",
                "E",
                "\n",
                ";",
                "&",
                "&&",
                "|",
                "a",
                "x=1",
                "f()",
                ">",
                "$x",
                "!",
            ]
        ),
        max_size=14,
    )
)
def test_no_mixture_of_tokens_raises_anything_but_a_syntax_error(tokens: list[str]) -> None:
    with suppress(ShellSyntax):
        parse(" ".join(tokens))


def test_compound_commands_are_told_apart() -> None:
    assert isinstance(first("if a; then b; fi"), If)
    assert isinstance(first("for i do a; done"), For)
    assert isinstance(first("until a; do b; done"), While)
    assert isinstance(first("f() { a; }"), Function)


def test_the_words_of_a_search_are_read_as_text() -> None:
    command = first("search what's new? [today] #1 -not !high | first 3")
    assert isinstance(command, Simple)
    assert command.reading is Reading.TEXT
    assert [word.plain for word in command.words] == [
        "search",
        "what's",
        "new?",
        "[today]",
        "#1",
        "-not",
        "!high",
    ]


def test_quotes_and_dollars_mean_in_text_what_they_always_do() -> None:
    command = first('search "two words" $x (a) > f')
    assert isinstance(command, Simple)
    assert command.words[1].plain is None
    assert command.words[3].plain == "(a)"
    assert len(command.redirects) == 1


def test_the_words_of_where_are_an_expression() -> None:
    command = first("where priority>=2 and (due < today or not done) | sort-by due > f")
    assert isinstance(command, Simple)
    assert command.reading is Reading.EXPRESSION
    shown = [word.plain for word in command.words]
    assert shown == [
        "where",
        "priority",
        ">=",
        "2",
        "and",
        "(",
        "due",
        "<",
        "today",
        "or",
        "not",
        "done",
        ")",
    ]
    assert not command.redirects


def test_the_reading_comes_from_the_literal_name_and_subcommand() -> None:
    noted = first("note add it's 5 * 3?")
    assert isinstance(noted, Simple)
    assert noted.reading is Reading.TEXT
    listed = first("note list *")
    assert isinstance(listed, Simple)
    assert listed.reading is Reading.WORDS
    hidden = first('"$c" it\\\'s')
    assert isinstance(hidden, Simple)
    assert hidden.reading is Reading.WORDS


def test_an_expression_ends_at_the_parenthesis_that_closes_its_subshell() -> None:
    command = first("echo $(ls | where (a > 1))")
    assert isinstance(command, Simple)
    substitution = command.words[1].parts[0]
    assert isinstance(substitution, Substitution)


def test_an_agent_is_talked_to_in_text() -> None:
    command = first("@mail what still needs an answer?")
    assert isinstance(command, Simple)
    assert command.reading is Reading.TEXT
    assert command.words[-1].plain == "answer?"


def test_an_alias_is_put_in_place_once() -> None:
    script = Parser("ll a; ls b", aliases={"ll": "ls -l", "ls": "ls -1"}).whole()
    shown = []
    for statement in script.statements:
        command = statement.work.first.stages[0]
        assert isinstance(command, Simple)
        shown.append([word.plain for word in command.words])
    assert shown == [["ls", "-1", "-l", "a"], ["ls", "-1", "b"]]


def test_a_quoted_name_is_no_alias() -> None:
    command = Parser("'ll' a", aliases={"ll": "ls -l"}).whole().statements[0].work.first.stages[0]
    assert isinstance(command, Simple)
    assert command.words[0].parts[0] == Literal("ll", True, 0, 4)


def test_lines_count_from_one() -> None:
    assert line_of("a\nb\nc", 4) == 3
