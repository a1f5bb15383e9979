"""run_script: a text of shell on a workspace of its own, for tests and for programs that embed Spatio."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from functools import cache

from commands.stream import Collected, Given, Io
from providers.store.sqlite import SqliteStore
from spatio.founding import found
from spatio.paths import places
from spatio.session import Session
from spatio.workspace import open_workspace
from vfs.drive import drive
from vfs.path import Path

HERE = Path(("files", "case"))
ENVIRONMENT = {"HOME": "/home/user", "LC_ALL": "C.UTF-8", "TZ": "UTC", "USER": "user"}


def run_script(text: str, files: Mapping[str, str | bytes], stdin: bytes = b"") -> tuple[int, bytes, bytes]:
    """Runs `text` in the folder `/files/case`, which holds `files`; (status, stdout, stderr).

    The workspace is fresh, in a temporary folder, and gone afterwards. A name in `files` may be a
    path; its folders are made. The variables are HOME, LC_ALL, TZ and USER. Not for use within a
    running event loop.
    """
    with tempfile.TemporaryDirectory(prefix="spatio-", ignore_cleanup_errors=True) as home:
        shutil.copytree(_template(), home, dirs_exist_ok=True)
        return drive(_run(home, text, files, stdin))


@cache
def _template() -> str:
    """A founded workspace that nothing has happened in, made once a process."""
    home = tempfile.mkdtemp(prefix="spatio-template-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    where = places(home)
    found(where.database, where.objects)
    return home


async def _run(
    home: str, text: str, files: Mapping[str, str | bytes], stdin: bytes
) -> tuple[int, bytes, bytes]:
    where = places(home)
    store = SqliteStore(where.database, where.objects, keep_copy=False)
    workspace = open_workspace(home, store=lambda: store)
    session = workspace.session(env=ENVIRONMENT, cwd=HERE)
    out, errors = Collected(), Collected()
    try:
        await _lay_out(session, files)
        result = await session.run(text, Io(Given(stdin), out, errors))
    finally:
        await session.aclose()
        await workspace.aclose()
    return result.status, out.data, errors.data


async def _lay_out(session: Session, files: Mapping[str, str | bytes]) -> None:
    await session.tree.mkdir(HERE, parents=True)
    paths = [Path.parse(name, HERE) for name in files]
    for folder in sorted({path.parent for path in paths}):
        await session.tree.mkdir(folder, parents=True)

    async def contents() -> AsyncIterator[tuple[Path, bytes]]:
        for path, content in zip(paths, files.values(), strict=True):
            yield path, content.encode() if isinstance(content, str) else content

    async for _ in session.tree.write_many(contents()):
        pass
