"""Statements in CSV of any bank: what they say is found by all rows together, or asked."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.banking.accounts import Account
from providers.banking.reading import read_statement
from providers.banking.statement import Answers, Statement, Unreadable

ACCOUNTS = {"giro": Account("giro", "checking", "EUR"), "card": Account("card", "credit", "USD")}


def read(data: str | bytes, layouts: dict[str, Answers] | None = None, **answers: str) -> Statement:
    content = data if isinstance(data, bytes) else data.encode()
    answers.setdefault("account", "giro")
    return read_statement(content, "x.csv", Answers(**answers), ACCOUNTS, layouts or {})


def amounts(statement: Statement) -> list[str]:
    assert statement.question is None, statement.question
    return [f"{line.amount:f}" for line in statement.lines]


GERMAN = """Kontoumsätze;;;;;
Konto:;DE89 3704 0044 0532 0130 00;;;;

Buchungstag;Valutadatum;Beguenstigter/Zahlungspflichtiger;Verwendungszweck;Betrag;Währung
05.01.2024;06.01.2024;REWE;Einkauf;-12,34;EUR
06.01.2024;06.01.2024;Müller GmbH;Lohn;1.234,56;EUR
"""


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_preamble_decimal_commas_and_any_charset_are_read(charset: str) -> None:
    found = read(GERMAN.encode(charset))
    assert amounts(found) == ["-12.34", "1234.56"]
    assert found.lines[1].payee == "Müller GmbH"
    assert found.lines[0].date == date(2024, 1, 5)
    assert found.accounts[0].number == "DE89370400440532013000"


def test_days_that_could_be_two_days_are_asked_with_both_readings() -> None:
    text = "Date,Description,Amount\n01/02/2024,Coffee,-3.50\n03/04/2024,Tea,-1.00\n"
    question = read(text).question
    assert question is not None
    assert question.argument == "dates"
    assert "2024-02-01 or 2024-01-02" in question.ask
    assert [value for value, _ in question.options] == ["dmy", "mdy"]
    assert read(text, dates="mdy").lines[0].date == date(2024, 1, 2)
    assert read(text, dates="dmy").lines[0].date == date(2024, 2, 1)


def test_one_day_decides_for_all() -> None:
    text = "Date,Description,Amount\n01/02/2024,Coffee,-3.50\n03/24/2024,Tea,-1.00\n"
    assert [line.date for line in read(text).lines] == [date(2024, 1, 2), date(2024, 3, 24)]


def test_days_that_are_the_same_by_either_reading_are_not_asked_about() -> None:
    assert read("Date,Payee,Amount\n05/05/2024,a,-1.00\n").lines[0].date == date(2024, 5, 5)


@pytest.mark.parametrize(
    "text", ["2024-01-05", "2024/1/5", "20240105", "05.01.2024", "5 Jan 2024", "Jan 5, 2024", "05-JAN-24",
             "2024-01-05T23:59:59Z", "Fri 05.01.2024", "5. Januar 2024", "05.01.24"],
)  # fmt: skip
def test_a_day_is_read_as_banks_write_it(text: str) -> None:
    assert read(f'Date,Payee,Amount\n"{text}",a,-1.00\n', dates="").lines[0].date == date(2024, 1, 5)


def test_an_amount_that_could_be_two_is_asked_and_evidence_decides_it() -> None:
    text = "Date;Payee;Amount\n2024-01-05;a;1.234\n2024-01-06;b;-5\n"
    question = read(text).question
    assert question is not None
    assert question.argument == "decimal"
    assert "1234" in question.ask
    assert amounts(read(text, decimal=",")) == ["1234.00", "-5.00"]
    assert amounts(read(text, decimal=".")) == ["1.234", "-5.00"]
    assert amounts(read(text + "2024-01-07;c;-1,50\n")) == ["1234.00", "-5.00", "-1.50"]


def test_debit_and_credit_columns_give_the_sign() -> None:
    text = (
        "Date,Description,Debit,Credit,Balance\n2024-01-05,Coffee,3.50,,96.50\n2024-01-06,Pay,,1000,1096.50\n"
    )
    found = read(text)
    assert amounts(found) == ["-3.50", "1000.00"]
    assert found.accounts[0].balance == Decimal("1096.50")
    assert found.accounts[0].as_of == date(2024, 1, 6)


def test_debits_that_carry_a_minus_themselves_are_not_turned_round() -> None:
    text = "Date,Payee,Money Out,Money In\n2024-01-05,a,-3.50,\n2024-01-06,b,,2.00\n"
    assert amounts(read(text)) == ["-3.50", "2.00"]


def test_a_column_of_directions_gives_the_sign() -> None:
    text = (
        "Datum;Naam / Omschrijving;Af Bij;Bedrag (EUR)\n20240105;Albert;Af;12,50\n20240106;Loon;Bij;100,00\n"
    )
    assert amounts(read(text)) == ["-12.50", "100.00"]


def test_a_statement_without_any_minus_is_asked_about_unless_the_balance_tells() -> None:
    text = "Date,Payee,Amount\n2024-01-05,a,3.50\n2024-01-06,b,2.00\n"
    question = read(text).question
    assert question is not None
    assert question.argument == "sign"
    assert amounts(read(text, sign="out")) == ["-3.50", "-2.00"]
    assert amounts(read(text, sign="in")) == ["3.50", "2.00"]
    down = (
        "Date,Payee,Amount,Balance\n2024-01-05,a,3.50,96.50\n2024-01-06,b,2.00,94.50\n2024-01-07,c,1.00,93.50"
    )
    assert amounts(read(down)) == ["-3.50", "-2.00", "-1.00"]
    newest_first = (
        "Date,Payee,Amount,Balance\n2024-01-07,c,1.00,6.50\n2024-01-06,b,2.00,5.50\n2024-01-05,a,3.50,3.50\n"
    )
    assert amounts(read(newest_first)) == ["1.00", "2.00", "3.50"]
    assert read(newest_first).accounts[0].balance == Decimal("6.50")


def test_what_a_cards_plus_means_is_asked_once() -> None:
    text = "Date,Payee,Amount\n2024-01-25,Shop,9.99\n2024-01-26,Payment,-50.00\n"
    question = read(text, account="card").question
    assert question is not None
    assert question.argument == "sign"
    found = read(text, account="card", sign="out")
    assert amounts(found) == ["-9.99", "50.00"]
    assert amounts(read(text, {found.fingerprint: Answers(sign="out")}, account="card")) == ["-9.99", "50.00"]


def test_an_unknown_layout_is_asked_and_the_answer_names_columns_by_number_or_heading() -> None:
    text = "Foo;Bar;Baz;Qux\n2024-01-05;Kahvila;-3,50;x\n"
    question = read(text).question
    assert question is not None
    assert question.argument == "columns"
    assert question.sample[0] == ("Foo", "Bar", "Baz", "Qux")
    for columns in ("date=1,payee=2,amount=3", "date=Foo, payee=bar, amount=Baz, description=4"):
        found = read(text, columns=columns)
        assert amounts(found) == ["-3.50"]
        assert found.lines[0].payee == "Kahvila"
    for wrong in ("date=9", "banana=1", "date=1", "date=2,amount=3"):
        again = read(text, columns=wrong).question
        assert again is not None
        assert again.argument == "columns"


def test_what_was_answered_is_remembered_by_the_heading_but_evidence_counts_more() -> None:
    first = read("Date,Description,Amount\n01/02/2024,a,-1.00\n", dates="mdy")
    layouts = {first.fingerprint: Answers(dates="mdy")}
    assert read("Date,Description,Amount\n03/04/2024,a,-1.00\n", layouts).lines[0].date == date(2024, 3, 4)
    other = read("Date,Description,Amount\n03/04/2024,a,-1.00\n13/04/2024,a,-1.00\n", layouts)
    assert other.lines[0].date == date(2024, 4, 3)


def test_rows_without_a_heading_are_read_where_there_is_one_way_only() -> None:
    assert amounts(read("2024-01-05,Coffee,-3.50\n2024-01-06,Tea,-4\n")) == ["-3.50", "-4.00"]
    question = read("2024-01-05,Coffee,x,-3.50,96.50\n").question
    assert question is not None
    assert question.argument == "columns"


def test_a_currency_that_nothing_names_is_asked() -> None:
    text = "Date,Payee,Amount\n2024-01-05,a,-1.00\n"
    question = read(text, account="new").question
    assert question is not None
    assert question.argument == "currency"
    assert read(text, account="new", currency="sek").lines[0].currency == "SEK"
    assert read("Date,Payee,Amount (CHF)\n2024-01-05,a,-1.00\n", account="new").lines[0].currency == "CHF"
    assert read("Date,Payee,Amount\n2024-01-05,a,-$1.00\n", account="new").lines[0].currency == "USD"


def test_an_account_that_is_not_named_is_asked() -> None:
    question = read("Date,Payee,Amount\n2024-01-05,a,-1.00\n", account="").question
    assert question is not None
    assert question.argument == "account"
    assert [value for value, _ in question.options][:2] == ["giro", "card"]


def test_rows_that_are_no_movements_are_told_and_totals_are_not() -> None:
    text = "Date,Payee,Amount\n2024-01-05,a,-1.00\nyesterday,b,-2.00\n2024-01-07,c,1O.00\nTotal,,-3.00\n,,\n"
    found = read(text)
    assert amounts(found) == ["-1.00"]
    assert len(found.problems) >= 2
    assert "line 3: 'yesterday' is no date" in found.problems[0]
    assert "line 4" in found.problems[1]


def test_amounts_stay_exact_whatever_their_size() -> None:
    rows = ["-0.00", "1000000000000000.01", "0.000000001", "-0.10", "(5.25)", "7.50-", "\u22123.00", "1e5"]
    text = "Date,Payee,Amount\n" + "".join(f"2024-01-0{at},p,{cell}\n" for at, cell in enumerate(rows, 1))
    found = read(text)
    assert amounts(found) == [
        "0.00",
        "1000000000000000.01",
        "0.000000001",
        "-0.10",
        "-5.25",
        "-7.50",
        "-3.00",
    ]
    assert any("1e5" in problem for problem in found.problems)
    assert any("0.000000001" in problem for problem in found.problems)


def test_minor_units_follow_the_currency() -> None:
    text = (
        "Date,Payee,Amount,Currency\n2024-01-05,a,-100.00,JPY\n2024-01-05,a,-1.5,KWD\n2024-01-06,a,-100.5,JPY"
    )
    found = read(text)
    assert amounts(found) == ["-100", "-1.500", "-100.5"]
    assert len(found.problems) == 1


def test_separators_and_quotes_of_other_programs_are_read() -> None:
    assert amounts(read("sep=|\nDate|Payee|Amount\n2024-01-05|a,b;c|-1.00\n")) == ["-1.00"]
    assert amounts(read('"Date"\t"Payee"\t"Amount"\r\n"2024-01-05"\t"a ""b"""\t"-1.00"\r\n')) == ["-1.00"]
    assert read('Date,Payee,Amount\n2024-01-05,"two\nlines",-1.00\n').lines[0].payee == "two lines"


def test_an_open_quote_loses_no_other_row() -> None:
    rows = "".join(f"2024-01-{day:02},p,-1.00\n" for day in range(2, 29))
    found = read('Date,Payee,Amount\n2024-01-01,"open,-1.00\n' + rows)
    assert len(found.lines) == 27
    assert found.problems


def test_texts_that_no_terminal_should_see_are_one_line_of_visible_text() -> None:
    found = read('Date,Payee,Amount\n2024-01-05,"a\x1b[31m\u202e\tb",-1.00\n')
    assert found.lines[0].payee == "a [31m b"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04rest", "ZIP"), (b"%PDF-1.7", "PDF"), (b"\x1f\x8b\x08", "gzip"), (b"", "empty"),
        (b" \n\n", "empty"), (b"<!DOCTYPE html><html>", "web page"), (b"<?xml?><a/>", "no statement"),
        (b'{"a": 1}', "JSON"), (b"hello\nworld\n", "no line with a date"), (b"\xd0\xcf\x11\xe0", "Excel"),
    ],
)  # fmt: skip
def test_what_is_no_statement_is_said_and_not_opened(data: bytes, what: str) -> None:
    with pytest.raises(Unreadable, match=what):
        read(data)


def test_a_line_of_two_megabytes_is_told() -> None:
    found = read("Date,Payee,Amount\n2024-01-05," + "x" * 2_000_000 + ",-1.00\n2024-01-06,b,-2.00\n")
    assert amounts(found) == ["-2.00"]
    assert "line 2" in found.problems[0]


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: data.decode("latin-1")))
def test_no_text_stops_the_reading(text: str) -> None:
    for content in (text, f"Date,Payee,Amount\n{text}"):
        try:
            read(content.encode("utf-8", "surrogatepass"))
        except Unreadable:
            continue


CARD = """Transaction Date,Description,Type,Amount
2026-11-20,SHOP,Sale,{spent}
2026-11-21,THANK YOU,Payment,100.00
"""


def test_a_sign_of_its_own_holds_whatever_the_word_beside_it() -> None:
    assert amounts(read(CARD.format(spent="-5.00"), currency="USD")) == ["-5.00", "100.00"]


def test_a_card_is_asked_about_though_words_stand_beside_its_signs() -> None:
    asked = read(CARD.format(spent="-5.00"), account="card").question
    assert asked is not None
    assert asked.argument == "sign"


def test_without_any_sign_words_say_it_and_a_row_without_a_word_is_left_out() -> None:
    found = read(CARD.format(spent="5.00") + "2026-11-22,WHO KNOWS,,3.00\n", currency="USD")
    assert amounts(found) == ["-5.00", "100.00"]
    assert "line 4: does not say whether it is money in or out; left out" in found.problems


@pytest.mark.parametrize("oddity", ["", " ", "=", "Café ", "-1.234", "x\ty", "Two  gaps", "a" * 2100])
def test_a_long_statement_says_the_same_with_and_without_quotes(oddity: str) -> None:
    rows = [
        f"2024-01-{at % 28 + 1:02},Shop {at % 7},Card payment {at},{at - 100}.05,EUR" for at in range(200)
    ]
    rows[150] = f"2024-01-07,{oddity},{oddity},-7.00,EUR"
    head = "Date,Payee,Description,Amount,Currency"
    plain = read("\n".join([head, *rows, ""]))
    quoted = read("\n".join([head, *rows, "", ""]).replace("Shop 3", '"Shop 3"'))
    assert list(plain.lines) == list(quoted.lines)
    assert plain.problems == quoted.problems
    assert len(plain.lines) == 200


@pytest.mark.parametrize(
    "row",
    ["2024-01-07,Shop,Tea", "2024-01-07,Shop,Tea,-1.00,EUR,more", "", "soon,Shop,Tea,-1.00,EUR", ",,,,"],
)
def test_one_odd_row_of_a_long_statement_leaves_the_others_as_they_are(row: str) -> None:
    rows = [
        f"2024-01-{at % 28 + 1:02},Shop {at % 7},Card payment {at},{at - 100}.05,EUR" for at in range(200)
    ]
    rows[150] = row
    found = read("Date,Payee,Description,Amount,Currency\r\n" + "\r\n".join(rows) + "\r\n")
    assert [line.description for line in found.lines if line.description.startswith("Card")] == [
        f"Card payment {at}" for at in range(200) if at != 150
    ]
    assert len(found.problems) == (row not in ("", ",,,,", "2024-01-07,Shop,Tea,-1.00,EUR,more"))


def test_amounts_of_a_long_statement_in_several_currencies_keep_their_own() -> None:
    rows = [f"{at % 28 + 1:02}.01.2024;Shop;{at - 100},05;{('EUR', 'USD')[at % 2]}" for at in range(200)]
    found = read("Date;Payee;Amount;Currency\n" + "\n".join(rows))
    assert [line.currency for line in found.lines[:3]] == ["EUR", "USD", "EUR"]
    assert amounts(found)[:2] == ["-100.05", "-99.05"]
