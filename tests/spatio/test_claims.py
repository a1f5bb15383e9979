"""A place of objects belongs to one workspace: two that share one would sweep away each other's."""

from __future__ import annotations

import os
import pathlib

import pytest

from spatio.doctor import findings
from tests.servers.s3 import S3Service, bucket, s3_service
from tests.workspaces import Answer, run_in

__all__ = ["bucket", "s3_service"]

LARGE = b"x" * 100_000


@pytest.fixture
def place(tmp_path: pathlib.Path) -> str:
    return str(tmp_path / "shared")


def home(tmp_path: pathlib.Path, name: str, place: str) -> pathlib.Path:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "config.toml").write_text(f'[store]\nobjects = "{place}"\n')
    return folder


def put(folder: pathlib.Path, data: bytes) -> Answer:
    return run_in(folder, "cat > /files/large", stdin=data)


def test_the_second_workspace_is_turned_away_before_it_writes(tmp_path: pathlib.Path, place: str) -> None:
    first, second = home(tmp_path, "first", place), home(tmp_path, "second", place)
    assert put(first, LARGE).status == 0
    refused = put(second, LARGE + b"y")
    assert refused.status == 1
    assert f"another workspace keeps its large contents in {place}" in refused.err
    assert run_in(second, "echo small > /notes/a.md; cat /notes/a.md").out == "small\n"
    assert run_in(first, "cat /files/large").out == LARGE.decode()
    assert put(first, LARGE + b"z").status == 0


def test_what_the_other_one_keeps_is_not_swept(tmp_path: pathlib.Path, place: str) -> None:
    first, second = home(tmp_path, "first", place), home(tmp_path, "second", place)
    put(first, LARGE)
    run_in(second, "echo small > /notes/a.md")
    for folder, _, names in os.walk(place):
        for name in names:
            os.utime(os.path.join(folder, name), (1, 1))
    found = {finding.subject: finding for finding in findings(str(second))}
    assert found["objects"].state == "bad"
    assert "another workspace" in found["objects"].text
    assert run_in(first, "cat /files/large | wc -c").out.strip() == "100000"
    assert {one.subject: one for one in findings(str(first))}["objects"].state == "ok"


def test_a_copy_of_a_workspace_is_the_same_workspace(tmp_path: pathlib.Path, place: str) -> None:
    first = home(tmp_path, "first", place)
    put(first, LARGE)
    first.rename(tmp_path / "moved")
    assert put(tmp_path / "moved", LARGE + b"y").status == 0


def test_a_bucket_is_claimed_likewise(
    tmp_path: pathlib.Path, bucket: str, s3_service: S3Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testkey")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testsecret")
    place = f"s3://{bucket}/both?endpoint={s3_service.endpoint}&region=us-east-1"
    first, second = home(tmp_path, "first", place), home(tmp_path, "second", place)
    third = home(tmp_path, "third", place.replace("/both", "/other"))
    assert put(first, LARGE).status == 0
    refused = put(second, LARGE)
    assert (refused.status, "another workspace" in refused.err) == (1, True)
    assert put(third, LARGE).status == 0
    assert run_in(first, "cat /files/large").out == LARGE.decode()
    assert {one.subject: one for one in findings(str(first))}["objects"].state == "ok"
    assert run_in(first, "cat /files/large").out == LARGE.decode()
