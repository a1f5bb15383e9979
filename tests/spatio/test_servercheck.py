"""The doctor on a workspace in PostgreSQL: what it says of the server, the login, row security."""

from __future__ import annotations

import io
import pathlib

import keyring
import pytest

from providers.store.postgres.examine import Examined
from spatio import cli
from spatio.addresses import store_address
from spatio.config import StoreSetting
from spatio.findings import Finding
from spatio.paths import places
from spatio.servercheck import check_objects, check_server, way_there
from spatio.start import Start
from spatio.storing import choose
from tests.servers.pgbouncer import running_pgbouncer
from tests.servers.postgres import PASSWORD, Database
from tests.servers.s3 import ACCESS, SECRET, S3Service, bucket, s3_service
from tests.spatio.test_secrets import Ring

__all__ = ["bucket", "s3_service"]


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
    assert "GRANT spatio_person TO" in finding.step


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


WELL = Examined(
    version="18.6", away=0.001, clock=0.0, encrypted=True, near=False, trigrams=True, login="ada",
    superuser=False, bypasses=False, owner=False, schema=2, unguarded=(), proxied=False, hears="",
)  # fmt: skip


def test_what_is_sent_in_the_clear_and_clocks_that_differ_are_told() -> None:
    assert [finding.state for finding in way_there(WELL)] == ["ok"]
    clear, *_ = way_there(WELL._replace(encrypted=False))
    assert (clear.state, clear.subject) == ("bad", "encryption")
    assert "encryption" not in [one.subject for one in way_there(WELL._replace(encrypted=False, near=True))]
    late, *_ = way_there(WELL._replace(clock=-90.0))
    assert (late.state, late.subject) == ("note", "clock")
    assert "90 s behind" in late.text


def test_a_pooling_proxy_is_seen_and_nothing_listens_through_it(
    tmp_path: pathlib.Path, database: Database
) -> None:
    with running_pgbouncer(database.server) as proxy:
        address = database.program.replace(f":{database.server.port}/", f":{proxy.port}/")
        found = checked(tmp_path, address)
        assert "proxy" in found
        assert found["notices"].state == "note"
        assert "direct in [store]" in found["notices"].step
        asked = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = $1"
        assert database.server.sql(asked, database.name) == [(0,)]
        setting = StoreSetting(store_address(address).text, store_address(database.program).text)
        chosen = choose(places(tmp_path), setting, address, None, {})
        found = {finding.subject: finding for finding in check_server(chosen)}
        assert found["notices"].state == "ok"


# -- the bucket


def bucket_found(home: pathlib.Path, service: S3Service, bucket: str) -> Finding:
    place = f"s3://{bucket}/in?endpoint={service.endpoint}&region=us-east-1"
    (finding,) = check_objects(choose(places(home), None, None, place, {}))
    assert SECRET not in str(finding)
    return finding


def test_a_bucket_is_tried_out_and_left_as_it_was(
    tmp_path: pathlib.Path, s3_service: S3Service, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    finding = bucket_found(tmp_path, s3_service, bucket)
    assert (finding.state, finding.subject) == ("ok", "bucket")
    assert "conditional puts" in finding.text
    assert "Contents" not in s3_service.client().list_objects_v2(Bucket=bucket)


def test_a_bucket_that_cannot_be_used_is_bad(
    tmp_path: pathlib.Path, s3_service: S3Service, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    without = bucket_found(tmp_path, s3_service, bucket)
    assert without.state == "bad"
    assert "AWS_ACCESS_KEY_ID" in without.step
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    assert bucket_found(tmp_path, s3_service, bucket).state == "bad"


def test_the_keys_of_a_bucket_may_lie_in_the_keyring(
    tmp_path: pathlib.Path, s3_service: S3Service, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    ring = Ring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{ACCESS}:{SECRET}\n"))
    assert cli.run(Start(("key", f"s3:{bucket}"))) == 0
    assert bucket_found(tmp_path, s3_service, bucket).state == "ok"


def test_the_password_of_the_store_may_lie_in_the_keyring(
    tmp_path: pathlib.Path,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PGPASSFILE", "/nowhere")
    monkeypatch.delenv("PGPASSWORD", raising=False)
    ring = Ring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    address = database.address("program", password="")
    home = str(tmp_path / "home")
    assert checked(tmp_path, address)["server"].state == "bad"
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert cli.run(Start(("key", "store"), home, store=address)) == 0
    assert checked(tmp_path, address)["server"].state == "ok"
    assert checked(tmp_path, address.replace("program", "owner"))["server"].state == "bad"
    assert cli.run(Start(("key", "store"), home)) == 1
    said = capfd.readouterr().err
    assert "is in the keyring" in said
    assert "the store is a file and has no password" in said
    assert PASSWORD not in said
