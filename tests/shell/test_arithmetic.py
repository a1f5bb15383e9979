from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatio.shell.arithmetic import calculate
from spatio.shell.flow import ShellError
from spatio.shell.variables import Variables


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", 0), ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("7 / -2", -3), ("-7 % 3", -1), ("2 ** 3 ** 2", 512),
        ("-2 ** 2", 4), ("1 << 3 | 1", 9), ("~0", -1), ("!3", 0), ("0x1f", 31), ("010", 8), ("2#101", 5),
        ("16#Ff", 255), ("64#@", 62), ("1 ? 2 : 3 ? 4 : 5", 2), ("0 && 1 / 0", 0), ("1 || 1 / 0", 1),
        ("1, 2, 3", 3), ("5--1", 6), ("- -1", 1), ("9223372036854775807 + 1", -(2**63)), ("3 > 2 == 1", 1),
    ],
)  # fmt: skip
def test_an_expression_has_its_value(text: str, value: int) -> None:
    assert calculate(text, Variables()) == value


def test_assignments_take_effect_in_order() -> None:
    variables = Variables()
    assert calculate("x = 3, y = x++ + ++x, y", variables) == 8
    assert variables.values == {"x": "5", "y": "8"}


def test_what_is_skipped_assigns_nothing() -> None:
    variables = Variables()
    assert calculate("1 ? 2 : (x = 5)", variables) == 2
    assert calculate("0 && (x = 5)", variables) == 0
    assert "x" not in variables.values


def test_a_variable_may_hold_an_expression() -> None:
    variables = Variables({"x": "y + 1", "y": "4"})
    assert calculate("x * 2", variables) == 10


@pytest.mark.parametrize(
    "text", ["1 +", "1 / 0", "1 % 0", "2 ** -1", "08", "(1", "1 2", "1 ? 2", "a b", "$", "99#1", "1 ="]
)
def test_a_wrong_expression_is_an_error(text: str) -> None:
    with pytest.raises(ShellError):
        calculate(text, Variables())


def test_a_variable_that_means_itself_ends_in_an_error() -> None:
    with pytest.raises(ShellError, match="nested more than"):
        calculate("x", Variables({"x": "x"}))


def test_deep_parentheses_end_in_an_error() -> None:
    with pytest.raises(ShellError, match="nested more than"):
        calculate("(" * 10_000 + "1" + ")" * 10_000, Variables())


@given(st.text(alphabet=st.sampled_from("0123456789xyz+-*/%&|^~!<>=?:,() #"), max_size=25))
def test_no_text_raises_anything_but_its_error(text: str) -> None:
    try:
        value = calculate(text, Variables({"x": "3"}))
    except ShellError:
        return
    assert -(2**63) <= value < 2**63
