"""The doctor on a workspace in PostgreSQL: what it says of the server, the login, row security."""

from __future__ import annotations

import pathlib

import pytest

from spatio.findings import Finding
from spatio.paths import places
from spatio.servercheck import check_objects, check_server
from spatio.storing import choose
from tests.servers.postgres import PASSWORD, Database


def checked(home: pathlib.Path, address: str, objects: str | None = None) -> dict[str, Finding]:
    chosen = choose(places(home), None, address, objects, {})
    found = [*check_server(chosen), *check_objects(chosen)]
    assert PASSWORD not in str(found)
    return {finding.subject: finding for finding in found}


def test_a_server_as_it_should_be(tmp_path: pathlib.Path, database: Database) -> None:
    found = checked(tmp_path, database.program)
    assert found["server"].text.startswith(f"PostgreSQL {database.server.version}")
    assert [found[name].state for name in ("notices", "schema", "login", "row security")] == ["ok"] * 4
    assert "encryption" not in found
    assert "clock" not in found


@pytest.mark.parametrize(
    ("login", "says"), [("postgres", "is an administrator"), ("owner", "owns the tables")]
)
def test_a_login_that_can_do_too_much_is_told(
    tmp_path: pathlib.Path, database: Database, login: str, says: str
) -> None:
    finding = checked(tmp_path, database.address(login))["login"]
    assert finding.state == "note"
    assert says in finding.text
    assert "GRANT spatio_app TO" in finding.step


def test_a_login_above_row_security_is_told(tmp_path: pathlib.Path, database: Database) -> None:
    database.sql("ALTER ROLE stranger BYPASSRLS; GRANT spatio_app TO stranger;")
    try:
        finding = checked(tmp_path, database.address("stranger"))["login"]
    finally:
        database.sql("ALTER ROLE stranger NOBYPASSRLS; REVOKE spatio_app FROM stranger;")
    assert finding.state == "note"
    assert "BYPASSRLS" in finding.text


@pytest.mark.parametrize("change", ["DISABLE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"])
def test_a_table_whose_rows_are_not_held_to_their_user_is_bad(
    tmp_path: pathlib.Path, database: Database, change: str
) -> None:
    database.sql(f"ALTER TABLE spatio.node {change}")
    finding = checked(tmp_path, database.program)["row security"]
    assert (finding.state, finding.text) == ("bad", "not in force on: node")
    assert "FORCE ROW LEVEL SECURITY" in finding.step


def test_tables_that_are_missing_older_or_newer_are_bad(
    tmp_path: pathlib.Path, database: Database, empty_database: Database
) -> None:
    missing = checked(tmp_path, empty_database.owner)
    assert missing["schema"].state == "bad"
    assert "init" in missing["schema"].step
    assert "login" not in missing
    assert checked(tmp_path, database.address("stranger"))["schema"].state == "bad"
    for version, says in ((99, "of a newer Spatio"), (1, "which is older than")):
        database.sql(f"UPDATE spatio.meta SET version = {version}")
        finding = checked(tmp_path, database.program)["schema"]
        assert finding.state == "bad"
        assert says in finding.text


def test_large_contents_on_this_machine_are_told(tmp_path: pathlib.Path, database: Database) -> None:
    finding = checked(tmp_path, database.program)["objects"]
    assert finding.state == "note"
    assert "other devices do not see" in finding.text


def test_a_server_that_cannot_be_used_is_bad_and_ends_the_checks(
    tmp_path: pathlib.Path, database: Database
) -> None:
    for address in (
        "postgresql://ada@127.0.0.1:1/x",
        database.address("program", password="wrong"),
        database.program.replace(database.name, "none"),
    ):
        (finding,) = check_server(choose(places(tmp_path), None, address, None, {}))
        assert (finding.state, finding.subject) == ("bad", "server")
        assert "wrong" not in str(finding)
