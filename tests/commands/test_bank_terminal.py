"""Money on a real terminal: what an import leaves open is asked at the prompt; pictures are in colour."""

from __future__ import annotations

import pathlib

from tests.spatio.pty import SPATIO, Person

STATEMENT = "Date,Payee,Amount\n03/04/2026,Shop,-5.00\n04/05/2026,ACME,60.00\n"


def at_the_prompt(folder: pathlib.Path) -> Person:
    home = folder / "home"
    (folder / "statement.csv").write_text(STATEMENT)
    return Person(SPATIO, env={"SPATIO_HOME": str(home), "LANG": "C.UTF-8", "NO_COLOR": ""}, columns=90)


def test_a_statement_is_asked_about_and_drawn(tmp_path: pathlib.Path) -> None:
    person = at_the_prompt(tmp_path)
    person.sees(r"^>")
    person.says(f"bank import {tmp_path}/statement.csv")
    person.sees(r"Of which account is this statement\?")
    person.says("wallet")
    person.sees(r"Is `03/04/2026` 2026-04-03 or 2026-03-04\?")
    person.says("2")
    person.sees(r"In which currency")
    person.says("1")
    person.sees(r"statement\.csv: 2 new; 2026-03-04 to 2026-04-05, in wallet")
    person.says("clear; bank transactions --from 2026-01-01 | group-by payee --sum amount | plot")
    shown = person.sees(r"^Shop .*-€5\.00$")
    rows = [line for line in shown.splitlines() if "│" in line]
    assert [line.split()[0] for line in rows] == ["ACME", "Shop"]
    assert b"\x1b[31m" in person.raw
    person.says("exit")
    assert person.leaves() == 0
