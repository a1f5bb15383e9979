"""camt.052, 053 and 054: entries, their details, reversals, pending ones, balances that add up."""

from datetime import date
from decimal import Decimal

import pytest

from providers.banking.camt import read_camt
from providers.banking.reading import read_statement
from providers.banking.statement import Answers, Statement, Unreadable
from providers.banking.xmltree import Element, read_xml


def entry(
    amount: str,
    sign: str,
    *,
    key: str = "",
    status: str = "<Sts>BOOK</Sts>",
    more: str = "",
    day: str = "2024-01-05",
) -> str:
    reference = f"<AcctSvcrRef>{key}</AcctSvcrRef>" if key else ""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{status}'
        f"<BookgDt><Dt>{day}</Dt></BookgDt>"
        f"{reference}{more}</Ntry>"
    )


def details(*parts: str) -> str:
    return f"<NtryDtls>{''.join(f'<TxDtls>{part}</TxDtls>' for part in parts)}</NtryDtls>"


def balance(kind: str, amount: str, sign: str = "CRDT", day: str = "2024-01-31") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt>"
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def statement(
    body: str, *, message: str = "053.001.02", root: str = "BkToCstmrStmt", part: str = "Stmt"
) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{message}"><{root}>'
        f"<GrpHdr><MsgId>1</MsgId></GrpHdr><{part}><Id>S1</Id><Acct><Id><IBAN>FI2112345600000785</IBAN></Id>"
        f"<Ccy>EUR</Ccy><Svcr><FinInstnId><Nm>Pankki</Nm></FinInstnId></Svcr></Acct>{body}</{part}></{root}></Document>"
    ).encode()


def read(body: str) -> Statement:
    return read_camt(statement(body))


def amounts(found: Statement) -> list[str]:
    return [str(line.amount) for line in found.lines]


PARTIES = (
    "<RltdPties><Dbtr><Nm>Me</Nm></Dbtr><Cdtr><Nm>Kahvila Oy</Nm></Cdtr></RltdPties>"
    "<RmtInf><Ustrd>two coffees</Ustrd><Ustrd>and a bun</Ustrd></RmtInf>"
)


def test_entries_and_balances_of_a_statement_are_read() -> None:
    body = balance("OPBD", "100.00") + balance("CLBD", "1096.50") + balance("CLAV", "1000.00")
    found = read(
        body + entry("3.50", "DBIT", key="R1", more=details(PARTIES)) + entry("1000", "CRDT", key="R2")
    )
    assert amounts(found) == ["-3.50", "1000.00"]
    assert found.problems == []
    (held,) = found.accounts
    assert (held.number, held.institution, held.currency) == ("FI2112345600000785", "Pankki", "EUR")
    assert (held.balance, held.available, held.as_of) == (
        Decimal("1096.50"),
        Decimal("1000.00"),
        date(2024, 1, 31),
    )
    first = found.lines[0]
    assert (first.payee, first.description, first.key) == ("Kahvila Oy", "two coffees and a bun", "R1")


def test_newer_versions_say_parties_and_states_otherwise() -> None:
    parties = "<RltdPties><Cdtr><Pty><Nm>Kahvila</Nm></Pty></Cdtr></RltdPties>"
    body = entry("1", "DBIT", status="<Sts><Cd>PDNG</Cd></Sts>", more=details(parties))
    found = read_camt(statement(body, message="052.001.08", root="BkToCstmrAcctRpt", part="Rpt"))
    assert found.lines[0].pending
    assert found.lines[0].payee == "Kahvila"
    notice = read_camt(
        statement(entry("2", "CRDT"), message="054.001.04", root="BkToCstmrDbtCdtNtfctn", part="Ntfctn")
    )
    assert amounts(notice) == ["2.00"]


def test_details_are_movements_of_their_own_where_they_add_up() -> None:
    parts = [f'<Refs><AcctSvcrRef>P{one}</AcctSvcrRef></Refs><Amt Ccy="EUR">{one}.00</Amt>' for one in (1, 2)]
    found = read(entry("3.00", "DBIT", key="B", more=details(*parts)))
    assert amounts(found) == ["-1.00", "-2.00"]
    assert [line.key for line in found.lines] == ["P1", "P2"]
    wrong = read(entry("4.00", "DBIT", key="B", more=details(*parts)))
    assert amounts(wrong) == ["-4.00"]
    assert "taken as a whole" in wrong.problems[0]
    without = read(entry("4.00", "DBIT", key="B", more=details("<Refs/>", "<Refs/>")))
    assert amounts(without) == ["-4.00"]


def test_a_reversal_is_told_by_its_direction_and_its_text() -> None:
    found = read(entry("5.00", "CRDT", more="<RvslInd>true</RvslInd>" + details(PARTIES)))
    assert amounts(found) == ["5.00"]
    assert found.lines[0].payee == "Kahvila Oy"
    assert found.lines[0].description.startswith("reversal")


def test_balances_that_do_not_add_up_are_told() -> None:
    found = read(balance("OPBD", "100.00") + balance("CLBD", "90.00") + entry("3.50", "DBIT"))
    assert amounts(found) == ["-3.50"]
    assert "€90.00" in found.problems[0]
    assert "€96.50" in found.problems[0]


def test_a_debit_balance_is_below_zero() -> None:
    found = read(balance("OPBD", "10", "DBIT") + balance("CLBD", "13.50", "DBIT") + entry("3.50", "DBIT"))
    assert found.accounts[0].balance == Decimal("-13.50")
    assert found.problems == []


def test_entries_without_an_amount_or_a_day_are_told() -> None:
    found = read(
        entry("x", "DBIT") + entry("1", "DBIT", day="") + entry("1.00", "DBIT", status="<Sts>INFO</Sts>")
    )
    assert found.lines == []
    assert len(found.problems) == 2


def test_document_types_and_entities_are_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "yyyy">]><Document>camt.053 &x;</Document>'
    with pytest.raises(Unreadable, match="document type"):
        read_camt(bomb)
    deep = b"<Document>camt.053" + b"<a>" * 10_000
    with pytest.raises(Unreadable, match="more in it"):
        read_camt(deep)
    with pytest.raises(Unreadable, match="not well-formed"):
        read_statement(statement("")[:-20], "x.xml", Answers(), {}, {})


def test_a_file_of_another_charset_is_read() -> None:
    text = statement(entry("1", "DBIT", more=details("<RmtInf><Ustrd>Käse</Ustrd></RmtInf>"))).decode()
    data = text.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"').encode("latin-1")
    assert read_camt(data).lines[0].payee == "Käse"


def test_a_text_that_comes_in_many_pieces_is_whole() -> None:
    pieces = 40_000
    found: list[Element] = []
    read_xml(b"<a><b>" + b"x&#10;" * pieces + b"</b></a>", {"a"}, lambda one, _: found.append(one))
    assert found[0].said("b").count("x") == pieces
