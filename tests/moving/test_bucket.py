"""A workspace that moves to PostgreSQL and a bucket, and back; a backup of it there, restored elsewhere."""

from __future__ import annotations

import pathlib
import shutil

import pytest

from tests.moving.home import database, grown, rows_of, spatio
from tests.servers import postgres
from tests.servers.s3 import ACCESS, SECRET, S3Service, s3_service
from tests.workspaces import run_in

__all__ = ["s3_service"]

pytestmark = pytest.mark.timeout(300)

KEYS = {
    "AWS_ACCESS_KEY_ID": ACCESS,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_REGION": "us-east-1",
    "PGPASSWORD": postgres.PASSWORD,
}


def keys_in(s3_service: S3Service, bucket: str) -> list[str]:
    found = s3_service.client().list_objects_v2(Bucket=bucket).get("Contents", [])
    return [one["Key"] for one in found if "/objects/" in f"/{one['Key']}"]


def test_a_workspace_moves_to_postgresql_and_a_bucket_and_back(
    s3_service: S3Service, tmp_path: pathlib.Path
) -> None:
    home = grown(tmp_path / "home")
    before = rows_of(database(home))
    bucket = s3_service.make_bucket()
    address = f"{postgres.shared().empty().owner}?sslmode=disable"
    objects = f"s3://{bucket}/work?endpoint={s3_service.endpoint}"
    done = spatio(home, "migrate", "--to", address, "--objects", objects, **KEYS)
    assert done.status == 0, done.err
    assert "2 objects (0.6 MB)" in done.err
    assert SECRET not in done.err
    assert len(keys_in(s3_service, bucket)) == 2
    shutil.rmtree(home / "data" / "objects")
    taken = spatio(home, "backup", tmp_path / "backup", **KEYS)
    assert taken.status == 0, taken.err
    assert spatio(tmp_path / "other", "restore", tmp_path / "backup").status == 0
    assert rows_of(database(tmp_path / "other")) == before
    assert run_in(tmp_path / "other", "tail -1 /files/large").out == "60000\n"
    back = spatio(home, "migrate", "--to", database(home), **KEYS)
    assert back.status == 0, back.err
    assert rows_of(database(home)) == before
    assert run_in(home, "tail -1 /files/large").out == "60000\n"


def test_a_backup_is_restored_into_a_bucket_which_a_lost_object_makes_known(
    s3_service: S3Service, tmp_path: pathlib.Path
) -> None:
    home = grown(tmp_path / "home")
    bucket = s3_service.make_bucket()
    assert spatio(home, "backup", tmp_path / "backup").status == 0
    target = tmp_path / "other" / "spatio.db"
    objects = f"s3://{bucket}/?endpoint={s3_service.endpoint}"
    words = ("restore", tmp_path / "backup", "--to", target, "--objects", objects)
    assert spatio(home, *words, **KEYS | {"AWS_SECRET_ACCESS_KEY": "wrong"}).status != 0
    assert not target.exists()
    done = spatio(home, *words, **KEYS)
    assert done.status == 0, done.err
    assert "holds large contents already" not in done.err
    twin = spatio(home, *words[:3], tmp_path / "twin" / "spatio.db", *words[4:], **KEYS)
    assert twin.status == 0, twin.err
    assert "holds large contents already" in twin.err
    keys = keys_in(s3_service, bucket)
    assert len(keys) == 2
    s3_service.client().delete_object(Bucket=bucket, Key=keys[0])
    taken = spatio(home, "--store", target, "--objects", objects, "backup", tmp_path / "again", **KEYS)
    assert taken.status == 3, taken.err
    assert "a content was damaged" in taken.err


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


def with_objects(s3_service: S3Service, home: pathlib.Path) -> str:
    """Makes a workspace whose large contents lie in a bucket; where."""
    place = f"s3://{s3_service.make_bucket()}/mine?endpoint={s3_service.endpoint}&region=us-east-1"
    home.mkdir()
    (home / "config.toml").write_text(f'[store]\nobjects = "{place}"\n')
    assert run_in(home, "seq 1 70000 > /files/large").status == 0
    return place


@pytest.mark.usefixtures("keys")
def test_nothing_is_put_where_another_workspace_keeps_its_large_contents(
    s3_service: S3Service, tmp_path: pathlib.Path
) -> None:
    place = with_objects(s3_service, tmp_path / "theirs")
    home = grown(tmp_path / "home")
    assert spatio(home, "backup", tmp_path / "backup").status == 0
    served = f"{postgres.shared().empty().owner}?sslmode=disable"
    for target in (served, tmp_path / "new" / "spatio.db"):
        for words in (("restore", tmp_path / "backup"), ("migrate",)):
            done = spatio(home, *words, "--to", target, "--objects", place, **KEYS)
            assert done.status == 1, (words, target, done.err)
            assert "another workspace keeps its large contents" in done.err
    assert not (tmp_path / "new" / "spatio.db").exists()
    assert run_in(home, "tail -1 /files/large").out == "60000\n"


@pytest.mark.usefixtures("keys")
def test_a_workspace_put_aside_tells_how_to_keep_what_is_in_its_bucket(
    s3_service: S3Service, tmp_path: pathlib.Path
) -> None:
    home = tmp_path / "home"
    with_objects(s3_service, home)
    assert spatio(home, "backup", tmp_path / "backup", **KEYS).status == 0
    assert run_in(home, "seq 1 80000 > /files/larger").status == 0
    done = spatio(home, "restore", "--force", tmp_path / "backup", **KEYS)
    assert done.status == 0, done.err
    words = done.err.partition("to keep them: spatio ")[2].splitlines()[0].split()
    assert words[-2:] == ["backup", "FILE"]
    kept = spatio(home, *words[:-1], tmp_path / "kept", **KEYS)
    assert kept.status == 0, kept.err
