from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from vfs.transactions import (
    COLUMNS,
    Month,
    Transaction,
    empty_month,
    guarded,
    month_name,
    months_between,
    read_month,
    unguarded,
    write_month,
)

HEADER = ",".join(COLUMNS) + "\n"
COFFEE = "2024-01-05,-3.50,EUR,checking,Kahvila,coffee,food,,a1,bank.csv\n"

CELL = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
ROWS = st.lists(
    st.builds(
        Transaction,
        date=st.dates(),
        amount=st.decimals(
            allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15
        ),
        currency=st.sampled_from(("EUR", "USD", "JPY", "KWD")),
        account=CELL,
        payee=CELL,
        description=CELL,
        category=CELL,
        pending=st.booleans(),
        id=CELL,
        source=CELL,
        further=st.just(()),
    ),
    max_size=8,
)


@given(ROWS)
def test_any_transactions_are_read_as_they_were_written(rows: list[Transaction]) -> None:
    written = write_month(Month(COLUMNS, rows, []))
    again = read_month(written)
    assert sorted(again.rows) == sorted(rows)
    assert again.broken == []
    assert write_month(again) == written


def test_a_row_is_read_with_its_exact_amount() -> None:
    (row,) = read_month((HEADER + COFFEE).encode()).rows
    assert row == Transaction(
        date(2024, 1, 5),
        Decimal("-3.50"),
        "EUR",
        "checking",
        "Kahvila",
        "coffee",
        "food",
        False,
        "a1",
        "bank.csv",
    )
    assert str(row.amount) == "-3.50"


def test_broken_rows_are_told_and_written_back_as_they_were() -> None:
    bad = "2024-13-05,-3.50,EUR,checking,,,,,,\n2024-01-05,1.234,56,x,,,,,,,,\nonly this\n"
    month = read_month((HEADER + bad + COFFEE).encode())
    assert [one.line for one in month.broken] == [2, 3, 4]
    assert "2024-13-05" in month.broken[0].reason
    assert "12 cells" in month.broken[1].reason
    assert write_month(month).decode() == HEADER + COFFEE + bad


def test_amounts_that_are_none_are_broken_rows() -> None:
    for amount in ("1,5", "NaN", "Infinity", "1_000", "", "٣", "1e999", "--1", "0x10"):
        cell = f'"{amount}"'
        month = read_month(f"{HEADER}2024-01-05,{cell},EUR,a\n".encode())
        assert len(month.broken) == 1, amount
        assert not month.rows


def test_zero_has_no_sign() -> None:
    month = read_month(f"{HEADER}2024-01-05,-0.00,EUR,a\n".encode())
    assert b",0.00,EUR" in write_month(month)


def test_an_open_quote_spoils_its_own_row_only() -> None:
    text = HEADER + '2024-01-04,-1.00,EUR,a,"open,,,,,\n' + COFFEE * 3
    month = read_month(text.encode())
    assert len(month.rows) == 3
    assert [one.line for one in month.broken] == [2]
    assert b'"open,,,,,\n' in write_month(month)


def test_a_cell_of_several_lines_stays_one_cell() -> None:
    text = HEADER + '2024-01-05,-3.50,EUR,checking,Kahvila,"two\nlines",,,a1,\n'
    (row,) = read_month(text.encode()).rows
    assert row.description == "two\nlines"
    assert write_month(read_month(text.encode())).decode() == text


def test_further_columns_and_another_order_stay() -> None:
    text = "id,date,amount,currency,note\na1,2024-01-05,-3.50,EUR,with Ada\n"
    month = read_month(text.encode())
    assert month.further == ("note",)
    assert month.rows[0].further == ("with Ada",)
    again = read_month(write_month(month))
    assert again.rows == month.rows
    assert again.columns[:5] == ("id", "date", "amount", "currency", "note")


def test_a_text_that_looks_like_a_formula_is_guarded_in_the_file() -> None:
    row = Transaction(date(2024, 1, 5), Decimal(-1), "USD", "a", "=HYPERLINK(1)", "+1", "@SUM", id="-x")
    written = write_month(Month(COLUMNS, [row], []))
    assert b",'=HYPERLINK(1),'+1,'@SUM,,'-x," in written
    assert read_month(written).rows == [row]


@given(CELL)
def test_a_guarded_cell_is_unguarded_to_what_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in ("=", "+", "-", "@", "\t", "\r")


def test_a_file_without_its_first_line_is_told_and_kept() -> None:
    month = read_month(COFFEE.encode())
    assert not month.rows
    assert "name the columns" in month.broken[0].reason
    assert COFFEE in write_month(month).decode()


def test_what_is_not_utf8_is_told_and_kept_byte_for_byte() -> None:
    bad = b"2024-01-05,-3.50,EUR,a,Caf\xe9,,,,,\n"
    month = read_month(HEADER.encode() + bad)
    assert month.broken[0].reason == "is not UTF-8"
    assert write_month(month) == HEADER.encode() + bad


@given(st.binary(max_size=200))
def test_no_bytes_stop_the_reading(data: bytes) -> None:
    month = read_month(data)
    write_month(month)


def test_nothing_is_an_empty_month() -> None:
    assert read_month(b"") == empty_month()
    assert write_month(empty_month()).decode() == HEADER


def test_months_are_named_in_order_across_years() -> None:
    assert month_name(date(987, 3, 1)) == "0987-03.csv"
    assert list(months_between(date(2023, 12, 31), date(2024, 2, 1))) == [
        "2023-12.csv",
        "2024-01.csv",
        "2024-02.csv",
    ]
