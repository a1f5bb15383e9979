"""Descriptors of the host as streams: whole writes, quiet ends, waits that can be cancelled."""

from __future__ import annotations

import asyncio
import os
import pathlib
import shutil
import subprocess
import sys
import threading

import pytest

from commands.render import FdSink, FdSource
from commands.stream import ReaderGone
from vfs.drive import drive
from vfs.errors import NoSpace, VfsError


def collect(fd: int, into: list[bytes]) -> threading.Thread:
    def read() -> None:
        while block := os.read(fd, 65536):
            into.append(block)

    thread = threading.Thread(target=read)
    thread.start()
    return thread


@pytest.mark.parametrize("loop", [False, True])
def test_a_large_block_arrives_whole(loop: bool) -> None:
    source, target = os.pipe()
    parts: list[bytes] = []
    reader = collect(source, parts)
    data = bytes(range(256)) * 4096
    asyncio.run(FdSink(target).write(data)) if loop else drive(FdSink(target).write(data))
    os.close(target)
    reader.join()
    os.close(source)
    assert b"".join(parts) == data


@pytest.mark.parametrize("loop", [False, True])
def test_a_reader_that_left_ends_the_writer_quietly(loop: bool) -> None:
    source, target = os.pipe()
    os.close(source)
    sink = FdSink(target)
    with pytest.raises(ReaderGone):
        asyncio.run(sink.write(b"x")) if loop else drive(sink.write(b"x"))
    with pytest.raises(ReaderGone):
        drive(sink.write(b"again"))
    os.close(target)


def test_a_descriptor_that_does_not_block_is_waited_for() -> None:
    source, target = os.pipe()
    os.set_blocking(target, False)
    parts: list[bytes] = []
    reader = collect(source, parts)
    drive(FdSink(target).write(b"y" * 1_000_000))
    os.close(target)
    reader.join()
    os.close(source)
    assert len(b"".join(parts)) == 1_000_000


def test_a_full_disk_is_named() -> None:
    target = os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(NoSpace, match="standard output: disk full"):
        drive(FdSink(target).write(b"x"))
    os.close(target)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_disk_that_fails_is_no_reader_that_left(tmp_path: pathlib.Path) -> None:
    code = "\n".join(
        [
            f"import sys; sys.path[:] = {sys.path!r}",
            "from commands.render.fds import FdSink",
            "from vfs.drive import drive",
            "from vfs.errors import VfsError",
            "try:\n    drive(FdSink(1).write(b'x' * 10))",
            "except VfsError as error:\n    sys.exit(str(error))",
        ]
    )
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", str(tmp_path / "out")]
    strace += ["-e", "inject=write:error=EIO:when=1"]
    with (tmp_path / "out").open("wb") as out:
        done = subprocess.run(
            [*strace, sys.executable, "-c", code], stdout=out, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert "standard output: input/output error" in done.stderr


def test_a_closed_output_is_one_clear_error() -> None:
    source, target = os.pipe()
    os.close(source)
    os.close(target)
    with pytest.raises(VfsError, match="standard output: is closed"):
        drive(FdSink(target).write(b"x"))
    with pytest.raises(VfsError, match="standard input: is closed"):
        drive(FdSource(source).readall())


@pytest.mark.parametrize("loop", [False, True])
def test_a_file_is_read_to_its_end(tmp_path: pathlib.Path, loop: bool) -> None:
    (tmp_path / "f").write_bytes(b"line\n" * 100_000)
    fd = os.open(tmp_path / "f", os.O_RDONLY)
    source = FdSource(fd)
    data = asyncio.run(source.readall()) if loop else drive(source.readall())
    os.close(fd)
    assert data == b"line\n" * 100_000


def test_a_wait_for_input_ends_when_it_is_cancelled() -> None:
    fd, target = os.pipe()

    async def wait() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(FdSource(fd).readline(), 0.05)

    asyncio.run(wait())
    os.close(target)
    assert drive(FdSource(fd).readall()) == b""
    os.close(fd)


def test_a_wait_for_a_full_pipe_ends_when_it_is_cancelled() -> None:
    fd, target = os.pipe()

    async def wait() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(FdSink(target).write(b"x" * 1_000_000), 0.05)

    asyncio.run(wait())
    os.close(fd)
    os.close(target)


def test_lines_come_as_they_are_typed() -> None:
    fd, target = os.pipe()
    os.write(target, b"one\ntwo\n")
    source = FdSource(fd)
    assert drive(source.readline()) == b"one\n"
    os.close(target)
    assert drive(source.readline()) == b"two\n"
    assert drive(source.readline()) == b""
    os.close(fd)
