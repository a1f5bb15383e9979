"""The command in a pipeline, as people use it."""

from spatio.api import run_script


def test_numbers_are_summed_up() -> None:
    text = "printf 'a,b\\n1,x\\n2.5,y\\n,z\\n' | from csv | stats a"
    status, out, _ = run_script(text, {})
    assert (status, out) == (0, b"a: 2 values, sum 3.5, mean 1.75, 1 to 2.5\n")


def test_a_field_without_numbers_fails_with_its_name() -> None:
    status, out, errors = run_script("printf 'a,b\\n1,x\\n' | from csv | stats b", {})
    assert (status, out) == (1, b"")
    assert b"stats: no record has a number in b" in errors


def test_its_help_comes_from_its_declaration() -> None:
    _, out, _ = run_script("stats --help", {})
    assert b"Usage: stats" in out
    assert b"FIELD" in out
