"""OFX and QFX: both versions alike, as lenient as banks are careless, beside ofxtools on the same files."""

import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ofxtools.Parser import OFXTree

from providers.banking.ofx import read_ofx
from providers.banking.statement import Statement, Unreadable

SGML = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

"""
XML = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>
"""
SIGNON = (
    "<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS>"
    "<DTSERVER>20240201</DTSERVER><LANGUAGE>ENG</LANGUAGE><FI><ORG>Test Bank</ORG><FID>1</FID></FI></SONRS>"
    "</SIGNONMSGSRSV1>"
)
ROWS = (
    "<STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20240105235959.000[-5:EST]</DTPOSTED><TRNAMT>-3.50</TRNAMT>"
    "<FITID>A1</FITID><NAME>Kahvila &amp; Co</NAME><MEMO>card 1</MEMO></STMTTRN>"
    "<STMTTRN><TRNTYPE>CREDIT</TRNTYPE><DTPOSTED>20240106</DTPOSTED><TRNAMT>1000.00</TRNAMT>"
    "<FITID>A2</FITID><CHECKNUM>77</CHECKNUM><NAME>Pay</NAME></STMTTRN>"
)
BANK = (
    "<BANKMSGSRSV1><STMTTRNRS><TRNUID>0</TRNUID><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS><STMTRS>"
    "<CURDEF>USD</CURDEF><BANKACCTFROM><BANKID>111</BANKID><ACCTID>222333</ACCTID><ACCTTYPE>SAVINGS</ACCTTYPE>"
    f"</BANKACCTFROM><BANKTRANLIST><DTSTART>20240101</DTSTART><DTEND>20240131</DTEND>{ROWS}</BANKTRANLIST>"
    "<LEDGERBAL><BALAMT>996.50</BALAMT><DTASOF>20240131</DTASOF></LEDGERBAL>"
    "<AVAILBAL><BALAMT>900.00</BALAMT><DTASOF>20240131</DTASOF></AVAILBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1>"
)
CARD = (
    "<CREDITCARDMSGSRSV1><CCSTMTTRNRS><TRNUID>0</TRNUID>"
    "<STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS><CCSTMTRS>"
    "<CURDEF>EUR</CURDEF><CCACCTFROM><ACCTID>4444</ACCTID></CCACCTFROM><BANKTRANLIST><DTSTART>20240101</DTSTART>"
    "<DTEND>20240131</DTEND><STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20240107</DTPOSTED><TRNAMT>-9.00</TRNAMT>"
    "<FITID>A1</FITID><NAME>Shop</NAME></STMTTRN></BANKTRANLIST>"
    "<LEDGERBAL><BALAMT>-9.00</BALAMT><DTASOF>20240131</DTASOF></LEDGERBAL></CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1>"
)
WHOLE = f"<OFX>{SIGNON}{BANK}{CARD}</OFX>"
AGGREGATES = {
    "OFX",
    "SONRS",
    "STATUS",
    "FI",
    "STMTTRNRS",
    "STMTRS",
    "BANKACCTFROM",
    "BANKTRANLIST",
    "STMTTRN",
    "LEDGERBAL",
    "AVAILBAL",
    "CCSTMTTRNRS",
    "CCSTMTRS",
    "CCACCTFROM",
    "SIGNONMSGSRSV1",
    "BANKMSGSRSV1",
    "CREDITCARDMSGSRSV1",
}


def unclosed(text: str) -> str:
    """The same as version 1 has it: what holds a value is closed by nobody."""
    parts = text.split("</")
    return parts[0] + "".join(
        ("</" + part) if part.partition(">")[0] in AGGREGATES else part.partition(">")[2]
        for part in parts[1:]
    )


def read(text: str) -> Statement:
    return read_ofx(text.encode())


@pytest.mark.parametrize(
    "text", [XML + WHOLE, SGML + WHOLE, SGML + unclosed(WHOLE)], ids=["xml", "sgml", "unclosed"]
)
def test_both_versions_say_the_same_and_what_ofxtools_reads(text: str) -> None:
    found = read(text)
    assert found.problems == []
    parser = OFXTree()
    parser.parse(io.BytesIO(text.encode()))
    theirs = [
        (Decimal(one.trnamt), one.fitid, statement.curdef)
        for statement in parser.convert().statements
        for one in statement.transactions
    ]
    assert [(line.amount, line.key, line.currency) for line in found.lines] == theirs
    bank, card = found.accounts
    assert (bank.number, bank.kind, bank.institution, bank.currency) == (
        "111/222333",
        "savings",
        "Test Bank",
        "USD",
    )
    assert (bank.balance, bank.available, bank.as_of) == (
        Decimal("996.50"),
        Decimal("900.00"),
        date(2024, 1, 31),
    )
    assert (card.kind, card.balance) == ("credit", Decimal("-9.00"))
    first, second, third = found.lines
    assert (first.date, first.payee, first.description) == (date(2024, 1, 5), "Kahvila & Co", "card 1")
    assert second.description == "check 77"
    assert (first.holding, third.holding) == (0, 1)


def test_careless_files_are_read_as_far_as_they_go() -> None:
    rows = ROWS.replace("-3.50", "-3,50").replace("20240106", "20240199").replace("<FITID>A1", "<FITID>")
    found = read(SGML + f"<OFX>{BANK.replace(ROWS, rows)}")
    assert [str(line.amount) for line in found.lines] == ["-3.50"]
    assert found.lines[0].key == ""
    assert "20240199" in found.problems[0]
    cut = read(SGML + WHOLE[: WHOLE.index("<FITID>A2")])
    assert len(cut.lines) == 2
    assert cut.accounts[0].number == "111/222333"


def test_a_movement_in_another_currency_says_so() -> None:
    rows = ROWS.replace(
        "</MEMO>", "</MEMO><CURRENCY><CURRATE>1.1</CURRATE><CURSYM>JPY</CURSYM></CURRENCY>", 1
    )
    found = read(XML + f"<OFX>{BANK.replace(ROWS, rows)}</OFX>")
    assert [(line.currency, str(line.amount)) for line in found.lines] == [
        ("JPY", "-3.5"),
        ("USD", "1000.00"),
    ]
    assert "JPY" in found.problems[0]


def test_amounts_that_are_none_are_told() -> None:
    for amount in ("NaN", "1e9999", "", "Infinity", "1_0"):
        found = read(XML + f"<OFX>{BANK.replace('-3.50', amount)}</OFX>")
        assert len(found.lines) == 1
        assert "A1" in found.problems[0]


def test_trades_in_securities_are_told() -> None:
    part = (
        "<INVSTMTRS><CURDEF>USD</CURDEF><INVACCTFROM><BROKERID>b</BROKERID><ACCTID>1</ACCTID></INVACCTFROM>"
    )
    part += "<INVTRANLIST><BUYSTOCK><INVBUY></INVBUY></BUYSTOCK></INVTRANLIST></INVSTMTRS>"
    found = read(XML + f"<OFX>{part}</OFX>")
    assert found.accounts[0].kind == "investment"
    assert "securities" in found.problems[0]


def test_an_ofx_file_without_an_account_is_refused() -> None:
    with pytest.raises(Unreadable, match="no bank or card"):
        read(SGML + f"<OFX>{SIGNON}</OFX>")


def test_a_cdata_section_and_a_charset_are_read() -> None:
    text = SGML + unclosed(WHOLE).replace("Kahvila &amp; Co", "<![CDATA[Käse <& Co]]>")
    assert read_ofx(text.encode("cp1252")).lines[0].payee == "Käse <& Co"


def test_a_document_type_is_never_followed() -> None:
    bomb = '<!DOCTYPE OFX [<!ENTITY a "b"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    found = read(XML + bomb + WHOLE.replace("Pay", "&c;"))
    assert found.lines[1].payee == "&c;"


@given(st.text(max_size=300))
def test_no_text_stops_the_reading(text: str) -> None:
    for content in (f"<OFX>{text}", SGML + WHOLE.replace("Pay", text)):
        try:
            read_ofx(content.encode("utf-8", "surrogatepass"))
        except Unreadable:
            continue
