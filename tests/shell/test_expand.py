from __future__ import annotations

import pytest

from tests.shell.shells import out, run


def test_an_unquoted_variable_is_one_word() -> None:
    assert out("x='a  b'; printf '[%s]' $x") == "[a  b]"


def test_an_empty_unquoted_variable_vanishes() -> None:
    assert out("x=; printf '[%s]' a $x b") == "[a][b]"
    assert out("x=; printf '[%s]' a \"$x\" b") == "[a][][b]"


def test_wildcards_in_a_variable_are_text() -> None:
    assert out("x='*'; echo $x", f1="") == "*\n"


def test_a_substitution_is_one_word_a_line() -> None:
    assert out("printf '[%s]' $(printf 'a b\\n\\nc\\n')") == "[a b][c]"
    assert out("printf '[%s]' x$(printf '1\\n2\\n')y") == "[x1][2y]"


def test_what_a_substitution_prints_is_data() -> None:
    hostile = "; echo no | cat > /f $(echo x) `y` * ?\n"
    assert out('echo $(cat g); echo "$(cat g)"', g=hostile) == hostile * 2


def test_a_quoted_substitution_is_one_word() -> None:
    assert out("printf '[%s]' \"$(printf 'a\\nb\\n\\n')\"") == "[a\nb]"


def test_a_pattern_without_a_match_fails_its_command_only() -> None:
    done = run("echo *.none > f; echo $?; cat f; echo on")
    assert (done.status, done.out) == (0, "1\non\n")
    assert done.err == "echo: *.none: no match\n  to pass it as it is, quote it: '*.none'\n"


def test_the_complaint_about_a_pattern_goes_where_errors_go() -> None:
    assert run("ls *.none 2>/dev/null; echo $?").err == ""
    assert run("for i in *.none; do echo no; done; echo $?").out == "1\n"
    assert run("cat < *.none; echo $?").out == "1\n"


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("a*", "a1 a2"),
        ("?1", "a1 b1"),
        ("[!a]1", "b1"),
        ("?/", "d/"),
        ("d/*", "d/x"),
        ("*/x", "d/x"),
        (".h*", ".hid"),
        ("**/x", "d/x"),
        ("/a*", "/a1 /a2"),
        ("./a?", "./a1 ./a2"),
        ("d/../a*", "d/../a1 d/../a2"),
        ("?/../a1", "d/../a1"),
        ("a'1'", "a1"),
        ("'a'?", "a1 a2"),
        ("[[:alpha:]]1", "a1 b1"),
        ("a\\*", "a*"),
        ('"a*"', "a*"),
        ("[", "["),
    ],
)
def test_patterns_are_matched_and_written_as_typed(pattern: str, names: str) -> None:
    files = {"a1": "", "a2": "", "b1": "", "d/x": "", ".hid": ""}
    assert out(f"echo {pattern}", **files) == names + "\n"


def test_many_stars_are_no_trouble() -> None:
    done = run("echo " + "*" * 3000 + "x", **{"a" * 200: "", "x": ""})
    assert done.out == "x\n"
    assert run("case " + "a" * 20_000 + " in " + "*a" * 300 + "b) echo y;; esac").status == 0


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ("echo ${x-unset} ${x:-empty} ${x+set}", "unset empty\n"),
        ("x=; echo ${x-unset} ${x:-empty} ${x+set} ${x:+full}", "empty set\n"),
        ("echo ${x:=new} $x", "new new\n"),
        ("x=hello; echo ${#x} ${x:1:3} ${x: -2} ${x:0:-1}", "5 ell lo hell\n"),
        ("x=/a/b.c.d; echo ${x##*/} ${x%/*} ${x%.*} ${x%%.*} ${x#*/}", "b.c.d /a /a/b.c /a/b a/b.c.d\n"),
        (
            "x=banana; echo ${x/an/X} ${x//an/X} ${x/#b/X} ${x/%a/X} ${x//[an]}",
            "bXana bXXa Xanana bananX b\n",
        ),
        ("x=ab; echo ${x^} ${x^^} ${x^^b}; y=AB; echo ${y,} ${y,,}", "Ab AB aB\naB ab\n"),
        ("x=y; y=z; echo ${!x}", "z\n"),
        ('x="it\'s"; echo ${x@Q}', "'it'\\''s'\n"),
        ("set -- a 'b c' d; echo ${@:2} ${#} \"${*:1:2}\"", "b c d 3 a b c\n"),
        ('set -- a b; IFS=-; echo "$*" "x$@y"', "a-b xa by\n"),
        ("echo ~ ~/x a~ '~' x=~", "/ /x a~ ~ x=~\n"),
        ("HOME=/h; x=~:~/a; echo $x", "/h:/h/a\n"),
        ("echo {a,b}{1..3} {01..03} {e..a..2} {x} {,y} a{b", "a1 a2 a3 b1 b2 b3 01 02 03 e c a {x} y a{b\n"),
        ("echo $'a\\tb\\x41\\u00e9' \"$'x'\"", "a\tbAé $'x'\n"),
        ("x=5; echo $((x * 2)) $(( $x + 1 )) $((y))", "10 6 0\n"),
    ],
)
def test_a_parameter_is_expanded_as_everywhere(script: str, printed: str) -> None:
    assert out(script) == printed


@pytest.mark.parametrize("script", ["echo ${x:?gone}", "set -u; echo $x", "set -u; echo $1"])
def test_an_unset_variable_ends_the_script_where_it_must_be_set(script: str) -> None:
    done = run(script + "; echo no\necho no")
    assert (done.status, done.out) == (127, "")
    assert run(f"({script}); echo $?").out == "1\n"


@pytest.mark.parametrize(
    "script", ["echo $((1/0))", "readonly x=1; x=2", "x=ab; echo ${x:1:-9}", "x=a; echo ${x@Z}"]
)
def test_a_misuse_of_the_language_drops_the_line(script: str) -> None:
    done = run(f"{script}; echo no\necho next")
    assert (done.status, done.out) == (0, "next\n")
    assert done.err.startswith("spatio: ")


def test_too_many_words_from_braces_are_refused() -> None:
    assert "more than 1,000,000 words" in run("echo {1..100000000}").err
    assert "more than 1,000,000 words" in run("echo " + "{a,b}" * 30).err


def test_hints_come_when_somebody_trips_and_once_only() -> None:
    done = run("x='echo a'; $x; $x")
    assert done.err.count("note: an unquoted $x is one word; to run it as a line: eval 'echo a'") == 1
    assert "this loop runs once" in run("x='a b'; for i in $x; do :; done").err
    assert "one word" in run("x='a b'; cat $x").err
    assert run("x='a b'; echo $x").err == ""


def test_invalid_bytes_come_through() -> None:
    assert run("x=$(printf '\\377'); printf %s \"$x\" | wc -c").out == "1\n"
