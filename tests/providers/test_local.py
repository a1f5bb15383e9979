from __future__ import annotations

import ctypes
import os
import pathlib
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from providers.local import PROVIDER, Local
from providers.local.beneath import translated
from providers.local.draft import PREFIX
from providers.spec import Opening
from vfs.action import Change
from vfs.drive import drive, event_loop
from vfs.errors import (
    Conflict,
    Incomplete,
    IsADirectory,
    NoSpace,
    NotADirectory,
    NotFound,
    Refused,
    Unsupported,
    VfsError,
)
from vfs.mount import Mount, MountTable
from vfs.path import ROOT, Path
from vfs.provider import Mode
from vfs.tree import Tree

P = Path.parse
CHANGE = Change("id")
TRIES = 10_000 if os.environ.get("SPATIO_FULL") else 300


async def blocks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def read(provider: Local, path: str) -> bytes:
    async with provider.open(P(path)) as data:
        return b"".join([block async for block in data])


@pytest.fixture
def inside(tmp_path: pathlib.Path) -> pathlib.Path:
    """The folder that is mounted; beside it lies what nobody may reach."""
    outside = tmp_path / "app-secret"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (outside / "folder").mkdir()
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "a.txt").write_text("inside")
    (folder / "sub").mkdir()
    for name, target in {
        "up": "..",
        "file-out": "../app-secret/secret",
        "absolute-out": str(outside / "secret"),
        "folder-out": str(outside),
        "new-out": str(outside / "new"),
        "far": "../" * 30 + "etc/passwd",
        "twice": "sub/back/../../app-secret/secret",
        "sub/out": "../../app-secret",
        "chain": "folder-out",
        "sub/back": "..",
        "beside": "sub/../a.txt",
        "absolute-in": str(folder / "a.txt"),
        "nowhere": "sub/new",
        "loop": "loop",
        "folder-in": "sub",
    }.items():
        (folder / name).symlink_to(target)
    return folder


@pytest.fixture
def local(inside: pathlib.Path) -> Iterator[Local]:
    provider = Local(str(inside))
    yield provider
    drive(provider.aclose())


OUT = ("file-out", "absolute-out", "new-out", "far", "twice", "up", "folder-out", "chain", "sub/out")
BELOW_OUT = ("folder-out/secret", "up/app-secret/secret", "sub/out/secret", "chain/secret", "folder-out/new")


@pytest.mark.parametrize("path", [*OUT, *BELOW_OUT])
def test_no_link_leads_out_whatever_is_done(local: Local, inside: pathlib.Path, path: str) -> None:
    async def attempt() -> None:
        at = P(path)
        with pytest.raises((Refused, NotFound, IsADirectory)):
            await read(local, path)
        for mode in Mode:
            with pytest.raises((Refused, NotFound, IsADirectory)):
                await local.write(at, blocks(b"x"), CHANGE, mode=mode)
        for call in (
            local.write(at.child("deep"), blocks(b"x"), CHANGE),
            local.mkdir(at.child("deep"), CHANGE),
            local.stat(at.child("folder")),
            local.move(P("/a.txt"), at.child("a.txt"), CHANGE),
            local.remove(at.child("secret"), CHANGE),
        ):
            with pytest.raises((Refused, NotFound, NotADirectory)):
                await call
        with pytest.raises((Refused, NotFound, NotADirectory)):
            [page async for page in local.list(at)]
        [(_, data)] = [entry async for batch in local.read_many([at], limit=99) for entry in batch]
        assert data is None

    drive(attempt())
    outside = inside.parent / "app-secret"
    assert sorted(os.listdir(outside)) == ["folder", "secret"]
    assert (outside / "secret").read_text() == "secret"
    assert (inside / "a.txt").read_text() == "inside"


def test_walks_and_globs_do_not_leave_through_links(local: Local) -> None:
    async def check() -> None:
        walked = [str(path) async for page in local.walk(ROOT) for path, _ in page]
        assert not [path for path in walked if "secret" in path or path.count("/") > 2]
        assert "/up" in walked
        table = MountTable()
        table.add(Mount(P("/m"), "local", lambda: local))
        from vfs.glob import Pattern

        tree = Tree(table)
        deep = [str(path) async for path in tree.glob([Pattern("", True), Pattern("*")], P("/m"))]
        assert not [path for path in deep if "secret" in path]

    drive(check())


@pytest.mark.parametrize("path", ["beside", "absolute-in", "sub/back/a.txt", "folder-in/back/sub/back/a.txt"])
def test_links_that_stay_inside_are_followed(local: Local, path: str) -> None:
    assert drive(read(local, path)) == b"inside"


def test_writing_through_a_link_changes_what_it_points_to(local: Local, inside: pathlib.Path) -> None:
    drive(local.write(P("/beside"), blocks(b"new"), CHANGE))
    assert (inside / "a.txt").read_text() == "new"
    assert (inside / "beside").is_symlink()
    drive(local.write(P("/nowhere"), blocks(b"made"), CHANGE))
    assert (inside / "sub" / "new").read_text() == "made"


def test_removing_and_moving_a_link_takes_the_link_itself(local: Local, inside: pathlib.Path) -> None:
    drive(local.remove(P("/folder-out"), CHANGE, recursive=True))
    drive(local.move(P("/file-out"), P("/sub/moved"), CHANGE))
    drive(local.remove(P("/folder-in"), CHANGE, recursive=True))
    assert (inside.parent / "app-secret" / "secret").read_text() == "secret"
    assert (inside / "sub" / "moved").is_symlink()
    assert (inside / "sub").is_dir()


def test_a_link_in_a_circle_is_an_error(local: Local) -> None:
    with pytest.raises(VfsError, match="symbolic links"):
        drive(read(local, "/loop"))


def test_the_folder_beside_with_the_same_beginning_is_not_the_mount(tmp_path: pathlib.Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app-secret").mkdir()
    (tmp_path / "app-secret" / "x").write_text("secret")
    (tmp_path / "app" / "link").symlink_to(tmp_path / "app-secret" / "x")
    provider = Local(str(tmp_path / "app"))
    for path in (Path(("..", "app-secret", "x")), P("/link"), Path(("link", "..", "..", "app-secret", "x"))):
        with pytest.raises((Refused, NotADirectory)):
            drive(provider.stat(path)) if path != P("/link") else drive(read(provider, "/link"))
    drive(provider.aclose())


def exchange(one: pathlib.Path, two: pathlib.Path) -> None:
    """Swaps two names in one step."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(316, -100, os.fsencode(one), -100, os.fsencode(two), 2):
        raise OSError(ctypes.get_errno(), "renameat2")


@pytest.mark.skipif(os.uname().sysname != "Linux" or os.uname().machine != "x86_64", reason="needs renameat2")
def test_a_link_swapped_in_while_a_path_is_followed_never_leads_out(inside: pathlib.Path) -> None:
    for name in ("x", "y"):
        (inside / name).mkdir()
        (inside / name / "secret").write_text("inside")
    (inside / "trap").symlink_to("../app-secret")
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            exchange(inside / "x", inside / "trap")

    provider = Local(str(inside))
    swapper = threading.Thread(target=swap)
    swapper.start()
    seen: set[bytes | type] = set()
    try:
        for at in range(TRIES):
            for path in ("x/secret", "trap/secret"):
                try:
                    if at % 3:
                        seen.add(drive(read(provider, path)))
                    else:
                        drive(provider.write(P(path), blocks(b"inside"), CHANGE))
                except VfsError as error:
                    seen.add(type(error))
    finally:
        done.set()
        swapper.join()
        drive(provider.aclose())
    assert b"secret" not in seen
    assert b"inside" in seen
    assert (inside.parent / "app-secret" / "secret").read_text() == "secret"
    assert sorted(os.listdir(inside.parent / "app-secret")) == ["folder", "secret"]


def test_pipes_sockets_and_devices_are_listed_and_never_opened(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        provider = Local(str(tmp_path))
        nodes = drive(_listed(provider))
        assert [(node.name, node.size) for node in nodes] == [("fifo", None), ("socket", None)]
        for name in ("fifo", "socket"):
            with pytest.raises(Unsupported):
                drive(read(provider, name))
            for mode in (Mode.REPLACE, Mode.APPEND):
                with pytest.raises(Unsupported):
                    drive(provider.write(P(name), blocks(b"x"), CHANGE, mode=mode))
        assert stat.S_ISFIFO(os.lstat(tmp_path / "fifo").st_mode)
        drive(provider.aclose())


async def _listed(provider: Local, path: Path = ROOT):  # type: ignore[no-untyped-def]
    return [node async for page in provider.list(path) for node in page]


def test_names_that_are_not_utf_8_can_be_read_and_removed(tmp_path: pathlib.Path) -> None:
    for name in (b"\xff\xfe", b"caf\xe9", b"new\nline", b"esc\x1b[31m"):
        (pathlib.Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).write_text("x")
    provider = Local(str(tmp_path))
    names = [node.name for node in drive(_listed(provider))]
    assert names == sorted(names)
    assert len(names) == 4
    for name in names:
        path = ROOT.child(name)
        assert Path.parse(str(path)) == path
        assert drive(read(provider, str(path))) == b"x"
        drive(provider.write(path, blocks(b"y"), CHANGE))
        drive(provider.remove(path, CHANGE))
    assert os.listdir(tmp_path) == []
    drive(provider.aclose())


def test_a_write_keeps_the_rights_of_the_file_and_leaves_no_draft(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "script"
    file.write_text("old")
    file.chmod(0o751)
    provider = Local(str(tmp_path))
    drive(provider.write(P("/script"), blocks(b"new"), CHANGE))
    assert stat.S_IMODE(file.stat().st_mode) == 0o751
    drive(provider.write(P("/script"), blocks(b"!"), CHANGE, mode=Mode.APPEND))
    assert file.read_text() == "new!"
    assert os.listdir(tmp_path) == ["script"]
    drive(provider.aclose())


def test_a_large_append_is_whole_too(tmp_path: pathlib.Path) -> None:
    (tmp_path / "log").write_bytes(b"first\n")
    provider = Local(str(tmp_path))
    node = drive(provider.write(P("/log"), blocks(*[b"x" * 300_000] * 7), CHANGE, mode=Mode.APPEND))
    assert (tmp_path / "log").read_bytes() == b"first\n" + b"x" * 2_100_000
    assert node.size == 2_100_006
    assert os.listdir(tmp_path) == ["log"]
    drive(provider.aclose())


def test_a_draft_left_by_a_kill_is_not_shown_and_does_not_keep_a_folder(tmp_path: pathlib.Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / f"{PREFIX}0123").write_text("half")
    provider = Local(str(tmp_path))
    assert drive(_listed(provider, P("/d"))) == []
    drive(provider.remove(P("/d"), CHANGE))
    assert os.listdir(tmp_path) == []
    drive(provider.aclose())


def test_a_full_disk_is_said_and_the_old_content_stays(tmp_path: pathlib.Path) -> None:
    provider = Local(str(tmp_path))
    drive(provider.write(P("/a"), blocks(b"old"), CHANGE))

    async def full() -> AsyncIterator[bytes]:
        yield b"x"
        raise translated(OSError(28, "full"), P("/a"))

    with pytest.raises(NoSpace):
        drive(provider.write(P("/a"), full(), CHANGE))
    assert (tmp_path / "a").read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]
    drive(provider.aclose())


def test_a_change_by_another_program_is_a_conflict(tmp_path: pathlib.Path) -> None:
    provider = Local(str(tmp_path))
    etag = drive(provider.write(P("/a"), blocks(b"old"), CHANGE)).etag
    (tmp_path / "a").write_text("other")
    with pytest.raises(Conflict):
        drive(provider.write(P("/a"), blocks(b"new"), CHANGE, etag=etag))
    assert (tmp_path / "a").read_text() == "other"
    drive(provider.aclose())


def test_a_cancelled_write_leaves_nothing(tmp_path: pathlib.Path) -> None:
    import asyncio

    provider = Local(str(tmp_path))

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100_000
            await asyncio.sleep(0)

    async def check() -> None:
        await event_loop()
        task = asyncio.ensure_future(provider.write(P("/a"), endless(), CHANGE))
        while not os.listdir(tmp_path):
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert os.listdir(tmp_path) == []
        await provider.aclose()

    drive(check())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_is_told_after_the_rest(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a").mkdir(mode=0)
    (tmp_path / "b").write_text("x")
    provider = Local(str(tmp_path))
    seen: list[str] = []

    async def check() -> None:
        async for page in provider.walk(ROOT):
            seen.extend(str(path) for path, _ in page)

    with pytest.raises(Incomplete, match="/a: permission denied"):
        drive(check())
    assert seen == ["/a", "/b"]
    drive(provider.aclose())


def test_no_descriptor_is_left_open(local: Local) -> None:
    async def use() -> None:
        await _listed(local)
        [page async for page in local.walk(ROOT)]
        pages = local.list(ROOT)
        await anext(pages)
        await pages.aclose()  # type: ignore[attr-defined]
        await read(local, "a.txt")
        await local.write(P("/b"), blocks(b"x"), CHANGE)
        for path in OUT:
            with pytest.raises(VfsError):
                await read(local, path)

    drive(use())
    before = len(os.listdir("/proc/self/fd"))
    drive(use())
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_folder_that_does_not_exist_is_said_when_it_is_used(tmp_path: pathlib.Path) -> None:
    provider = PROVIDER.open(Opening({"path": str(tmp_path / "none")}, lambda: pytest.fail("no store")))
    with pytest.raises(NotFound, match="none cannot be opened"):
        drive(provider.stat(P("/x")))
    drive(provider.aclose())


@pytest.mark.parametrize("number", [n for n in range(1, 134) if n in __import__("errno").errorcode])
def test_every_error_of_the_system_is_one_of_ours(number: int) -> None:
    error = translated(OSError(number, "x"), P("/x"))
    assert isinstance(error, VfsError)
    assert error.path == P("/x")
    assert error.reason


APPENDER = """
import sys
from vfs.action import Change
from vfs.drive import drive
from vfs.path import Path
from vfs.provider import Mode
from providers.local import Local
async def line(text):
    yield text[:5]
    yield text[5:]
provider = Local(sys.argv[1])
for at in range(int(sys.argv[3])):
    text = f"{sys.argv[2]} {at:05} {'x' * 60}\\n".encode()
    drive(provider.write(Path(("log",)), line(text), Change("id"), mode=Mode.APPEND))
"""


def test_two_processes_that_append_lose_and_mix_no_line(tmp_path: pathlib.Path) -> None:
    count = 1000 if os.environ.get("SPATIO_FULL") else 100
    house = pathlib.Path(__file__).parents[2]
    (tmp_path / "log").write_text("")
    running = [
        subprocess.Popen([sys.executable, "-c", APPENDER, str(tmp_path), name, str(count)], cwd=house)
        for name in "ab"
    ]
    assert [process.wait() for process in running] == [0, 0]
    lines = (tmp_path / "log").read_text().splitlines()
    assert sorted(lines) == [f"{name} {at:05} {'x' * 60}" for name in "ab" for at in range(count)]
