"""Banks that give one number to several movements: none is lost, and none is there twice."""

import pathlib

from tests.banking.ledgers import Desk

_HEAD = (
    "OFXHEADER:100\nDATA:OFXSGML\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>1"
    "<ACCTID>99<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST>"
)
_TAIL = "</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"


def statement(*rows: tuple[str, str, str, str]) -> str:
    """Rows of a day, an amount, the bank's number and a name."""
    told = (
        f"<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>{day}<TRNAMT>{amount}<FITID>{number}<NAME>{name}</STMTTRN>"
        for day, amount, number, name in rows
    )
    return _HEAD + "".join(told) + _TAIL


def take(desk: Desk, *rows: tuple[str, str, str, str]) -> int:
    new = desk.take(statement(*rows), name="x.ofx", account="giro")["new"]
    assert isinstance(new, int)
    return new


A = ("20261101", "-1.00", "0", "A")
B = ("20261102", "-2.00", "0", "B")
C = ("20261103", "-3.00", "0", "C")


def test_one_number_for_all_movements_of_a_statement_tells_none_of_them(tmp_path: pathlib.Path) -> None:
    desk = Desk(tmp_path)
    assert (take(desk, A, B), take(desk, B, C), take(desk, A, B, C)) == (2, 1, 0)
    assert [row.payee for row in desk.rows()] == ["A", "B", "C"]
    assert len({row.id for row in desk.rows()}) == 3
    desk.close()


def test_a_number_that_is_used_again_on_another_day_is_another_movement(tmp_path: pathlib.Path) -> None:
    desk = Desk(tmp_path)
    assert (take(desk, A), take(desk, B), take(desk, B), take(desk, A), take(desk, A, B)) == (1, 1, 0, 0, 0)
    assert [row.payee for row in desk.rows()] == ["A", "B"]
    desk.close()


def test_an_amount_that_the_bank_has_corrected_is_told_and_not_a_second_movement(
    tmp_path: pathlib.Path,
) -> None:
    desk = Desk(tmp_path)
    assert (take(desk, A), take(desk, ("20261101", "-1.50", "0", "A"))) == (1, 0)
    assert [str(row.amount) for row in desk.rows()] == ["-1.00"]
    desk.close()
