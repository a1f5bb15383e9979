"""A large file goes to a bucket and back whole, and memory does not grow with it."""

from __future__ import annotations

import hashlib
import os
import pathlib
import random
import subprocess
import sys

import pytest

from tests.servers.s3 import ACCESS, SECRET, S3Service
from tests.workspaces import outside_env

ROOT = pathlib.Path(__file__).parents[2]
MEGABYTES = 200 if "SPATIO_FULL" in os.environ else 40
BOUND = 190
"""Megabytes that one command may take, the interpreter and its libraries among them."""

MEASURED = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(child, 0)
print(used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""A small process in between: a child counts as its own what its parent took before it."""


class Host:
    """A folder of the host and a bucket, both mounted, and commands that are programs of their own."""

    def __init__(self, folder: pathlib.Path, service: S3Service, bucket: str) -> None:
        self.folder = folder / "in"
        self.folder.mkdir()
        keys = {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET}
        self.env = {**outside_env(folder / "home"), **keys}
        self.run("mount", "/b", f"s3://{bucket}", f"endpoint={service.endpoint}")
        self.run("mount", "/in", str(self.folder))

    def run(self, *words: str) -> int:
        """The most megabytes that the command took."""
        command = [sys.executable, "-c", MEASURED, sys.executable, "-m", "spatio", *words]
        done = subprocess.run(command, env=self.env, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return int(done.stdout.split()[-1]) // 1024


@pytest.mark.timeout(600)
def test_a_large_file_goes_there_and_back_in_bounded_memory(
    tmp_path: pathlib.Path, s3_service: S3Service, bucket: str
) -> None:
    host = Host(tmp_path, s3_service, bucket)
    source = random.Random(7)
    hashed = hashlib.sha256()
    with (host.folder / "big").open("wb") as file:
        for _ in range(MEGABYTES):
            block = source.randbytes(1 << 20)
            hashed.update(block)
            file.write(block)
    for line in ("cp /in/big /b/big", "cp /b/big /b/two", "mv /b/two /b/three", "cp /b/three /in/back"):
        assert host.run(*line.split()) < BOUND, line
    with (host.folder / "back").open("rb") as file:
        assert hashlib.file_digest(file, "sha256").digest() == hashed.digest()
    assert host.run("undo") < BOUND
