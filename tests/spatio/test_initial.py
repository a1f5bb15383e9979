"""`spatio init`: workspaces are made where somebody says so, and only there."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from spatio.config import StoreSetting, load_config
from spatio.paths import places
from tests.servers.postgres import PASSWORD, Database
from tests.workspaces import outside_env

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "home"


def spatio(home: pathlib.Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    full = {**outside_env(home), "PGPASSFILE": "/nowhere", **env}
    command = [sys.executable, "-m", "spatio", *words]
    return subprocess.run(
        command,
        env=full,
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=90,
        check=False,
    )


def told(done: subprocess.CompletedProcess[str]) -> str:
    """What was said; no traceback, and no password."""
    text = done.stdout + done.stderr
    assert "Traceback" not in text
    assert "bug in Spatio" not in text
    assert PASSWORD not in text
    return text


def test_a_database_elsewhere_is_made_chosen_and_used(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "other" / "mine.db"
    assert "there is no workspace here" in told(spatio(home, "--store", str(file), "ls", "/notes"))
    assert "there is no workspace here" in told(spatio(home, "ls", "/notes", SPATIO_DATABASE_URL=str(file)))
    unused = spatio(home, "--store", str(file), "ls", "/")
    assert (unused.returncode, unused.stdout) == (1, "")
    assert "there is no workspace here" in told(unused)
    assert not file.exists()
    made = spatio(home, "init", str(file))
    assert made.returncode == 0
    assert f"a new workspace in {file}" in told(made)
    assert load_config(places(home)).store == StoreSetting(str(file))
    assert spatio(home, "-c", "echo kept > /notes/a.md; cat /notes/a.md").stdout == "kept\n"
    assert "summarizer.md" in spatio(home, "ls", "/agents").stdout
    assert not (home / "data" / "spatio.db").exists()
    again = spatio(home, "init", str(file))
    assert again.returncode == 0
    assert f"there is a workspace in {file}" in told(again)


def test_without_an_address_the_config_stays_as_it_is(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "other.db"
    assert spatio(home, "--store", str(file), "init").returncode == 0
    assert file.exists()
    assert load_config(places(home)).store is None
    assert spatio(home, "init").returncode == 0
    assert (home / "data" / "spatio.db").exists()


def test_data_that_are_there_are_not_left_behind(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    spatio(home, "-c", "echo mine > /notes/a.md")
    refused = spatio(home, "init", str(tmp_path / "other.db"))
    assert refused.returncode == 1
    assert "spatio migrate --to" in told(refused)
    assert not (tmp_path / "other.db").exists()
    second = tmp_path / "second"
    spatio(second, "init", str(tmp_path / "one.db"))
    refused = spatio(second, "init", str(tmp_path / "two.db"))
    assert refused.returncode == 1
    assert "has a store already" in told(refused)
    assert not (tmp_path / "two.db").exists()


def test_a_second_device_must_name_where_large_contents_are(
    home: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    file, objects, second = tmp_path / "one.db", tmp_path / "elsewhere", tmp_path / "second"
    spatio(home, "init", str(file), "--objects", str(objects))
    assert spatio(home, "-c", "seq 100000 > /files/large").returncode == 0
    refused = spatio(second, "init", str(file))
    assert refused.returncode == 1
    assert f"are not in {file}.objects" in told(refused)
    assert "--objects" in refused.stderr
    assert not (second / "config.toml").exists()
    assert "large contents are missing" in spatio(second, "--store", str(file), "doctor").stdout
    assert spatio(second, "init", str(file), "--objects", str(objects)).returncode == 0
    assert spatio(second, "-c", "tail -1 /files/large").stdout == "100000\n"
    assert spatio(second, "doctor").returncode == 0


def test_a_place_for_large_contents_that_another_workspace_has_is_refused_at_once(
    home: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    objects, second = tmp_path / "objects", tmp_path / "second"
    assert spatio(home, "init", str(tmp_path / "one.db"), "--objects", str(objects)).returncode == 0
    refused = spatio(second, "init", str(tmp_path / "two.db"), "--objects", str(objects))
    assert refused.returncode == 1
    assert "another workspace keeps its large contents" in told(refused)
    assert not (second / "config.toml").exists()


def test_a_bucket_that_cannot_be_reached_is_told_at_once_and_not_kept(
    home: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "some", "AWS_SECRET_ACCESS_KEY": PASSWORD}
    bucket = "s3://bucket/a?endpoint=http://127.0.0.1:9"
    refused = spatio(home, "init", str(tmp_path / "one.db"), "--objects", bucket, **keys)
    assert refused.returncode == 75
    assert "cannot be reached" in told(refused)
    assert not (home / "config.toml").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("init", "postgressql://h/x"), "did you mean postgresql:?"),
        (("init", "postgresql://h:x/x"), "the port is not a number"),
        (("init", "--user", "ada"), "go with an address"),
        (("--store", "a.db", "init", "b.db"), "one too many"),
        (("init", "a.db", "--objects", "gs://x"), "no kind of objects"),
        (("init", "a.db", "--user", "a\nb"), "user must be a name"),
        (("init", "a.db", "--direct", "postgresql://ada:correct-horse@h/x"), "not kept in the config"),
    ],
)
def test_a_mistake_is_one_line_and_makes_nothing(
    home: pathlib.Path, words: tuple[str, ...], says: str
) -> None:
    done = spatio(home, *words)
    assert done.returncode == 2
    assert says in told(done)
    assert not home.exists()
    assert not (ROOT / "a.db").exists()


def test_an_empty_database_becomes_a_workspace_that_two_devices_share(
    home: pathlib.Path, tmp_path: pathlib.Path, empty_database: Database
) -> None:
    second, objects = tmp_path / "second", tmp_path / "objects"
    before = spatio(home, "--store", empty_database.owner, "ls", "/notes")
    assert before.returncode == 2
    assert "no workspace of Spatio is in this database" in told(before)
    made = spatio(home, "init", empty_database.owner, "--objects", str(objects))
    assert made.returncode == 0, made.stderr
    assert "a new workspace in postgresql://owner@127.0.0.1" in told(made)
    assert "spatio key store" in made.stderr
    assert PASSWORD not in (home / "config.toml").read_text()
    assert spatio(home, "-c", "echo shared > /notes/a.md", PGPASSWORD=PASSWORD).returncode == 0
    joined = spatio(second, "init", empty_database.owner, "--objects", str(objects))
    assert "there is a workspace in" in told(joined)
    assert spatio(second, "cat", "/notes/a.md", PGPASSWORD=PASSWORD).stdout == "shared\n"
    assert (
        spatio(second, "-c", "ls /agents | wc -l", PGPASSWORD=PASSWORD).stdout
        == spatio(home, "-c", "ls /agents | wc -l", PGPASSWORD=PASSWORD).stdout
    )
    assert spatio(home, "undo", PGPASSWORD=PASSWORD).returncode == 0
    assert spatio(second, "cat", "/notes/a.md", PGPASSWORD=PASSWORD).returncode == 1


def test_two_programs_that_make_it_at_once_make_one(tmp_path: pathlib.Path, empty_database: Database) -> None:
    words = [sys.executable, "-m", "spatio", "--store", empty_database.owner, "init"]
    homes = [tmp_path / str(number) for number in range(3)]
    running = [
        subprocess.Popen(words, env=outside_env(home), cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for home in homes
    ]
    said = [process.communicate(timeout=90)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    listing = spatio(homes[0], "--store", empty_database.owner, "-c", "ls /agents; undo").stdout
    names = listing.splitlines()
    assert "summarizer.md" in names
    assert len(names) == len(set(names))
    assert spatio(homes[0], "--store", empty_database.owner, "audit", "verify").returncode == 0


def test_another_user_of_the_database_has_no_workspace_until_he_makes_one(
    home: pathlib.Path, tmp_path: pathlib.Path, database: Database
) -> None:
    second = tmp_path / "second"
    assert spatio(home, "init", database.program, "--user", "ada").returncode == 0
    assert spatio(home, "-c", "echo secret > /notes/a.md", PGPASSWORD=PASSWORD).returncode == 0
    second.mkdir()
    (second / "config.toml").write_text((home / "config.toml").read_text().replace('"ada"', '"eve"'))
    done = spatio(second, "ls", "/notes", PGPASSWORD=PASSWORD)
    assert done.returncode == 2
    assert "holds no workspace of the user eve" in told(done)
    assert spatio(second, "init", PGPASSWORD=PASSWORD).returncode == 0
    assert spatio(second, "ls", "/notes", PGPASSWORD=PASSWORD).stdout == ""
    assert spatio(second, "search", "secret", PGPASSWORD=PASSWORD).stdout == ""


def test_another_users_part_does_not_take_the_place_of_ones_own(
    home: pathlib.Path, database: Database
) -> None:
    assert spatio(home, "init", database.program).returncode == 0
    assert spatio(home, "-c", "echo mine > /notes/a.md", PGPASSWORD=PASSWORD).returncode == 0
    refused = spatio(home, "init", database.program, "--user", "ada")
    assert refused.returncode == 1
    assert "is the part of the user me" in told(refused)
    assert spatio(home, "init", database.program, "--user", "me").returncode == 0
    assert spatio(home, "cat", "/notes/a.md", PGPASSWORD=PASSWORD).stdout == "mine\n"


def test_a_person_with_a_login_of_his_own_has_the_part_of_that_name_only(
    home: pathlib.Path, database: Database
) -> None:
    database.server.sql("GRANT spatio_person TO stranger")
    try:
        refused = spatio(home, "init", database.address("stranger"), "--user", "ada")
        assert refused.returncode != 0
        assert "--user stranger" in told(refused)
        assert not (home / "config.toml").exists()
        made = spatio(home, "init", database.address("stranger"), "--user", "stranger")
        assert made.returncode == 0, made.stderr
        done = spatio(home, "-c", "echo mine > /notes/a.md; cat /notes/a.md", PGPASSWORD=PASSWORD)
        assert (done.stdout, done.returncode) == ("mine\n", 0)
        findings = spatio(home, "doctor", PGPASSWORD=PASSWORD)
        assert findings.returncode == 0, findings.stdout
        assert "stranger, which owns nothing" in told(findings)
    finally:
        database.server.sql("REVOKE spatio_person FROM stranger")


def test_a_login_without_the_right_is_told_what_an_administrator_runs(
    home: pathlib.Path, empty_database: Database
) -> None:
    done = spatio(home, "init", empty_database.program)
    assert done.returncode == 126
    assert "GRANT CREATE ON DATABASE" in told(done)
    assert not (home / "config.toml").exists()


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_is_one_line(home: pathlib.Path, database: Database, password: str) -> None:
    done = spatio(home, "--store", database.address("program", password=password), "ls", "/notes")
    assert done.returncode == 77
    assert "spatio key store" in told(done)
    assert "wrong" not in done.stderr


def test_a_server_that_is_not_there_is_one_line(home: pathlib.Path) -> None:
    done = spatio(home, "--store", "postgresql://ada:correct-horse@127.0.0.1:1/x", "ls", "/notes")
    assert done.returncode == 75
    assert "cannot be reached" in told(done)
